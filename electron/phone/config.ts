import type { Profile } from '../contract/profile.ts';
import { defaultSettings, type SettingsChange, settingsAfter } from '../contract/settings.ts';
import { unknownLine } from './lines/appearance.ts';
import { shownKey } from './lines/line-key.ts';
import type { LineKeyConfig, Phone, PhoneConfig } from './phone.ts';

/** `changed`: what the user has changed of the settings so far. */
export function phoneConfig(profile: Profile, changed: SettingsChange = {}): PhoneConfig {
  const { station, pbx } = profile;
  const keys = profile.extensions.map(() => 0);
  const lineKeys = profile.lineKeys.map((key, position): LineKeyConfig => {
    const { extension, label } = key;
    const place = { index: position + 1, extension, label };
    if ('watch' in key) return { ...place, shared: false, ordinal: 0, watched: key.watch };
    const ordinal = keys[extension - 1] ?? 0;
    keys[extension - 1] = ordinal + 1;
    const shared = profile.extensions[extension - 1]?.sharedUserId !== undefined;
    return { ...place, shared, ordinal, watched: null };
  });
  return {
    extensions: profile.extensions.map(({ userId, sharedUserId, bargeIn }, position) => ({
      userId,
      sharedUserId: sharedUserId ?? null,
      bargeIn: bargeIn ?? false,
      layout: {
        keys: keys[position] ?? 0,
        callsPerKey: station.callsPerKey ?? 2,
        mapping: station.lineMapping ?? 'vertical',
      },
    })),
    lineKeys,
    displayName: station.displayName ?? station.name,
    dialect: pbx.dialect,
    emergencyNumbers: profile.calls.emergencyNumbers,
    settings: settingsAfter(settingsAfter(defaultSettings, settingsOf(profile)), changed),
  };
}

const settingsOf = ({ settings, calls }: Profile): SettingsChange => ({
  ...settings,
  followTransfers: calls.followTransfers,
});

export function initialPhone(config: PhoneConfig, at: number): Phone {
  const phone: Phone = {
    config,
    extensions: config.extensions.map((_, position) => ({
      index: position + 1,
      registration: 'registering',
      reason: null,
      localPort: null,
      wantedPort: null,
      agent: null,
      disownedAt: null,
    })),
    lines: config.extensions.map(() => unknownLine),
    watched: new Map(),
    keys: [],
    calls: [],
    conferences: [],
    left: [],
    history: [],
    doNotDisturb: false,
    settings: config.settings,
    lastDialed: null,
    notices: [],
    failTone: null,
    callBack: null,
    microphone: 'unknown',
    speaker: 'unknown',
    firstDialog: firstDialog(config, at),
    counter: 0,
  };
  return { ...phone, keys: config.lineKeys.map((key) => ({ ...shownKey(phone, key), since: at })) };
}

/**
 * Where a station begins to count its dialogs: not where it did before it was last started, and not where a colleague's
 * does that was started in the same tenth of a second, as after a power cut. A whole number of 31 bits, for what reads
 * ids as numbers.
 */
function firstDialog({ extensions }: PhoneConfig, at: number): number {
  const own = [...(extensions[0]?.userId ?? '')].reduce(
    (sum, char) => (sum * 7919 + (char.codePointAt(0) ?? 0)) % 1_000_000,
    0,
  );
  return ((own + Math.floor(at / 100)) % 1_000_000) * 1000;
}
