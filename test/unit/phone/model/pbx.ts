import type { SipEvent } from '../../../../electron/phone/events.ts';
import type { AppearanceDialog, Party, PlacedDialog } from '../../../../electron/phone/lines/dialog.ts';
import type { ModelStation } from './station.ts';
import type { World } from './world.ts';

/** Who has an appearance: a station, or the PBX itself while it rings. */
interface Owner {
  readonly station: ModelStation | 'pbx';
  readonly dialog: AppearanceDialog;
}

/** A call between a station and somebody outside. */
interface Leg {
  readonly station: ModelStation;
  /** The life of the station that it belongs to: a crash ends it. */
  readonly life: number;
  readonly call: string;
  /** The call that rings at many: whoever accepts first has it. */
  readonly ringing: Ringing | null;
  stage: 'early' | 'confirmed' | 'over';
  answeredAt?: number;
  endedAt?: number;
}

interface Ringing {
  readonly appearance: number;
  readonly legs: Leg[];
  won: boolean;
}

export const appearances = 4;

/**
 * The truth that the stations are measured by: who owns which appearance. It grants one station at a time, tells the
 * others, tells all of everything now and then, and forgets what dead stations held.
 */
export class ModelPbx {
  stations: readonly ModelStation[] = [];
  readonly owners = new Map<number, Owner>();
  private readonly legs = new Set<Leg>();
  /** Who answered the calls that rang at all. */
  readonly won: Leg[] = [];
  private counter = 0;
  /** It has been started anew: calls that went on meanwhile may meet others on their appearance. */
  hasForgotten = false;

  constructor(
    private readonly world: World,
    private readonly options: { readonly grantsTwice: boolean } = { grantsTwice: false },
  ) {}

  /** A station's partial NOTIFY: 202 or 409. */
  told(station: ModelStation, { appearance, dialog }: PlacedDialog): boolean {
    const owner = this.owners.get(appearance);
    const mine = owner?.station === station;
    if (dialog.state === 'terminated') {
      if (mine) this.set(appearance, null, station);
      return true;
    }
    if (owner && !mine && !this.mayTake(owner, dialog)) return false;
    this.set(appearance, { station, dialog }, station);
    return true;
  }

  private mayTake(owner: Owner, dialog: AppearanceDialog): boolean {
    if (dialog.state === 'trying') return this.options.grantsTwice;
    if (dialog.state !== 'confirmed') return false;
    return owner.station === 'pbx' || (owner.dialog.held && !owner.dialog.exclusive);
  }

  /** A station's full, empty NOTIFY: it has just booted. */
  booted(station: ModelStation): boolean {
    this.release(station);
    this.tellAll(station);
    return true;
  }

  /** The station is gone: its registration has expired. */
  release(station: ModelStation): void {
    for (const [appearance, owner] of [...this.owners]) {
      if (owner.station === station) this.set(appearance, null, station);
    }
  }

  refresh(): void {
    for (const station of this.stations) this.tellAll(station);
  }

  restart(): void {
    this.world.note('the PBX restarts, empty');
    this.owners.clear();
    this.hasForgotten = true;
    for (const station of this.stations) station.bindingLost();
  }

  private tellAll(station: ModelStation): void {
    // The state is that of the moment when it is sent; repeats of the request repeat it.
    const dialogs = [...this.owners].map(([appearance, { dialog }]) => ({ appearance, dialog }));
    this.notify(station, true, dialogs);
  }

  private set(appearance: number, owner: Owner | null, except: ModelStation | null): void {
    const before = this.owners.get(appearance);
    if (owner) this.owners.set(appearance, owner);
    else this.owners.delete(appearance);
    const gone = before && (!owner || owner.dialog.id !== before.dialog.id) ? before : null;
    for (const station of this.stations) {
      if (station === except) continue;
      if (gone)
        this.notify(station, false, [{ appearance, dialog: { ...gone.dialog, state: 'terminated' } }]);
      if (owner) this.notify(station, false, [{ appearance, dialog: owner.dialog }]);
    }
  }

  /** NOTIFYs are not sent one after the other: a repeated one is overtaken by a newer. Some come twice. */
  private notify(station: ModelStation, full: boolean, dialogs: readonly PlacedDialog[]): void {
    const send = () =>
      this.world.request(
        32_000,
        () => station.hear({ type: 'appearances', extension: 2, full, dialogs }),
        () => {},
      );
    send();
    if (!this.world.calm && this.world.happens(0.05)) this.world.later(this.world.upTo(2000), send);
  }

  private leg(station: ModelStation, call: string): Leg | undefined {
    return [...this.legs].find(
      (leg) => leg.station === station && leg.life === station.life && leg.call === call,
    );
  }

  /** What happens to a call comes to the station in order: it is one SIP dialog. */
  private tell(leg: Leg, event: SipEvent): void {
    this.world.later(this.world.calm ? 10 : 50, () => {
      if (leg.station.life === leg.life) leg.station.hear(event);
    });
  }

  private answer(leg: Leg): void {
    leg.stage = 'confirmed';
    leg.answeredAt = this.world.now;
    this.tell(leg, { type: 'answered', call: leg.call, remote: null });
  }

  private end(leg: Leg, event: Extract<SipEvent, { type: 'ended' }>): void {
    if (leg.stage === 'over') return;
    leg.stage = 'over';
    leg.endedAt = this.world.now;
    this.legs.delete(leg);
    this.tell(leg, event);
  }

  invite(station: ModelStation, call: string): void {
    const leg: Leg = { station, life: station.life, call, ringing: null, stage: 'early' };
    this.legs.add(leg);
    this.tell(leg, { type: 'progress', call, media: false });
    this.world.later(500 + this.world.upTo(5000), () => {
      if (leg.stage !== 'early') return;
      if (this.world.happens(0.2)) this.end(leg, { type: 'ended', call, reason: { code: 'busy' } });
      else this.answer(leg);
    });
  }

  /** Brings the far end of a publicly held call to the station that asks, and lets the holder go. */
  pickUp(station: ModelStation, call: string, appearance: number): void {
    const leg: Leg = { station, life: station.life, call, ringing: null, stage: 'early' };
    this.legs.add(leg);
    const owner = this.owners.get(appearance);
    const holder = owner && owner.station !== 'pbx' ? owner.station : null;
    const theirs = holder?.callOn(appearance);
    const held = holder && theirs ? this.leg(holder, theirs) : undefined;
    const free = owner?.dialog.held && !owner.dialog.exclusive && held?.stage === 'confirmed';
    if (!free || holder === station) {
      this.end(leg, { type: 'ended', call, reason: { code: 'call-refused' } });
      return;
    }
    this.answer(leg);
    // Either the holder itself hands the call over (Replaces), or the PBX does, and knows who has it now.
    if (this.world.happens(0.5)) this.tell(held, { type: 'taken-over', call: held.call, by: station.party });
    else this.set(appearance, { station, dialog: bridgedDialog(owner.dialog, station.party) }, null);
    this.end(held, { type: 'ended', call: held.call, reason: null });
  }

  hangUp(station: ModelStation, call: string): void {
    const leg = this.leg(station, call);
    if (leg) this.end(leg, { type: 'ended', call, reason: null });
  }

  decline(station: ModelStation, call: string): void {
    this.hangUp(station, call);
  }

  hold(station: ModelStation, call: string, on: boolean): void {
    const leg = this.leg(station, call);
    if (leg)
      this.tell(leg, { type: this.world.happens(0.1) ? 'hold-failed' : on ? 'held' : 'resumed', call });
  }

  accept(station: ModelStation, call: string): void {
    const leg = this.leg(station, call);
    if (!leg?.ringing || leg.stage === 'over') return;
    if (leg.ringing.won) {
      this.end(leg, { type: 'ended', call, reason: null });
      return;
    }
    leg.ringing.won = true;
    this.answer(leg);
    this.won.push(leg);
    const reason = this.world.happens(0.5) ? ({ code: 'answered-elsewhere' } as const) : null;
    for (const other of leg.ringing.legs) {
      if (other !== leg) this.end(other, { type: 'ended', call: other.call, reason });
    }
    this.freeIfStillOurs(leg.ringing.appearance, 40_000);
  }

  /** Somebody outside calls the shared extension. */
  incoming(): void {
    const appearance = [0, 1, 2, 3].find((each) => !this.owners.has(each));
    if (appearance === undefined) return;
    this.counter += 1;
    this.world.note(`a call comes in on ${appearance}`);
    const caller: Party = { number: `555${this.counter}`, name: null };
    this.set(appearance, { station: 'pbx', dialog: ringingDialog(`in${this.counter}`, caller) }, null);
    const ringing: Ringing = { appearance, legs: [], won: false };
    for (const station of this.stations) {
      if (!station.alive) continue;
      const call = `s${this.counter}`;
      const leg: Leg = { station, life: station.life, call, ringing, stage: 'early' };
      this.legs.add(leg);
      ringing.legs.push(leg);
      const named = this.world.happens(0.5) ? { appearance } : {};
      this.tell(leg, { type: 'incoming', call, extension: 2, remote: caller, ...named });
    }
    this.world.later(5000 + this.world.upTo(15_000), () => {
      if (ringing.won) return;
      ringing.won = true;
      for (const leg of ringing.legs) this.end(leg, { type: 'ended', call: leg.call, reason: null });
      this.freeIfStillOurs(appearance, 0);
    });
  }

  /** A ringing appearance waits for the word of whoever answered, but not for ever. */
  private freeIfStillOurs(appearance: number, ms: number): void {
    const { dialog } = this.owners.get(appearance) ?? {};
    this.world.later(ms, () => {
      if (this.owners.get(appearance)?.dialog === dialog && this.owners.get(appearance)?.station === 'pbx') {
        this.set(appearance, null, null);
      }
    });
  }
}

const bridgedDialog = (dialog: AppearanceDialog, local: Party): AppearanceDialog => ({
  ...dialog,
  id: `${dialog.id} bridged`,
  held: false,
  local,
});

const ringingDialog = (id: string, remote: Party): AppearanceDialog => ({
  id,
  direction: 'recipient',
  state: 'early',
  held: false,
  exclusive: false,
  local: { number: '5041', name: null },
  remote,
});
