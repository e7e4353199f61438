import { profile } from '../../../../electron/contract/profile.ts';
import type { LineKeyView } from '../../../../electron/contract/snapshot.ts';
import { initialPhone, phoneConfig } from '../../../../electron/phone/config.ts';
import type { Effect } from '../../../../electron/phone/effects.ts';
import type { PhoneCommand, PhoneEvent } from '../../../../electron/phone/events.ts';
import type { Party, PlacedDialog } from '../../../../electron/phone/lines/dialog.ts';
import type { Phone } from '../../../../electron/phone/phone.ts';
import { createProjection } from '../../../../electron/phone/projection.ts';
import type { step } from '../../../../electron/phone/step.ts';
import type { ModelPbx } from './pbx.ts';
import type { World } from './world.ts';

const profileOf = (userId: string) =>
  profile.parse({
    pbx: { address: '192.168.0.1', port: 6060, dialect: 'spa9000' },
    station: { name: `station ${userId}` },
    extensions: [
      { userId, password: '', localPort: 5060 },
      { userId, sharedUserId: '5041', password: '', localPort: 5061, bargeIn: true },
    ],
    lineKeys: [
      { extension: 1, label: userId },
      { extension: 2, label: '5041' },
      { extension: 2, label: '5041 b' },
    ],
  });

interface Outgoing {
  readonly subject: string | null;
  /** Since when the PBX does not know of it. */
  readonly since: number;
  send(done: () => void, since: number): void;
}

/** A station: the real core, with a simple account of what its SIP side does with the core's effects. */
export class ModelStation {
  private readonly project = createProjection(({ code }) => code);
  life = 0;
  alive = false;
  phone: Phone;
  readonly party: Party;
  /** Calls that the PBX granted their line, and what each INVITE had of that. */
  readonly granted = new Set<string>();
  readonly wrongs: string[] = [];
  private unheard = false;
  /** So late did the PBX hear something that it may have given the line away meanwhile. */
  wasLate = false;
  /** The dialogs of which it heard so late, by id. */
  readonly late = new Set<string>();
  private queue: Outgoing[] = [];
  private busy = false;
  private announcing = 0;
  private timers = new Map<string, number>();
  private timerCount = 0;
  private requests = 0;

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly pbx: ModelPbx,
    private readonly core: typeof step,
  ) {
    this.party = { number: name, name: `station ${name}` };
    this.phone = initialPhone(phoneConfig(profileOf(name)), world.now);
  }

  boot(): void {
    this.world.note(`${this.name} boots`);
    this.life += 1;
    this.alive = true;
    this.queue = [];
    this.busy = false;
    this.timers = new Map();
    this.granted.clear();
    this.phone = initialPhone(phoneConfig(profileOf(this.name)), this.world.now + Number(this.name) * 100);
    this.take({ type: 'registered', extension: 1, fresh: true });
    this.take({ type: 'registered', extension: 2, fresh: true });
  }

  /** Power is gone. The PBX finds out when the registration expires. */
  crash(): void {
    this.world.note(`${this.name} crashes`);
    this.life += 1;
    this.alive = false;
    const { life } = this;
    this.world.later(60_000, () => {
      if (this.life === life) this.pbx.release(this);
    });
  }

  /** Its registration is renewed in time. */
  refresh(): void {
    this.world.note(`${this.name} refreshes its registration`);
    this.take({ type: 'registered', extension: 2, fresh: false });
  }

  /** The PBX has begun anew; the next REGISTER shows it (binding-watch.ts). */
  bindingLost(): void {
    const { life } = this;
    this.world.later(this.world.upTo(6000), () => {
      if (this.alive && this.life === life) this.take({ type: 'registered', extension: 2, fresh: true });
    });
  }

  /** Null: nobody is there to answer. */
  hear(event: PhoneEvent): true | null {
    if (!this.alive) return null;
    this.take(event);
    return true;
  }

  command(command: PhoneCommand): void {
    this.world.note(`${this.name} ${command.name} ${JSON.stringify(command.params)}`);
    this.requests += 1;
    this.take({ type: 'command', request: this.requests, command });
  }

  /** The PBX has heard all that this station had to say: else it may give away what is this station's. */
  get isHeard(): boolean {
    return !this.busy && this.queue.length === 0 && !this.unheard;
  }

  keys(): readonly LineKeyView[] {
    return this.project(this.phone).lineKeys.slice(1);
  }

  callOn = (appearance: number): string | undefined =>
    this.phone.calls.find((call) => call.appearance === appearance && call.phase === 'held')?.id;

  private take(event: PhoneEvent): void {
    const { phone, effects } = this.core(this.phone, event, this.world.now);
    this.phone = phone;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'announce':
        this.announcing += 1;
        this.enqueue({ subject: 'announce', send: (done) => this.announce(this.announcing, done) });
        break;
      case 'seize':
        this.seize(effect.call, { appearance: effect.appearance, dialog: effect.dialog });
        break;
      case 'publish':
        this.publish({ appearance: effect.appearance, dialog: effect.dialog });
        break;
      case 'invite':
        if (effect.appearance !== null && !this.granted.has(effect.call)) {
          this.wrongs.push(`${this.name} calls on ${effect.appearance} without a grant`);
        }
        this.pbx.invite(this, effect.call);
        break;
      case 'pick-up':
        this.pbx.pickUp(this, effect.call, effect.appearance ?? 0);
        break;
      case 'accept':
        this.pbx.accept(this, effect.call);
        break;
      case 'decline':
        this.pbx.decline(this, effect.call);
        break;
      case 'hang-up':
        this.pbx.hangUp(this, effect.call);
        break;
      case 'hold':
      case 'resume':
        this.pbx.hold(this, effect.call, effect.type === 'hold');
        break;
      case 'start-timer':
        this.startTimer(effect.timer, effect.ms);
        break;
      case 'stop-timer':
        this.timers.delete(effect.timer);
        break;
      case 'impossible':
        this.wrongs.push(`${this.name}: impossible ${effect.event} in ${effect.state}`);
        break;
    }
  }

  private startTimer(timer: string, ms: number): void {
    this.timerCount += 1;
    const mine = this.timerCount;
    const { life, timers } = this;
    timers.set(timer, mine);
    this.world.later(ms, () => {
      if (this.life !== life || timers.get(timer) !== mine) return;
      timers.delete(timer);
      this.take({ type: 'timer', timer });
    });
  }

  /** As the dialect has it: one NOTIFY after the other; what waits is replaced by what is newer of the same dialog. */
  private enqueue(task: Pick<Outgoing, 'subject' | 'send'>): void {
    const older = this.queue.findIndex(({ subject }) => subject !== null && subject === task.subject);
    const [replaced] = older >= 0 ? this.queue.splice(older, 1) : [];
    this.queue.push({ ...task, since: replaced?.since ?? this.world.now });
    this.work();
  }

  private work(): void {
    const next = this.busy ? undefined : this.queue.shift();
    if (!next) return;
    this.busy = true;
    const { life } = this;
    next.send(() => {
      if (this.life !== life) return;
      this.busy = false;
      this.work();
    }, next.since);
  }

  private ask(ms: number, handle: () => boolean, answered: (answer: boolean | null) => void): void {
    const { life } = this;
    this.world.request(
      ms,
      // What a dead station sent is still on its way, what it would have repeated is not.
      () => (this.life === life ? handle() : null),
      (answer) => {
        if (this.life === life) answered(answer);
      },
    );
  }

  private announce(mine: number, done: () => void): void {
    this.ask(
      8000,
      () => this.pbx.booted(this),
      (answer) => {
        if (answer !== null) this.take({ type: 'agent', extension: 2, present: true });
        else if (mine === this.announcing) {
          this.world.later(1000, () =>
            mine === this.announcing && this.alive
              ? this.enqueue({ subject: 'announce', send: (next) => this.announce(mine, next) })
              : undefined,
          );
        }
        done();
      },
    );
  }

  private seize(call: string, placed: PlacedDialog): void {
    this.announcing += 1;
    this.enqueue({
      subject: null,
      send: (done) =>
        this.ask(
          8000,
          () => this.pbx.told(this, placed),
          (granted) => {
            if (granted) {
              this.granted.add(call);
              this.take({ type: 'seize-granted', call });
            } else this.take({ type: 'seize-refused', call, silent: granted === null });
            done();
          },
        ),
    });
  }

  private cameLate({ dialog }: PlacedDialog): void {
    this.wasLate = true;
    this.late.add(dialog.id);
  }

  private publish(placed: PlacedDialog): void {
    this.announcing += 1;
    this.enqueue({
      subject: `${placed.appearance} ${placed.dialog.id}`,
      send: (done, since) =>
        this.ask(
          32_000,
          () => {
            if (this.world.now - since > 7_000) this.cameLate(placed);
            return this.pbx.told(this, placed);
          },
          (heard) => {
            if (heard === null) this.unheard = true;
            if (heard === null) this.cameLate(placed);
            done();
          },
        ),
    });
  }
}
