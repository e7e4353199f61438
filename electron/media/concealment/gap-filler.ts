import { type AudioPacket, maxSequenceJump } from '../rtp/rewriter.ts';
import { sequenceDelta, timestampDelta } from '../rtp/rtp.ts';
import { type VoiceMemory, voiceMemory } from './voice-memory.ts';

/** More packets than this, one after the other, are a pause: what plays the sound makes of it what it can. */
const longestGap = 3;
/** A network that has just let one packet overtake another does so again: its gaps may close by themselves. */
const disorderMs = 10_000;

/**
 * Makes up the packets of G.711 and G.722 that the network has lost. It knows of the loss when the next packet is there:
 * so it can lead over into that one, and whoever plays the sound (20 ms or more of it waiting) gets a stream without a
 * gap, whose time nobody has to stretch.
 */
export class GapFiller {
  /** The latest packet in their order. */
  #last: AudioPacket | null = null;
  #isInterrupted = false;
  #memory: VoiceMemory | null = null;
  /** Numbers of the packets that were made up lately. */
  #filled: readonly number[] = [];
  #disorderAt = Number.NEGATIVE_INFINITY;
  #count = { made: 0, all: 0 };

  /** What is to be played instead of this packet alone; nothing of a packet whose place is filled. `now` in milliseconds. */
  take(packet: AudioPacket, now: number): readonly AudioPacket[] {
    const last = this.#last && isSameVoice(this.#last, packet) ? this.#last : null;
    if (!last) this.#memory = voiceMemory(packet.codec);
    const before = last && !this.#isInterrupted && goesOn(last, packet) ? last : null;
    const ahead = before ? sequenceDelta(packet.sequenceNumber, before.sequenceNumber) : 1;
    if (ahead <= 0) return this.#late(packet, now);

    const missing = before ? this.#fill(before, packet, ahead - 1, now) : [];
    for (const { payload } of [...missing, packet]) this.#memory?.hear(payload);
    this.#last = packet;
    this.#isInterrupted = false;
    this.#count = { made: this.#count.made + missing.length, all: this.#count.all + missing.length + 1 };
    return [...missing, packet];
  }

  /** Something else of the same stream came between: digits, comfort noise. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#filled = [];
  }

  /** Of the packets since this was asked last, how many were made up, 0 to 1. */
  share(): number {
    const { made, all } = this.#count;
    this.#count = { made: 0, all: 0 };
    return all === 0 ? 0 : made / all;
  }

  #late(packet: AudioPacket, now: number): readonly AudioPacket[] {
    this.#disorderAt = now;
    return this.#filled.includes(packet.sequenceNumber) ? [] : [packet];
  }

  #fill(last: AudioPacket, next: AudioPacket, missing: number, now: number): AudioPacket[] {
    if (missing < 1 || missing > longestGap || !this.#memory) return [];
    if (now - this.#disorderAt < disorderMs) return [];
    // Silence that was not sent is a gap of the time alone; packets of another length say nothing of those lost.
    const ticks = timestampDelta(next.timestamp, last.timestamp) - last.payload.length;
    if (ticks !== missing * last.payload.length) return [];
    return this.#packets(last, this.#memory.lead(next.payload, ticks), missing);
  }

  #packets(last: AudioPacket, sound: Buffer, count: number): AudioPacket[] {
    const length = last.payload.length;
    const packets = Array.from({ length: count }, (_, index) => ({
      ...last,
      marker: false,
      sequenceNumber: (last.sequenceNumber + index + 1) & 0xffff,
      timestamp: (last.timestamp + (index + 1) * length) >>> 0,
      payload: sound.subarray(index * length, (index + 1) * length),
    }));
    this.#filled = [...this.#filled, ...packets.map(({ sequenceNumber }) => sequenceNumber)].slice(-16);
    return packets;
  }
}

const isSameVoice = (one: AudioPacket, other: AudioPacket): boolean =>
  one.ssrc === other.ssrc && one.codec === other.codec;

/** Further ahead or behind it has begun anew. */
const goesOn = (last: AudioPacket, packet: AudioPacket): boolean =>
  Math.abs(sequenceDelta(packet.sequenceNumber, last.sequenceNumber)) <= maxSequenceJump;
