import { isIP, SocketAddress } from 'node:net';
import sdpTransform, { type MediaDescription, type SessionDescription } from 'sdp-transform';
import type { CodecName } from '../../contract/profile.ts';
import { NegotiationError } from '../../phone/negotiation.ts';
import type { PlainLegParams } from '../../phone/ports.ts';
import {
  type CryptoLine,
  readCryptoLines,
  type SrtpPolicy,
  writeCryptoLines,
} from '../srtp/crypto-attribute.ts';
import {
  type Codec,
  type EventClock,
  mappings,
  mapsOf,
  staticCodecs,
  type TelephoneEvent,
} from './payload-types.ts';

/** The SDP of the plain leg (RFC 4566, RFC 3264): one audio stream over RTP/AVP or RTP/SAVP, nothing else. */
export type Direction = PlainLegParams['direction'];

/** `RTP/SAVP` is encrypted; `RTP/AVP` may be, where both sides have keys, as some phones have it. */
export type Protocol = 'RTP/AVP' | 'RTP/SAVP';

/** What the far end says of its side. */
export interface RemoteDescription {
  /** Null: RFC 2543 hold, c=0.0.0.0 (RFC 3264, 8.4). */
  readonly address: string | null;
  readonly port: number;
  /** In the far end's order of preference; only those that we know, each once. */
  readonly codecs: readonly Codec[];
  readonly telephoneEvents: readonly TelephoneEvent[];
  /** All numbers that mean something to it. */
  readonly payloadTypes: readonly number[];
  /** Packet time that the far end wants to get, in milliseconds: one of `packetTimes`; null when it does not say. */
  readonly ptime: number | null;
  /** As the far end sees it. */
  readonly direction: Direction;
  readonly protocol: Protocol;
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
  readonly protocol: Protocol;
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

/** @throws NegotiationError when there is no audio stream of ours, to an IP address, with a codec of ours. */
export function readSessionDescription(
  sdp: string,
  known: readonly CodecName[],
  srtp: SrtpPolicy = 'off',
): RemoteDescription {
  const session = parse(sdp);
  if (session.media.length > maxStreams) {
    throw new NegotiationError('unreadable', `the far end offers ${session.media.length} streams`);
  }
  const streams = session.media.map((media) => streamOf(media, srtp));
  const encrypted = streams.findIndex((each) => each !== null && each.crypto.length > 0);
  const audioLine = encrypted >= 0 ? encrypted : streams.findIndex((each) => each !== null);
  const [audio, stream] = [session.media[audioLine], streams[audioLine]];
  if (!audio || !stream) throw whyNoAudio(session.media, srtp);

  const { port } = audio;
  if (!(port > 0 && port < 65_536))
    throw new NegotiationError('no-address', `the far end gives no UDP port for its audio: ${port}`);
  const codecs = codecsOf(audio, known);
  if (codecs.length === 0) {
    throw new NegotiationError(
      'no-codec',
      `the far end offers none of ${known.join(', ')} (its formats: ${audio.payloads})`,
    );
  }
  return {
    address: addressOf(audio.connection?.ip ?? session.connection?.ip),
    port,
    codecs,
    telephoneEvents: telephoneEventsOf(audio),
    payloadTypes: payloadsOf(audio),
    ptime: ptimeOf(audio.ptime ?? session.ptime, audio.maxptime),
    direction: audio.direction ?? session.direction ?? 'sendrecv',
    protocol: stream.protocol,
    crypto: stream.crypto,
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
  const unreadable = 'the session description of the far end cannot be read';
  if (!/^v=0\s/.test(sdp)) throw new NegotiationError('unreadable', unreadable);
  if (sdp.length > longest)
    throw new NegotiationError('unreadable', 'the session description of the far end is too long');
  try {
    return sdpTransform.parse(sdp);
  } catch {
    throw new NegotiationError('unreadable', unreadable);
  }
}

type Stream = Pick<RemoteDescription, 'protocol' | 'crypto'>;

/** An audio stream that the policy lets us take, with the keys that count; null for any other. */
function streamOf(media: MediaDescription, srtp: SrtpPolicy): Stream | null {
  const { protocol } = media;
  const isOurs = protocol === 'RTP/AVP' || (protocol === 'RTP/SAVP' && srtp !== 'off');
  if (media.type !== 'audio' || !isOurs || media.port === 0) return null;
  const crypto = srtp === 'off' ? [] : readCryptoLines(media.crypto);
  const mustEncrypt = protocol === 'RTP/SAVP' || srtp === 'required';
  return crypto.length === 0 && mustEncrypt ? null : { protocol, crypto };
}

function whyNoAudio(media: readonly MediaDescription[], srtp: SrtpPolicy): NegotiationError {
  const audio = media.filter(({ type }) => type === 'audio');
  const open = audio.filter(({ port }) => port !== 0);
  const protocols = open.map(({ protocol }) => protocol);
  if (audio.length === 0) return new NegotiationError('no-audio', 'the far end offers no audio');
  if (open.length === 0) return new NegotiationError('no-audio', 'the far end refuses the audio stream');
  if (srtp !== 'off' && protocols.includes('RTP/SAVP'))
    return new NegotiationError('encryption', 'the far end has no key for encrypted audio that we know');
  if (srtp === 'required') {
    return new NegotiationError(
      'encryption',
      'the far end does not encrypt its audio, and we take nothing else',
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
