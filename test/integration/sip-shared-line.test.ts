import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppearanceDialog } from '../../electron/phone/lines/dialog.ts';
import { captureBody, captureText } from '../unit/sip/captures.ts';
import {
  createStation,
  field,
  host,
  isMethod,
  RawPbx,
  type Received,
  type TestStation,
} from './sip-support.ts';

const pbxPort = 21_100;
const sharedPort = 21_111;
const full = captureText('spa9000-03-notify-full-station-to-sa');
const seize = captureText('spa9000-05-notify-seize-trying-station-to-sa.partial');

const dialog: AppearanceDialog = {
  id: '201',
  direction: 'initiator',
  state: 'trying',
  held: false,
  exclusive: false,
  local: { number: '5031', name: 'User-A', uri: 'sip:5031@192.168.0.1:6060' },
  remote: null,
};

let pbx: RawPbx;
let station: TestStation;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => (text.startsWith('REGISTER') ? { status: '200 OK' } : null);
  station = createStation({
    pbx: { address: host, port: pbxPort },
    station: { name: 'User-A', localAddress: host },
    extensions: [
      { userId: '5031', localPort: 21_110 },
      { userId: '5031', sharedUserId: '5041', localPort: sharedPort },
    ],
    lineKeys: [{ extension: 2, label: '5041' }],
  });
  await station.port.start();
  await station.is('registered');
  await station.is('registered');
});
afterEach(async () => {
  await station.port.stop();
  await pbx.close();
});

const notify = (): Promise<Received> => pbx.requests.next(isMethod('NOTIFY'));
const bodyOf = (text: string): string => text.split('\r\n\r\n')[1] ?? '';
const wire = (body: string): string => body.replaceAll('192.168.0.1:6060', `${host}:${pbxPort}`);

/** Head of a NOTIFY with what may differ taken out. */
const plainHead = (text: string): string[] =>
  (text.split(/\r?\n\r?\n/)[0] ?? '').split(/\r?\n/).map((line) =>
    line
      .replaceAll(/192\.168\.0\.1:6060|127\.0\.0\.1:21100/g, 'PBX')
      .replaceAll(/192\.168\.0\.4:5061|127\.0\.0\.1:21111/g, 'SHARED')
      .replace(/branch=z9hG4bK-[0-9a-f]+/, 'branch=B')
      .replace(/tag=[0-9a-f]+o1/, 'tag=T')
      .replace(/^Call-ID: [0-9a-f]{8}-[0-9a-f]{8}@.*/, 'Call-ID: C')
      .replace(/^CSeq: \d+ NOTIFY/, 'CSeq: N NOTIFY')
      .replace(/^Content-Length: \d+/, 'Content-Length: L'),
  );

const tell = (body: string, change: (head: string) => string = (head) => head): Promise<Received> => {
  const head = [
    `NOTIFY sip:5041@${host}:${sharedPort} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=z9hG4bK-${Math.random()}`,
    'From: PBX Line 1 <sip:37683101@matrix.sipura.com>;tag=5080117180da6835o2',
    `To: <sip:5041@${host}:${sharedPort}>`,
    `Call-ID: ${Math.random()}@localhost`,
    'CSeq: 56195 NOTIFY',
    'Max-Forwards: 70',
    'Event: dialog',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Content-Type: application/dialog-info+xml',
  ].join('\r\n');
  pbx.send(`${change(head)}\r\n\r\n${body}`, sharedPort);
  return pbx.responses.next();
};
const fanOut = captureBody('spa9000-07-notify-seize-fanout-pbx-to-station', '\n');

describe('telling the appearance agent', () => {
  it('announces itself with the captured full NOTIFY', async () => {
    station.port.perform({ type: 'announce', extension: 2 });
    const sent = await notify();
    expect(plainHead(sent.text)).toEqual(plainHead(full));
    expect(bodyOf(sent.text)).toBe(wire(captureBody('spa9000-03-notify-full-station-to-sa', '\r\n')));
    pbx.answer(sent, '202 Accepted');
    expect(await station.is('agent')).toEqual({ type: 'agent', extension: 2, present: true });
  });

  it.each(['404 Not Found', '405 Method Not Allowed', '489 Bad Event', '501 Not Implemented'])(
    'knows from %s that there is no agent',
    async (status) => {
      station.port.perform({ type: 'announce', extension: 2 });
      pbx.answer(await notify(), status);
      expect(await station.is('agent')).toMatchObject({ present: false });
    },
  );

  it('seizes with the captured partial NOTIFY, and 202 grants', async () => {
    station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
    const sent = await notify();
    expect(plainHead(sent.text)).toEqual(plainHead(seize));
    expect(bodyOf(sent.text)).toBe(
      wire(captureBody('spa9000-05-notify-seize-trying-station-to-sa.partial', '\r\n')),
    );
    pbx.answer(sent, '202 Accepted');
    expect(await station.is('seize-granted')).toEqual({ type: 'seize-granted', call: 'c1' });
  });

  it.each(['409 Conflict', '480 Temporarily Unavailable', '500 Server Internal Error'])(
    'takes %s for a refusal',
    async (status) => {
      station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
      pbx.answer(await notify(), status, ['Retry-After: 5']);
      expect(await station.is('seize-refused')).toEqual({ type: 'seize-refused', call: 'c1', silent: false });
    },
  );

  it('asks no more for a line before Retry-After is over, unless it hears that the line is free', async () => {
    const seizeAs = (call: string): void =>
      station.port.perform({ type: 'seize', call, extension: 2, appearance: 0, dialog });
    seizeAs('c1');
    pbx.answer(await notify(), '409 Conflict', ['Retry-After: 60']);
    await station.is('seize-refused');
    seizeAs('c2');
    expect(await station.is('seize-refused')).toEqual({ type: 'seize-refused', call: 'c2', silent: false });
    await tell(fanOut.replace('trying', 'terminated'));
    await station.is('appearances');
    seizeAs('c3');
    pbx.answer(await notify(), '202 Accepted');
    expect(await station.is('seize-granted')).toEqual({ type: 'seize-granted', call: 'c3' });
    expect(
      new Set(pbx.requests.all.filter(isMethod('NOTIFY')).map(({ text }) => field(text, 'Call-ID'))).size,
    ).toBe(2);
  });

  it('gives a silent agent up after eight seconds, and repeats nothing any more', async () => {
    const before = Date.now();
    station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
    expect(await station.is('seize-refused', 9_000)).toMatchObject({ silent: true });
    expect(Date.now() - before).toBeGreaterThan(7_900);
    const repeats = pbx.requests.all.filter(isMethod('NOTIFY'));
    expect(repeats.length).toBe(5);
    expect(new Set(repeats.map(({ text }) => text)).size).toBe(1);
  });

  it('sends states in order, one at a time, and skips what is already out of date', async () => {
    const publish = (state: AppearanceDialog['state'], held = false): void =>
      station.port.perform({
        type: 'publish',
        extension: 2,
        appearance: 0,
        dialog: { ...dialog, state, held },
      });
    publish('early');
    publish('confirmed');
    publish('confirmed', true);
    const first = await notify();
    expect(bodyOf(first.text)).toContain('<state>early</state>');
    pbx.answer(first, '202 Accepted');
    const second = await notify();
    expect(bodyOf(second.text)).toContain(
      '<param pname="x-line-id" pvalue="0"/>\r\n<param pname="+sip.rendering" pvalue="no"/>\r\n</target>',
    );
    publish('terminated');
    pbx.answer(second, '202 Accepted');
    const third = await notify();
    expect(bodyOf(third.text)).toContain('<state>terminated</state>');
    pbx.answer(third, '202 Accepted');
  });
});

describe('being told by the PBX', () => {
  const told = { type: 'appearances', extension: 2, full: false, dialogs: [{ appearance: 0, dialog }] };

  it.each([
    ['as captured: From an outside line, entity without scheme, LF', fanOut, undefined],
    ['CRLF in the body', fanOut.replaceAll('\n', '\r\n'), undefined],
    ['pval for pvalue', fanOut.replace('pvalue', 'pval'), undefined],
    ['entity with scheme', fanOut.replace('"sa@', '"sip:sa@'), undefined],
    ['LF in the head', fanOut, (head: string) => head.replaceAll('\r\n', '\n')],
    ['compact header names', fanOut, (head: string) => head.replace('Event:', 'o:').replace('Via:', 'v:')],
    ['a Request-URI without user', fanOut, (head: string) => head.replace('sip:5041@', 'sip:')],
    ['a Request-URI of the own user', fanOut, (head: string) => head.replace('sip:5041@', 'sip:5031@')],
    ['a From that no grammar takes', fanOut, (head: string) => head.replace('PBX Line 1', 'a<b"c')],
  ])('moves the key: %s', async (_name, body, change) => {
    expect((await tell(body, change)).text).toMatch(/^SIP\/2\.0 200 /);
    expect(await station.is('appearances')).toEqual(told);
  });

  it('does not care that the version goes backwards', async () => {
    await tell(fanOut);
    await station.is('appearances');
    const older = fanOut.replace('version="31"', 'version="0"').replace('trying', 'terminated');
    await tell(older);
    expect((await station.is('appearances')).dialogs[0]?.dialog.state).toBe('terminated');
  });

  it('answers a repeated NOTIFY again but tells it once', async () => {
    const once = (head: string): string => head.replace(/branch=\S+/, 'branch=z9hG4bK-same');
    await tell(fanOut, once);
    await tell(fanOut, once);
    await tell(fanOut.replace('trying', 'confirmed'));
    expect(pbx.responses.all).toHaveLength(3);
    expect(station.events.all.filter(({ type }) => type === 'appearances')).toHaveLength(2);
  });

  it('answers 400 to a body it cannot read, 200 to events it does not follow', async () => {
    expect((await tell('<dialog-info')).text).toMatch(/^SIP\/2\.0 400 /);
    for (const event of ['message-summary', 'keep-alive', 'reboot_now', 'check-sync']) {
      const answer = await tell('x', (head) => head.replace('Event: dialog', `Event: ${event}`));
      expect(answer.text).toMatch(/^SIP\/2\.0 200 /);
    }
    expect(station.events.all.filter(({ type }) => type === 'appearances')).toHaveLength(0);
  });

  it('lives through datagrams that are no SIP, and answers OPTIONS after them', async () => {
    for (const garbage of [
      '',
      '\r\n\r\n',
      'NOTIFY',
      '\0'.repeat(2000),
      'SIP/2.0 200 OK\r\n\r\n',
      'INVITE tel:1 SIP/2.0\r\n\r\n',
    ]) {
      pbx.send(garbage, sharedPort);
    }
    const answer = await tell('', (head) =>
      head.replace('NOTIFY sip:5041@', 'OPTIONS sip:').replace('56195 NOTIFY', '1 OPTIONS'),
    );
    expect(answer.text).toMatch(/^SIP\/2\.0 200 /);
    expect(field(answer.text, 'Allow')).toBe(
      'ACK, BYE, CANCEL, INFO, INVITE, NOTIFY, OPTIONS, PRACK, REFER, SUBSCRIBE, UPDATE',
    );
  });
});
