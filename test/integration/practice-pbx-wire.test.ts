import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx, type PracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { header, headerValues, type SipMessage } from '../../electron/sip/message/message.ts';
import { readDialogInfo } from '../../electron/sip/shared-line/dialog-info.ts';
import type { UdpAddress } from '../../electron/sip/transport/udp-socket.ts';
import { WirePhone } from './practice-pbx-phone.ts';

const closing: (() => Promise<unknown>)[] = [];
let address: UdpAddress;
let port = 23_100;

async function startPbx(over: Partial<Parameters<typeof createPracticePbx>[0]> = {}): Promise<PracticePbx> {
  const pbx = createPracticePbx({
    address: '127.0.0.1',
    port: 23_000,
    minExpires: 1,
    log: silentLog,
    ...over,
  });
  address = await pbx.start();
  closing.push(() => pbx.stop());
  return pbx;
}

async function phone(user: string, extension = user): Promise<WirePhone> {
  port += 1;
  const opened = await WirePhone.open(address, port, user, extension);
  closing.push(() => opened.close());
  return opened;
}

async function registered(user: string, extension = user): Promise<WirePhone> {
  const opened = await phone(user, extension);
  expect((await opened.register()).status).toBe(200);
  return opened;
}

/** What a NOTIFY of the PBX tells, in short. */
function told(notify: SipMessage) {
  const info = readDialogInfo(notify.body.toString());
  if (!info.ok) throw new Error(info.problem);
  const { state, version, dialogs } = info.value;
  return {
    state,
    version,
    dialogs: dialogs.map((it) => `${it.appearance} ${it.dialog.state}${it.dialog.held ? ' held' : ''}`),
  };
}

beforeEach(() => {
  port = 23_100;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

describe('a station at the practice PBX', () => {
  it('registers with its password only', async () => {
    await startPbx();
    const station = await phone('5031');
    expect((await station.register(60, 'wrong')).status).toBe(401);
    expect((await station.register(60)).status).toBe(200);
  });

  it('registers without one where the PBX asks for none', async () => {
    await startPbx({ digest: false });
    expect((await (await phone('5031')).register(60, 'wrong')).status).toBe(200);
  });

  it('may not call before it has registered, nor after', async () => {
    await startPbx();
    const station = await phone('5031');
    expect((await station.final(station.invite('5051'))).status).toBe(403);
    await station.register();
    expect((await station.final(station.invite('5051'))).status).toBe(480);
    await station.register(0);
    expect((await station.final(station.invite('5051'))).status).toBe(403);
  });

  it('finds the PBX on the next port when its own is taken', async () => {
    await startPbx();
    const first = address;
    await startPbx();
    expect(address.port).toBe(first.port + 1);
  });
});

describe('a call', () => {
  beforeEach(() => startPbx());

  it('rings every contact of the extension; the first to answer gets it, the others hear why not', async () => {
    const caller = await registered('5031');
    const owner = await registered('5041');
    const sharer = await registered('5051', '5041');
    const invite = caller.invite('5041');
    const answered = caller.send(invite);

    const [atOwner, atSharer] = await Promise.all([owner.next('INVITE'), sharer.next('INVITE')]);
    expect(atOwner.uri).toBe(`sip:5041@127.0.0.1:${owner.endpoint.local.port}`);
    expect(header(atOwner, 'Max-Forwards')).toBe('69');
    expect(headerValues(atOwner, 'Via')).toHaveLength(2);
    owner.respond(atOwner, 180);
    sharer.respond(atSharer, 180);
    const cancelled = owner.next('CANCEL');
    sharer.respond(atSharer, 200);

    const responses = await answered;
    expect(responses.map((it) => it.status)).toEqual([100, 180, 180, 200]);
    const final = responses.at(-1) as SipMessage;
    expect(headerValues(final, 'Via')).toEqual(headerValues(invite, 'Via'));
    expect(header(final, 'Contact')).toBe(sharer.contact);
    expect(header(await cancelled, 'Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
  });

  it('does not ring the caller’s own contact of an extension that it shares', async () => {
    const primary = await registered('5031');
    const own = await registered('5031', '5041');
    const owner = await registered('5041');
    const answered = primary.final(primary.invite('5041'));
    owner.respond(await owner.next('INVITE'), 486);
    expect((await answered).status).toBe(486);
    expect(own.unread('INVITE')).toEqual([]);
  });

  it('is cancelled by its caller', async () => {
    const caller = await registered('5031');
    const callee = await registered('5051');
    const invite = caller.invite('5051');
    const final = caller.final(invite);
    const atCallee = await callee.next('INVITE');
    callee.respond(atCallee, 180);
    const cancel = {
      ...invite,
      method: 'CANCEL',
      headers: invite.headers.map((it) =>
        it.name === 'CSeq' ? { ...it, value: it.value.replace('INVITE', 'CANCEL') } : it,
      ),
    };
    expect((await caller.final(cancel)).status).toBe(200);
    expect(header(await callee.next('CANCEL'), 'Reason')).toBeUndefined();
    callee.respond(atCallee, 487);
    expect((await final).status).toBe(487);
    expect((await callee.next('ACK')).uri).toBe(atCallee.uri);
  });

  it('to nobody ends at once', async () => {
    const caller = await registered('5031');
    expect((await caller.final(caller.invite('5051'))).status).toBe(480);
    expect((await caller.final(caller.invite('4711'))).status).toBe(404);
  });
});

it('gives up ringing in the end', async () => {
  await startPbx({ ringingTime: 50 });
  const caller = await registered('5031');
  const callee = await registered('5051');
  const final = caller.final(caller.invite('5051'));
  const invite = await callee.next('INVITE');
  callee.respond(invite, 180);
  await callee.next('CANCEL');
  callee.respond(invite, 487);
  expect((await final).status).toBe(480);
});

describe('the shared line', () => {
  beforeEach(() => startPbx());

  it('is announced, seized, shown to the other sharers, held, picked up and released', async () => {
    const alice = await registered('5031', '5041');
    const bob = await registered('5041');
    expect((await alice.announce()).status).toBe(202);
    expect(told(await alice.next('NOTIFY'))).toEqual({ state: 'full', version: 0, dialogs: [] });

    expect((await alice.publish('trying')).status).toBe(202);
    expect(told(await bob.next('NOTIFY'))).toEqual({ state: 'partial', version: 0, dialogs: ['0 trying'] });
    const refused = await bob.publish('trying', { id: '7' });
    expect([refused.status, header(refused, 'Retry-After')]).toEqual([409, '2']);
    await alice.publish('confirmed');
    expect(told(await bob.next('NOTIFY')).dialogs).toEqual(['0 confirmed']);
    await alice.publish('confirmed', { held: true });
    expect(told(await bob.next('NOTIFY')).dialogs).toEqual(['0 confirmed held']);

    expect((await bob.publish('trying', { id: '7' })).status).toBe(409);
    expect((await bob.publish('confirmed', { id: '7' })).status).toBe(202);
    expect(told(await alice.next('NOTIFY'))).toEqual({
      state: 'partial',
      version: 1,
      dialogs: ['0 confirmed'],
    });
    expect((await alice.publish('terminated')).status).toBe(202);
    expect((await bob.publish('terminated', { id: '7' })).status).toBe(202);
    expect(told(await alice.next('NOTIFY')).dialogs).toEqual(['0 terminated']);
    expect(bob.unread('NOTIFY')).toEqual([]);
  });

  it('goes to exactly one of two who seize at the same moment', async () => {
    const alice = await registered('5031', '5041');
    const bob = await registered('5041');
    for (let round = 0; round < 20; round += 1) {
      const both = await Promise.all([alice.publish('trying'), bob.publish('trying')]);
      expect(both.map((it) => it.status).sort()).toEqual([202, 409]);
      const winner = both[0]?.status === 202 ? alice : bob;
      await winner.publish('terminated');
    }
  });

  it('is released when its station boots anew, unregisters or falls silent', async () => {
    const alice = await registered('5031', '5041');
    const bob = await registered('5041');
    await alice.publish('confirmed');
    await bob.next('NOTIFY');
    await alice.announce();
    expect(told(await bob.next('NOTIFY')).dialogs).toEqual(['0 terminated']);

    await alice.publish('trying');
    await bob.next('NOTIFY');
    await alice.register(0);
    expect(told(await bob.next('NOTIFY')).dialogs).toEqual(['0 terminated']);

    await alice.register(1);
    await alice.publish('trying');
    await bob.next('NOTIFY');
    expect(told(await bob.next('NOTIFY')).dialogs).toEqual(['0 terminated']);
  });

  it('tells a station that comes later how things stand', async () => {
    const bob = await registered('5041');
    await bob.publish('confirmed', { appearance: 1 });
    const alice = await registered('5031', '5041');
    await alice.announce();
    expect(told(await alice.next('NOTIFY'))).toEqual({ state: 'full', version: 0, dialogs: ['1 confirmed'] });
  });

  it('listens to registered sharers only, and only about dialogs', async () => {
    const stranger = await registered('5051');
    expect((await (await phone('5031', '5041')).publish('trying')).status).toBe(403);
    const other = stranger.request('NOTIFY', `sip:sa@127.0.0.1:${address.port}`, [
      { name: 'Event', value: 'message-summary' },
    ]);
    expect((await stranger.final(other)).status).toBe(489);
    expect((await stranger.publish('no such state')).status).toBe(400);
  });
});

describe('watching an extension', () => {
  beforeEach(() => startPbx());

  const subscribe = (watcher: WirePhone, expires: number, more: { event?: string; user?: string } = {}) =>
    watcher.request('SUBSCRIBE', `sip:${more.user ?? '5061'}@127.0.0.1:${address.port}`, [
      { name: 'Event', value: more.event ?? 'dialog' },
      { name: 'Expires', value: String(expires) },
    ]);
  /** The same subscription once more: its dialog, with the next CSeq. */
  const again = (watcher: WirePhone, first: SipMessage, granted: SipMessage, expires: number): SipMessage => {
    const request = subscribe(watcher, expires);
    const kept = new Map([
      ['Call-ID', header(first, 'Call-ID') ?? ''],
      ['To', header(granted, 'To') ?? ''],
    ]);
    return {
      ...request,
      headers: request.headers.map(({ name, value }) => ({ name, value: kept.get(name) ?? value })),
    };
  };
  const about = (notify: SipMessage) => [
    header(notify, 'Subscription-State')?.split(';')[0],
    ...told(notify).dialogs,
  ];

  it('is told at once, told of each change, renewed and ended', async () => {
    const watcher = await registered('5031');
    const caller = await registered('5051');
    const carol = await registered('5061');
    const first = subscribe(watcher, 60);
    const granted = await watcher.final(first);
    expect([granted.status, header(granted, 'Expires')]).toEqual([200, '60']);
    expect(about(await watcher.next('NOTIFY'))).toEqual(['active']);

    const invite = caller.invite('5061');
    const final = caller.final(invite);
    const rings = await carol.next('INVITE');
    carol.respond(rings, 180);
    const ringing = await watcher.next('NOTIFY');
    expect(about(ringing)).toEqual(['active', '0 early']);
    expect(ringing.body.toString()).toContain(
      `call-id="${header(invite, 'Call-ID')}" local-tag="callee${carol.endpoint.local.port}"`,
    );
    carol.respond(rings, 486);
    expect((await final).status).toBe(486);
    expect(about(await watcher.next('NOTIFY'))).toEqual(['active']);

    expect((await watcher.final(again(watcher, first, granted, 60))).status).toBe(200);
    expect(about(await watcher.next('NOTIFY'))).toEqual(['active']);
    expect((await watcher.final(again(watcher, first, granted, 0))).status).toBe(200);
    expect(about(await watcher.next('NOTIFY'))).toEqual(['terminated']);
    expect((await watcher.final(again(watcher, first, granted, 60))).status).toBe(481);
  });

  it('ends by itself when it is not renewed', async () => {
    const watcher = await registered('5031');
    await watcher.final(subscribe(watcher, 1));
    expect(about(await watcher.next('NOTIFY'))).toEqual(['active']);
    const last = await watcher.next('NOTIFY');
    expect(header(last, 'Subscription-State')).toBe('terminated;reason=timeout');
  });

  it('is for registered stations, for dialogs, and for extensions that there are', async () => {
    const watcher = await registered('5031');
    const status = async (from: WirePhone, more: { event?: string; user?: string }) =>
      (await from.final(subscribe(from, 60, more))).status;
    expect(await status(watcher, { event: 'presence' })).toBe(489);
    expect(await status(watcher, { event: 'dialog;sla' })).toBe(489);
    expect(await status(watcher, { user: '4711' })).toBe(404);
    expect(await status(await phone('5051'), {})).toBe(403);
  });
});

describe('beside the captured SPA9000', () => {
  /** A captured message with the addresses of this test; its body ends without a line end (facts 1.7). */
  function captured(name: string, pbx: number): string {
    const text = readFileSync(new URL(`../fixtures/sip/${name}.sip`, import.meta.url), 'utf8');
    return text
      .trimEnd()
      .replaceAll('192.168.0.1:6060', `127.0.0.1:${pbx}`)
      .replaceAll('192.168.0.4:5061', '127.0.0.1:23200')
      .replaceAll('192.168.0.6:5060', '127.0.0.1:23201');
  }
  const headerNames = (message: string): string[] =>
    (message.split(/\r?\n\r?\n/, 1)[0] ?? '')
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(':', 1)[0] ?? '');
  const bodyOf = (message: string): string => message.split(/\r?\n\r?\n/)[1] ?? '';

  /** A phone that says captured messages byte by byte and hears bytes. */
  async function speaker(from: number) {
    const socket = createSocket('udp4');
    const heard: string[] = [];
    socket.on('message', (datagram) => heard.push(datagram.toString()));
    socket.bind(from, '127.0.0.1');
    await once(socket, 'listening');
    closing.push(async () => socket.close());
    return {
      say(message: string): void {
        const [head = '', body = ''] = message.split('\n\n');
        const crlf = body.replaceAll('\n', '\r\n');
        const fitting = head.replace(/Content-Length: \d+/, `Content-Length: ${crlf.length}`);
        socket.send(`${fitting.replaceAll('\n', '\r\n')}\r\n\r\n${crlf}`, address.port, address.address);
      },
      async hears(start: string): Promise<string> {
        for (;;) {
          const at = heard.findIndex((message) => message.startsWith(start));
          if (at >= 0) return heard.splice(at, 1)[0] ?? '';
          await once(socket, 'message');
        }
      },
    };
  }

  it('says the same in the same words', async () => {
    await startPbx({ digest: false });
    const { port: pbx } = address;
    const alice = await speaker(23_200);
    const bob = await speaker(23_201);
    alice.say(captured('spa9000-02-register-third-party-shared', pbx));
    await alice.hears('SIP/2.0 200');
    const owner = captured('spa9000-02-register-third-party-shared', pbx)
      .replaceAll('23200', '23201')
      .replace('From: "User-A" <sip:5031', 'From: "User-B" <sip:5041')
      .replace('Call-ID: ', 'Call-ID: b');
    bob.say(owner);
    await bob.hears('SIP/2.0 200');

    alice.say(captured('spa9000-03-notify-full-station-to-sa', pbx));
    await alice.hears('SIP/2.0 202');
    const full = await alice.hears('NOTIFY');
    const capturedFull = captured('spa9000-04-notify-full-pbx-to-station.partial', pbx);
    expect(full.split('\r\n', 1)).toEqual(capturedFull.split('\n', 1));
    expect(headerNames(full)).toEqual(headerNames(capturedFull));
    expect(full).toContain('\r\nTo: <sip:5041@127.0.0.1:23200>\r\n');
    expect(bodyOf(full)).toBe(bodyOf(capturedFull));

    alice.say(captured('spa9000-05-notify-seize-trying-station-to-sa.partial', pbx));
    const granted = await alice.hears('SIP/2.0 202 Accepted\r\n');
    expect(headerNames(granted)).toEqual(headerNames(captured('spa9000-06-202-seize-granted', pbx)));

    const fannedOut = await bob.hears('NOTIFY');
    const capturedFanOut = captured('spa9000-07-notify-seize-fanout-pbx-to-station', pbx);
    expect(headerNames(fannedOut)).toEqual(headerNames(capturedFanOut));
    // The print of the guide broke the line before `entity` and lost its scheme; the version is that of a long day.
    const mended = bodyOf(capturedFanOut)
      .replace('"partial"\nentity="sa@', '"partial" entity="sip:sa@')
      .replace('version="31"', 'version="0"');
    expect(bodyOf(fannedOut)).toBe(mended);
  });
});
