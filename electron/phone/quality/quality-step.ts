import type { PlayoutReport } from '../../contract/commands.ts';
import type { Call } from '../calls/call.ts';
import { callById, type Phone } from '../phone.ts';
import { quiet, replaceCall, type Step } from '../transition.ts';
import type { LegQuality } from './leg-quality.ts';
import { afterLeg, afterPlayout } from './quality.ts';

/** How the network carries a call. On hold, of either side, silence is as it should be, and says nothing. */
export function legMeasured(phone: Phone, id: string, leg: LegQuality): Step {
  const call = callById(phone, id);
  if (call?.phase === 'ringing') return earlyMediaMeasured(phone, call, leg);
  if (!call || !isHeard(call)) return quiet(phone);
  const measured = afterLeg(call.measured, leg, call.codec ?? 'PCMU');
  const asks = silences(leg) > silences(call.measured.leg);
  return {
    phone: replaceCall(phone, { ...call, measured }),
    effects: asks ? [{ type: 'ask-whether-there', call: id }] : [],
  };
}

/** So long may early media that was promised be silent, in ms, before the phone makes its own ringback (RFC 3960, 3.2). */
const promised = 1500;

function earlyMediaMeasured(phone: Phone, call: Call, { silentForMs }: LegQuality): Step {
  const earlySilence = silentForMs !== null && silentForMs > promised;
  return quiet(earlySilence === call.earlySilence ? phone : replaceCall(phone, { ...call, earlySilence }));
}

/**
 * Half a minute without any sound, in ms. A far end that has lost its power or network says no BYE, and without a session
 * timer (RFC 4028) nobody would ever find out.
 */
const longSilence = 30_000;
const silences = (leg: LegQuality | null): number => Math.floor((leg?.silentForMs ?? 0) / longSilence);

/** How the window plays it, and what its microphone gives. */
export function playoutMeasured(phone: Phone, { call: id, ...playout }: PlayoutReport): Step {
  const call = callById(phone, id);
  if (!call || !isHeard(call)) return quiet(phone);
  return quiet(replaceCall(phone, { ...call, measured: afterPlayout(call.measured, playout, call.muted) }));
}

const isHeard = ({ phase, heldByRemote }: Call): boolean => phase === 'active' && !heldByRemote;
