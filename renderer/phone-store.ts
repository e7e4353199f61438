import { create } from 'zustand';
import type { Bridge } from '../electron/contract/bridge.ts';
import type { CallView, Snapshot } from '../electron/contract/snapshot.ts';
import { updatedSnapshot } from '../electron/contract/snapshot-update.ts';

/** A mirror of the phone in the main process: null until its first snapshot. Nothing in the window changes it. */
export const usePhone = create<{ readonly snapshot: Snapshot | null }>(() => ({ snapshot: null }));

const noCalls: readonly CallView[] = [];

/** The calls there are now. */
export const currentCalls = (): readonly CallView[] => usePhone.getState().snapshot?.calls ?? noCalls;
/** The same for what is drawn of them. */
export const useCalls = (): readonly CallView[] => usePhone(({ snapshot }) => snapshot?.calls ?? noCalls);

/** Keeps the mirror true from now on; returns how to stop. */
export const mirrorPhone = (bridge: Bridge): (() => void) =>
  bridge.watch((update) =>
    usePhone.setState(({ snapshot }) => ({ snapshot: updatedSnapshot(snapshot, update) })),
  );

/** Calls back with the present snapshot, if there is one, and with every later one; returns how to stop. */
export function followPhone(listener: (snapshot: Snapshot) => void): () => void {
  const tell = ({ snapshot } = usePhone.getState()): void => {
    if (snapshot) listener(snapshot);
  };
  tell();
  return usePhone.subscribe((phone) => tell(phone));
}
