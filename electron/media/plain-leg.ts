import type { CodecName } from '../contract/profile.ts';
import type { LegQuality, MediaPort, PlainLegParams } from '../phone/ports.ts';
import { type CodedChunk, type Rate, type SampledChunk, ticksOf, ticksPerMs } from './codecs/codec.ts';
import { Decoder } from './codecs/decoder.ts';
import { samplesOfPcmu, samplesPerMs } from './codecs/g711.ts';
import { GapFiller } from './concealment/gap-filler.ts';
import { PassingBeep } from './conversation/passing-beep.ts';
import { DtmfTones } from './digits/dtmf-tones.ts';
import { type EventPacket, TelephoneEventPlayer } from './digits/telephone-event.ts';
import { type Frame, type Framed, Framer } from './rtp/framer.ts';
import type { Endpoint } from './rtp/latch.ts';
import { OutgoingStream, type PacketNumbers } from './rtp/outgoing-stream.ts';
import { Pacer } from './rtp/pacer.ts';
import { PlainWire, type PlainWireOptions } from './rtp/plain-wire.ts';
import { type AudioPacket, Rewriter } from './rtp/rewriter.ts';
import { firstReportMs, nextReportMs, RtcpReporter } from './rtp/rtcp-reporter.ts';
import type { RtpPacket } from './rtp/rtp.ts';
import { staticCodecs } from './sdp/payload-types.ts';

export interface PlainLegOptions extends PlainWireOptions {
  /** A packet of the far end's audio in its own codec; never while we hold. */
  readonly onAudio: (packet: AudioPacket) => void;
  /** What a conversation says to our user. */
  readonly onMix: (chunk: SampledChunk) => void;
  /** The first packet of the far end's audio in this call. */
  readonly onFirstRtp: () => void;
  /** Once a second while the far end may be heard or hear us. */
  readonly onQuality?: (quality: LegQuality) => void;
  /** What is sent when nobody pushes audio: so many samples of PCMU. Silence when absent. */
  readonly idleSource?: (samples: number) => Buffer;
}

/** Several legs talking together, as one of them sees it: what both of its sides say goes there, as samples. */
export interface Junction {
  readonly rate: Rate;
  /** Both sides hear what it says, not each other. */
  readonly mixes: boolean;
  /** The far end's audio; never while we hold. */
  fromFarEnd(chunk: SampledChunk): void;
  /** What our user's side says. */
  fromUser(chunk: SampledChunk): void;
}

/** A leg in a junction: both of its sides as samples. */
interface Joined {
  readonly junction: Junction;
  /** The far end's stream may begin anew at any time; what is added up must not. */
  readonly unbroken: Rewriter;
  readonly farEnd: Decoder;
  readonly user: Decoder;
  readonly idle: Decoder;
}

type DtmfWay = Parameters<MediaPort['sendDtmf']>[2];

/** RFC 3389, 4: of the clock of 8 kHz, whatever else is negotiated. */
const comfortNoise = 13;
const qualityMs = 1000;
/** The far end sends nothing for so long while it should: told in the log. */
const deafMs = 30_000;
/** Without pushed audio for so long, in milliseconds, the idle source takes over. */
const starvedMs = 60;

/**
 * One call's RTP and RTCP with the PBX or the far end. As long as the offer/answer lets us send, it sends a packet
 * every ptime, with sound or silence, so that no RTP timeout of a PBX ends the call. Audio goes in and out in the codec
 * that it has; only a junction talks samples. Nothing that arrives can throw.
 */
export class PlainLeg {
  readonly #options: PlainLegOptions;
  readonly #wire: PlainWire;
  #stream: OutgoingStream;
  readonly #framer = new Framer();
  readonly #gaps = new GapFiller();
  readonly #beeps = { toUser: new PassingBeep(), toFarEnd: new PassingBeep() };
  readonly #reporter: RtcpReporter;
  readonly #pacer = new Pacer(() => this.#sendIdle());
  readonly #events = new TelephoneEventPlayer((packet) => this.#sendEvent(packet));
  readonly #tones = new DtmfTones();
  #reportTimer: NodeJS.Timeout | undefined;
  readonly #qualityTimer: NodeJS.Timeout;
  #params: PlainLegParams | null = null;
  #muted = false;
  #joined: Joined | null = null;
  /** Samples that the idle source has given. */
  #idled = 0;
  #pushed = { at: 0, ms: 0 };
  #heardAt: number | null = null;
  /** The far end should be heard since then. */
  #hearsSince = performance.now();
  #deafTold = 0;

  /** Binds the ports. @throws Error with a sentence when that fails. */
  static async open(options: PlainLegOptions): Promise<PlainLeg> {
    return new PlainLeg(options, await PlainWire.open(options));
  }

  private constructor(options: PlainLegOptions, wire: PlainWire) {
    this.#options = options;
    this.#wire = wire;
    this.#stream = new OutgoingStream(options.random);
    this.#reporter = new RtcpReporter(`${options.random().toString(36)}@${options.localAddress}`);
    wire.listen({
      onRtp: (packet, source) => this.#receive(packet, source),
      onControl: (report) => this.#reporter.readReports(report, performance.now()),
    });
    this.#qualityTimer = setInterval(() => this.#tellQuality(), qualityMs);
  }

  /**
   * The phone has another address: binds new ports there and lets the old ones go; the stream goes on.
   * @throws Error with a sentence when that fails; then all is as before.
   */
  move(localAddress: string): Promise<void> {
    return this.#wire.move(localAddress);
  }

  get rtpPort(): number {
    return this.#wire.rtpPort;
  }

  /** What is sent; PCMU before anything was agreed. */
  get codec(): CodecName {
    return this.#params?.codec.name ?? 'PCMU';
  }

  get ptime(): number {
    return this.#params?.ptime ?? 20;
  }

  /** Takes over the outcome of an offer/answer. */
  configure(params: PlainLegParams): void {
    const clock = ticksPerMs(params.codec.name);
    if (clock !== this.#stream.ticksPerMs) {
      this.#sayBye();
      this.#stream = new OutgoingStream(this.#options.random, clock);
    }
    const heard = this.#hears;
    this.#params = params;
    this.#wire.configure(params);
    this.#framer.setFormat(params.codec.name, params.ptime, params.opus);
    if (!heard) this.#hearsSince = performance.now();
    if (this.#sends) {
      this.#pacer.start(params.ptime);
    } else {
      this.#pacer.stop();
      this.#events.stop();
      this.#tones.stop();
      this.#stream.interrupt();
    }
    if (!this.#sends || this.holds) this.#framer.clear();
    if (!this.#reportTimer) this.#reportIn(firstReportMs(this.#options.random));
  }

  /** Our user's audio for the far end, in packets of any length; dropped where there is nowhere to send it. */
  push(chunk: CodedChunk): void {
    const ms = ticksOf(chunk.codec, chunk.payload) / ticksPerMs(chunk.codec);
    this.#pushed = { at: performance.now(), ms };
    const joined = this.#joined;
    if (!joined?.junction.mixes) this.#take('pushed', () => this.#framer.take(chunk), this.#muted);
    const heard = joined?.user.decode(chunk);
    if (heard) joined?.junction.fromUser(heard);
  }

  /** From now on both sides of the leg are heard in the junction; null: no more. */
  joinTo(junction: Junction | null): void {
    const decoder = (): Decoder => new Decoder(junction?.rate ?? 8);
    this.#joined = junction && {
      junction,
      unbroken: new Rewriter(this.#options.random()),
      farEnd: decoder(),
      user: decoder(),
      idle: decoder(),
    };
  }

  /** The junction's audio for the far end. Whom mute concerns is known there. A new SSRC takes its time from the clock. */
  say(chunk: SampledChunk): void {
    this.#take(`junction ${chunk.ssrc}`, () => this.#framer.takeSamples(chunk), false);
  }

  /** The junction's audio for our user. */
  tell(chunk: SampledChunk): void {
    this.#options.onMix(chunk);
  }

  /** What our user's side says by itself while nobody pushes, for so long; at the junction's rate. */
  idle(ms: number): Int16Array {
    const idle = this.#options.idleSource?.(ms * samplesPerMs);
    const heard = idle && this.#asChunk(idle);
    return heard ? heard.samples : new Int16Array(ms * (this.#joined?.junction.rate ?? samplesPerMs));
  }

  /** Both sides hear the beep of a recording over each other. */
  beep(): void {
    this.#beeps.toUser.play();
    this.#beeps.toFarEnd.play();
  }

  #take(source: string, framed: () => Framed, muted: boolean): void {
    if (!this.#sends || this.#events.inEvent || this.#tones.isPlaying) {
      this.#framer.clear();
      return;
    }
    const { lost, frames } = framed();
    this.#stream.lost(lost.ticks, lost.packets);
    for (const frame of frames) this.#sendAudio(source, frame, muted);
  }

  mute(on: boolean): void {
    this.#muted = on;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Digits: telephone events where the far end takes them (RFC 4733), else the tones themselves. */
  sendDtmf(tones: string, way: DtmfWay): void {
    const params = this.#params;
    const takesEvents = params?.dtmfPayloadType != null;
    if (!params || !this.#sends || (way === 'rfc4733' && !takesEvents)) {
      this.#options.log.warn({ tones: tones.length, way }, 'the far end takes no digits this way now');
    } else if (way === 'inband' || !takesEvents) {
      this.#tones.play(tones);
    } else {
      this.#events.play(tones, this.ptime, (params.dtmfClock ?? 8000) / 1000);
    }
  }

  close(): void {
    clearTimeout(this.#reportTimer);
    clearInterval(this.#qualityTimer);
    this.#pacer.stop();
    this.#events.stop();
    this.#wire.close((said) => this.#sayBye(said));
  }

  get #sends(): boolean {
    const params = this.#params;
    return params?.remote != null && (params.direction === 'sendrecv' || params.direction === 'sendonly');
  }

  get #hears(): boolean {
    const direction = this.#params?.direction;
    return direction === 'sendrecv' || direction === 'recvonly';
  }

  /** We hold: our user's side is not heard. */
  get holds(): boolean {
    return this.#params?.hold ?? this.#params?.direction === 'sendonly';
  }

  #sendIdle(): void {
    if (this.#tones.isPlaying) {
      const tones = samplesOfPcmu(this.#tones.take(this.ptime * samplesPerMs));
      this.#sendAudio('tones', this.#framer.encode(tones, samplesPerMs), false);
      return;
    }
    const joined = this.#joined;
    if (joined?.junction.mixes) return;
    const idle = this.#options.idleSource?.(this.ptime * samplesPerMs);
    const starved = Math.max(starvedMs, 2 * this.ptime, 2 * this.#pushed.ms);
    const isPushed = this.#pushed.at > 0 && performance.now() - this.#pushed.at <= starved;
    if (isPushed || this.#events.inEvent) return;
    const frame = idle ? this.#framer.encode(samplesOfPcmu(idle), samplesPerMs) : this.#framer.idle();
    this.#sendAudio('idle', frame, this.#muted);
    const heard = idle && this.#asChunk(idle);
    if (heard) joined?.junction.fromUser(heard);
  }

  /** What the idle source has given, for the junction. */
  #asChunk(pcmu: Buffer): SampledChunk | null {
    const timestamp = this.#idled;
    this.#idled = (timestamp + pcmu.length) >>> 0;
    return this.#joined?.idle.decode({ ssrc: 0, timestamp, codec: 'PCMU', payload: pcmu }) ?? null;
  }

  #sendAudio(source: string, frame: Frame, muted: boolean): void {
    const codec = this.#params?.codec;
    if (!codec) return;
    const { payload, ticks } = muted || this.holds ? this.#framer.silence(frame) : frame;
    const said = this.holds ? payload : this.#beeps.toFarEnd.over(codec.name, payload);
    this.#send(codec.payloadType, this.#stream.audio(source, ticks, performance.now()), said);
  }

  #sendEvent({ first, payload }: EventPacket): void {
    const payloadType = this.#params?.dtmfPayloadType;
    if (payloadType != null) this.#send(payloadType, this.#stream.event(first, performance.now()), payload);
  }

  #send(payloadType: number, numbers: PacketNumbers, payload: Buffer): void {
    const packet = { ...numbers, payloadType, ssrc: this.#stream.ssrc, payload };
    const sent = this.#wire.send(packet);
    if (sent) this.#reporter.countSent(packet, performance.now(), this.#stream.ticksPerMs);
  }

  #receive(packet: RtpPacket, source: Endpoint): void {
    const codec = this.#codecOf(packet.payloadType);
    // Comfort noise, telephone events (RFC 4733) and what was never negotiated are not audio.
    if (!codec && packet.payloadType !== this.#params?.dtmfPayloadType) {
      this.#hearOther(packet, source);
      return;
    }
    if (!this.#wire.accepts(source)) return;
    const clock = codec ? ticksPerMs(codec) : this.#stream.ticksPerMs;
    this.#reporter.countHeard(packet, performance.now(), clock);
    if (!codec || packet.payload.length === 0) {
      this.#gaps.interrupt();
      return;
    }
    if (this.#heardAt === null) this.#options.onFirstRtp();
    this.#heardAt = performance.now();
    if (!this.#hears) return;
    for (const audio of this.#gaps.take({ ...packet, codec }, this.#heardAt)) this.#hear(audio);
  }

  #hear(audio: AudioPacket): void {
    const joined = this.#joined;
    const heard = joined?.farEnd.decode(joined.unbroken.rewrite(audio, performance.now()));
    if (heard) joined?.junction.fromFarEnd(heard);
    if (joined?.junction.mixes) return;
    const payload = this.#beeps.toUser.over(audio.codec, audio.payload);
    this.#options.onAudio({ ...audio, payload });
  }

  /** Who sends comfort noise has nothing to say, but is there (RFC 3389). */
  #hearOther(packet: RtpPacket, source: Endpoint): void {
    if (!this.#wire.isHeardFrom(source)) return;
    this.#reporter.countOther(packet);
    this.#gaps.interrupt();
    if (packet.payloadType === comfortNoise && this.#heardAt !== null) this.#heardAt = performance.now();
  }

  /** What was negotiated, since an answer may name several codecs (RFC 3264, 7); and the static numbers. */
  #codecOf(payloadType: number): CodecName | undefined {
    const { codec, hears = [] } = this.#params ?? {};
    const known = [...hears, ...(codec ? [codec] : [])];
    return known.find((each) => each.payloadType === payloadType)?.name ?? staticCodecs[payloadType];
  }

  /** Our stream ends: the far end need not wait for it (RFC 3550, 6.3.7). */
  #sayBye(sent?: () => void): void {
    const bye = this.#reporter.bye(performance.now(), Date.now());
    if (bye) this.#wire.sendControl(bye, sent);
    else sent?.();
  }

  #reportIn(ms: number): void {
    this.#reportTimer = setTimeout(() => {
      this.#report();
      this.#reportIn(nextReportMs(this.#options.random));
    }, ms);
  }

  #report(): void {
    const now = performance.now();
    this.#wire.tellDropped();
    const report = this.#reporter.write(now, Date.now());
    if (report) this.#wire.sendControl(report);
    const deafFor = this.#silentFor(now);
    if (deafFor !== null && deafFor > deafMs && now - this.#deafTold > deafMs) {
      this.#options.log.warn(
        { remote: this.#wire.destination, seconds: Math.round(deafFor / 1000) },
        'the far end is silent',
      );
      this.#deafTold = now;
    }
  }

  /** What was said before we held is long ago. */
  #silentFor(now: number): number | null {
    return this.#hears ? now - Math.max(this.#hearsSince, this.#heardAt ?? 0) : null;
  }

  #tellQuality(): void {
    if (!this.#sends && !this.#hears) return;
    const now = performance.now();
    this.#options.onQuality?.({
      ...this.#reporter.quality(now),
      madeUp: this.#gaps.share(),
      silentForMs: this.#silentFor(now),
    });
  }
}
