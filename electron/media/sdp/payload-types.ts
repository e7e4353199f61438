import type { CodecName } from '../../contract/profile.ts';

/** A number of an m= line and the codec it stands for. */
export interface Codec {
  readonly name: CodecName;
  readonly payloadType: number;
}

/** One for each clock that audio of the stream counts with (RFC 4733, 2.1). */
export interface TelephoneEvent {
  readonly payloadType: number;
  readonly clock: EventClock;
}
export type EventClock = 8000 | 48_000;

interface Mapping {
  readonly rate: EventClock;
  /** As rtpmap says it: two channels for Opus, whatever it carries (RFC 7587, 7). */
  readonly encoding?: number;
  readonly fmtp?: string;
  /** Static (RFC 3551, 6), or the dynamic one that we like best. */
  readonly payloadType: number;
}

export const mappings: Readonly<Record<CodecName, Mapping>> = {
  PCMU: { rate: 8000, payloadType: 0 },
  PCMA: { rate: 8000, payloadType: 8 },
  // 8000 although it samples 16 kHz (RFC 3551, 4.5.2).
  G722: { rate: 8000, payloadType: 9 },
  opus: { rate: 48_000, encoding: 2, fmtp: 'useinbandfec=1', payloadType: 111 },
};

/** The lines `a=rtpmap` and `a=fmtp` of codecs, as sdp-transform has them. */
export const mapsOf = (codecs: readonly Codec[]) => ({
  rtp: codecs.map(({ name, payloadType }) => {
    const { rate, encoding } = mappings[name];
    return {
      payload: payloadType,
      codec: name as string,
      rate: rate as number,
      ...(encoding === undefined ? {} : { encoding }),
    };
  }),
  fmtp: codecs.flatMap(({ name, payloadType }) => {
    const config = mappings[name].fmtp;
    return config ? [{ payload: payloadType, config }] : [];
  }),
});

/** RFC 3551, 6. */
export const staticCodecs: Readonly<Record<number, CodecName>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

const eventNumbers: Readonly<Record<EventClock, number>> = { 8000: 101, 48000: 110 };
const dynamic = Array.from({ length: 32 }, (_, index) => 96 + index);

/** What the far end has given its numbers in this session. */
export interface NumbersInUse {
  readonly codecs: readonly Codec[];
  readonly telephoneEvents: readonly TelephoneEvent[];
  readonly payloadTypes: readonly number[];
}

/**
 * The numbers of an offer. One that the session has once given a meaning keeps it (RFC 3264, 8.3.2), and what is new
 * gets a number of its own.
 */
export function numberFormats(
  names: readonly CodecName[],
  inUse: NumbersInUse = { codecs: [], telephoneEvents: [], payloadTypes: [] },
): { codecs: Codec[]; telephoneEvents: TelephoneEvent[] } {
  const taken = new Set(inUse.payloadTypes);
  const take = (wanted: number): number => {
    const free = [wanted, ...dynamic].find((number) => !taken.has(number)) ?? wanted;
    taken.add(free);
    return free;
  };
  const codecs = names.map(
    (name) =>
      inUse.codecs.find((codec) => codec.name === name) ?? {
        name,
        payloadType: take(mappings[name].payloadType),
      },
  );
  const clocks = new Set(names.map((name) => mappings[name].rate));
  const telephoneEvents = [...clocks].map(
    (clock) =>
      inUse.telephoneEvents.find((event) => event.clock === clock) ?? {
        clock,
        payloadType: take(eventNumbers[clock]),
      },
  );
  return { codecs, telephoneEvents };
}
