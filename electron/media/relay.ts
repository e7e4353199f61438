import type { CodecName } from '../contract/profile.ts';
import type { Log, MediaEvent, MediaPort } from '../phone/ports.ts';
import { silentLog } from '../phone/ports.ts';
import { rateOf, type SampledChunk, ticksOf } from './codecs/codec.ts';
import { Decoder } from './codecs/decoder.ts';
import { Encoder } from './codecs/encoder.ts';
import { pcmuOfSamples } from './codecs/g711.ts';
import { createMediaPort, type MediaCall } from './media-port.ts';
import { PlainLeg } from './plain-leg.ts';
import { random32 } from './random.ts';
import { defaultPortRange, type PortRange } from './rtp/port-pair.ts';
import { type AudioPacket, Rewriter } from './rtp/rewriter.ts';
import { prepareWebLegs, WebLeg } from './web-leg.ts';

export interface RelayOptions {
  /** Where RTP ports are taken from; both ends inclusive. */
  readonly portRange?: PortRange;
  readonly log?: Log;
}

/** The relay in this very process: joins the window's WebRTC audio and the PBX's RTP, call by call. */
export function createRelay({ portRange = defaultPortRange, log = silentLog }: RelayOptions = {}): MediaPort {
  prepareWebLegs().catch((error: unknown) => log.error({ error: String(error) }, 'no certificate'));

  return createMediaPort(async (call, localAddress, emit) => {
    let relayed: RelayedCall | null = null;
    const plain = await PlainLeg.open({
      localAddress,
      portRange,
      random: random32,
      log,
      onFirstRtp: () => emit({ type: 'first-rtp', call }),
      onQuality: (quality) => {
        emit({ type: 'quality', call, quality });
        relayed?.tellLoss(quality.remoteLoss);
      },
      onAudio: (packet) => relayed?.toWeb(packet),
      onMix: (chunk) => relayed?.mixToWeb(chunk),
    });
    relayed = new RelayedCall(plain, log, (type) => emit({ type, call }));
    return relayed;
  });
}

/** A conversation's sound, frame after frame, as packets. */
class MixStream {
  readonly #encoder: Encoder;
  #sequenceNumber = 0;
  #timestamp = 0;

  constructor(codec: 'G722' | 'PCMU') {
    this.#encoder = new Encoder(codec);
  }

  get codec(): CodecName {
    return this.#encoder.codec;
  }

  next({ ssrc, rate, samples }: SampledChunk): AudioPacket {
    const payload = this.#encoder.encode(samples, rate);
    const numbers = { sequenceNumber: this.#sequenceNumber, timestamp: this.#timestamp };
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + ticksOf(this.codec, payload)) >>> 0;
    return { ssrc, ...numbers, payloadType: 0, marker: false, codec: this.codec, payload };
  }
}

type WebEvent = Extract<MediaEvent['type'], 'web-connected' | 'web-lost'>;

/** One call: its plain leg lives as long as the call, its web leg as long as a window. */
class RelayedCall implements MediaCall {
  readonly plain: PlainLeg;
  readonly #log: Log;
  readonly #emit: (type: WebEvent) => void;
  readonly #ssrc = random32();
  readonly #decoder = new Decoder(8);
  #mix = new MixStream('PCMU');
  #rewriter = new Rewriter(this.#ssrc);
  #web: WebLeg | null = null;
  #attachments = 0;

  constructor(plain: PlainLeg, log: Log, emit: (type: WebEvent) => void) {
    this.plain = plain;
    this.#log = log;
    this.#emit = emit;
  }

  toWeb(packet: AudioPacket): void {
    const web = this.#web;
    if (!web) return;
    const audio = web.carries(packet.codec) ? packet : this.#asPcmu(packet);
    if (audio) web.send(this.#rewriter.rewrite(audio, performance.now()));
  }

  /** In what the window has for that rate; of two codecs the one that costs us less. */
  mixToWeb(chunk: SampledChunk): void {
    const web = this.#web;
    if (!web) return;
    const codec = rateOf('G722') === chunk.rate && web.carries('G722') ? 'G722' : 'PCMU';
    if (codec !== this.#mix.codec) this.#mix = new MixStream(codec);
    web.send(this.#rewriter.rewrite(this.#mix.next(chunk), performance.now()));
  }

  #asPcmu(packet: AudioPacket): AudioPacket | null {
    const sound = this.#decoder.decode(packet);
    if (!sound) return null;
    const { timestamp, samples } = sound;
    return { ...packet, codec: 'PCMU', timestamp, payload: pcmuOfSamples(samples) };
  }

  /** What the far end says that it loses; null: it says nothing. */
  tellLoss(loss: number | null): void {
    if (loss !== null) this.#web?.reportLoss(loss);
  }

  /** May come again (a new or reloaded window): the web leg before is dropped, the plain leg never notices. */
  async attachWeb(offer: string): Promise<string> {
    this.#dropWeb();
    const attachment = this.#attachments;
    const isCurrent = (): boolean => attachment === this.#attachments;

    const { leg, answer } = await WebLeg.open(offer, {
      codec: this.plain.codec,
      ptime: this.plain.ptime,
      ssrc: this.#ssrc,
      log: this.#log,
      onAudio: (chunk) => isCurrent() && this.plain.push(chunk),
      onConnected: () => isCurrent() && this.#emit('web-connected'),
      onLost: () => isCurrent() && this.#emit('web-lost'),
    });
    if (!isCurrent()) {
      await leg.close();
      throw new Error('the call ended, or another window took its sound');
    }
    this.#rewriter = new Rewriter(this.#ssrc);
    this.#web = leg;
    return answer;
  }

  close(): void {
    this.#dropWeb();
    this.plain.close();
  }

  #dropWeb(): void {
    this.#attachments += 1;
    void this.#web?.close();
    this.#web = null;
  }
}
