import { type AudioPacket, goesOn } from '../rtp/rewriter.ts';
import { sequenceDelta, timestampDelta } from '../rtp/rtp.ts';
import { type VoiceMemory, voiceMemory } from './voice-memory.ts';

/** More packets than this, one after the other, are a pause: what plays the sound makes of it what it can. */
const longestGap = 3;
/** A network that has just let one packet overtake another does so again: its gaps may close by themselves. */
const disorderMs = 10_000;
/** So many packets are known of those that have come lately. */
const remembered = 32;

type Place = Pick<AudioPacket, 'sequenceNumber' | 'timestamp'>;

/**
 * Makes up the packets of G.711 and G.722 that the network has lost. It knows of the loss when the next packet is there:
 * so it can lead over into that one, and whoever plays the sound (20 ms or more of it waiting) gets a stream without a
 * gap, whose time nobody has to stretch. Where packets overtake each other, what is made up waits for one packet more.
 * What comes twice passes once: a decoder that predicts would go astray.
 */
export class GapFiller {
  /** The latest packet in their order. */
  #last: AudioPacket | null = null;
  #isInterrupted = false;
  #memory: VoiceMemory | null = null;
  /** What is made up and may still come. */
  #waiting: readonly AudioPacket[] = [];
  /** The packets that have passed lately, and those of them that were made up. */
  #passed: readonly Place[] = [];
  #filled: readonly Place[] = [];
  #disorderAt = Number.NEGATIVE_INFINITY;
  #count = { made: 0, all: 0 };

  /** What is to be played instead of this packet alone; nothing of a packet whose place is filled. `now` in milliseconds. */
  take(packet: AudioPacket, now: number): readonly AudioPacket[] {
    const last = this.#last && isSameVoice(this.#last, packet) ? this.#last : null;
    if (!last) this.#begin(packet);
    const before = last && goesOn(last, packet) ? last : null;
    const ahead = before ? sequenceDelta(packet.sequenceNumber, before.sequenceNumber) : 1;
    if (ahead <= 0) return this.#late(packet, now);

    const waited = before ? this.#waiting : [];
    const missing = before && !this.#isInterrupted ? this.#fill(before, packet, ahead - 1) : [];
    for (const { payload } of [...missing, packet]) this.#memory?.hear(payload);
    this.#last = packet;
    this.#isInterrupted = false;
    const isDisordered = now - this.#disorderAt < disorderMs;
    this.#waiting = isDisordered ? missing : [];
    return this.#pass([...waited, ...(isDisordered ? [] : missing)], packet);
  }

  /** Something else of the same stream came between: digits, comfort noise. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#waiting = [];
    this.#filled = [];
  }

  /** Of the packets since this was asked last, how many were made up, 0 to 1. */
  share(): number {
    const { made, all } = this.#count;
    this.#count = { made: 0, all: 0 };
    return all === 0 ? 0 : made / all;
  }

  #begin({ codec }: AudioPacket): void {
    this.#memory = voiceMemory(codec);
    this.#waiting = [];
    this.#passed = [];
    this.#filled = [];
  }

  #pass(made: readonly AudioPacket[], packet: AudioPacket): readonly AudioPacket[] {
    this.#filled = [...this.#filled, ...made.map(placeOf)].slice(-remembered);
    this.#passed = [...this.#passed, placeOf(packet)].slice(-remembered);
    this.#count = { made: this.#count.made + made.length, all: this.#count.all + made.length + 1 };
    return [...made, packet];
  }

  #late(packet: AudioPacket, now: number): readonly AudioPacket[] {
    const isHere = isAt(packet);
    if (this.#passed.some(isHere)) return [];
    this.#disorderAt = now;
    this.#waiting = this.#waiting.filter((made) => !isHere(made));
    return this.#filled.some(isHere) ? [] : this.#pass([], packet);
  }

  #fill(last: AudioPacket, next: AudioPacket, missing: number): readonly AudioPacket[] {
    if (missing < 1 || missing > longestGap || !this.#memory) return [];
    // Silence that was not sent is a gap of the time alone; packets of another length say nothing of those lost.
    const ticks = timestampDelta(next.timestamp, last.timestamp) - last.payload.length;
    if (ticks !== missing * last.payload.length) return [];
    return packetsAfter(last, this.#memory.lead(next.payload, ticks), missing);
  }
}

const isSameVoice = (one: AudioPacket, other: AudioPacket): boolean =>
  one.ssrc === other.ssrc && one.codec === other.codec;

const placeOf = ({ sequenceNumber, timestamp }: AudioPacket): Place => ({ sequenceNumber, timestamp });
const isAt =
  ({ sequenceNumber, timestamp }: Place) =>
  (other: Place): boolean =>
    other.sequenceNumber === sequenceNumber && other.timestamp === timestamp;

function packetsAfter(last: AudioPacket, sound: Buffer, count: number): AudioPacket[] {
  const length = last.payload.length;
  return Array.from({ length: count }, (_, index) => ({
    ...last,
    marker: false,
    sequenceNumber: (last.sequenceNumber + index + 1) & 0xffff,
    timestamp: (last.timestamp + (index + 1) * length) >>> 0,
    payload: sound.subarray(index * length, (index + 1) * length),
  }));
}
