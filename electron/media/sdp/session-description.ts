import { isIP, SocketAddress } from 'node:net';
import sdpTransform, { type MediaDescription, type SessionDescription } from 'sdp-transform';
import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import { NegotiationError } from '../../phone/negotiation.ts';
import type { PlainLegParams } from '../../phone/ports.ts';
import type { Endpoint } from '../rtp/latch.ts';
import { firstMuxedType, lastMuxedType } from '../rtp/rtcp.ts';
import {
  type CryptoLine,
  readCryptoLines,
  type SrtpPolicy,
  writeCryptoLines,
} from '../srtp/crypto-attribute.ts';
import { readOpusWishes } from './opus-format.ts';
import {
  type Codec,
  type EventClock,
  mappings,
  mapsOf,
  staticCodecs,
  type TelephoneEvent,
} from './payload-types.ts';
import { mustEncrypt, type RtpProfile, rtpProfileOf } from './rtp-profile.ts';

/** The SDP of the plain leg (RFC 4566, RFC 3264): one audio stream over RTP, nothing else. */
export type Direction = PlainLegParams['direction'];

/** What the far end says of its side. */
export interface RemoteDescription {
  /** Null: RFC 2543 hold, c=0.0.0.0 (RFC 3264, 8.4). */
  readonly address: string | null;
  readonly port: number;
  /** In the far end's order of preference; only those that we know, each once. */
  readonly codecs: readonly Codec[];
  /** What it asks of our Opus; null without. */
  readonly opus: OpusWishes | null;
  readonly telephoneEvents: readonly TelephoneEvent[];
  /** All numbers that mean something to it. */
  readonly payloadTypes: readonly number[];
  /** Packet time that the far end wants to get, in milliseconds: one of `packetTimes`; null when it does not say. */
  readonly ptime: number | null;
  /** As the far end sees it. */
  readonly direction: Direction;
  readonly protocol: RtpProfile;
  /** Where it says that its RTCP goes (RFC 3605); null: where it goes by itself. */
  readonly rtcp: Endpoint | null;
  /** RTCP may share the port of RTP (RFC 5761). */
  readonly rtcpMux: boolean;
  /** Its keys (RFC 4568) that are of use to us. */
  readonly crypto: readonly CryptoLine[];
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
  readonly telephoneEvents: readonly TelephoneEvent[];
  readonly ptime: number;
  readonly direction: Direction;
  readonly protocol: RtpProfile;
  readonly rtcpMux: boolean;
  readonly crypto: readonly CryptoLine[];
  /** o= : the same id all through a call, a version that grows with every change (RFC 3264, 8). */
  readonly sessionId: number;
  readonly sessionVersion: number;
}

const packetTimes = [10, 20, 30, 40, 60] as const;
/** RFC 3551, 4.5: what is sent to who does not say. */
const defaultPtime = 20;
/** Nobody has so many streams; each needs a line of our answer. */
const maxStreams = 64;

/** What streams we can take. */
export interface Abilities {
  readonly codecs: readonly CodecName[];
  readonly srtp: SrtpPolicy;
  /** Streams to addresses of the other IP version cannot be reached from it. */
  readonly localAddress: string;
}

/** @throws NegotiationError when there is no audio stream of ours, to an IP address, with a codec of ours. */
export function readSessionDescription(sdp: string, abilities: Abilities): RemoteDescription {
  const session = parse(sdp);
  if (session.media.length > maxStreams) {
    throw new NegotiationError('unreadable', `the far end offers ${session.media.length} streams`);
  }
  const keys = cryptoAttributes(sdp);
  const streams = session.media.map((media, line) => streamOf(session, media, keys[line] ?? [], abilities));
  const usable = streams.flatMap((each) => (each === null || each instanceof NegotiationError ? [] : [each]));
  const stream = usable.find(({ crypto }) => crypto.length > 0) ?? usable[0];
  if (!stream) {
    throw streams.find((each) => each !== null) ?? whyNoAudio(session.media, abilities.srtp);
  }
  return {
    ...stream,
    audioLine: streams.indexOf(stream),
    lines: session.media.map(({ type, protocol, payloads }) => ({
      type: type ?? 'audio',
      protocol: protocol ?? 'RTP/AVP',
      payloads: String(payloads ?? '0'),
    })),
  };
}

/**
 * Our offer or answer. The other m= lines of the far end are refused with port 0, in its order (RFC 3264, 6), and stay so
 * in what we offer later (RFC 3264, 8).
 */
export const writeDescription = (local: LocalDescription, remote: RemoteDescription | null): string =>
  write(
    local,
    remote?.lines.map((line, position) =>
      position === remote.audioLine ? audioMedia(local) : { ...line, port: 0, rtp: [], fmtp: [] },
    ) ?? [audioMedia(local)],
  );

/** Characters. A browser with many streams sends half of it; two thousand m= lines would take a tenth of a second to read. */
const longest = 16_384;

/** `/2` of `m=audio 5000/2` (RFC 4566, 5.14): more than one port a stream is for layers, and the parser does not know it. */
const portCount = /^(m=\S+ \d+)\/\d+(?= )/gm;

type ParsedSession = Partial<SessionDescription> & { media: MediaDescription[]; ptime?: number };

function parse(sdp: string): ParsedSession {
  const unreadable = 'the session description of the far end cannot be read';
  if (!/^v=0\s/.test(sdp)) throw new NegotiationError('unreadable', unreadable);
  if (sdp.length > longest)
    throw new NegotiationError('unreadable', 'the session description of the far end is too long');
  try {
    return sdpTransform.parse(sdp.replace(portCount, '$1'));
  } catch {
    throw new NegotiationError('unreadable', unreadable);
  }
}

/** The values of `a=crypto`, stream by stream: the parser keeps no more than one of a line's session parameters. */
function cryptoAttributes(sdp: string): string[][] {
  const streams: string[][] = [];
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    if (line.startsWith('m=')) streams.push([]);
    const [, value] = /^a=crypto:(.*)/.exec(line) ?? [];
    if (value !== undefined) streams.at(-1)?.push(value);
  }
  return streams;
}

type Stream = Omit<RemoteDescription, 'audioLine' | 'lines'>;

/** An audio stream that the policy lets us take, or why it is of no use; null for any other. */
function streamOf(
  session: ParsedSession,
  media: MediaDescription,
  keys: readonly string[],
  abilities: Abilities,
): Stream | NegotiationError | null {
  const { srtp } = abilities;
  const protocol = rtpProfileOf(media.protocol);
  if (media.type !== 'audio' || !protocol || media.port === 0) return null;
  const crypto = srtp === 'off' ? [] : readCryptoLines(keys);
  if (crypto.length === 0 && (mustEncrypt(protocol) || srtp === 'required')) return null;
  try {
    return { ...readStream(session, media, abilities), protocol, crypto };
  } catch (error) {
    if (error instanceof NegotiationError) return error;
    throw error;
  }
}

function readStream(
  session: ParsedSession,
  audio: MediaDescription,
  { codecs: known, localAddress }: Abilities,
): Omit<Stream, 'protocol' | 'crypto'> {
  const { port } = audio;
  if (!isPort(port))
    throw new NegotiationError('no-address', `the far end gives no UDP port for its audio: ${port}`);
  const codecs = codecsOf(audio, known);
  if (codecs.length === 0) {
    throw new NegotiationError(
      'no-codec',
      `the far end offers none of ${known.join(', ')} (its formats: ${audio.payloads})`,
    );
  }
  const address = addressOf(audio.connection?.ip ?? session.connection?.ip);
  if (address !== null && isIP(address) !== isIP(localAddress)) {
    throw new NegotiationError(
      'no-address',
      `the far end wants its audio at ${address}, which we cannot reach`,
    );
  }
  const payloadTypes = payloadsOf(audio);
  return {
    address,
    port,
    codecs,
    opus: opusOf(audio, codecs),
    telephoneEvents: telephoneEventsOf(audio),
    payloadTypes,
    ptime: ptimeOf(audio.ptime ?? session.ptime, audio.maxptime),
    direction: audio.direction ?? session.direction ?? 'sendrecv',
    rtcp: address === null ? null : controlOf(audio.rtcp, address),
    // With such numbers nobody could tell the two apart (RFC 5761, 4).
    rtcpMux:
      audio.rtcpMux !== undefined &&
      !payloadTypes.some((number) => number >= firstMuxedType && number <= lastMuxedType),
  };
}

const isPort = (port: number): boolean => port > 0 && port < 65_536;

/** What cannot be meant is not followed: the call is not lost for it. */
function controlOf(told: MediaDescription['rtcp'], audio: string): Endpoint | null {
  if (!told || !isPort(told.port)) return null;
  if (told.address === undefined) return { address: audio, port: told.port };
  if (isIP(told.address) !== isIP(audio) || isForMany(told.address)) return null;
  const address = addressOf(told.address);
  return address === null ? null : { address, port: told.port };
}

function whyNoAudio(media: readonly MediaDescription[], srtp: SrtpPolicy): NegotiationError {
  const audio = media.filter(({ type }) => type === 'audio');
  const open = audio.filter(({ port }) => port !== 0);
  const protocols = open.map(({ protocol }) => protocol);
  if (audio.length === 0) return new NegotiationError('no-audio', 'the far end offers no audio');
  if (open.length === 0) return new NegotiationError('no-audio', 'the far end refuses the audio stream');
  const profiles = protocols.map(rtpProfileOf);
  if (srtp !== 'off' && profiles.some((profile) => profile !== null && mustEncrypt(profile)))
    return new NegotiationError('encryption', 'the far end has no key for encrypted audio that we know');
  if (srtp === 'required') {
    return new NegotiationError(
      'encryption',
      'the far end does not encrypt its audio, and this phone takes nothing else',
    );
  }
  return new NegotiationError(
    'encryption',
    `the far end wants its audio over ${protocols.join(', ')}, not RTP/AVP`,
  );
}

function payloadsOf(media: MediaDescription): number[] {
  // A single payload type comes out of the parser as a number, whatever its type says.
  const formats = String(media.payloads ?? '').split(' ');
  const numbers = formats.filter((format) => /^\d{1,3}$/.test(format)).map(Number);
  return [...new Set(numbers)].filter((number) => number <= 127);
}

function codecsOf(audio: MediaDescription, known: readonly CodecName[]): Codec[] {
  const codecs = new Map<CodecName, Codec>();
  for (const payloadType of payloadsOf(audio)) {
    const map = audio.rtp.find(({ payload }) => payload === payloadType);
    const name = map
      ? known.find((codec) => isFormat(map, codec, mappings[codec].rate))
      : staticCodecs[payloadType];
    if (name && known.includes(name) && !codecs.has(name)) codecs.set(name, { name, payloadType });
  }
  return [...codecs.values()];
}

function opusOf({ fmtp }: MediaDescription, codecs: readonly Codec[]): OpusWishes | null {
  const opus = codecs.find(({ name }) => name === 'opus');
  return opus ? readOpusWishes(fmtp.find(({ payload }) => payload === opus.payloadType)?.config) : null;
}

const isFormat = (map: MediaDescription['rtp'][number], name: string, rate: number): boolean =>
  // What looks like a number is one when it comes out of the parser.
  String(map.codec).toLowerCase() === name.toLowerCase() && (map.rate ?? 8000) === rate;

function telephoneEventsOf(audio: MediaDescription): TelephoneEvent[] {
  const offered = payloadsOf(audio);
  const clocks: readonly EventClock[] = [8000, 48_000];
  return clocks.flatMap((clock) => {
    const map = audio.rtp.find(
      (entry) => isFormat(entry, 'telephone-event', clock) && offered.includes(entry.payload),
    );
    return map ? [{ payloadType: map.payload, clock }] : [];
  });
}

function ptimeOf(ptime: unknown, maxptime: unknown): number | null {
  const limit = Math.min(
    Number(ptime) || Number.POSITIVE_INFINITY,
    Number(maxptime) || Number.POSITIVE_INFINITY,
  );
  if (!Number(ptime) && limit >= defaultPtime) return null;
  return packetTimes.findLast((time) => time <= limit) ?? packetTimes[0];
}

function addressOf(address: string | undefined): string | null {
  if (address === '0.0.0.0' || address === '::') return null;
  const family = isIP(address ?? '');
  if (!address || family === 0)
    throw new NegotiationError('no-address', `the far end gives no IP address for its audio: ${address}`);
  if (isForMany(address))
    throw new NegotiationError('no-address', `the far end wants its audio sent to many: ${address}`);
  // As the socket will spell it, so that the two compare.
  return new SocketAddress({ address, family: family === 6 ? 'ipv6' : 'ipv4' }).address;
}

/** Multicast and broadcast: no phone is there, and nobody shall make this one a nuisance. */
const isForMany = (address: string): boolean =>
  isIP(address) === 6 ? /^ff/i.test(address) : Number(address.split('.')[0]) >= 224;

function audioMedia(local: LocalDescription): MediaDescription {
  const maps = mapsOf(local.codecs);
  const eventMaps = local.telephoneEvents.map(({ payloadType, clock }) => ({
    payload: payloadType,
    codec: 'telephone-event',
    rate: clock,
  }));
  const rtp = [...maps.rtp, ...eventMaps];
  return {
    type: 'audio',
    port: local.port,
    protocol: local.protocol,
    payloads: rtp.map(({ payload }) => payload).join(' '),
    rtp,
    fmtp: [...maps.fmtp, ...eventMaps.map(({ payload }) => ({ payload, config: '0-15' }))],
    ptime: local.ptime,
    direction: local.direction,
    ...(local.rtcpMux ? { rtcpMux: 'rtcp-mux' } : {}),
    ...(local.crypto.length > 0 ? { crypto: writeCryptoLines(local.crypto) } : {}),
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
