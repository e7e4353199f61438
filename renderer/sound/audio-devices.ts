import { createContext, useContext, useSyncExternalStore } from 'react';
import type { AudioDevices, DevicesView } from '../audio/devices.ts';

const nothing: DevicesView = {
  microphones: [],
  speakers: [],
  inUse: { microphone: '', speaker: '', ringer: '' },
  defaults: { microphone: '', speaker: '' },
};
const noDevices: AudioDevices = {
  view: () => nothing,
  choose() {},
  subscribe: () => () => {},
  lookOften() {},
  close() {},
};

/** The window's one owner of audio devices, given in main.tsx. */
export const AudioDevicesContext = createContext<AudioDevices>(noDevices);

/** The devices there are, as they come and go, and how to choose. */
export function useAudioDevices(): { view: DevicesView; choose: AudioDevices['choose'] } {
  const devices = useContext(AudioDevicesContext);
  return { view: useSyncExternalStore(devices.subscribe, devices.view), choose: devices.choose };
}
