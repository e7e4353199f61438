import { expect, it } from 'vitest';
import { preferCodec } from '../../../renderer/audio/preferred-codec.ts';

const answer = [
  'v=0',
  'm=audio 40000 UDP/TLS/RTP/SAVPF 0 9 111',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 useinbandfec=1',
  '',
].join('\r\n');
const formats = (sdp: string) => /^m=.*SAVPF (.*)$/m.exec(sdp)?.[1]?.trimEnd();

it.each([
  ['opus', '111 0 9'],
  ['G722', '9 0 111'],
  ['PCMU', '0 9 111'],
  ['PCMA', '0 9 111'],
] as const)('%s goes first, and nothing else changes', (codec, order) => {
  const preferred = preferCodec(answer, codec);
  expect(formats(preferred)).toBe(order);
  expect(preferred.replace(order, '0 9 111')).toBe(answer);
});

it('leaves an answer alone that lacks the codec', () => {
  const narrow = answer.replace(/^a=rtpmap:111.*\r\n/m, '');
  expect(preferCodec(narrow, 'opus')).toBe(narrow);
});
