import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AppearanceDialog } from '../../electron/phone/lines/dialog.ts';
import { createStation, field, host, RawPbx, type Received, type TestStation } from './sip-support.ts';

const pbxPort = 24_900;
const ownPort = 24_911;
const sharedPort = 24_912;

let pbx: RawPbx;
let station: TestStation;
/** What the PBX answers to SUBSCRIBE by itself; null: nothing. */
let answerTo: (text: string) => { status: string; headers?: string[] } | null;
let branch = 0;

beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  answerTo = (text) => ({
    status: '200 OK',
    headers: [`Expires: ${field(text, 'Expires')}`, `Contact: <sip:sa@${host}:${pbxPort}>`],
  });
  pbx.automatic = (text) => {
    if (text.startsWith('REGISTER')) return { status: '200 OK' };
    return text.startsWith('SUBSCRIBE') ? answerTo(text) : null;
  };
});
afterEach(async () => {
  answerTo = () => ({ status: '200 OK' });
  await station.port.stop();
  await pbx.close();
});

async function begin(watch: readonly string[] = []): Promise<void> {
  station = createStation({
    pbx: { address: host, port: pbxPort, dialect: 'bla' },
    station: { name: 'User-A', localAddress: host },
    extensions: [
      { userId: '5031', localPort: ownPort },
      { userId: '5031', sharedUserId: '5041', localPort: sharedPort },
    ],
    lineKeys: [{ extension: 2, label: '5041' }, ...watch.map((user) => ({ watch: user, label: user }))],
  });
  await station.port.start();
}

const subscribe = (user: string): Promise<Received> =>
  pbx.requests.next(({ text }) => text.startsWith(`SUBSCRIBE sip:${user}@`));

const document = (version: number, state: 'full' | 'partial', dialogs: readonly string[]): string =>
  [
    '<?xml version="1.0"?>',
    `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${state}" entity="sip:x@pbx">`,
    ...dialogs,
    '</dialog-info>',
  ].join('\n');
const dialogOf = (id: string, state: string): string =>
  `<dialog id="${id}" direction="recipient"><state>${state}</state><remote><identity>sip:5099@pbx</identity></remote></dialog>`;

/** A NOTIFY in the dialog of a SUBSCRIBE; resolves with the status of the answer. */
async function notify(
  { text, port }: Received,
  cseq: number,
  body: string,
  over: { state?: string; tag?: string; callId?: string } = {},
): Promise<string> {
  branch += 1;
  const id = `z9hG4bK-n${branch}`;
  pbx.send(
    [
      `NOTIFY sip:5041@${host}:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=${id}`,
      `From: ${field(text, 'To').replace(/;tag=.*/, '')};tag=${over.tag ?? 'pbx1'}`,
      `To: ${field(text, 'From')}`,
      `Call-ID: ${over.callId ?? field(text, 'Call-ID')}`,
      `CSeq: ${cseq} NOTIFY`,
      `Contact: <sip:sa@${host}:${pbxPort}>`,
      `Event: ${field(text, 'Event')}`,
      `Subscription-State: ${over.state ?? 'active;expires=3600'}`,
      'Content-Type: application/dialog-info+xml',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    port,
  );
  const answer = await pbx.responses.next((response) => response.text.includes(id));
  return answer.text.slice(8, 11);
}

async function watched(wanted: readonly string[] | null) {
  return station.events.next(
    (event) =>
      event.type === 'watched' &&
      JSON.stringify(event.dialogs?.map(({ id }) => id) ?? null) === JSON.stringify(wanted),
  );
}

describe('a subscription of ours', () => {
  it('takes a NOTIFY that comes before the 2xx', async () => {
    answerTo = () => null;
    await begin(['5061']);
    const asked = await subscribe('5061');
    expect(field(asked.text, 'Event')).toBe('dialog');
    expect(await notify(asked, 1, document(0, 'full', [dialogOf('a', 'early')]))).toBe('200');
    await watched(['a']);
    pbx.answer(asked, '202 Accepted', ['Expires: 3600', `Contact: <sip:sa@${host}:${pbxPort}>`]);
    expect(await notify(asked, 2, document(1, 'partial', [dialogOf('b', 'early')]))).toBe('200');
    await watched(['a', 'b']);
  });

  it('asks for the full state in its dialog when a document is missing', async () => {
    await begin(['5061']);
    const asked = await subscribe('5061');
    await notify(asked, 1, document(4, 'full', []));
    await notify(asked, 2, document(6, 'partial', [dialogOf('a', 'early')]));
    const again = await subscribe('sa');
    expect(field(again.text, 'Call-ID')).toBe(field(asked.text, 'Call-ID'));
    expect(field(again.text, 'To')).toContain(';tag=pbx1');
    expect(Number.parseInt(field(again.text, 'CSeq'), 10)).toBe(2);
  });

  it('refuses what comes out of order, and what belongs to no subscription', async () => {
    await begin(['5061']);
    const asked = await subscribe('5061');
    await notify(asked, 7, document(1, 'full', [dialogOf('a', 'early')]));
    expect(await notify(asked, 6, document(0, 'full', []))).toBe('500');
    expect(await notify(asked, 8, document(2, 'full', []), { callId: 'other' })).toBe('481');
    expect(station.events.all.filter(({ type }) => type === 'watched')).toHaveLength(1);
  });

  it('puts together what several notifiers tell after a fork', async () => {
    await begin(['5061']);
    const asked = await subscribe('5061');
    expect(await notify(asked, 1, document(0, 'full', [dialogOf('a', 'early')]), { tag: 'pbx1' })).toBe(
      '200',
    );
    expect(await notify(asked, 1, document(0, 'full', [dialogOf('b', 'early')]), { tag: 'phone2' })).toBe(
      '200',
    );
    await watched(['a', 'b']);
  });

  it('is begun anew when the notifier ends it, and unknown meanwhile', async () => {
    await begin(['5061']);
    const asked = await subscribe('5061');
    await notify(asked, 1, document(0, 'full', []));
    await watched([]);
    expect(await notify(asked, 2, '', { state: 'terminated;reason=deactivated' })).toBe('200');
    await watched(null);
    const again = await subscribe('5061');
    expect(field(again.text, 'Call-ID')).not.toBe(field(asked.text, 'Call-ID'));
  });

  it('is ended when the station leaves', async () => {
    await begin(['5061']);
    await notify(await subscribe('5061'), 1, document(0, 'full', []));
    await watched([]);
    const left = subscribe('sa');
    await station.port.stop();
    expect(field((await left).text, 'Expires')).toBe('0');
  });

  it('among hundreds begins in its turn, not all at once', async () => {
    const users = Array.from({ length: 40 }, (_, position) => String(6000 + position));
    const began = performance.now();
    await begin(users);
    await subscribe('6039');
    expect(performance.now() - began).toBeGreaterThan(39 * 50 * 0.9);
    expect(
      new Set(
        pbx.requests.all
          .filter(({ text }) => text.startsWith('SUBSCRIBE sip:60'))
          .map(({ text }) => field(text, 'Call-ID')),
      ).size,
    ).toBe(40);
  });
});

describe('a subscription of the PBX to us (dialog;sla)', () => {
  const dialog: AppearanceDialog = {
    id: '201',
    direction: 'initiator',
    state: 'trying',
    held: false,
    exclusive: false,
    local: { number: '5031', name: 'User-A' },
    remote: null,
  };

  function ask(
    cseq: number,
    over: { to?: string; expires?: number; event?: string } = {},
  ): Promise<Received> {
    branch += 1;
    const id = `z9hG4bK-s${branch}`;
    pbx.send(
      [
        `SUBSCRIBE sip:5041@${host}:${sharedPort} SIP/2.0`,
        `Via: SIP/2.0/UDP ${host}:${pbxPort};branch=${id}`,
        `From: <sip:5041@${host}>;tag=agent`,
        `To: ${over.to ?? `<sip:5031@${host}:${pbxPort}>`}`,
        'Call-ID: agent@pbx',
        `CSeq: ${cseq} SUBSCRIBE`,
        `Contact: <sip:sa@${host}:${pbxPort}>`,
        `Event: ${over.event ?? 'dialog;sla'}`,
        `Expires: ${over.expires ?? 600}`,
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
      sharedPort,
    );
    return pbx.responses.next(({ text }) => text.includes(id));
  }
  const told = (): Promise<Received> =>
    pbx.requests.next(({ text }) => text.startsWith('NOTIFY') && text.includes('Subscription-State'));

  beforeEach(async () => {
    await begin();
    await subscribe('5041');
  });

  it('is answered, and told everything at once', async () => {
    const answer = await ask(1);
    expect(answer.text).toMatch(/^SIP\/2\.0 200 /);
    expect(field(answer.text, 'Expires')).toBe('600');
    expect(field(answer.text, 'Contact')).toContain(`sip:5041@${host}:${sharedPort}`);
    const first = await told();
    expect(first.text).toMatch(/^NOTIFY sip:sa@/);
    expect(field(first.text, 'From')).toBe(field(answer.text, 'To'));
    expect(field(first.text, 'To')).toBe(`<sip:5041@${host}>;tag=agent`);
    expect(field(first.text, 'Event')).toBe('dialog;sla');
    expect(field(first.text, 'Subscription-State')).toBe('active;expires=600');
    expect(first.text).toContain('state="full"');
    pbx.answer(first, '200 OK');
    expect(await station.is('agent')).toMatchObject({ extension: 2, present: true });

    const again = await ask(2, { to: field(answer.text, 'To'), expires: 0 });
    expect(again.text).toMatch(/^SIP\/2\.0 200 /);
    expect(field((await told()).text, 'Subscription-State')).toBe('terminated;reason=timeout');
  });

  it('is dialog;ma where the PBX knows the package by its later name, both ways', async () => {
    await station.port.stop();
    const later = /^Event: dialog;ma/m;
    answerTo = (text) =>
      later.test(text) || !text.startsWith('SUBSCRIBE sip:5041')
        ? { status: '200 OK', headers: ['Expires: 600', `Contact: <sip:sa@${host}:${pbxPort}>`] }
        : { status: '489 Bad Event', headers: ['Allow-Events: dialog;ma'] };
    await begin();
    const asked = await pbx.requests.next(
      ({ text }) => text.startsWith('SUBSCRIBE sip:5041') && later.test(text),
    );
    const theirs =
      '<dialog id="b" direction="initiator"><local><target uri="sip:b@pbx"><param pname="x-line-id" pval="1"/></target></local><state>trying</state></dialog>';
    expect(await notify(asked, 1, document(0, 'full', [theirs]))).toBe('200');
    expect(await station.is('appearances')).toMatchObject({ dialogs: [{ appearance: 1 }] });

    expect((await ask(1, { event: 'dialog;ma' })).text).toMatch(/^SIP\/2\.0 200 /);
    const first = await told();
    expect(field(first.text, 'Event')).toBe('dialog;ma');
    pbx.answer(first, '200 OK');
    station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
    pbx.answer(await told(), '200 OK');
    expect(await station.is('seize-granted')).toMatchObject({ call: 'c1' });
  });

  it('is refused for another package, or in a dialog that we do not know', async () => {
    expect((await ask(1, { event: 'presence' })).text).toMatch(/^SIP\/2\.0 489 /);
    expect((await ask(1, { to: `<sip:5031@${host}>;tag=unknown` })).text).toMatch(/^SIP\/2\.0 481 /);
  });

  it('carries a seize, and its 2xx grants', async () => {
    await ask(1);
    pbx.answer(await told(), '200 OK');
    station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 1, dialog });
    const seize = await told();
    expect(seize.text).toMatch(/x-line-id" pvalue="1"[^<]*\/>[\s\S]*<state>trying/);
    expect(seize.text).toContain('state="partial"');
    pbx.answer(seize, '202 Accepted');
    expect(await station.is('seize-granted')).toMatchObject({ call: 'c1' });
  });

  it.each(['409 Conflict', '480 Temporarily Unavailable', '500 Server Internal Error'])(
    'takes %s for a refusal',
    async (status) => {
      await ask(1);
      pbx.answer(await told(), '200 OK');
      station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
      pbx.answer(await told(), status);
      expect(await station.is('seize-refused')).toMatchObject({ call: 'c1', silent: false });
    },
  );

  it('tries again after Retry-After, unless a colleague is there first', async () => {
    await ask(1);
    pbx.answer(await told(), '200 OK');
    station.port.perform({ type: 'seize', call: 'c1', extension: 2, appearance: 0, dialog });
    pbx.answer(await told(), '500 Glare', ['Retry-After: 1']);
    const again = await told();
    expect(again.text).toContain('<state>trying</state>');
    pbx.answer(again, '200 OK');
    expect(await station.is('seize-granted')).toMatchObject({ call: 'c1' });

    station.port.perform({
      type: 'seize',
      call: 'c2',
      extension: 2,
      appearance: 1,
      dialog: { ...dialog, id: '202' },
    });
    pbx.answer(await told(), '500 Glare', ['Retry-After: 1']);
    const [asked] = pbx.requests.all.filter(({ text }) => text.startsWith('SUBSCRIBE sip:5041'));
    if (!asked) throw new Error('no subscription to the shared extension');
    const theirs =
      '<dialog id="b" direction="initiator"><local><target uri="sip:b@pbx"><param pname="x-line-id" pval="1"/></target></local><state>trying</state></dialog>';
    await notify(asked, 1, document(0, 'full', [theirs]));
    expect(await station.is('appearances')).toMatchObject({ dialogs: [{ appearance: 1 }] });
    await expect(pbx.requests.next(({ text }) => text.startsWith('NOTIFY'), 1_500)).rejects.toThrow();
  });

  it('knows its own dialogs again when they come back', async () => {
    await ask(1);
    pbx.answer(await told(), '200 OK');
    station.port.perform({
      type: 'publish',
      extension: 2,
      appearance: 0,
      dialog: { ...dialog, state: 'confirmed' },
    });
    const ours = await told();
    expect(ours.text).not.toContain('<dialog id="201"');
    pbx.answer(ours, '200 OK');
    const [asked] = pbx.requests.all.filter(({ text }) => text.startsWith('SUBSCRIBE sip:5041'));
    if (!asked) throw new Error('no subscription to the shared extension');
    await notify(asked, 1, ours.text.split('\r\n\r\n')[1]?.replace('partial', 'full') ?? '');
    expect(await station.is('appearances')).toMatchObject({
      full: true,
      dialogs: [{ dialog: { id: '201' } }],
    });
  });
});
