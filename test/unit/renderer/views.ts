import { defaultSettings } from '../../../electron/contract/settings.ts';
import type { CallView, ExtensionView, LineKeyView, Snapshot } from '../../../electron/contract/snapshot.ts';

/** Views with every field set, for tests to change the one that matters. */
export const aKey = (change: Partial<LineKeyView> = {}): LineKeyView => ({
  index: 1,
  kind: 'line',
  watched: null,
  appearances: [],
  can: { seize: true, pickUp: false, bargeIn: false },
  cannot: null,
  extension: 1,
  label: '5031',
  shared: false,
  state: 'idle',
  who: null,
  with: null,
  since: null,
  calls: [],
  reason: null,
  ...change,
});

export const aCall = (change: Partial<CallView> = {}): CallView => ({
  id: 'c1',
  lineKey: 1,
  direction: 'incoming',
  state: 'active',
  remote: { number: '5051', name: 'Ann' },
  since: '2026-01-01T00:00:00Z',
  connectedSince: '2026-01-01T00:00:00Z',
  muted: false,
  heldByRemote: false,
  granted: false,
  silenced: false,
  private: false,
  joined: [],
  media: true,
  digits: '',
  transfer: null,
  conference: null,
  partyMuted: false,
  recording: null,
  codec: null,
  encrypted: false,
  opus: null,
  quality: null,
  ...change,
});

export const anExtension = (change: Partial<ExtensionView> = {}): ExtensionView => ({
  index: 1,
  userId: '5031',
  sharedUserId: null,
  registration: 'registered',
  reason: null,
  reasonCode: null,
  localPort: 5060,
  ...change,
});

export const aSnapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  version: 1,
  phase: 'running',
  station: null,
  extensions: [anExtension()],
  lineKeys: [aKey()],
  calls: [],
  history: [],
  doNotDisturb: false,
  settings: defaultSettings,
  sound: { ring: null, tone: null },
  audio: { microphone: 'ready', speaker: 'ready' },
  problems: [],
  notices: [],
  ...change,
});
