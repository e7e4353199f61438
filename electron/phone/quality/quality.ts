import type { PlayoutReport } from '../../contract/commands.ts';
import type { CodecName } from '../../contract/profile.ts';
import type { CallQuality } from '../../contract/snapshot.ts';
import type { LegQuality } from './leg-quality.ts';

export type Fault = NonNullable<CallQuality['fault']>;

/** How a call has sounded so far. */
export interface Measured {
  readonly leg: LegQuality | null;
  readonly playout: Omit<PlayoutReport, 'call'> | null;
  /** For each fault how much speaks for it, in reports. */
  readonly evidence: Readonly<Partial<Record<Fault, number>>>;
  readonly fault: Fault | null;
  /** Sums over the reports of the whole call. */
  readonly total: Total;
}

interface Total {
  readonly mos: Mean;
  readonly loss: Mean;
  readonly jitter: Mean;
  readonly remoteLoss: Mean;
  readonly roundTrip: Mean;
  readonly concealed: Mean;
  /** Reports during which a fault was shown. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
}

interface Mean {
  readonly sum: number;
  readonly count: number;
}

const none: Mean = { sum: 0, count: 0 };
export const unmeasured: Measured = {
  leg: null,
  playout: null,
  evidence: {},
  fault: null,
  total: {
    mos: none,
    loss: none,
    jitter: none,
    remoteLoss: none,
    roundTrip: none,
    concealed: none,
    faults: {},
  },
};

/**
 * Impairments of codecs (E-model): Ie without loss, Bpl how well the concealment bears it. G.711 with concealment: ITU-T
 * G.113, Appendix I. On this narrow-band scale wide-band codecs have no impairment of their own; that the listener gains
 * by them it cannot say. No recommendation gives their Bpl on it: both are concealed by the same receiver (NetEQ) from the
 * same 20 ms packets, so they are taken to bear loss as G.711 does.
 */
const impairments: Readonly<Record<CodecName, { readonly ie: number; readonly bpl: number }>> = {
  PCMU: { ie: 0, bpl: 25.1 },
  PCMA: { ie: 0, bpl: 25.1 },
  G722: { ie: 0, bpl: 25.1 },
  opus: { ie: 0, bpl: 25.1 },
};

/** Packet time and the codec's look-ahead, in ms: delay before the network has any part in it. */
const codecDelay: Readonly<Record<CodecName, number>> = { PCMU: 20, PCMA: 20, G722: 21.5, opus: 26.5 };

/**
 * Mean opinion score by the E-model (ITU-T G.107, its default values but for delay and loss): R = 93.2 - Id - Ie,eff, then
 * Annex B. Id by the straight lines of Cole and Rosenbluth (2001). `delay` is mouth to ear in ms, `loss` 0 to 1, at random.
 */
export function meanOpinion(codec: CodecName, { loss, delay }: { loss: number; delay: number }): number {
  const { ie, bpl } = impairments[codec];
  const percent = loss * 100;
  const equipment = ie + (95 - ie) * (percent / (percent + bpl));
  const late = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const r = Math.min(100, Math.max(0, 93.2 - late - equipment));
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}

/** The network's report, once a second. */
export function afterLeg(before: Measured, leg: LegQuality, codec: CodecName): Measured {
  const now = withEvidence({ ...before, leg }, networkFaults(leg));
  const { total } = before;
  const { fault } = now;
  return {
    ...now,
    total: {
      ...total,
      mos: plus(total.mos, mosOf(now, codec)),
      loss: plus(total.loss, leg.loss),
      jitter: plus(total.jitter, leg.jitterMs),
      remoteLoss: plus(total.remoteLoss, leg.remoteLoss),
      roundTrip: plus(total.roundTrip, leg.roundTripMs),
      faults: fault ? { ...total.faults, [fault]: (total.faults[fault] ?? 0) + 1 } : total.faults,
    },
  };
}

/** The window's report. `muted`: a silent microphone is no fault then. */
export function afterPlayout(
  before: Measured,
  playout: Omit<PlayoutReport, 'call'>,
  muted: boolean,
): Measured {
  const now = withEvidence({ ...before, playout }, deviceFaults(before.leg, playout, muted));
  return { ...now, total: { ...now.total, concealed: plus(now.total.concealed, concealedOf(now)) } };
}

/** How it sounds now; null before anything was measured. */
export function qualityNow(measured: Measured, codec: CodecName): CallQuality | null {
  const { leg, fault } = measured;
  if (!leg) return null;
  const concealed = concealedOf(measured);
  return {
    mos: round(mosOf(measured, codec), 2),
    lossPercent: percent(leg.loss),
    jitterMs: round(leg.jitterMs, 1),
    remoteLossPercent: leg.remoteLoss === null ? null : percent(leg.remoteLoss),
    roundTripMs: leg.roundTripMs === null ? null : round(leg.roundTripMs, 1),
    concealedPercent: concealed === null ? null : percent(concealed),
    fault,
  };
}

const fewest = 3;

/** How it sounded over the whole call, and what was at fault for most of the time that something was; null: too short. */
export function qualitySummary({ total }: Measured): CallQuality | null {
  if (total.mos.count < fewest) return null;
  const faults = Object.entries(total.faults) as [Fault, number][];
  const [worst] = faults.toSorted(([, one], [, other]) => other - one);
  const share = (mean: Mean): number | null => (mean.count === 0 ? null : percent(mean.sum / mean.count));
  return {
    mos: round(total.mos.sum / total.mos.count, 2),
    lossPercent: share(total.loss) ?? 0,
    jitterMs: round(total.jitter.sum / total.jitter.count, 1),
    remoteLossPercent: share(total.remoteLoss),
    roundTripMs: total.roundTrip.count === 0 ? null : round(total.roundTrip.sum / total.roundTrip.count, 1),
    concealedPercent: share(total.concealed),
    fault: worst && worst[1] >= total.mos.count / 10 ? worst[0] : null,
  };
}

/** What is made up in place of sound: here for packets that are lost, in the window for what comes too late as well. */
const concealedOf = ({ leg, playout }: Measured): number | null =>
  playout === null ? null : Math.min(1, playout.concealed + (leg?.madeUp ?? 0));

/** What had to be made up counts, if the window tells it: packets that come too late are lost to the ear. */
function mosOf(measured: Measured, codec: CodecName): number {
  const { leg, playout } = measured;
  const delay = codecDelay[codec] + (leg?.roundTripMs ?? 0) / 2 + (playout?.bufferMs ?? leg?.jitterMs ?? 0);
  return meanOpinion(codec, { loss: Math.max(leg?.loss ?? 0, concealedOf(measured) ?? 0), delay });
}

const badLoss = 0.03;
const badJitter = 60;
const silentAfter = 5_000;
/** Below this a microphone gives nothing, not even a quiet room. */
const deadLevel = 0.0003;

type Symptoms = Readonly<Partial<Record<Fault, boolean>>>;

const networkFaults = (leg: LegQuality): Symptoms => ({
  'silent-far-end': leg.silentForMs !== null && leg.silentForMs > silentAfter,
  'network-in': leg.loss >= badLoss || leg.jitterMs >= badJitter,
  'network-out': (leg.remoteLoss ?? 0) >= badLoss || (leg.remoteJitterMs ?? 0) >= badJitter,
});

/** Sound that is made up although the network has brought it: this computer does not keep up. */
const deviceFaults = (
  leg: LegQuality | null,
  { concealed, inputLevel }: Omit<PlayoutReport, 'call'>,
  muted: boolean,
): Symptoms => ({
  computer: concealed >= 0.05 && leg !== null && concealed > 3 * leg.loss && leg.jitterMs < badJitter / 2,
  microphone: !muted && (inputLevel ?? 0) < deadLevel,
});

/** Reports that must speak for a fault before it is shown, most serious first; it goes when as many speak against it. */
const needed: readonly (readonly [Fault, number])[] = [
  ['silent-far-end', 2],
  ['network-in', 3],
  ['computer', 3],
  ['network-out', 3],
  ['microphone', 10],
];

/** A fault comes and goes with several reports, not with each: evidence rises to what is needed and falls to nothing. */
function withEvidence(before: Measured, symptoms: Symptoms): Measured {
  const changes = needed.flatMap(([fault, most]) => {
    const present = symptoms[fault];
    const held = before.evidence[fault] ?? 0;
    if (present === undefined) return [];
    return [[fault, present ? Math.min(most, held + 1) : Math.max(0, held - 1)] as const];
  });
  const evidence: Measured['evidence'] = { ...before.evidence, ...Object.fromEntries(changes) };
  const shown = needed.find(([fault, most]) => {
    const held = evidence[fault] ?? 0;
    return held >= most || (fault === before.fault && held > 0);
  });
  return { ...before, evidence, fault: shown?.[0] ?? null };
}

const plus = (mean: Mean, value: number | null): Mean =>
  value === null ? mean : { sum: mean.sum + value, count: mean.count + 1 };
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const percent = (share: number): number => round(share * 100, 1);
