import { create } from 'zustand';
import type { Bridge } from '../electron/contract/bridge.ts';
import type { Snapshot } from '../electron/contract/snapshot.ts';

/** A mirror of the phone in the main process: null until its first snapshot. Nothing in the window changes it. */
export const usePhone = create<{ readonly snapshot: Snapshot | null }>(() => ({ snapshot: null }));

/** Keeps the mirror true from now on; returns how to stop. */
export const mirrorPhone = (bridge: Bridge): (() => void) =>
  bridge.watch((snapshot) => usePhone.setState({ snapshot }));
