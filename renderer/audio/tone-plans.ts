import type { ToneRegion } from '../../electron/contract/settings.ts';

export type ToneName = 'dial' | 'ringback' | 'busy' | 'reorder' | 'call-waiting' | 'hold-reminder';

/** A burst of sound and the silence after it. Seconds; `off` 0 and nothing else in the cadence: it never stops. */
export interface Burst {
  readonly on: number;
  readonly off: number;
}

export interface Cadence {
  /** Hz, mixed. */
  readonly frequencies: readonly number[];
  /** One after the other, again and again. */
  readonly bursts: readonly Burst[];
}

export type TonePlan = Readonly<Record<ToneName, Cadence>>;

const cadence = (
  frequencies: readonly number[],
  ...bursts: readonly (readonly [number, number])[]
): Cadence => ({
  frequencies,
  bursts: bursts.map(([on, off]) => ({ on, off })),
});

/** The phone's own, so the same everywhere: one's own call waits on hold. */
const holdReminder = cadence([600], [0.2, 9.8]);

/**
 * The tones of each region's telephone network (ITU-T E.180, Supplement 2). `us` is the precise tone plan of North
 * America, with which the SPA phones are delivered; `uk` BT's (SIN 350), `eu` the CEPT recommendation that most of the
 * continent follows (T/CS 20-15), `au` Australia's (AS/CA S002).
 */
export const tonePlans: Readonly<Record<ToneRegion, TonePlan>> = {
  us: {
    dial: cadence([350, 440], [1, 0]),
    ringback: cadence([440, 480], [2, 4]),
    busy: cadence([480, 620], [0.5, 0.5]),
    reorder: cadence([480, 620], [0.25, 0.25]),
    'call-waiting': cadence([440], [0.3, 9.7]),
    'hold-reminder': holdReminder,
  },
  uk: {
    dial: cadence([350, 440], [1, 0]),
    ringback: cadence([400, 450], [0.4, 0.2], [0.4, 2]),
    busy: cadence([400], [0.375, 0.375]),
    reorder: cadence([400], [0.4, 0.35], [0.225, 0.525]),
    'call-waiting': cadence([400], [0.1, 2.9]),
    'hold-reminder': holdReminder,
  },
  eu: {
    dial: cadence([425], [1, 0]),
    ringback: cadence([425], [1, 4]),
    busy: cadence([425], [0.5, 0.5]),
    reorder: cadence([425], [0.2, 0.2]),
    'call-waiting': cadence([425], [0.2, 0.2], [0.2, 9]),
    'hold-reminder': holdReminder,
  },
  au: {
    dial: cadence([400, 425, 450], [1, 0]),
    ringback: cadence([400, 450], [0.4, 0.2], [0.4, 2]),
    busy: cadence([425], [0.375, 0.375]),
    reorder: cadence([425], [0.375, 0.375]),
    'call-waiting': cadence([425], [0.2, 0.2], [0.2, 4.4]),
    'hold-reminder': holdReminder,
  },
};
