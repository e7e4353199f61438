import { create } from 'zustand';
import type { Target } from './reach/targets.ts';

/** Whom a call is to be handed to, or who is to be added to it, as far as it has been said. */
export interface Reach {
  readonly call: string;
  readonly purpose: 'transfer' | 'add';
  readonly typed: string;
  /** Who was pointed at, by a line key or in the list; null while one types. */
  readonly chosen: Target | null;
  /** The place in the list that the arrow keys have led to. */
  readonly marked: number | null;
}

/** A sentence that answers a press and goes by itself. `retry`: the extension that "Try again" would register. */
export interface Hint {
  readonly id: number;
  readonly sentence: string;
  readonly retry: number | null;
}

/** What the user is about to do, and nothing the phone is the truth of. */
interface Panel {
  /** What stands in the number field. */
  readonly number: string;
  /** The call that the user asked to see; the panel chooses one while it is null or over. */
  readonly chosenCall: string | null;
  readonly keypadOpen: boolean;
  readonly shortcutsOpen: boolean;
  readonly historyOpen: boolean;
  readonly settingsOpen: boolean;
  readonly qualityOpen: boolean;
  /** Open while somebody is sought whom to hand a call to, or to add. */
  readonly reach: Reach | null;
  /** The call that somebody is being asked to join: its consultation ends in a conference, not in a transfer. */
  readonly adding: string | null;
  /** The call that is being dragged. */
  readonly dragged: string | null;
  /** The line key whose menu is open. */
  readonly keyMenu: number | null;
  /** The line key that the keyboard stands on. */
  readonly currentKey: number | null;
  readonly hints: readonly Hint[];
}

const empty: Panel = {
  number: '',
  chosenCall: null,
  keypadOpen: false,
  shortcutsOpen: false,
  historyOpen: false,
  settingsOpen: false,
  qualityOpen: false,
  reach: null,
  adding: null,
  dragged: null,
  keyMenu: null,
  currentKey: null,
  hints: [],
};

export const usePanel = create<Panel>(() => empty);

export const setNumber = (number: string): void => usePanel.setState({ number });
export const chooseCall = (chosenCall: string | null): void =>
  usePanel.setState({ chosenCall, keypadOpen: false, reach: null });
export const openKeypad = (keypadOpen: boolean): void => usePanel.setState({ keypadOpen, reach: null });
export const openShortcuts = (shortcutsOpen: boolean): void => usePanel.setState({ shortcutsOpen });

export const openHistory = (historyOpen: boolean): void => usePanel.setState({ historyOpen });
export const openSettings = (settingsOpen: boolean): void => usePanel.setState({ settingsOpen });
export const openQuality = (qualityOpen: boolean): void => usePanel.setState({ qualityOpen });
export const openReach = (reach: Reach | null): void => usePanel.setState({ reach, keypadOpen: false });
export const addTo = (adding: string | null): void => usePanel.setState({ adding });
export const dragCall = (dragged: string | null): void => usePanel.setState({ dragged });
export const openKeyMenu = (keyMenu: number | null): void => usePanel.setState({ keyMenu });
export const goToKey = (currentKey: number | null): void => usePanel.setState({ currentKey });

const hintShown = 7000;
let lastHint = 0;

/** Says something about the last press for a while. The same sentence again only begins its time anew. */
export function showHint(sentence: string, retry: number | null = null): void {
  lastHint += 1;
  const id = lastHint;
  usePanel.setState(({ hints }) => ({
    hints: [...hints.filter((hint) => hint.sentence !== sentence).slice(-1), { id, sentence, retry }],
  }));
  setTimeout(() => dismissHint(id), hintShown);
}

export const dismissHint = (id: number): void =>
  usePanel.setState(({ hints }) => ({ hints: hints.filter((hint) => hint.id !== id) }));
