import { describe, expect, it, vi } from 'vitest';
import { createAudioDevices } from '../../../renderer/audio/devices.ts';

/** A computer whose devices come and go. */
function computer(...devices: [kind: MediaDeviceKind, deviceId: string, label: string][]) {
  let present = devices;
  const target = new EventTarget();
  const media = Object.assign(target, {
    enumerateDevices: async () => present.map(([kind, deviceId, label]) => ({ kind, deviceId, label })),
  }) as unknown as MediaDevices;
  return {
    media,
    change(...changed: typeof devices) {
      present = changed;
      target.dispatchEvent(new Event('devicechange'));
    },
  };
}

function drawer(content: Record<string, string> = {}): Storage {
  return {
    getItem: (key: string) => content[key] ?? null,
    setItem: (key: string, value: string) => void Object.assign(content, { [key]: value }),
  } as Storage;
}

const headset: [MediaDeviceKind, string, string] = ['audioinput', 'h1', 'Headset'];
const webcam: [MediaDeviceKind, string, string] = ['audioinput', 'w1', 'Webcam'];
const loudspeaker: [MediaDeviceKind, string, string] = ['audiooutput', 's1', 'Speakers'];

describe('audio devices', () => {
  it('lists what is there, without the aliases of Chromium', async () => {
    const { media } = computer(['audioinput', 'default', 'Default - Headset'], headset, loudspeaker);
    const devices = createAudioDevices(media, drawer());
    await vi.waitFor(() =>
      expect(devices.view().microphones).toEqual([{ id: 'h1', label: 'Headset', group: '' }]),
    );
    expect(devices.view().speakers).toEqual([{ id: 's1', label: 'Speakers', group: '' }]);
    expect(devices.view().inUse).toEqual({ microphone: '', speaker: '', ringer: '' });
  });

  it('tells at once when there is nothing at all', async () => {
    const listener = vi.fn();
    createAudioDevices(computer().media, drawer()).subscribe(listener);
    await vi.waitFor(() => expect(listener).toHaveBeenCalledOnce());
  });

  it('remembers what was chosen', async () => {
    const { media } = computer(headset, webcam, loudspeaker);
    const storage = drawer();
    const devices = createAudioDevices(media, storage);
    await vi.waitFor(() => expect(devices.view().microphones).toHaveLength(2));
    devices.choose('microphone', 'w1');
    devices.choose('ringer', 's1');
    const later = createAudioDevices(media, storage);
    await vi.waitFor(() =>
      expect(later.view().inUse).toEqual({ microphone: 'w1', speaker: '', ringer: 's1' }),
    );
    later.choose('microphone', null);
    await vi.waitFor(() => expect(later.view().inUse.microphone).toBe(''));
  });

  it('falls back to the default while the chosen one is away, and knows it again by its name', async () => {
    const { media, change } = computer(headset, webcam);
    const devices = createAudioDevices(media, drawer());
    await vi.waitFor(() => expect(devices.view().microphones).toHaveLength(2));
    devices.choose('microphone', 'h1');
    await vi.waitFor(() => expect(devices.view().inUse.microphone).toBe('h1'));
    change(webcam);
    await vi.waitFor(() => expect(devices.view().inUse.microphone).toBe(''));
    change(webcam, ['audioinput', 'h2', 'Headset']);
    await vi.waitFor(() => expect(devices.view().inUse.microphone).toBe('h2'));
  });

  it('does not stumble over what is stored', async () => {
    for (const stored of ['', '{', '[]', '{"microphone":1}']) {
      const devices = createAudioDevices(
        computer(headset).media,
        drawer({ 'partyline.audio-devices': stored }),
      );
      await vi.waitFor(() => expect(devices.view().microphones).toHaveLength(1));
      expect(devices.view().inUse.microphone).toBe('');
    }
  });
});
