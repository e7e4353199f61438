import type { CallView } from '../../electron/contract/snapshot.ts';
import type { IconName } from '../theme/icon.tsx';

export type DeckAction = 'call' | 'answer' | 'hold' | 'resume' | 'hangUp' | 'reject';

/** One of the two big keys at the foot of the panel. `calm`: not the thing to do now, but possible. */
export interface DeckKey {
  readonly action: DeckAction;
  readonly icon: IconName;
  readonly tone: 'go' | 'calm' | 'end';
  readonly enabled: boolean;
}

const key = (action: DeckAction, icon: IconName, tone: DeckKey['tone'], enabled = true): DeckKey => ({
  action,
  icon,
  tone,
  enabled,
});

/**
 * The two big keys: what one does next at the left, what ends it at the right. They never change places.
 * `canDial`: there is a number to call and no call in the way.
 */
export function deckOf(call: CallView | null, canDial: boolean): { next: DeckKey; end: DeckKey } {
  const hangUp = key('hangUp', 'onHook', 'end');
  switch (call?.state) {
    case undefined:
      return { next: key('call', 'handset', 'go', canDial), end: { ...hangUp, enabled: false } };
    case 'seizing':
      return { next: key('call', 'handset', 'go', canDial), end: hangUp };
    case 'incoming':
      return { next: key('answer', 'handset', 'go'), end: key('reject', 'onHook', 'end') };
    case 'dialing':
    case 'ringing':
      return { next: key('hold', 'pause', 'calm', false), end: hangUp };
    case 'active':
      return { next: key('hold', 'pause', 'calm'), end: hangUp };
    case 'held':
      return { next: key('resume', 'play', 'go'), end: hangUp };
    case 'ending':
      return { next: key('hold', 'pause', 'calm', false), end: { ...hangUp, enabled: false } };
  }
}
