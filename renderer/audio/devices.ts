import { z } from 'zod';

/** Which microphone, speaker and ringer: what there is, what was chosen, what is therefore in use. */
export type DeviceRole = 'microphone' | 'speaker' | 'ringer';

export interface AudioDevice {
  readonly id: string;
  readonly label: string;
  /** The same for all parts of one physical device; empty when not told. */
  readonly group: string;
}

export interface DevicesView {
  readonly microphones: readonly AudioDevice[];
  /** For the speaker and the ringer alike. */
  readonly speakers: readonly AudioDevice[];
  /** The id in use for each role; empty: the system's default. */
  readonly inUse: Readonly<Record<DeviceRole, string>>;
  /** What the system's default is now, by name; it may change while nobody touches our choice. */
  readonly defaults: { readonly microphone: string; readonly speaker: string };
}

export interface AudioDevices {
  view(): DevicesView;
  /** `id` null: follow the system's default. Remembered on this computer. */
  choose(role: DeviceRole, id: string | null): void;
  /** Calls back when a device comes or goes or another one is chosen; returns how to stop. */
  subscribe(listener: (view: DevicesView) => void): () => void;
  /**
   * Looks twice a second, too. Not every system tells the page of every change (PulseAudio's sinks come and go unseen),
   * so it is done while a device matters: in a call, and while it rings.
   */
  lookOften(on: boolean): void;
  close(): void;
}

const storageKey = 'partyline.audio-devices';
const device = z.object({ id: z.string(), label: z.string(), group: z.string().default('') }).nullable();
const choicesSchema = z.object({ microphone: device, speaker: device, ringer: device });
type Choices = z.infer<typeof choicesSchema>;

const lookEvery = 500;
/** What Chromium lists besides the real devices. */
const aliases = ['default', 'communications', ''];

export function createAudioDevices(media: MediaDevices, storage: Storage): AudioDevices {
  const listeners = new Set<(view: DevicesView) => void>();
  let choices = readChoices(storage);
  let view: DevicesView = viewOf([], choices);
  let told = '';

  const show = (next: DevicesView): void => {
    const telling = JSON.stringify(next);
    if (telling === told) return;
    told = telling;
    view = next;
    for (const listener of listeners) listener(view);
  };
  const refresh = async (): Promise<void> => {
    show(viewOf(await media.enumerateDevices().catch(() => []), choices));
  };

  let looking: ReturnType<typeof setInterval> | undefined;
  const lookOften = (on: boolean): void => {
    if (on === (looking !== undefined)) return;
    clearInterval(looking);
    looking = on ? setInterval(refresh, lookEvery) : undefined;
  };

  media.addEventListener('devicechange', refresh);
  void refresh();

  return {
    view: () => view,

    choose(role, id) {
      const known = role === 'microphone' ? view.microphones : view.speakers;
      choices = { ...choices, [role]: known.find((one) => one.id === id) ?? null };
      storage.setItem(storageKey, JSON.stringify(choices));
      void refresh();
    },

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    lookOften,

    close() {
      lookOften(false);
      media.removeEventListener('devicechange', refresh);
      listeners.clear();
    },
  };
}

function readChoices(storage: Storage): Choices {
  const nothing: Choices = { microphone: null, speaker: null, ringer: null };
  try {
    return choicesSchema.parse(JSON.parse(storage.getItem(storageKey) ?? 'null'));
  } catch {
    return nothing;
  }
}

function viewOf(found: readonly MediaDeviceInfo[], choices: Choices): DevicesView {
  const list = (kind: MediaDeviceKind): AudioDevice[] =>
    found
      .filter((one) => one.kind === kind && !aliases.includes(one.deviceId))
      .map(({ deviceId, label, groupId = '' }) => ({ id: deviceId, label, group: groupId }));
  const defaultOf = (kind: MediaDeviceKind): string =>
    found.find((one) => one.kind === kind && one.deviceId === 'default')?.label ?? '';
  const microphones = list('audioinput');
  const speakers = list('audiooutput');
  return {
    microphones,
    speakers,
    inUse: {
      microphone: resolve(choices.microphone, microphones),
      speaker: resolve(choices.speaker, speakers),
      ringer: resolve(choices.ringer, speakers),
    },
    defaults: { microphone: defaultOf('audioinput'), speaker: defaultOf('audiooutput') },
  };
}

/** A device that was unplugged and comes back may have a new id, but has its old name, or belongs to the old group. */
function resolve(chosen: AudioDevice | null, present: readonly AudioDevice[]): string {
  const by = (part: keyof AudioDevice): AudioDevice | undefined =>
    present.find((one) => one[part] !== '' && one[part] === chosen?.[part]);
  return (by('id') ?? by('label') ?? by('group'))?.id ?? '';
}
