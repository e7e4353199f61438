import { z } from 'zod';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

/** How this computer's sound is treated. It belongs to the room and the headset, so it is kept on this computer. */
const soundPreferences = z.object({
  /** 0 to 1. */
  ringVolume: z.number().min(0).max(1),
  callVolume: z.number().min(0).max(1),
  echoCancellation: z.boolean(),
  noiseSuppression: z.boolean(),
  autoGainControl: z.boolean(),
});
export type SoundPreferences = z.infer<typeof soundPreferences>;

const asDelivered: SoundPreferences = {
  ringVolume: 1,
  callVolume: 1,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

export const useSoundPreferences = create<SoundPreferences>()(
  persist(() => asDelivered, {
    name: 'partyline.sound',
    // What is stored may be of another version, or spoilt.
    merge: (stored, current) => {
      const read = soundPreferences.partial().safeParse(stored);
      return read.success ? { ...current, ...read.data } : current;
    },
  }),
);

export function setSoundPreferences(change: Partial<SoundPreferences>): void {
  useSoundPreferences.setState(change);
}
