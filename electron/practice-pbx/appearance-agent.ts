import { type PlacedDialog, terminated } from '../phone/lines/dialog.ts';
import type { StationId } from './bindings.ts';

/**
 * The shared-line agent `sa` of the SPA9000, without its wire: who is on which appearance of which extension.
 *
 * ```
 *            early, recipient                 confirmed, by any sharer
 *   free ---------------------> ringing ------------------------------> taken <--+ progress of the holder
 *    ^ |                           |                                    ^ |  |   |
 *    | |                           | terminated, by who showed it       | |  +---+
 *    | +---------------------------|------------------------------------+ |
 *    |   trying (seize), or any    |                                    ^ | held, by the holder
 *    |   other live state          |      confirmed, by the holder; or  | |
 *    |                             |   by any sharer, who has picked it | |
 *    +-----------------------------+  up and holds it now (not if       | v
 *    |                                exclusive)                        held
 *    +--- from taken and held: the holder's dialog terminated; the holder has booted; the holder is gone
 * ```
 *
 * 202 grants and every other answer refuses (facts 1.7, steps 4 and 5): whatever another station says about a taken
 * appearance is refused, so of two that seize at the same moment exactly one wins. The SPA9000's refusal code is not
 * on record; 409 is sipXecs's. A held call is picked up by an INVITE (routing.ts), and who is on it says so when it is
 * answered; how the SPA9000 does that is inferred (its pages are missing), and decided in `mayTake` alone.
 *
 * A dialog is known by its station and its id. So the end of one that is no more on the appearance is news to nobody:
 * the station whose call was picked up says its own a moment later, when somebody else may already be there.
 */
export type AgentState = ReadonlyMap<string, ReadonlyMap<number, Appearance>>;

/** An appearance that is not free. */
export interface Appearance {
  readonly holder: StationId;
  readonly placed: PlacedDialog;
}

export type AgentEvent =
  /** Full, empty dialog-info: the station has just booted and holds nothing (facts 1.7, step 2). */
  | { readonly type: 'announced'; readonly extension: string; readonly station: StationId }
  /** Partial dialog-info: what the station does, or wants to do, on one appearance. */
  | {
      readonly type: 'published';
      readonly extension: string;
      readonly station: StationId;
      readonly placed: PlacedDialog;
    }
  /** Its registration has expired or was withdrawn. */
  | { readonly type: 'gone'; readonly extension: string; readonly station: StationId };

export type AgentEffect =
  /** Answers the NOTIFY: 202 or 409. */
  | { readonly type: 'grant' }
  | { readonly type: 'refuse' }
  /** A partial NOTIFY with one dialog to every other sharer. */
  | {
      readonly type: 'fan-out';
      readonly extension: string;
      readonly except: StationId;
      readonly placed: PlacedDialog;
    }
  /** A full NOTIFY with all that is not free, to this station. */
  | {
      readonly type: 'tell-all';
      readonly extension: string;
      readonly station: StationId;
      readonly placed: readonly PlacedDialog[];
    };

export interface AgentStep {
  readonly state: AgentState;
  readonly effects: readonly AgentEffect[];
}

export const allFree: AgentState = new Map();

export function stepAgent(state: AgentState, event: AgentEvent): AgentStep {
  switch (event.type) {
    case 'announced': {
      const released = releaseAll(state, event);
      const placed = [...(released.state.get(event.extension)?.values() ?? [])].map((it) => it.placed);
      const { extension, station } = event;
      return {
        state: released.state,
        effects: [{ type: 'grant' }, ...released.effects, { type: 'tell-all', extension, station, placed }],
      };
    }
    case 'gone':
      return releaseAll(state, event);
    case 'published':
      return published(state, event);
  }
}

type Published = Extract<AgentEvent, { type: 'published' }>;

function published(state: AgentState, event: Published): AgentStep {
  const { extension, station, placed } = event;
  const present = state.get(extension)?.get(placed.appearance) ?? null;
  const accept = (holder: StationId | null): AgentStep => ({
    state: withAppearance(state, extension, placed.appearance, holder ? { holder, placed } : null),
    effects: [{ type: 'grant' }, { type: 'fan-out', extension, except: station, placed }],
  });
  const nothingNew: AgentStep = { state, effects: [{ type: 'grant' }] };

  if (placed.dialog.state === 'terminated') {
    const isThere = present?.holder === station && present.placed.dialog.id === placed.dialog.id;
    return isThere ? accept(null) : nothingNew;
  }
  // Every sharer rings and may say so; the first to say it has said it for all.
  if (present && present.holder !== station && isRinging(present.placed) && isRinging(placed))
    return nothingNew;
  return mayTake(present, event) ? accept(station) : { state, effects: [{ type: 'refuse' }] };
}

/** Whether the appearance is the station's to speak for, or becomes so by what it says. */
function mayTake(present: Appearance | null, { station, placed }: Published): boolean {
  if (!present || present.holder === station) return true;
  if (placed.dialog.state !== 'confirmed') return false;
  const { held, exclusive } = present.placed.dialog;
  return isRinging(present.placed) || (held && !exclusive);
}

const isRinging = ({ dialog }: PlacedDialog): boolean =>
  dialog.direction === 'recipient' && dialog.state !== 'confirmed' && dialog.state !== 'terminated';

function releaseAll(
  state: AgentState,
  { extension, station }: { readonly extension: string; readonly station: StationId },
): AgentStep {
  const held = [...(state.get(extension)?.values() ?? [])].filter((it) => it.holder === station);
  return {
    state: held.reduce((next, it) => withAppearance(next, extension, it.placed.appearance, null), state),
    effects: held.map(({ placed }) => ({
      type: 'fan-out',
      extension,
      except: station,
      placed: { ...placed, dialog: terminated(placed.dialog) },
    })),
  };
}

function withAppearance(
  state: AgentState,
  extension: string,
  index: number,
  appearance: Appearance | null,
): AgentState {
  const line = new Map(state.get(extension));
  if (appearance) line.set(index, appearance);
  else line.delete(index);
  return new Map(state).set(extension, line);
}
