import sdpTransform from 'sdp-transform';
import type { CodecName } from '../../contract/profile.ts';
import { type Codec, mappings, mapsOf } from './payload-types.ts';

/** What the relay needs to know of the window's offer. */
export interface WebOffer {
  readonly mid: string;
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  /** What the relay and the window can both carry. */
  readonly codecs: readonly Codec[];
  /** The window has a track to send. */
  readonly sends: boolean;
}

export interface WebAnswer {
  readonly port: number;
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly ssrc: number;
  /** What the window shall send. */
  readonly codec: CodecName;
  /** Milliseconds a packet that we want to get. */
  readonly ptime: number;
}

export const loopback = '127.0.0.1';
/** PCMA is PCMU here, by table: one law is enough between window and relay. */
const webCodecs: readonly CodecName[] = ['PCMU', 'G722', 'opus'];

/** @throws Error with a sentence when the offer is not one of our window. */
export function readWebOffer(sdp: string): WebOffer {
  const session = sdpTransform.parse(sdp);
  const audio = session.media.find(({ type }) => type === 'audio');
  if (!audio) throw new Error('the window offers no audio');
  const iceUfrag = audio.iceUfrag ?? session.iceUfrag;
  const icePwd = audio.icePwd ?? session.icePwd;
  const fingerprint = audio.fingerprint ?? session.fingerprint;
  const codecs = codecsOf(audio.rtp);
  if (!iceUfrag || !icePwd || !fingerprint || codecs[0]?.name !== 'PCMU') {
    throw new Error('the offer of the window lacks ICE, DTLS or PCMU');
  }
  return {
    mid: String(audio.mid ?? 0),
    // Parsed as a number when it looks like one.
    iceUfrag: String(iceUfrag),
    icePwd: String(icePwd),
    fingerprint: { algorithm: fingerprint.type, value: fingerprint.hash },
    codecs,
    sends: audio.direction !== 'recvonly' && audio.direction !== 'inactive',
  };
}

const codecsOf = (maps: readonly { payload: number; codec: string; rate?: number | undefined }[]): Codec[] =>
  webCodecs.flatMap((name) => {
    const map = maps.find(({ codec, rate }) => codec === name && rate === mappings[name].rate);
    return map ? [{ name, payloadType: map.payload }] : [];
  });

/** The first one is what Chromium sends; it takes all of them. */
const preferring = (codec: CodecName, codecs: readonly Codec[]): Codec[] => [
  ...codecs.filter(({ name }) => name === codec),
  ...codecs.filter(({ name }) => name !== codec),
];

/**
 * The answer to the window: ICE-lite on one loopback port, we are the DTLS server, all codecs of calls, so that a call
 * may change its own at any time (the window then puts that first, renderer/audio/call-format.ts). No comfort noise (its encoder has crashed Chromium after quick renegotiation, electron issue 36559), no header extensions, no
 * telephone events (the relay makes its own); a constant SSRC, so that the track never changes.
 */
export function writeWebAnswer(offer: WebOffer, answer: WebAnswer): string {
  const codecs = preferring(answer.codec, offer.codecs);
  return sdpTransform.write({
    version: 0,
    origin: {
      username: '-',
      sessionId: answer.ssrc,
      sessionVersion: 1,
      netType: 'IN',
      ipVer: 4,
      address: loopback,
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    icelite: 'ice-lite',
    groups: [{ type: 'BUNDLE', mids: offer.mid }],
    media: [
      {
        type: 'audio',
        port: answer.port,
        protocol: 'UDP/TLS/RTP/SAVPF',
        payloads: codecs.map(({ payloadType }) => payloadType).join(' '),
        connection: { version: 4, ip: loopback },
        mid: offer.mid,
        rtcpMux: 'rtcp-mux',
        direction: offer.sends ? 'sendrecv' : 'sendonly',
        ...mapsOf(codecs),
        ptime: answer.ptime,
        maxptime: answer.ptime,
        iceUfrag: answer.iceUfrag,
        icePwd: answer.icePwd,
        fingerprint: { type: answer.fingerprint.algorithm, hash: answer.fingerprint.value },
        setup: 'passive',
        candidates: [
          {
            foundation: '1',
            component: 1,
            transport: 'udp',
            priority: 2_130_706_431,
            ip: loopback,
            port: answer.port,
            type: 'host',
          },
        ],
        endOfCandidates: 'end-of-candidates',
        msid: [{ id: 'partyline', appdata: 'call' }],
        ssrcs: [{ id: answer.ssrc, attribute: 'cname', value: 'partyline' }],
      },
    ],
  });
}
