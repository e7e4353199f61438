import type { CodecName } from '../../../electron/contract/profile.ts';
import {
  createNegotiator,
  type NegotiatorOptions,
} from '../../../electron/media/sdp/plain-leg-negotiation.ts';
import type { MediaPort, PlainLegParams } from '../../../electron/phone/ports.ts';

/** A media side that only takes notes, and the negotiator over it. */
export function paperMedia(codecs: readonly CodecName[] = ['PCMU', 'PCMA'], options: NegotiatorOptions = {}) {
  const configured: PlainLegParams[] = [];
  const released: string[] = [];
  const media: MediaPort = {
    codecs,
    allocate: async () => ({ rtpPort: 16400 }),
    configure: async (_, params) => void configured.push(params),
    attachWeb: async () => ({ answer: '' }),
    mute() {},
    sendDtmf() {},
    record() {},
    moveRecording() {},
    join() {},
    part() {},
    mutePart() {},
    release: (call) => released.push(call),
    on: () => () => {},
    close: async () => {},
  };
  return { negotiator: createNegotiator(media, { random: () => 42, ...options }), configured, released };
}

export const local = { localAddress: '192.0.2.10', hold: false };

export const sdp = (...lines: string[]) =>
  ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines, ''].join('\r\n');

export const lines = (description: string) => description.trimEnd().split('\r\n');
