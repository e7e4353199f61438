import { isIP, SocketAddress } from 'node:net';
import sdpTransform, { type MediaDescription, type SessionDescription } from 'sdp-transform';
import { NegotiationError } from '../phone/negotiation.ts';
import type { CodecName, PlainLegParams } from '../phone/ports.ts';

/** The SDP of the plain leg (RFC 4566, RFC 3264): one G.711 audio stream over RTP/AVP, nothing else. */
export type Direction = PlainLegParams['direction'];
export type Codec = PlainLegParams['codec'];

/** What the far end says of its side. */
export interface RemoteDescription {
  /** Null: RFC 2543 hold, c=0.0.0.0 (RFC 3264, 8.4). */
  readonly address: string | null;
  readonly port: number;
  /** In the far end's order of preference; only those that we know. */
  readonly codecs: readonly Codec[];
  readonly dtmfPayloadType: number | null;
  /** Packet time that the far end wants to get, in milliseconds: one of `packetTimes`. */
  readonly ptime: number;
  /** As the far end sees it. */
  readonly direction: Direction;
  /** Which of its m= lines is our audio stream. */
  readonly audioLine: number;
  /** Every m= line, since an answer must refuse those we do not take, one by one (RFC 3264, 6). */
  readonly lines: readonly { readonly type: string; readonly protocol: string; readonly payloads: string }[];
}

/** What we say of ours. */
export interface LocalDescription {
  readonly address: string;
  readonly port: number;
  readonly codecs: readonly Codec[];
  readonly dtmfPayloadType: number | null;
  readonly ptime: number;
  readonly direction: Direction;
  /** o= : the same id all through a call, a version that grows with every change (RFC 3264, 8). */
  readonly sessionId: number;
  readonly sessionVersion: number;
}

const packetTimes = [10, 20, 30, 40, 60] as const;
const defaultPtime = 20;
const staticNames: Record<number, CodecName> = { 0: 'PCMU', 8: 'PCMA' };

/** @throws NegotiationError when there is no audio stream over RTP/AVP to an IP address with a codec of ours. */
export function readSessionDescription(sdp: string, known: readonly CodecName[]): RemoteDescription {
  const session = parse(sdp);
  const audioLine = session.media.findIndex((media) => isPlainAudio(media) && media.port > 0);
  const audio = session.media[audioLine];
  if (!audio) throw new NegotiationError(whyNoAudio(session.media));

  const codecs = codecsOf(audio, known);
  if (codecs.length === 0) {
    throw new NegotiationError(
      `the far end offers none of ${known.join(', ')} (its formats: ${audio.payloads})`,
    );
  }
  return {
    address: addressOf(audio.connection?.ip ?? session.connection?.ip),
    port: audio.port,
    codecs,
    dtmfPayloadType: telephoneEventOf(audio),
    ptime: ptimeOf(audio.ptime ?? session.ptime, audio.maxptime),
    direction: audio.direction ?? session.direction ?? 'sendrecv',
    audioLine,
    lines: session.media.map(({ type, protocol, payloads }) => ({
      type: type ?? 'audio',
      protocol: protocol ?? 'RTP/AVP',
      payloads: String(payloads ?? '0'),
    })),
  };
}

export const writeOffer = (local: LocalDescription): string => write(local, [audioMedia(local)]);

/** Answers `remote`: its other m= lines are refused with port 0, in its order (RFC 3264, 6). */
export const writeAnswer = (local: LocalDescription, remote: RemoteDescription): string =>
  write(
    local,
    remote.lines.map((line, position) =>
      position === remote.audioLine ? audioMedia(local) : { ...line, port: 0, rtp: [], fmtp: [] },
    ),
  );

/** Characters. A browser with many streams sends half of it; two thousand m= lines would take a tenth of a second to read. */
const longest = 16_384;

type ParsedSession = Partial<SessionDescription> & { media: MediaDescription[]; ptime?: number };

function parse(sdp: string): ParsedSession {
  if (!/^v=0\s/.test(sdp))
    throw new NegotiationError('the session description of the far end cannot be read');
  if (sdp.length > longest) throw new NegotiationError('the session description of the far end is too long');
  return sdpTransform.parse(sdp);
}

const isPlainAudio = (media: MediaDescription): boolean =>
  media.type === 'audio' && media.protocol === 'RTP/AVP';

function whyNoAudio(media: readonly MediaDescription[]): string {
  const audio = media.filter(({ type }) => type === 'audio');
  if (audio.length === 0) return 'the far end offers no audio';
  if (audio.some(isPlainAudio)) return 'the far end refuses the audio stream';
  return `the far end wants its audio over ${audio.map(({ protocol }) => protocol).join(', ')}, not RTP/AVP`;
}

const payloadsOf = (media: MediaDescription): number[] =>
  // A single payload type comes out of the parser as a number, whatever its type says.
  sdpTransform.parsePayloads(String(media.payloads ?? ''));

function codecsOf(audio: MediaDescription, known: readonly CodecName[]): Codec[] {
  return payloadsOf(audio).flatMap((payloadType) => {
    const map = audio.rtp.find(({ payload }) => payload === payloadType);
    const name = map ? known.find((codec) => isCodec(map, codec)) : staticNames[payloadType];
    return name && known.includes(name) ? [{ name, payloadType }] : [];
  });
}

const isCodec = (map: MediaDescription['rtp'][number], name: string): boolean =>
  map.codec.toLowerCase() === name.toLowerCase() && (map.rate ?? 8000) === 8000;

function telephoneEventOf(audio: MediaDescription): number | null {
  const offered = payloadsOf(audio);
  const map = audio.rtp.find((entry) => isCodec(entry, 'telephone-event') && offered.includes(entry.payload));
  return map?.payload ?? null;
}

function ptimeOf(ptime: unknown, maxptime: unknown): number {
  const wanted = Number(ptime ?? defaultPtime) || defaultPtime;
  const limit = Math.min(wanted, Number(maxptime) || wanted);
  return packetTimes.findLast((time) => time <= limit) ?? packetTimes[0];
}

function addressOf(address: string | undefined): string | null {
  if (address === '0.0.0.0' || address === '::') return null;
  const family = isIP(address ?? '');
  if (!address || family === 0)
    throw new NegotiationError(`the far end gives no IP address for its audio: ${address}`);
  // As the socket will spell it, so that the two compare.
  return new SocketAddress({ address, family: family === 6 ? 'ipv6' : 'ipv4' }).address;
}

function audioMedia(local: LocalDescription): MediaDescription {
  const event = local.dtmfPayloadType;
  const codecMaps = local.codecs.map(({ name, payloadType }) => ({
    payload: payloadType,
    codec: name,
    rate: 8000,
  }));
  const eventMaps = event === null ? [] : [{ payload: event, codec: 'telephone-event', rate: 8000 }];
  const rtp = [...codecMaps, ...eventMaps];
  return {
    type: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp: event === null ? [] : [{ payload: event, config: '0-15' }],
    ptime: local.ptime,
    direction: local.direction,
  };
}

function write(local: LocalDescription, media: MediaDescription[]): string {
  const ipVer = isIP(local.address) === 6 ? 6 : 4;
  return sdpTransform.write({
    version: 0,
    origin: {
      username: '-',
      sessionId: local.sessionId,
      sessionVersion: local.sessionVersion,
      netType: 'IN',
      ipVer,
      address: local.address,
    },
    name: '-',
    connection: { version: ipVer, ip: local.address },
    timing: { start: 0, stop: 0 },
    media,
  });
}
