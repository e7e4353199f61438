import type { CodecName } from '../../contract/profile.ts';
import { fromPcmu, isG711, pcmuOfSamples, samplesOfPcmu, toPcmu } from '../codecs/g711.ts';
import { type AudioPacket, maxSequenceJump } from '../rtp/rewriter.ts';
import { sequenceDelta, timestampDelta } from '../rtp/rtp.ts';
import { bridge, historySamples } from './extrapolation.ts';

/** More packets than this, one after the other, are a pause: what plays the sound makes of it what it can. */
const longestGap = 3;
/** A network that has just let one packet overtake another does so again: its gaps may close by themselves. */
const disorderMs = 10_000;

/**
 * Makes up the packets of G.711 that the network has lost. It knows of the loss when the next packet is there: so it can
 * lead over into that one, and whoever plays the sound (20 ms or more of it waiting) gets a stream without a gap, whose
 * time nobody has to stretch. Opus and G.722 know more of themselves: their decoders conceal.
 */
export class GapFiller {
  /** The latest packets in their order, made up ones among them. */
  #before: readonly AudioPacket[] = [];
  /** Numbers of the packets that were made up lately. */
  #filled: readonly number[] = [];
  #disorderAt = Number.NEGATIVE_INFINITY;
  #count = { made: 0, all: 0 };

  /** What is to be played instead of this packet alone; nothing of a packet whose place is filled. `now` in milliseconds. */
  take(packet: AudioPacket, now: number): readonly AudioPacket[] {
    const last = this.#before.at(-1);
    const ahead =
      last && goesOn(last, packet) ? sequenceDelta(packet.sequenceNumber, last.sequenceNumber) : null;
    if (ahead !== null && ahead <= 0) return this.#late(packet, now);

    const missing = ahead === null ? [] : this.#fill(packet, ahead - 1, now);
    const kept = ahead === null ? [] : this.#before;
    this.#before = [...kept, ...missing, packet].slice(-longestGap - 1);
    this.#count = { made: this.#count.made + missing.length, all: this.#count.all + missing.length + 1 };
    return [...missing, packet];
  }

  /** Something else of the same stream came between: digits, comfort noise. */
  interrupt(): void {
    this.#before = [];
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

  #fill(next: AudioPacket, missing: number, now: number): AudioPacket[] {
    const last = this.#before.at(-1);
    const { codec } = next;
    if (!last || missing < 1 || missing > longestGap || !isG711(codec)) return [];
    if (now - this.#disorderAt < disorderMs) return [];
    // Silence that was not sent is a gap of the time alone; packets of another length say nothing of those lost.
    const samples = timestampDelta(next.timestamp, last.timestamp) - last.payload.length;
    if (samples !== missing * last.payload.length) return [];

    const heard = this.#before.flatMap(({ payload }) => [...linear(payload, codec)]);
    const made = bridge(
      Float64Array.from(heard.slice(-historySamples)),
      linear(next.payload, codec),
      samples,
    );
    return this.#packets(last, made, missing);
  }

  #packets(last: AudioPacket, sound: Float64Array, count: number): AudioPacket[] {
    const length = last.payload.length;
    const packets = Array.from({ length: count }, (_, index) => ({
      ...last,
      marker: false,
      sequenceNumber: (last.sequenceNumber + index + 1) & 0xffff,
      timestamp: (last.timestamp + (index + 1) * length) >>> 0,
      payload: coded(sound.subarray(index * length, (index + 1) * length), last.codec),
    }));
    this.#filled = [...this.#filled, ...packets.map(({ sequenceNumber }) => sequenceNumber)].slice(-16);
    return packets;
  }
}

/** Further ahead or behind it is another stream. */
const goesOn = (last: AudioPacket, packet: AudioPacket): boolean =>
  packet.ssrc === last.ssrc &&
  packet.codec === last.codec &&
  Math.abs(sequenceDelta(packet.sequenceNumber, last.sequenceNumber)) <= maxSequenceJump;

const linear = (payload: Buffer, codec: CodecName): Float64Array =>
  Float64Array.from(samplesOfPcmu(toPcmu(payload, codec)));

const coded = (sound: Float64Array, codec: CodecName): Buffer =>
  fromPcmu(pcmuOfSamples(Int16Array.from(sound, Math.round)), codec);
