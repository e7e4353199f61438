import type { Log, MediaEvent, MediaPort } from '../phone/ports.ts';
import { silentLog } from '../phone/ports.ts';
import { AsPcmu } from './codecs/as-pcmu.ts';
import { rateOf, type SampledChunk } from './codecs/codec.ts';
import { MixStream } from './conversation/mix-stream.ts';
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

type WebEvent = Extract<MediaEvent['type'], 'web-connected' | 'web-lost'>;

/** One call: its plain leg lives as long as the call, its web leg as long as a window. */
class RelayedCall implements MediaCall {
  readonly plain: PlainLeg;
  readonly #log: Log;
  readonly #emit: (type: WebEvent) => void;
  readonly #ssrc = random32();
  readonly #asPcmu = new AsPcmu();
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
    const audio = web.carries(packet.codec) ? packet : this.#asPcmu.take(packet);
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
