import { expect, it } from 'vitest';
import { isSameFormat, preferFormat } from '../../../renderer/audio/call-format.ts';

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
  const preferred = preferFormat(answer, { codec, opus: null });
  expect(formats(preferred)).toBe(order);
  expect(preferred.replace(order, '0 9 111')).toBe(answer);
});

it('leaves an answer alone that lacks the codec', () => {
  const narrow = answer.replace(/^a=rtpmap:111.*\r\n/m, '');
  expect(preferFormat(narrow, { codec: 'opus', opus: null })).toBe(narrow);
});

const plain = { fec: false, constantBitrate: false, maxAverageBitrate: null, maxPlaybackRate: null };

it.each([
  [plain, 'useinbandfec=0'],
  [{ ...plain, fec: true }, 'useinbandfec=1'],
  [
    { fec: true, constantBitrate: true, maxAverageBitrate: 20_000, maxPlaybackRate: 16_000 },
    'useinbandfec=1;cbr=1;maxaveragebitrate=20000;maxplaybackrate=16000',
  ],
])('asks Chromium for what the far end asks of Opus: %j', (opus, format) => {
  const asked = preferFormat(answer, { codec: 'opus', opus });
  expect(asked).toContain(`\r\na=fmtp:111 ${format}\r\n`);
  expect(asked).toBe(preferFormat(answer, { codec: 'opus', opus: null }).replace('useinbandfec=1', format));
});

it('is the same until a wish or the codec changes', () => {
  const format = { codec: 'opus', opus: plain } as const;
  expect(isSameFormat(format, { codec: 'opus', opus: { ...plain } })).toBe(true);
  expect(isSameFormat(format, { codec: 'opus', opus: { ...plain, fec: true } })).toBe(false);
  expect(isSameFormat(format, { codec: 'G722', opus: null })).toBe(false);
  expect(isSameFormat(null, format)).toBe(false);
});
