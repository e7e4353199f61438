import type { CallQuality } from '../../electron/contract/snapshot.ts';
import type { Say } from '../words/words.ts';

export type Grade = 'good' | 'fair' | 'poor';

/** Mean opinion scores from which users are satisfied, and below which many are not (ITU-T G.107, annex B). */
export const gradeLimits = { good: 4, fair: 3.4 } as const;

export const gradeOf = ({ mos }: Pick<CallQuality, 'mos'>): Grade =>
  mos >= gradeLimits.good ? 'good' : mos >= gradeLimits.fair ? 'fair' : 'poor';

/** Who is at fault and what to do; null when nobody is, or nobody knows. */
export const faultSentence = ({ fault }: Pick<CallQuality, 'fault'>, say: Say): string | null =>
  fault === null ? null : say(`quality.fault.${fault}`);

/** A measure with its unit, and its name. */
export interface Measure {
  readonly name: string;
  readonly value: string;
}

/** What was measured, each with its unit; what nobody could measure is left out. */
export function measuresOf(quality: CallQuality, say: Say): Measure[] {
  const perCent = (value: number): string => say('quality.perCent', { value: rounded(value) });
  const ms = (value: number): string => say('quality.ms', { value: Math.round(value) });
  const { mos, lossPercent, remoteLossPercent, jitterMs, roundTripMs, concealedPercent } = quality;
  return [
    { name: say('quality.mos'), value: mos.toFixed(1) },
    { name: say('quality.loss'), value: perCent(lossPercent) },
    ...(remoteLossPercent === null
      ? []
      : [{ name: say('quality.remoteLoss'), value: perCent(remoteLossPercent) }]),
    { name: say('quality.jitter'), value: ms(jitterMs) },
    ...(roundTripMs === null ? [] : [{ name: say('quality.roundTrip'), value: ms(roundTripMs) }]),
    ...(concealedPercent === null
      ? []
      : [{ name: say('quality.concealed'), value: perCent(concealedPercent) }]),
  ];
}

/** Whole from ten up; a tenth matters below. */
const rounded = (value: number): string => (value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1));

/** A whole call in a few words, for the history: "Fair, 2.1 % lost". */
export function qualitySummary(quality: CallQuality, say: Say): string {
  const grade = say(`quality.grade.${gradeOf(quality)}`);
  const lost = rounded(quality.lossPercent);
  return lost === '0' || lost === '0.0' ? grade : say('quality.summary', { grade, value: lost });
}
