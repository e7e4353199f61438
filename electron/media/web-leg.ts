import {
  type RtpPacket as DecryptedRtp,
  RTCDtlsFingerprint,
  RTCDtlsParameters,
  RTCDtlsTransport,
  RTCIceGatherer,
  RTCIceParameters,
  RTCIceTransport,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtpHeader,
} from 'werift';
import type { CodecName } from '../contract/profile.ts';
import type { Log } from '../phone/ports.ts';
import { type CodedChunk, ticksPerMs } from './codecs/codec.ts';
import { Reception } from './rtp/reception.ts';
import type { AudioPacket } from './rtp/rewriter.ts';
import { loopback, readWebOffer, type WebOffer, writeWebAnswer } from './sdp/web-leg-description.ts';

export interface WebLegOptions {
  /** What the window shall send while nobody tells it otherwise. */
  readonly codec: CodecName;
  /** Milliseconds a packet that the window shall send. */
  readonly ptime: number;
  /** Constant while the leg lives. */
  readonly ssrc: number;
  readonly log: Log;
  readonly onAudio: (chunk: CodedChunk) => void;
  /** DTLS is up; or the window's audio is back after it was lost. */
  readonly onConnected: () => void;
  /** No connection in time, none any more, or no audio from the window for two seconds. Told once each time. */
  readonly onLost: () => void;
}

/** SRTP_AES128_CM_HMAC_SHA1_80: what every Chromium speaks (RFC 5764, 4.1.2). */
const srtpProfiles = [0x0001] as const;
const lostMs = 2000;
const connectMs = 8000;
const watchMs = 250;

/** Makes the relay's certificate ahead of the first call (about 35 ms). */
export const prepareWebLegs = async (): Promise<void> => {
  await RTCDtlsTransport.SetupCertificate();
};

/**
 * The WebRTC leg to our own window, over loopback: werift's ICE, DTLS and SRTP without its peer connection. The window
 * reveals no candidates and we need none: we are ICE-lite and learn where it is from its checks. Of RTCP there is one
 * thing: what the far end loses of what the window says, for on loopback itself nothing is lost.
 */
export class WebLeg {
  readonly #options: WebLegOptions;
  readonly #offer: WebOffer;
  readonly #ice: RTCIceTransport;
  readonly #dtls: RTCDtlsTransport;
  readonly #heard = new Reception();
  #watch: NodeJS.Timeout | undefined;
  #state: 'connecting' | 'connected' | 'lost' | 'closed' = 'connecting';
  #since = performance.now();

  /** Opens the leg that answers `offer`; connecting goes on by itself. @throws Error with a sentence. */
  static async open(sdp: string, options: WebLegOptions): Promise<{ leg: WebLeg; answer: string }> {
    const offer = readWebOffer(sdp);
    const certificate = await RTCDtlsTransport.SetupCertificate();
    const gatherer: RTCIceGatherer = new RTCIceGatherer({
      iceLite: true,
      useTcp: false,
      useIpv4: false,
      useIpv6: false,
      // One socket on loopback and nowhere else.
      additionalHostAddresses: [loopback],
      interfaceAddresses: { udp4: loopback },
      // Otherwise a public STUN server would be the default. ICE-lite never asks one, but be sure.
      stunServer: [loopback, 9],
      // Chromium would prefer a pair from its network interface, which a change of Wi-Fi or VPN cuts.
      filterStunResponse: (message, [address]) =>
        address === loopback &&
        message.getAttributeValue('USERNAME') === `${own.usernameFragment}:${offer.iceUfrag}`,
    });
    const own = gatherer.localParameters;
    const ice = new RTCIceTransport(gatherer);
    const dtls = new RTCDtlsTransport({}, ice, certificate, [...srtpProfiles]);
    const leg = new WebLeg(options, offer, ice, dtls);

    await gatherer.gather();
    const [candidate] = gatherer.localCandidates;
    const [fingerprint] = dtls.localParameters.fingerprints;
    if (!candidate || !fingerprint) {
      await leg.close();
      throw new Error('no UDP port on loopback for the sound of the window');
    }
    const answer = writeWebAnswer(offer, {
      port: candidate.port,
      iceUfrag: own.usernameFragment,
      icePwd: own.password,
      fingerprint,
      ssrc: options.ssrc,
      codec: options.codec,
      ptime: options.ptime,
    });
    void leg.#connect();
    return { leg, answer };
  }

  private constructor(options: WebLegOptions, offer: WebOffer, ice: RTCIceTransport, dtls: RTCDtlsTransport) {
    this.#options = options;
    this.#offer = offer;
    this.#ice = ice;
    this.#dtls = dtls;
  }

  carries(codec: CodecName): boolean {
    return this.#offer.codecs.some(({ name }) => name === codec);
  }

  /** Sends a packet to the window; dropped until the leg is connected. */
  send(packet: AudioPacket): void {
    if (this.#state !== 'connected' && this.#state !== 'lost') return;
    const codec = this.#offer.codecs.find(({ name }) => name === packet.codec);
    if (!codec) return;
    const header = new RtpHeader({
      payloadType: codec.payloadType,
      marker: packet.marker,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      ssrc: packet.ssrc,
    });
    void this.#dtls.sendRtp(packet.payload, header);
  }

  /** The share that the far end loses, 0 to 1: by that Chromium makes its redundancy (Opus' in-band FEC). */
  reportLoss(loss: number): void {
    const block = this.#heard.report(performance.now());
    if (!block || this.#state !== 'connected') return;
    const fractionLost = Math.min(255, Math.round(256 * loss));
    const { ssrc, highestSequence } = block;
    const report = new RtcpReceiverInfo({
      ssrc,
      highestSequence,
      fractionLost,
      packetsLost: 0,
      jitter: 0,
      lsr: 0,
      dlsr: 0,
    });
    void this.#dtls.sendRtcp([new RtcpRrPacket({ ssrc: this.#options.ssrc, reports: [report] })]);
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#watch);
    this.#dtls.onRtp.allUnsubscribe();
    await this.#dtls
      .stop()
      .catch((error: unknown) => this.#options.log.debug({ error: String(error) }, 'web leg'));
  }

  async #connect(): Promise<void> {
    this.#watch = setInterval(() => this.#check(), watchMs);
    this.#dtls.onRtp.subscribe((packet) => this.#receive(packet));
    this.#dtls.onStateChange.subscribe((state) => {
      if (state === 'closed' || state === 'failed') this.#lose();
    });
    try {
      const { iceUfrag, icePwd, fingerprint } = this.#offer;
      const { algorithm, value } = fingerprint;
      this.#ice.setRemoteParams(new RTCIceParameters({ usernameFragment: iceUfrag, password: icePwd }));
      this.#dtls.setRemoteParams(new RTCDtlsParameters([new RTCDtlsFingerprint(algorithm, value)], 'client'));
      this.#dtls.role = 'server';
      await this.#ice.start();
      await this.#dtls.start();
      if (this.#state === 'connecting') this.#gain();
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'the web leg could not be connected');
      this.#lose();
    }
  }

  #receive({ header, payload }: DecryptedRtp): void {
    const codec = this.#offer.codecs.find(({ payloadType }) => payloadType === header.payloadType);
    if (!codec || this.#state === 'closed') return;
    this.#since = performance.now();
    this.#heard.count({ ...header, payload }, this.#since, ticksPerMs(codec.name));
    if (this.#state === 'lost') this.#gain();
    this.#options.onAudio({ ssrc: header.ssrc, timestamp: header.timestamp, codec: codec.name, payload });
  }

  #check(): void {
    const silentFor = performance.now() - this.#since;
    const isSilent = this.#state === 'connected' && this.#offer.sends && silentFor > lostMs;
    const isLate = this.#state === 'connecting' && silentFor > connectMs;
    if (isSilent || isLate) this.#lose();
  }

  #gain(): void {
    this.#state = 'connected';
    this.#since = performance.now();
    this.#options.onConnected();
  }

  #lose(): void {
    if (this.#state === 'lost' || this.#state === 'closed') return;
    this.#state = 'lost';
    this.#options.onLost();
  }
}
