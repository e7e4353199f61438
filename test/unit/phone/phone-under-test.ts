import { type Profile, profile } from '../../../electron/contract/profile.ts';
import type { CallView, LineKeyView } from '../../../electron/contract/snapshot.ts';
import { initialPhone, phoneConfig } from '../../../electron/phone/config.ts';
import type { Effect, Reply } from '../../../electron/phone/effects.ts';
import type { PhoneCommand, PhoneEvent } from '../../../electron/phone/events.ts';
import type { AppearanceDialog, DialogState } from '../../../electron/phone/lines/dialog.ts';
import type { Phone } from '../../../electron/phone/phone.ts';
import { createProjection } from '../../../electron/phone/projection.ts';
import { step } from '../../../electron/phone/step.ts';

/** User-A's station of the SPA9000 guide: private 5031, shared 5041 on two keys. */
export const guideProfile = profile.parse({
  pbx: { address: '192.168.0.1', port: 6060, dialect: 'spa9000' },
  station: { name: 'User-A' },
  extensions: [
    { userId: '5031', password: 'pw5031', localPort: 5060 },
    { userId: '5031', sharedUserId: '5041', password: 'pw5031', localPort: 5061 },
  ],
  lineKeys: [
    { extension: 1, label: '5031' },
    { extension: 2, label: '5041' },
    { extension: 2, label: '5041 b' },
  ],
});

const inWords = ({ state, held, exclusive }: AppearanceDialog): string =>
  [state, ...(held ? ['held'] : []), ...(exclusive ? ['exclusive'] : [])].join(' ');

/** A phone core with a fake clock, and a record of what it asked for. */
export class PhoneUnderTest {
  private readonly project = createProjection((reason) => reason.code);
  phone: Phone;
  now = Date.UTC(2026, 0, 1);
  effects: Effect[] = [];
  private requests = 0;

  constructor(profile: Profile = guideProfile) {
    this.phone = initialPhone(phoneConfig(profile), this.now);
  }

  /** A station of the guide's with some things set otherwise. */
  static withStation(station: Partial<Profile['station']>, more: Partial<Profile> = {}): PhoneUnderTest {
    return PhoneUnderTest.onTheAir({
      ...guideProfile,
      ...more,
      station: { ...guideProfile.station, ...station },
    });
  }

  /** Both extensions registered, the agent present, every appearance free. */
  static onTheAir(profile: Profile = guideProfile): PhoneUnderTest {
    const tested = new PhoneUnderTest(profile);
    tested.take({ type: 'registered', extension: 1, fresh: true });
    tested.take({ type: 'registered', extension: 2, fresh: true });
    tested.take({ type: 'agent', extension: 2, present: true });
    tested.take({ type: 'appearances', extension: 2, full: true, dialogs: [] });
    tested.effects = [];
    return tested;
  }

  /** What an event makes the phone ask for. */
  take(event: PhoneEvent): readonly Effect[] {
    const { phone, effects } = step(this.phone, event, this.now);
    this.phone = phone;
    this.effects.push(...effects);
    return effects;
  }

  /** Gives a command; the returned number is its request, for `reply`. */
  command(command: PhoneCommand): number {
    this.requests += 1;
    this.take({ type: 'command', request: this.requests, command });
    return this.requests;
  }

  reply(request: number): Reply | 'waiting' {
    const replies = this.effects.filter((effect) => effect.type === 'reply' && effect.request === request);
    if (replies.length > 1) throw new Error(`request ${request} was answered ${replies.length} times`);
    const [reply] = replies;
    return reply?.type === 'reply' ? reply.reply : 'waiting';
  }

  refusal(request: number): string | null {
    const reply = this.reply(request);
    return reply !== 'waiting' && !reply.ok ? reply.reason.code : null;
  }

  /** The SIP effects since the last look, most of them shortened to what matters. */
  asked(): string[] {
    const told = this.effects.flatMap((effect): string[] => {
      switch (effect.type) {
        case 'announce':
        case 'register-now':
          return [`${effect.type} ${effect.extension}`];
        case 'seize':
          return [`seize ${effect.extension}/${effect.appearance} ${effect.dialog.state}`];
        case 'publish':
          return [`publish ${effect.extension}/${effect.appearance} ${inWords(effect.dialog)}`];
        case 'pick-up':
        case 'barge-in':
          return [
            `${effect.type} ${effect.call} ${effect.extension}/${effect.appearance} ${effect.dialog.id}`,
          ];
        case 'invite':
          return [`invite ${effect.call} ${effect.number}`];
        case 'transfer':
          return [`transfer ${effect.call} to ${effect.number}`];
        case 'transfer-to':
          return [`transfer ${effect.call} to the far end of ${effect.to}`];
        case 'follow':
          return [`follow ${effect.call} ${effect.extension}/${effect.appearance} ${effect.referral}`];
        case 'refuse-referral':
          return [`refuse ${effect.referral} ${effect.status}`];
        case 'consider-referral':
          return [`consider ${effect.referral}`];
        case 'decline':
          return [`decline ${effect.call} ${effect.status}`];
        case 'accept':
        case 'hang-up':
        case 'ask-whether-there':
        case 'hold':
        case 'resume':
          return [`${effect.type} ${effect.call}`];
        case 'record':
          return [`record ${effect.call} ${effect.to?.name ?? 'off'}`];
        case 'move-recording':
          return [`record ${effect.to} instead of ${effect.call}`];
        case 'join':
          return [`join ${effect.call} ${effect.guest}`];
        case 'part':
          return [`part ${effect.guest}`];
        case 'mute-part':
          return [`mute-part ${effect.guest} ${effect.on}`];
        case 'mute':
          return [`mute ${effect.call} ${effect.on}`];
        case 'dtmf':
          return [`dtmf ${effect.call} ${effect.tones}${effect.way === 'auto' ? '' : ` ${effect.way}`}`];
        case 'info-digits':
          return [`info-digits ${effect.call} ${effect.tones}`];
        case 'impossible':
          return [`impossible ${effect.event} in ${effect.state}`];
        default:
          return [];
      }
    });
    this.effects = this.effects.filter((effect) => effect.type === 'reply');
    return told;
  }

  get view() {
    return this.project(this.phone);
  }
  key(index: number): LineKeyView {
    const key = this.view.lineKeys[index - 1];
    if (!key) throw new Error(`no key ${index}`);
    return key;
  }
  call(id: string): CallView | undefined {
    return this.view.calls.find((call) => call.id === id);
  }

  /** A call of ours is put on hold, and the far end agrees. */
  held(call: string, asPrivate = false): void {
    this.command({ name: 'hold', params: { call, private: asPrivate } });
    this.take({ type: 'held', call });
    this.asked();
  }

  /** A call comes in on the shared extension. */
  ring(call: string, appearance: number | null = null): void {
    this.take({
      type: 'incoming',
      call,
      extension: 2,
      remote: { number: '5551234', name: 'Carol' },
      appearance,
    });
  }

  /** The PBX tells of a colleague's dialog on an appearance of extension 2. */
  colleague(state: DialogState, more: Partial<AppearanceDialog> & { appearance?: number } = {}): void {
    const { appearance = 0, ...change } = more;
    this.take({
      type: 'appearances',
      extension: 2,
      full: false,
      dialogs: [
        {
          appearance,
          dialog: {
            id: '201',
            direction: 'initiator',
            state,
            held: false,
            exclusive: false,
            local: { number: '5041', name: 'Bob' },
            remote: null,
            ...change,
          },
        },
      ],
    });
  }

  /** A call of ours that has got as far as being active, on the given key. */
  activeCall(lineKey: number, number = '5051'): string {
    const request = this.command({ name: 'dial', params: { lineKey, number } });
    const seizing = this.phone.calls.find((call) => call.phase === 'seizing');
    if (seizing) this.take({ type: 'seize-granted', call: seizing.id });
    const reply = this.reply(request);
    if (reply === 'waiting' || !reply.ok || !('call' in reply.result))
      throw new Error('the call was not placed');
    const { call } = reply.result;
    this.take({ type: 'progress', call, media: false });
    this.take({ type: 'answered', call, remote: null });
    this.asked();
    return call;
  }
}
