import type { CallView } from '../../electron/contract/snapshot.ts';
import type { IconName } from '../theme/icon.tsx';
import { isUnderWay } from './company.ts';

export type DeckAction =
  | 'call'
  | 'redial'
  | 'answer'
  | 'hold'
  | 'resume'
  | 'transferNow'
  | 'completeTransfer'
  | 'onTheWay'
  | 'followTransfer'
  | 'callToAdd'
  | 'connect'
  | 'bringTogether'
  | 'hangUp'
  | 'reject';

/** One of the two big keys at the foot of the panel. `calm`: not the thing to do now, but possible. */
export interface DeckKey {
  readonly action: DeckAction;
  readonly icon: IconName;
  readonly tone: 'go' | 'calm' | 'end';
  readonly enabled: boolean;
}

/** What the two big keys depend on. */
export interface DeckState {
  readonly call: CallView | null;
  /** There is a number in the field... */
  readonly canDial: boolean;
  /** ...or one that was called before. */
  readonly canRedial: boolean;
  /** The call has asked somebody else, or is that asking: what for. */
  readonly asking: 'transfer' | 'add' | null;
  /** The far end wants to connect one with somebody, and waits to hear whether one wants that. */
  readonly referred: boolean;
  /** Somebody is sought: what for, and who it is: nobody yet, a number, or another call of ours. */
  readonly reach: { readonly purpose: 'transfer' | 'add'; readonly who: 'nobody' | 'number' | 'call' } | null;
}

const key = (action: DeckAction, icon: IconName, tone: DeckKey['tone'], enabled = true): DeckKey => ({
  action,
  icon,
  tone,
  enabled,
});

const hangUp = key('hangUp', 'onHook', 'end');

/** The two big keys: what one does next at the left, what ends it at the right. They never change places. */
export function deckOf(state: DeckState): { next: DeckKey; end: DeckKey } {
  const { call, reach } = state;
  if (call === null) return { next: dialKey(state), end: { ...hangUp, enabled: false } };
  if (reach) return { next: reachKey(reach), end: hangUp };
  switch (call.state) {
    case 'seizing':
      return { next: dialKey(state), end: hangUp };
    case 'incoming':
      return { next: key('answer', 'handset', 'go'), end: key('reject', 'onHook', 'end') };
    case 'dialing':
      return { next: key('hold', 'pause', 'calm', false), end: hangUp };
    case 'ringing':
    case 'active':
      return { next: talkKey(state, call), end: hangUp };
    case 'held':
      return {
        next: heldKey(state, call),
        end: hangUp,
      };
    case 'ending':
      return { next: key('hold', 'pause', 'calm', false), end: { ...hangUp, enabled: false } };
  }
}

const dialKey = ({ canDial, canRedial }: DeckState): DeckKey =>
  canDial || !canRedial ? key('call', 'handset', 'go', canDial) : key('redial', 'handset', 'calm');

function reachKey({ purpose, who }: NonNullable<DeckState['reach']>): DeckKey {
  const enabled = who !== 'nobody';
  if (purpose === 'transfer') {
    return who === 'call' ? key('connect', 'transfer', 'go') : key('transferNow', 'transfer', 'go', enabled);
  }
  return who === 'call' ? key('bringTogether', 'together', 'go') : key('callToAdd', 'handset', 'go', enabled);
}

function heldKey({ referred }: DeckState, call: CallView): DeckKey {
  if (isUnderWay(call)) return key('onTheWay', 'transfer', 'calm', false);
  return referred ? key('followTransfer', 'transfer', 'go') : key('resume', 'play', 'go');
}

/** Whom one has asked can be connected while it still rings there, but brought together only when answered. */
function talkKey({ asking, referred }: DeckState, call: CallView): DeckKey {
  if (isUnderWay(call)) return key('onTheWay', 'transfer', 'calm', false);
  if (referred) return key('followTransfer', 'transfer', 'go');
  if (asking === 'transfer') return key('completeTransfer', 'transfer', 'go');
  if (asking === 'add') return key('bringTogether', 'together', 'go', call.state === 'active');
  return key('hold', 'pause', 'calm', call.state === 'active');
}
