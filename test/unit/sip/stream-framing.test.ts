import { describe, expect, it } from 'vitest';
import { type Frame, StreamFraming } from '../../../electron/sip/transport/stream-framing.ts';

/** With a body that looks like the end of a message, and bytes that are no characters. */
const body = Buffer.concat([Buffer.from('v=0\r\n\r\nNOTIFY x SIP/2.0\r\n'), Buffer.from([0xff, 0x00, 0xc3])]);
const notify = Buffer.concat([
  Buffer.from(`NOTIFY sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h\r\nl : ${body.length} \r\nTo: <sip:é>\r\n\r\n`),
  body,
]);
const ok = Buffer.from('SIP/2.0 200 OK\r\nCONTENT-LENGTH:0\r\nX-l: 7\r\n\r\n');
const ping = Buffer.from('\r\n\r\n');

const framesOf = (framing: StreamFraming, ...pieces: Buffer[]): Frame[] =>
  pieces.flatMap((piece) => [...framing.take(piece)]);
const messagesOf = (frames: readonly Frame[]): string[] =>
  frames.flatMap((frame) => (frame.kind === 'message' ? [frame.message.toString('latin1')] : []));
const text = (message: Buffer): string => message.toString('latin1');
const broken = (stream: string): string | undefined => {
  const framing = new StreamFraming();
  const last = framesOf(framing, Buffer.from(stream, 'latin1')).at(-1);
  return last?.kind === 'broken' ? last.problem : undefined;
};

describe('messages in a stream', () => {
  it('are the same wherever the stream is cut', () => {
    const stream = Buffer.concat([notify, ok, notify]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const frames = framesOf(new StreamFraming(), stream.subarray(0, cut), stream.subarray(cut));
      expect(messagesOf(frames), `cut at ${cut}`).toEqual([text(notify), text(ok), text(notify)]);
    }
  });

  it('are the same byte for byte', () => {
    const framing = new StreamFraming();
    const stream = [...Buffer.concat([ping, notify, ping, ok])].map((byte) => Buffer.from([byte]));
    const frames = framesOf(framing, ...stream);
    expect(messagesOf(frames)).toEqual([text(notify), text(ok)]);
    expect(frames.map(({ kind }) => kind)).toEqual(['ping', 'message', 'ping', 'message']);
    expect(framing.isWithin).toBe(false);
  });

  it('come as they are completed, several from one piece', () => {
    const framing = new StreamFraming();
    const first = framesOf(framing, Buffer.concat([ok, ok, notify.subarray(0, 30)]));
    expect(messagesOf(first)).toEqual([text(ok), text(ok)]);
    expect(framing.isWithin).toBe(true);
    expect(messagesOf(framesOf(framing, notify.subarray(30)))).toEqual([text(notify)]);
  });

  it('are not disturbed by line ends between them; two together are a ping', () => {
    const frames = framesOf(new StreamFraming(), Buffer.from('\r\n'), ok, Buffer.from('\r\n'), notify, ping);
    expect(frames.map(({ kind }) => kind)).toEqual(['message', 'message', 'ping']);
  });

  it('may be as large as a datagram', () => {
    const head = 'INFO sip:a@b SIP/2.0\r\nContent-Length: 65000\r\n\r\n';
    const large = Buffer.concat([Buffer.from(head), Buffer.alloc(65_000, 0x41)]);
    expect(messagesOf(framesOf(new StreamFraming(), large, ok))).toEqual([text(large), text(ok)]);
  });
});

describe('a stream that cannot be cut into messages', () => {
  it.each([
    ['no length', 'INFO sip:a@b SIP/2.0\r\nTo: x\r\n\r\n', /Content-Length/],
    ['two lengths', 'INFO sip:a@b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\nab', /Content-Length/],
    ['a length that is no number', 'INFO sip:a@b SIP/2.0\r\nContent-Length: ten\r\n\r\n', /Content-Length/],
    ['a negative length', 'INFO sip:a@b SIP/2.0\r\nContent-Length: -1\r\n\r\n', /Content-Length/],
    ['an enormous length', 'INFO sip:a@b SIP/2.0\r\nContent-Length: 999999999\r\n\r\n', /999999999|bytes/],
    [
      'a length beyond all numbers',
      'INFO sip:a@b SIP/2.0\r\nContent-Length: 1e9999\r\n\r\n',
      /Content-Length/,
    ],
    ['a length just too large', `I sip:a SIP/2.0\r\nl: ${65_536 - 20}\r\n\r\n`, /bytes/],
    ['garbage without an end', 'x'.repeat(20_000), /headers/],
    ['headers without an end', `I sip:a SIP/2.0\r\n${'X: y\r\n'.repeat(4_000)}`, /headers/],
    ['another protocol', 'GET / HTTP/1.1\r\nHost: pbx\r\n\r\n', /Content-Length/],
  ])('says so: %s', (_what, stream, problem) => {
    expect(broken(stream)).toMatch(problem);
  });

  it('gives what was whole before, and nothing afterwards', () => {
    const framing = new StreamFraming();
    const frames = framesOf(framing, ok, Buffer.from('OPTIONS x SIP/2.0\r\n\r\n'), ok);
    expect(frames.map(({ kind }) => kind)).toEqual(['message', 'broken']);
    expect(framing.isWithin).toBe(false);
  });

  it('takes a length that is too small for what follows as the end: the rest is the next message, and breaks', () => {
    const frames = framesOf(new StreamFraming(), Buffer.from('I sip:a SIP/2.0\r\nl: 2\r\n\r\nabcd\r\n\r\n'));
    expect(frames.map(({ kind }) => kind)).toEqual(['message', 'broken']);
  });

  it('never holds more than one message, however the bytes come', () => {
    const framing = new StreamFraming();
    for (let count = 0; count < 400; count += 1) framesOf(framing, Buffer.alloc(100, 0x41));
    expect(framing.isWithin).toBe(false);
    expect(framesOf(framing, ok)).toEqual([]);
  });
});
