import type { OpusWishes } from '../../electron/contract/opus-wishes.ts';
import type { CodecName } from '../../electron/contract/profile.ts';
import type { CallView } from '../../electron/contract/snapshot.ts';

/** What a call has agreed on: its codec, and what the far end asks of Opus. */
export interface CallFormat {
  readonly codec: CodecName;
  readonly opus: OpusWishes | null;
}

/** Null before. */
export const formatOf = ({ codec, opus }: Pick<CallView, 'codec' | 'opus'>): CallFormat | null =>
  codec ? { codec, opus } : null;

/**
 * The relay's answer with the codec of a call put first, which is what Chromium then sends, and in the manner that the
 * far end asks for; PCMU stands for both laws of G.711. Applied anew to the same connection it changes nothing else.
 */
export function preferFormat(answer: string, { codec, opus }: CallFormat): string {
  const name = codec === 'PCMA' ? 'PCMU' : codec;
  const [, number] = new RegExp(`^a=rtpmap:(\\d+) ${name}/`, 'm').exec(answer) ?? [];
  if (number === undefined) return answer;
  const preferred = answer.replace(/^(m=audio \d+ \S+) (.*)$/m, (_, start: string, formats: string) => {
    const others = formats.split(' ').filter((format) => format !== number);
    return [start, number, ...others].join(' ');
  });
  return opus
    ? preferred.replace(new RegExp(`^a=fmtp:${number} .*$`, 'm'), `a=fmtp:${number} ${asked(opus)}`)
    : preferred;
}

/** RFC 7587, 6.1: the relay asks for what the far end has asked for. */
function asked({ fec, constantBitrate, maxAverageBitrate, maxPlaybackRate }: OpusWishes): string {
  return [
    `useinbandfec=${fec ? 1 : 0}`,
    ...(constantBitrate ? ['cbr=1'] : []),
    ...(maxAverageBitrate === null ? [] : [`maxaveragebitrate=${maxAverageBitrate}`]),
    ...(maxPlaybackRate === null ? [] : [`maxplaybackrate=${maxPlaybackRate}`]),
  ].join(';');
}

export const isSameFormat = (one: CallFormat | null, other: CallFormat | null): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
