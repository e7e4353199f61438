import type { Profile } from '../contract/profile.ts';
import { unknownAppearance } from './appearance.ts';
import type { LineKeyConfig, Phone, PhoneConfig } from './phone.ts';

export function phoneConfig(profile: Profile): PhoneConfig {
  const ordinals = new Map<number, number>();
  const lineKeys = profile.lineKeys.map((key, position): LineKeyConfig => {
    const shared = profile.extensions[key.extension - 1]?.sharedUserId !== undefined;
    const ordinal = ordinals.get(key.extension) ?? 0;
    ordinals.set(key.extension, ordinal + 1);
    return {
      index: position + 1,
      extension: key.extension,
      label: key.label,
      appearance: shared ? ordinal : null,
    };
  });
  return {
    extensions: profile.extensions.map(({ userId, sharedUserId }) => ({
      userId,
      sharedUserId: sharedUserId ?? null,
    })),
    lineKeys,
    displayName: profile.station.displayName ?? profile.station.name,
  };
}

export function initialPhone(config: PhoneConfig, at: number): Phone {
  return {
    config,
    extensions: config.extensions.map((_, position) => ({
      index: position + 1,
      registration: 'registering',
      reason: null,
      localPort: null,
      wantedPort: null,
      agent: null,
    })),
    appearances: config.lineKeys.map(() => unknownAppearance),
    keys: config.lineKeys.map(() => ({ state: 'registering', who: null, since: at })),
    calls: [],
    notices: [],
    busyTone: false,
    microphone: 'unknown',
    speaker: 'unknown',
    counter: 0,
  };
}
