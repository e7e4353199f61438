import type { OpusWishes } from '../../contract/opus-wishes.ts';
import type { CodecName } from '../../contract/profile.ts';
import type { NegotiationResult, Negotiator } from '../../phone/negotiation.ts';
import { NegotiationError } from '../../phone/negotiation.ts';
import type { MediaPort, SrtpKeys } from '../../phone/ports.ts';
import { random32 } from '../random.ts';
import { CryptoAgreement } from '../srtp/crypto-agreement.ts';
import type { SrtpPolicy } from '../srtp/crypto-attribute.ts';
import { type Codec, mappings, numberFormats, type TelephoneEvent } from './payload-types.ts';
import {
  type Direction,
  type LocalDescription,
  type RemoteDescription,
  readSessionDescription,
  writeDescription,
} from './session-description.ts';

/** What a call's sound is made of. */
export interface Sound {
  readonly codec: CodecName;
  readonly encrypted: boolean;
  /** What the far end asks of it, where it is Opus. */
  readonly opus: OpusWishes | null;
}

export interface NegotiatorOptions {
  /** Codecs to offer and to take, the preferred one first; all that the media side can carry when absent. */
  readonly codecs?: readonly CodecName[];
  /** The packet time that we ask for, in milliseconds. */
  readonly ptime?: number;
  readonly srtp?: SrtpPolicy;
  /** After each offer/answer. */
  readonly onSound?: (call: string, sound: Sound) => void;
  /** 32 random bits for the session ids. */
  readonly random?: () => number;
}

/** What both sides have agreed on in a call so far. */
interface Session {
  readonly id: number;
  version: number;
  /** Our last description, to count versions by. */
  described: string | null;
  localAddress: string;
  /** The direction of our last offer. */
  offered: Direction;
  /** RTCP shares the port of RTP (RFC 5761). */
  isMuxed: boolean;
  hold: boolean;
  /** The numbers that our last description has given the codecs. */
  numbers: readonly Codec[];
  remote: RemoteDescription | null;
  readonly crypto: CryptoAgreement;
}

/** Opus has no frames of 30 ms (RFC 6716, 2.1.4). */
const packetTime = (codec: CodecName, wanted: number): number =>
  codec === 'opus' && wanted === 30 ? 20 : wanted;

/** Offer/answer of plain legs (RFC 3264) over a media side. */
export function createNegotiator(media: MediaPort, options: NegotiatorOptions = {}): Negotiator {
  const { ptime: ownPtime = 20, srtp = 'off', onSound, random = random32 } = options;
  const known = (options.codecs ?? media.codecs).filter((name) => media.codecs.includes(name));
  const sessions = new Map<string, Session>();
  const read = (sdp: string, localAddress: string): RemoteDescription =>
    readSessionDescription(sdp, { codecs: known, srtp, localAddress });

  const sessionOf = (call: string, localAddress: string, hold: boolean): Session => {
    const known = sessions.get(call);
    if (known) {
      known.localAddress = localAddress;
      known.hold = hold;
      return known;
    }
    const session: Session = {
      id: random(),
      version: 0,
      described: null,
      localAddress,
      offered: 'sendrecv',
      isMuxed: false,
      hold,
      numbers: [],
      remote: null,
      crypto: new CryptoAgreement(srtp),
    };
    sessions.set(call, session);
    return session;
  };

  const apply = async (
    call: string,
    session: Session,
    remote: RemoteDescription,
    direction: Direction,
    keys: SrtpKeys | null,
  ): Promise<void> => {
    const codec = chooseCodec(remote);
    session.remote = remote;
    const event = eventFor(codec, remote);
    const opus = codec.name === 'opus' ? remote.opus : null;
    await media.configure(call, {
      remote: remote.address === null ? null : { address: remote.address, port: remote.port },
      ...(session.isMuxed ? { rtcp: 'mux' } : remote.rtcp ? { rtcp: remote.rtcp } : {}),
      codec,
      ...(opus ? { opus } : {}),
      hears: heardBy(session, remote),
      dtmfPayloadType: event?.payloadType ?? null,
      ...(event ? { dtmfClock: event.clock } : {}),
      ptime: packetTime(codec.name, remote.ptime ?? ownPtime),
      direction,
      hold: session.hold,
      srtp: keys,
    });
    onSound?.(call, { codec: codec.name, encrypted: keys !== null, opus });
  };

  return {
    async prepare(call, { localAddress }) {
      // If there is no port now, there may be one at the answer, and if not it says so then.
      await media.allocate(call, localAddress).catch(() => undefined);
    },

    judge(sdp, { localAddress }) {
      try {
        read(sdp, localAddress);
        return null;
      } catch (error) {
        return error instanceof NegotiationError ? error : new NegotiationError('unreadable', String(error));
      }
    },

    async offer(call, { localAddress, hold }) {
      const session = sessionOf(call, localAddress, hold);
      const { rtpPort } = await media.allocate(call, localAddress);
      const heldToo = session.remote !== null && isHeldBy(session.remote);
      session.offered = hold ? (heldToo ? 'inactive' : 'sendonly') : 'sendrecv';
      const formats = numberFormats(known, session.remote ?? undefined);
      session.numbers = formats.codecs;
      return describe(session, session.remote, {
        address: localAddress,
        port: rtpPort,
        ...formats,
        ptime: session.remote?.ptime ?? ownPtime,
        direction: session.offered,
        protocol: session.remote?.protocol ?? (srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP'),
        // We begin without: one far end, whose two ports are heard anyway, gains nothing by it, and a PBX that repeats what
        // it does not know would seem to agree. What the far end has begun with goes on (RFC 5761, 5.1.1).
        rtcpMux: session.isMuxed,
        crypto: session.crypto.offer(),
      });
    },

    async takeAnswer(call, sdp) {
      const session = sessions.get(call);
      if (!session) throw new NegotiationError('unreadable', 'an answer came to a call that made no offer');
      const remote = read(sdp, session.localAddress);
      const keys = session.crypto.takeAnswer(remote);
      session.isMuxed &&= remote.rtcpMux;
      await apply(call, session, remote, meet(session.offered, remote.direction), keys);
      return resultOf(remote);
    },

    async answer(call, sdp, { localAddress, hold }) {
      const remote = read(sdp, localAddress);
      const session = sessionOf(call, localAddress, hold);
      const { rtpPort } = await media.allocate(call, localAddress);
      const direction = meet(hold ? 'sendonly' : 'sendrecv', remote.direction);
      const codec = chooseCodec(remote);
      const event = eventFor(codec, remote);
      session.numbers = [codec];
      session.isMuxed = remote.rtcpMux;
      const agreed = session.crypto.answer(remote);
      await apply(call, session, remote, direction, agreed?.keys ?? null);
      const answer = describe(session, remote, {
        address: localAddress,
        port: rtpPort,
        codecs: [codec],
        telephoneEvents: event ? [event] : [],
        ptime: remote.ptime ?? packetTime(codec.name, ownPtime),
        direction,
        protocol: remote.protocol,
        rtcpMux: session.isMuxed,
        crypto: agreed ? [agreed.line] : [],
      });
      return { sdp: answer, ...resultOf(remote) };
    },

    release(call) {
      sessions.delete(call);
      media.release(call);
    },
  };
}

function chooseCodec({ codecs }: RemoteDescription): Codec {
  const [first] = codecs;
  if (!first) throw new NegotiationError('no-codec', 'the far end and we have no codec in common');
  return first;
}

/** Events count the clock of the audio they interrupt; a far end that has them with another one only gets that. */
const eventFor = ({ name }: Codec, { telephoneEvents }: RemoteDescription): TelephoneEvent | undefined =>
  telephoneEvents.find(({ clock }) => clock === mappings[name].rate) ?? telephoneEvents[0];

/** The far end sends by our numbers (RFC 3264, 5.1); some send by their own. */
function heardBy({ numbers }: Session, { codecs }: RemoteDescription): Codec[] {
  const ours = numbers.filter(({ name }) => codecs.some((codec) => codec.name === name));
  return [
    ...ours,
    ...codecs.filter(({ payloadType }) => ours.every((codec) => codec.payloadType !== payloadType)),
  ];
}

const isHeldBy = ({ address, direction }: RemoteDescription): boolean =>
  address === null || direction === 'sendonly' || direction === 'inactive';

const resultOf = (remote: RemoteDescription): NegotiationResult => ({ heldByRemote: isHeldBy(remote) });

/** What of our side's wish is left when the far end has said its own (RFC 3264, 6.1). */
function meet(ours: Direction, theirs: Direction): Direction {
  const send = ours !== 'inactive' && ours !== 'recvonly' && theirs !== 'inactive' && theirs !== 'sendonly';
  const hear = ours !== 'inactive' && ours !== 'sendonly' && theirs !== 'inactive' && theirs !== 'recvonly';
  if (send) return hear ? 'sendrecv' : 'sendonly';
  return hear ? 'recvonly' : 'inactive';
}

/** Writes a description with the version that it deserves: one more than the last if anything differs (RFC 3264, 8). */
function describe(
  session: Session,
  remote: RemoteDescription | null,
  local: Omit<LocalDescription, 'sessionId' | 'sessionVersion'>,
): string {
  const write = () =>
    writeDescription({ ...local, sessionId: session.id, sessionVersion: session.version }, remote);
  const unchanged = write();
  if (unchanged === session.described) return unchanged;
  session.version += 1;
  session.described = write();
  return session.described;
}
