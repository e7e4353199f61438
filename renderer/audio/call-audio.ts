import type { Bridge } from '../../electron/contract/bridge.ts';
import type { AudioReport } from '../../electron/contract/commands.ts';
import type { CallView, DeviceState, Snapshot } from '../../electron/contract/snapshot.ts';
import { followPhone } from '../phone-store.ts';
import { formatOf } from './call-format.ts';
import { CallLeg } from './call-leg.ts';
import { type AudioDevices, createAudioDevices } from './devices.ts';
import { Microphone, type MicrophoneSource } from './microphone.ts';
import { ringOf } from './ring-of.ts';
import { useSoundPreferences } from './sound-preferences.ts';
import { Sounds } from './sounds.ts';
import { spokenFormat } from './spoken-format.ts';

/** The window's sound: follows the snapshots by itself; the screen only needs `devices`, to show and choose them. */
export interface CallAudio {
  readonly devices: AudioDevices;
  readonly tryRing: TryRing;
  close(): void;
}

/** Lets a ring be heard once; returns how to stop. `ended` is called in any case. */
export type TryRing = (ring: number, ended: () => void) => () => void;

/** For every call with media a web leg, from the first moment, so that there is sound when it is answered. */
export function createCallAudio(bridge: Bridge): CallAudio {
  const { mediaDevices } = navigator;
  const devices = createAudioDevices(mediaDevices, localStorage);
  const legs = new Map<string, CallLeg>();
  const sounds = new Sounds();
  let areDevicesKnown = false;
  let reported: AudioReport | null = null;

  const microphone = new Microphone(mediaDevices, () => {
    for (const leg of legs.values()) leg.setTrack(microphone.track);
    report();
  });

  const source = (): MicrophoneSource => {
    const { inUse, defaults } = devices.view();
    const { echoCancellation, noiseSuppression, autoGainControl } = useSoundPreferences.getState();
    const name = inUse.microphone === '' ? defaults.microphone : '';
    return { id: inUse.microphone, name, echoCancellation, noiseSuppression, autoGainControl };
  };

  const report = (): void => {
    if (!areDevicesKnown) return;
    const { microphones, speakers } = devices.view();
    const current: AudioReport = {
      microphone: microphoneState(microphone.state, microphones.length),
      speaker: speakers.length > 0 ? 'ready' : 'missing',
    };
    if (current.microphone === reported?.microphone && current.speaker === reported.speaker) return;
    reported = current;
    bridge.reportAudio(current);
  };

  const follow = ({ calls, sound, settings }: Snapshot): void => {
    const ringing = calls.find(({ id }) => id === sound.ring);
    const ring = ringing ? ringOf(ringing, settings.callerRings) : null;
    sounds.sound({ ring, tone: sound.tone, region: settings.toneRegion });

    const audible = calls.filter(({ media }) => media);
    devices.lookOften(audible.length > 0);
    for (const [call, leg] of legs) {
      if (audible.some(({ id }) => id === call)) continue;
      leg.close();
      legs.delete(call);
    }
    if (audible.length > 0) microphone.open(source());
    else microphone.close();
    for (const call of audible) {
      const leg = legs.get(call.id) ?? openLeg(call);
      leg.setFormat(spokenFormat(call, calls));
      leg.setAudible(isHeard(call));
    }
  };

  const openLeg = (call: CallView): CallLeg => {
    const { id } = call;
    const leg = new CallLeg({
      call: id,
      attach: (offer) => bridge.attachAudio(id, offer),
      track: microphone.track,
      format: formatOf(call),
      speaker: devices.view().inUse.speaker,
      volume: useSoundPreferences.getState().callVolume,
      report: (report) => bridge.reportPlayout(report),
    });
    legs.set(id, leg);
    return leg;
  };

  const applyPreferences = (): void => {
    const { ringVolume, callVolume } = useSoundPreferences.getState();
    sounds.setVolumes({ ring: ringVolume, call: callVolume });
    for (const leg of legs.values()) leg.setVolume(callVolume);
    if (legs.size > 0) microphone.open(source());
  };

  const stopDevices = devices.subscribe(({ inUse }) => {
    areDevicesKnown = true;
    sounds.setOutputs(inUse);
    for (const leg of legs.values()) leg.setSpeaker(inUse.speaker);
    if (legs.size > 0) microphone.open(source());
    microphone.retry();
    report();
  });
  const stopPreferences = useSoundPreferences.subscribe(applyPreferences);
  applyPreferences();
  const stopSnapshots = followPhone(follow);

  return {
    devices,
    tryRing: (ring, ended) => sounds.tryRing(ring, ended),
    close() {
      stopSnapshots();
      stopDevices();
      stopPreferences();
      for (const leg of legs.values()) leg.close();
      legs.clear();
      microphone.close();
      sounds.close();
      devices.close();
    },
  };
}

/** Early media of a call that we make is heard too; a held call or one that still rings here is not. */
const isHeard = ({ state, direction }: CallView): boolean =>
  state === 'active' || (direction === 'outgoing' && (state === 'dialing' || state === 'ringing'));

/** Before a call has tried it, a microphone that is there counts as ready. */
function microphoneState(tried: DeviceState, present: number): DeviceState {
  if (tried === 'denied') return 'denied';
  return present > 0 ? 'ready' : 'missing';
}
