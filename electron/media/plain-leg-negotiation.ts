import { isIP } from 'node:net';
import type { CodecName } from '../contract/profile.ts';
import type { NegotiationResult, Negotiator } from '../phone/negotiation.ts';
import { NegotiationError } from '../phone/negotiation.ts';
import type { MediaPort } from '../phone/ports.ts';
import { random32 } from './random.ts';
import {
  type Codec,
  type Direction,
  type LocalDescription,
  type RemoteDescription,
  readSessionDescription,
  writeAnswer,
  writeOffer,
} from './session-description.ts';

/** What both sides have agreed on in a call so far. */
interface Session {
  readonly id: number;
  version: number;
  /** Our last description, to count versions by. */
  described: string | null;
  localAddress: string;
  /** The direction of our last offer. */
  offered: Direction;
  hold: boolean;
  remote: RemoteDescription | null;
}

const staticNumbers: Record<CodecName, number> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };
const ownTelephoneEvent = 101;
const defaultPtime = 20;

/** Offer/answer of plain legs (RFC 3264) over a media side; `random` gives 32 bits for the session ids. */
export function createNegotiator(media: MediaPort, random = random32): Negotiator {
  const sessions = new Map<string, Session>();

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
      hold,
      remote: null,
    };
    sessions.set(call, session);
    return session;
  };

  const apply = async (
    call: string,
    session: Session,
    remote: RemoteDescription,
    direction: Direction,
  ): Promise<void> => {
    const codec = chooseCodec(remote);
    if (remote.address && isIP(remote.address) !== isIP(session.localAddress)) {
      throw new NegotiationError(`the far end wants its audio at ${remote.address}, which we cannot reach`);
    }
    session.remote = remote;
    await media.configure(call, {
      remote: remote.address === null ? null : { address: remote.address, port: remote.port },
      codec,
      dtmfPayloadType: remote.dtmfPayloadType,
      ptime: remote.ptime,
      direction,
      hold: session.hold,
    });
  };

  return {
    async prepare(call, { localAddress }) {
      // If there is no port now, there may be one at the answer, and if not it says so then.
      await media.allocate(call, localAddress).catch(() => undefined);
    },

    judge(sdp) {
      try {
        readSessionDescription(sdp, media.codecs);
        return null;
      } catch (error) {
        return error instanceof NegotiationError ? error : new NegotiationError(String(error));
      }
    },

    async offer(call, { localAddress, hold }) {
      const session = sessionOf(call, localAddress, hold);
      const { rtpPort } = await media.allocate(call, localAddress);
      const heldToo = session.remote !== null && isHeldBy(session.remote);
      session.offered = hold ? (heldToo ? 'inactive' : 'sendonly') : 'sendrecv';
      return describe(session, writeOffer, {
        address: localAddress,
        port: rtpPort,
        codecs: media.codecs.map((name) => ({ name, payloadType: numberOf(name, session.remote) })),
        // A number once used for something keeps its meaning through the session (RFC 3264, 8.3.2).
        dtmfPayloadType: session.remote?.dtmfPayloadType ?? ownTelephoneEvent,
        ptime: session.remote?.ptime ?? defaultPtime,
        direction: session.offered,
      });
    },

    async takeAnswer(call, sdp) {
      const session = sessions.get(call);
      if (!session) throw new NegotiationError('an answer came to a call that made no offer');
      const remote = readSessionDescription(sdp, media.codecs);
      await apply(call, session, remote, meet(session.offered, remote.direction));
      return resultOf(remote);
    },

    async answer(call, sdp, { localAddress, hold }) {
      const remote = readSessionDescription(sdp, media.codecs);
      const session = sessionOf(call, localAddress, hold);
      const { rtpPort } = await media.allocate(call, localAddress);
      const direction = meet(hold ? 'sendonly' : 'sendrecv', remote.direction);
      await apply(call, session, remote, direction);
      const answer = describe(session, (local) => writeAnswer(local, remote), {
        address: localAddress,
        port: rtpPort,
        codecs: [chooseCodec(remote)],
        dtmfPayloadType: remote.dtmfPayloadType,
        ptime: remote.ptime,
        direction,
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
  if (!first) throw new NegotiationError('the far end and we have no codec in common');
  return first;
}

const numberOf = (name: CodecName, remote: RemoteDescription | null): number =>
  remote?.codecs.find((codec) => codec.name === name)?.payloadType ?? staticNumbers[name];

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
  writer: (local: LocalDescription) => string,
  local: Omit<LocalDescription, 'sessionId' | 'sessionVersion'>,
): string {
  const write = () => writer({ ...local, sessionId: session.id, sessionVersion: session.version });
  const unchanged = write();
  if (unchanged === session.described) return unchanged;
  session.version += 1;
  session.described = write();
  return session.described;
}
