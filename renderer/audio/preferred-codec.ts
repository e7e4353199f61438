import type { CodecName } from '../../electron/contract/profile.ts';

/**
 * The relay's answer with a codec put first, which is what Chromium then sends; PCMU stands for both laws of G.711.
 * Applied anew to the same connection it changes nothing else.
 */
export function preferCodec(answer: string, codec: CodecName): string {
  const name = codec === 'PCMA' ? 'PCMU' : codec;
  const [, number] = new RegExp(`^a=rtpmap:(\\d+) ${name}/`, 'm').exec(answer) ?? [];
  if (number === undefined) return answer;
  return answer.replace(/^(m=audio \d+ \S+) (.*)$/m, (_, start: string, formats: string) => {
    const others = formats.split(' ').filter((format) => format !== number);
    return [start, number, ...others].join(' ');
  });
}
