import { Grammar, LoggerFactory, Parser } from 'sip.js/lib/core/index.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  readMessage,
  type SipMessage,
  withoutHeader,
  writeMessage,
} from '../../../electron/sip/message/message.ts';
import { parseForSipJs } from '../../../electron/sip/sipjs/sipjs-parsing.ts';
import { mutate } from '../../fuzz/mutate.ts';
import { Random } from '../../fuzz/random.ts';
import { seeds } from '../../fuzz/seeds.ts';

type Parsed = ReturnType<typeof parseForSipJs>;

const factory = new LoggerFactory();
factory.builtinEnabled = false;
const log = factory.getLogger('test');
const place = { target: 'sip:5041@127.0.0.1:22010', via: '127.0.0.1:6060' };

afterEach(() => void vi.restoreAllMocks());

function messageOf(datagram: Buffer): SipMessage | null {
  const read = readMessage(datagram);
  return read.ok ? read.message : null;
}

/** Both without the text they were made of, and without Refer-To, which ours leaves unread; no display name is undefined there, empty here, and taken for the same. */
function both(whole: SipMessage): [ours: unknown, stock: unknown] {
  const message = withoutHeader(whole, 'Refer-To');
  const bare = (parsed: Parsed) => {
    for (const address of [parsed?.from, parsed?.to]) if (address) address.displayName ??= '';
    return parsed ? { ...parsed, data: null } : undefined;
  };
  const body = message.body.toString('utf8').includes('\ufffd')
    ? Buffer.from(message.body.toString('latin1'))
    : message.body;
  const text = writeMessage({ ...message, body }).toString('utf8');
  return [bare(parseForSipJs(message, log)), bare(sized(Parser.parseMessage(text, log), body.length, text))];
}

/** sip.js counts characters where the header counts bytes. */
function sized<T extends { body: string } | undefined>(parsed: T, bytes: number, text: string): T {
  if (parsed && bytes > 0) parsed.body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return parsed;
}

describe('reading for sip.js', () => {
  it.each(seeds(place, 'seed').map((text) => [text.split('\r\n', 1)[0] ?? '', text]))(
    'makes the same as its own parser of %s',
    (_name, text) => {
      const message = messageOf(Buffer.from(text));
      if (!message) throw new Error('a bad seed');
      const [ours, stock] = both(message);
      expect(ours).toStrictEqual(stock);
      expect(ours).toBeDefined();
    },
  );

  it.each([
    'From: sip:5@h;tag=1',
    'From: "A \\" B" <sip:5@h>;tag=1',
    'From: "" <sip:5@h>;tag=1',
    'From: "Zoë" <sip:5@h>',
    'From: A B <sip:5%40@h:5060;user=phone>;tag=1;x=y',
    'From: <sip:h>;tag=a',
    'From: <sip:5@300.1.1.1>;tag=a',
    'From: <sip:5@1.2.3>;tag=a',
    'From: <sip:5@h-.x>;tag=a',
    'From: <tel:5>;tag=a',
    'To: <sip:5@h>;tag=',
    'Via: SIP/2.0/UDP h:6060;rport=5;branch=z9hG4bK1;received=1.2.3.4',
    'Via: SIP/2.0/TLS a.b-c.de;branch=z9hG4bK1',
    'Via: SIP/2.0/UDP 1.2.3.4:0;branch=z9hG4bK1',
    'Via: SIP/2.0/UDP 1.2.3.4:99999;branch=z9hG4bK1',
    'Via: SIP / 2.0 / UDP [::1]:5060;branch=z9hG4bK1',
    'Max-Forwards: 0',
    'Max-Forwards: x',
    'Max-Forwards: 7 0',
    'CSeq: 0007 OPTIONS',
    'Call-ID: a b',
    'Call-ID: <a>@[b]',
  ])('and of %s', (line) => {
    const [name = ''] = line.split(':', 1);
    const [, seed = ''] = seeds(place, 'one');
    const text = seed.replace(new RegExp(`^${name}: .*$`, 'm'), line);
    expect(text).toContain(line);
    const message = messageOf(Buffer.from(text));
    if (!message) return;
    const [ours, stock] = both(message);
    expect(ours).toStrictEqual(stock);
  });

  it('takes host names with underscores, which its grammar does not', () => {
    const [, seed = ''] = seeds(place, 'one');
    const text = seed.replace(/^From: .*$/m, 'From: <sip:5@my_pbx.a_b:5060>;tag=1');
    const message = messageOf(Buffer.from(text));
    const parsed = message && parseForSipJs(message, log);
    expect(parsed?.from.uri.toString()).toBe('sip:5@my_pbx.a_b:5060');
  });

  it('and of whatever passes the guard', () => {
    const random = new Random(7);
    let compared = 0;
    for (let count = 0; count < 1_500; count += 1) {
      const seed = Buffer.from(random.pick(seeds(place, `m${count}`)));
      const message = messageOf(mutate(seed, random));
      if (!message) continue;
      compared += 1;
      const [ours, stock] = both(message);
      expect(ours, writeMessage(message).toString('latin1')).toStrictEqual(stock);
    }
    expect(compared).toBeGreaterThan(300);
  }, 30_000);

  it.each([
    [
      'many values',
      (invite: string) => invite.replace(/^Record-Route: .*$/m, (line) => `${line}\r\n`.repeat(60).trim()),
    ],
    [
      'a value of many parameters',
      (invite: string) => invite.replace(/^(To: .*)$/m, `$1${';a'.repeat(3_000)}`),
    ],
    [
      'a body of many kinds',
      (invite: string) =>
        invite.replace('\r\n\r\n', `\r\nContent-Disposition: session${';a'.repeat(3_000)}\r\n\r\n`),
    ],
  ])('refuses %s: its grammar would take too long', (_name, spoil) => {
    const message = messageOf(Buffer.from(spoil(seeds(place, 'costly')[0])));
    if (!message) throw new Error('the guard has refused it');
    const grammar = vi.spyOn(Grammar, 'parse');
    expect(parseForSipJs(message, log)).toBeUndefined();
    expect(grammar).not.toHaveBeenCalled();
  });

  it('leaves Refer-To as it came, all values of it', () => {
    const seed = seeds(place, 'refer').find((text) => text.startsWith('REFER')) ?? '';
    const values = ['<tel:+15551234>', '<sip:1@pbx?Replaces=a%40b>'];
    const text = seed.replace(/^Refer-To: .*$/m, values.map((value) => `Refer-To: ${value}`).join('\r\n'));
    const message = messageOf(Buffer.from(text));
    if (!message) throw new Error('a bad seed');
    expect(parseForSipJs(message, log)?.getHeaders('Refer-To')).toEqual(values);
  });

  it('asks the grammar of a plain BYE only for its start line', () => {
    const [, , bye = ''] = seeds(place, 'bye');
    const message = messageOf(Buffer.from(bye));
    if (!message) throw new Error('a bad seed');
    const grammar = vi.spyOn(Grammar, 'parse');
    parseForSipJs(message, log);
    expect(grammar.mock.calls.map(([, rule]) => rule)).toEqual(['Request_Response']);
  });
});
