import type { SoundView } from '../contract/snapshot.ts';
import type { Phone } from './phone.ts';

/** A far end wants to connect its user with somebody, who is to say so: perhaps looking elsewhere, with music in the ear. */
const isAsked = ({ calls, doNotDisturb }: Phone): boolean =>
  !doNotDisturb && calls.some(({ referral, phase }) => referral !== null && phase !== 'ending');

/**
 * What should sound now: never two at once, and no ring over a conversation (call waiting beeps instead). `Do not
 * disturb` keeps both from sounding.
 */
export function soundOf(phone: Phone): SoundView {
  const { calls } = phone;
  const talking = calls.some(({ phase }) => ['dialing', 'ringing', 'active', 'holding'].includes(phase));
  const ringing = phone.doNotDisturb
    ? undefined
    : calls.find((call) => call.phase === 'incoming' && !call.silenced);
  if (ringing && !talking) return { ring: ringing.id, tone: null };
  const tone = (): SoundView['tone'] => {
    const current = calls.find(({ phase }) => phase === 'ringing' || phase === 'granted');
    if (current?.phase === 'ringing') return current.earlyMedia && !current.earlySilence ? null : 'ringback';
    if (current?.phase === 'granted') return current.lineTone;
    if (ringing || isAsked(phone)) return 'call-waiting';
    if (phone.failTone) return phone.failTone;
    return !talking && calls.some(({ overdue }) => overdue) ? 'hold-reminder' : null;
  };
  return { ring: null, tone: tone() };
}
