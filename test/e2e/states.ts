import type { AppearanceView, CallView, LineKeyView } from '../../electron/contract/snapshot.ts';
import { aCall, aKey } from '../unit/renderer/views.ts';

/** A state of a line key as docs/states.md shows it. */
export interface ShownState {
  /** Names the picture. */
  readonly name: string;
  readonly meaning: string;
  readonly key: LineKeyView;
  readonly calls?: readonly CallView[];
  readonly spoken: string;
  readonly described?: RegExp;
}

const none = { seize: false, pickUp: false, bargeIn: false };
const secondsAgo = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
const shared = (change: Partial<LineKeyView>): LineKeyView =>
  aKey({ index: 2, label: '5041', shared: true, can: none, ...change });
const watching = (change: Partial<LineKeyView>): LineKeyView =>
  aKey({ index: 3, kind: 'watch', watched: '5051', label: 'Dora', can: none, ...change });
const appearance = (change: Partial<AppearanceView>): AppearanceView => ({
  number: 0,
  state: 'remote-active',
  who: 'Bob',
  with: '555 1234',
  since: secondsAgo(200),
  ...change,
});
const since = secondsAgo(42);

export const shownStates: readonly ShownState[] = [
  {
    name: 'idle',
    meaning: 'Nobody uses the line. A press takes it.',
    key: shared({ state: 'idle', can: { ...none, seize: true } }),
    spoken: 'Line key 2, 5041, shared: Free',
  },
  {
    name: 'remote-undefined',
    meaning: 'The PBX has not told, or does not tell, what colleagues do on the line.',
    key: shared({ state: 'remote-undefined', can: { ...none, seize: true } }),
    spoken: 'Line key 2, 5041, shared: State unknown',
  },
  {
    name: 'local-seized',
    meaning: 'You have lifted the line: dial tone.',
    key: shared({ state: 'local-seized' }),
    spoken: 'Line key 2, 5041, shared: You have the line',
  },
  {
    name: 'local-progressing',
    meaning: 'Your call is on its way.',
    key: shared({ state: 'local-progressing', who: '5051' }),
    spoken: 'Line key 2, 5041, shared: Calling 5051',
  },
  {
    name: 'local-ringing',
    meaning: 'Somebody calls. A press answers.',
    key: shared({ state: 'local-ringing', who: 'Ann', since }),
    spoken: 'Line key 2, 5041, shared: Ringing: Ann',
  },
  {
    name: 'local-active',
    meaning: 'You are talking.',
    key: shared({ state: 'local-active', who: 'Ann', since }),
    spoken: 'Line key 2, 5041, shared: You with Ann',
  },
  {
    name: 'local-held',
    meaning: 'You hold the call; colleagues may take it. A press resumes.',
    key: shared({ state: 'local-held', who: 'Ann', since }),
    spoken: 'Line key 2, 5041, shared: On hold: Ann',
    described: /^Since \d/,
  },
  {
    name: 'local-held-private',
    meaning: 'You hold the call so that nobody else can take it. A press resumes.',
    key: shared({ state: 'local-held', who: 'Ann', since, calls: ['c1'] }),
    calls: [aCall({ lineKey: 2, state: 'held', private: true })],
    spoken: 'Line key 2, 5041, shared: Private hold: Ann',
  },
  {
    name: 'remote-seized',
    meaning: 'A colleague has lifted the line.',
    key: shared({ state: 'remote-seized', who: 'Bob' }),
    spoken: 'Line key 2, 5041, shared: Bob is dialing',
  },
  {
    name: 'remote-progressing',
    meaning: 'A colleague’s call is on its way.',
    key: shared({ state: 'remote-progressing', who: 'Bob', with: '555 1234' }),
    spoken: 'Line key 2, 5041, shared: Bob is calling 555 1234',
  },
  {
    name: 'remote-ringing',
    meaning: 'It rings at a colleague’s.',
    key: shared({ state: 'remote-ringing', who: 'Bob', since }),
    spoken: 'Line key 2, 5041, shared: Ringing at Bob’s',
  },
  {
    name: 'remote-active',
    meaning: 'A colleague is talking; the PBX or the profile does not let others join.',
    key: shared({
      state: 'remote-active',
      who: 'Bob',
      with: '555 1234',
      since,
      cannot: 'This line does not let others join a call.',
    }),
    spoken: 'Line key 2, 5041, shared: Bob with 555 1234',
    described: /This line does not let others join a call\.$/,
  },
  {
    name: 'remote-active-joinable',
    meaning: 'A colleague is talking and may be joined. A press asks first.',
    key: shared({
      state: 'remote-active',
      who: 'Bob',
      with: '555 1234',
      since,
      can: { ...none, bargeIn: true },
    }),
    spoken: 'Line key 2, 5041, shared: Bob with 555 1234',
    described: /Press to choose whether to join\.$/,
  },
  {
    name: 'remote-held',
    meaning: 'A colleague holds the call for anybody. A press picks it up.',
    key: shared({ state: 'remote-held', who: 'Bob', since, can: { ...none, pickUp: true } }),
    spoken: 'Line key 2, 5041, shared: Held by Bob',
    described: /Press to pick the call up\.$/,
  },
  {
    name: 'private-held',
    meaning: 'A colleague holds the call and lets nobody else take it.',
    key: shared({ state: 'private-held', who: 'Bob', since, cannot: 'Only Bob can take this call back.' }),
    spoken: 'Line key 2, 5041, shared: Bob, private',
    described: /Only Bob can take this call back\.$/,
  },
  {
    name: 'two-calls',
    meaning: 'Two calls on one key: the more pressing one large, the other below it.',
    key: shared({
      state: 'remote-held',
      who: 'Bob',
      since,
      can: { ...none, pickUp: true },
      appearances: [appearance({ state: 'remote-held', since }), appearance({ number: 1, who: 'Carla' })],
    }),
    spoken: 'Line key 2, 5041, shared: Held by Bob. Also: Carla with 555 1234',
  },
  {
    name: 'two-calls-own',
    meaning:
      'Two calls of your own on one key: you talk on one and hold the other, here so that nobody else can take it.',
    key: shared({
      state: 'local-active',
      who: 'Carla',
      since,
      calls: ['c1', 'c2'],
      appearances: [
        appearance({ state: 'local-active', who: 'Carla', with: null, since }),
        appearance({ number: 1, state: 'local-held', who: 'Ann', with: null, since }),
      ],
    }),
    calls: [
      aCall({ id: 'c1', lineKey: 2, remote: { number: '5061', name: 'Carla' } }),
      aCall({ id: 'c2', lineKey: 2, state: 'held', private: true }),
    ],
    spoken: 'Line key 2, 5041, shared: You with Carla. Also: Private hold: Ann',
  },
  {
    name: 'watch-idle',
    meaning: 'A watched colleague is free. A press calls.',
    key: watching({ state: 'idle' }),
    spoken: 'Line key 3, watching Dora: Free',
  },
  {
    name: 'watch-ringing',
    meaning: 'It rings at a watched colleague’s. A press picks the call up.',
    key: watching({
      state: 'remote-ringing',
      who: 'Dora',
      with: 'Ann',
      since,
      can: { ...none, pickUp: true },
    }),
    spoken: 'Line key 3, watching Dora: Ringing: Ann',
    described: /Press to pick the call up\.$/,
  },
  {
    name: 'watch-active',
    meaning: 'A watched colleague is talking.',
    key: watching({ state: 'remote-active', who: 'Dora', with: '555 1234', since }),
    spoken: 'Line key 3, watching Dora: With 555 1234',
  },
  {
    name: 'watch-held',
    meaning: 'A watched colleague holds a call.',
    key: watching({ state: 'remote-held', who: 'Dora', with: '555 1234', since }),
    spoken: 'Line key 3, watching Dora: Holding 555 1234',
  },
  {
    name: 'registering',
    meaning: 'The line is being connected to the PBX.',
    key: shared({ state: 'registering' }),
    spoken: 'Line key 2, 5041, shared: Connecting',
  },
  {
    name: 'register-failed',
    meaning: 'The line is not connected. A press says why and offers to try again.',
    key: shared({ state: 'register-failed', reason: 'The PBX refused the password.' }),
    spoken: 'Line key 2, 5041, shared: Not connected',
    described: /The PBX refused the password\.$/,
  },
  {
    name: 'disabled',
    meaning: 'The line is off.',
    key: shared({ state: 'disabled' }),
    spoken: 'Line key 2, 5041, shared: Off',
  },
];
