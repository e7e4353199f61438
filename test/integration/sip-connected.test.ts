import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProfileInput } from '../../electron/contract/profile.ts';
import type { Negotiator } from '../../electron/phone/negotiation.ts';
import { ConnectedPbx, type Heard } from './connected-pbx.ts';
import { lineState, requestText } from './line-state.ts';
import { createFakeNegotiator, createStation, field, host, RawPbx, type TestStation } from './sip-support.ts';

const pbxPort = 21_400;
const localPort = 21_410;
const profile = (transport: 'udp' | 'tcp'): ProfileInput => ({
  pbx: { address: host, port: pbxPort, dialect: 'none', transport },
  station: { name: 'User-A', localAddress: host },
  extensions: [{ userId: '5031', localPort }],
  lineKeys: [{ extension: 1, label: '5031' }],
});

const isMethod =
  (method: string) =>
  ({ text }: { readonly text: string }): boolean =>
    text.startsWith(`${method} `);

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function startStation(input: ProfileInput, negotiator?: Negotiator): Promise<TestStation> {
  const made = createStation(input, negotiator ? { negotiator } : {});
  open.push({ close: () => made.port.stop() });
  await made.port.start();
  return made;
}

const accepted = (text: string): { status: string; headers: string[] } => ({
  status: '200 OK',
  headers: [`Contact: ${field(text, 'Contact')}`],
});

const sdpOf = (text: string): string => text.slice(text.indexOf('\r\n\r\n') + 4);

/** Connections of somebody else than the station. */
async function connection(from: string, to: number): Promise<Socket> {
  const socket = connect({ host, port: to, localAddress: from });
  open.push({ close: async () => void socket.destroy() });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

const options = (id: string): string =>
  requestText({
    method: 'OPTIONS',
    target: `sip:5031@${host}:${localPort}`,
    via: `${host}:${pbxPort}`,
    from: '<sip:a@b>;tag=1',
    id,
  }).replace('SIP/2.0/UDP', 'SIP/2.0/TCP');

describe('a station over TCP', () => {
  let pbx: ConnectedPbx;
  beforeEach(async () => {
    pbx = await new ConnectedPbx(pbxPort).open();
    open.push(pbx);
    pbx.automatic = (text) => (text.startsWith('REGISTER') ? accepted(text) : null);
  });

  it('registers its end of the connection, and is called there', async () => {
    const { is } = await startStation(profile('tcp'));
    const first = await pbx.requests.next(isMethod('REGISTER'));
    expect(field(first.text, 'Via')).toMatch(/^SIP\/2\.0\/TCP 127\.0\.0\.1:21410;branch=\S+;rport$/);
    await is('registered');
    const second = await pbx.requests.next(isMethod('REGISTER'));
    const contacts = second.text.match(/^Contact: .*$/gm);
    expect(contacts).toEqual([
      expect.stringMatching(`<sip:5031@${host}:${first.socket.remotePort};transport=tcp>;expires=3600`),
      expect.stringMatching(`<sip:5031@${host}:${localPort};transport=tcp>;expires=0`),
    ]);
    expect(pbx.connections).toHaveLength(1);

    // Two requests and half a third in one piece.
    const third = options('three');
    first.socket.write(`${options('one')}\r\n\r\n${options('two')}${third.slice(0, 60)}`);
    for (const id of ['one', 'two']) {
      const answer = await pbx.responses.next(({ text }) => field(text, 'Call-ID') === id);
      expect(answer.text).toMatch(/^SIP\/2\.0 200 /);
      expect(answer.socket).toBe(first.socket);
    }
    first.socket.write(third.slice(60));
    await pbx.responses.next(({ text }) => field(text, 'Call-ID') === 'three');
  });

  it('connects and registers anew by itself when the connection is lost, and takes the old Contact back', async () => {
    const { is } = await startStation(profile('tcp'));
    await is('registered');
    const { socket: old } = await pbx.requests.next(({ text }) => text.includes('expires=0'));
    const oldPort = old.remotePort;
    await is('registered');
    pbx.cut();

    // At once: the next look at the binding would find out too, but only after more than five seconds.
    const renewed = await is('registered', 4_000);
    expect(renewed.fresh).toBe(true);
    const moved = await pbx.requests.next(
      ({ text, socket }) =>
        socket !== old && text.includes(`:${socket.remotePort};transport=tcp>;expires=3600`),
    );
    expect(moved.text).toContain(`:${oldPort};transport=tcp>;expires=0`);
  });

  it('tells the far end of a call where it is called now, when the connection was lost in mid-call', async () => {
    const station = await startStation(profile('tcp'));
    await station.is('registered');
    station.port.perform({ type: 'invite', extension: 1, call: 'c1', number: '5051' });
    const invite = await pbx.requests.next(isMethod('INVITE'));
    const farEnd = `<sip:5051@${host}:${pbxPort};transport=tcp>`;
    const answer = (heard: Heard): void =>
      pbx.answer(heard, '200 OK', [`Contact: ${farEnd}`, 'Content-Type: application/sdp'], sdpOf(heard.text));
    answer(invite);
    await pbx.requests.next(isMethod('ACK'));
    await station.is('answered');
    pbx.cut();

    const renewed = await pbx.requests.next(
      ({ text, socket }) =>
        text.startsWith('INVITE') && text.includes(`:${socket.remotePort};transport=tcp>`),
    );
    expect(renewed.socket).not.toBe(invite.socket);
    expect(field(renewed.text, 'Call-ID')).toBe(field(invite.text, 'Call-ID'));
    answer(renewed);
    await pbx.requests.next(({ text, socket }) => text.startsWith('ACK') && socket === renewed.socket);
  });

  it('says that the PBX is away while it is, and comes back with it', async () => {
    const { is } = await startStation(profile('tcp'));
    await is('registered');
    await pbx.close();
    expect((await is('register-failed')).reason.code).toBe('pbx-unreachable');

    pbx = await new ConnectedPbx(pbxPort).open();
    open.push(pbx);
    pbx.automatic = (text) => (text.startsWith('REGISTER') ? accepted(text) : null);
    expect((await is('registered', 20_000)).fresh).toBe(true);
  });

  it('ends a connection that it cannot read, and registers over another', async () => {
    const { is } = await startStation(profile('tcp'));
    await is('registered');
    const { socket } = await pbx.requests.next(isMethod('REGISTER'));
    const ended = once(socket, 'close');
    socket.write('OPTIONS sip:5031@x SIP/2.0\r\nContent-Length: lots\r\n\r\n');
    await ended;
    await is('registered');
    await pbx.requests.next((heard) => heard.socket !== socket);
  });

  it('gives up a connection over which nothing comes, for another', async () => {
    const { is } = await startStation(profile('tcp'));
    await is('registered');
    const { socket: mute } = await pbx.requests.next(({ text }) => text.includes('expires=0'));
    // As when a translator or a cable in between is gone: the connection looks open, and nothing arrives.
    mute.pause();
    const again = await pbx.requests.next(({ socket }) => socket !== mute, 25_000);
    expect(again.text).toMatch(/^REGISTER /);
    await is('registered');
  });

  it('takes connections from the PBX, and from nobody else', async () => {
    const { is } = await startStation(profile('tcp'));
    await is('registered');
    const stranger = await connection('127.0.0.2', localPort);
    stranger.write(options('stranger'));
    await once(stranger, 'close');

    const own = await connection(host, localPort);
    own.setEncoding('utf8').write(options('own'));
    expect(String(await once(own, 'data'))).toMatch(/^SIP\/2\.0 200 /);
    own.write('\r\n\r\n');
    expect(await once(own, 'data')).toEqual(['\r\n']);
  });
});

describe('the shared line over TCP', () => {
  it('is announced, asked for, granted, and shown, all over the connection of its extension', async () => {
    const pbx = await new ConnectedPbx(pbxPort).open();
    open.push(pbx);
    pbx.automatic = (text) => {
      if (text.startsWith('REGISTER')) return accepted(text);
      return text.startsWith('NOTIFY') ? { status: '202 Accepted' } : null;
    };
    const own = { userId: '5031', localPort };
    const station = await startStation({
      ...profile('tcp'),
      pbx: { address: host, port: pbxPort, transport: 'tcp', dialect: 'spa9000' },
      extensions: [own, { userId: '5031', sharedUserId: '5041', localPort: localPort + 1 }],
    });
    for (const _ of [1, 2]) await station.is('registered');
    station.port.perform({ type: 'announce', extension: 2 });
    const full = await pbx.requests.next(isMethod('NOTIFY'));
    expect(full.text).toContain('state="full"');
    const contact = `sip:5041@${host}:${full.socket.remotePort};transport=tcp`;
    expect(field(full.text, 'Contact')).toContain(`<${contact}>`);
    await station.is('agent');

    const from = `<sip:5041@${host}:${pbxPort}>;tag=1`;
    const told = { target: contact, via: `${host}:${pbxPort}`, from, appearance: 0 } as const;
    const states = ['trying', 'early', 'confirmed'] as const;
    full.socket.write(states.map((state) => lineState({ ...told, id: state, state })).join(''));
    for (const state of states) {
      const news = await station.is('appearances');
      expect(news).toMatchObject({ extension: 2, dialogs: [{ appearance: 0, dialog: { state } }] });
      const answer = await pbx.responses.next(({ text }) => field(text, 'Call-ID') === state);
      expect(answer.text).toMatch(/^SIP\/2\.0 200 /);
      expect(answer.socket).toBe(full.socket);
    }
  });
});

describe('a station over UDP', () => {
  const padded = createFakeNegotiator();
  const largeOffers: Negotiator = {
    ...padded,
    offer: async (call, options) =>
      `${await padded.offer(call, options)}${'a=x-padding:0123456789\r\n'.repeat(60)}`,
  };

  async function registered(): Promise<{ station: TestStation; pbx: RawPbx }> {
    const pbx = await new RawPbx(pbxPort).open();
    open.push(pbx);
    pbx.automatic = (text) => (text.startsWith('REGISTER') ? accepted(text) : null);
    const station = await startStation(profile('udp'), largeOffers);
    await station.is('registered');
    return { station, pbx };
  }

  const dial = ({ port }: TestStation, call: string): void =>
    port.perform({ type: 'invite', extension: 1, call, number: '5051' });

  it('sends a large INVITE over TCP to a PBX that takes it, and its CANCEL too', async () => {
    const { station, pbx } = await registered();
    const overTcp = await new ConnectedPbx(pbxPort).open();
    open.push(overTcp);
    dial(station, 'c1');
    const invite = await overTcp.requests.next(isMethod('INVITE'));
    expect(invite.text.length).toBeGreaterThan(1_300);
    expect(field(invite.text, 'Via')).toMatch(/^SIP\/2\.0\/TCP 127\.0\.0\.1:21410;/);
    // Requests within the dialog come by UDP, as before.
    expect(field(invite.text, 'Contact')).toBe(`<sip:5031@${host}:${localPort}>`);
    overTcp.answer(invite, '180 Ringing', [`Contact: <sip:5051@${host}:${pbxPort}>`]);
    await station.is('progress');
    station.port.perform({ type: 'hang-up', call: 'c1' });
    const cancel = await overTcp.requests.next(isMethod('CANCEL'));
    expect(field(cancel.text, 'Via')).toBe(field(invite.text, 'Via'));
    overTcp.answer(cancel, '200 OK');
    overTcp.answer(invite, '487 Request Terminated');
    await overTcp.requests.next(isMethod('ACK'));
    expect(pbx.requests.all.filter(({ text }) => !text.startsWith('REGISTER'))).toEqual([]);
  });

  it('sends it by UDP to a PBX that takes no TCP', async () => {
    const { station, pbx } = await registered();
    dial(station, 'c1');
    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(invite.text.length).toBeGreaterThan(1_300);
    expect(field(invite.text, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    pbx.answer(invite, '486 Busy Here');
    await pbx.requests.next(isMethod('ACK'));
  });

  it('sends it by UDP after all when the PBX hangs up on it', async () => {
    const { station, pbx } = await registered();
    const rude = await new ConnectedPbx(pbxPort).open();
    open.push(rude);
    rude.automatic = (_text, socket) => {
      socket.destroy();
      return null;
    };
    dial(station, 'c1');
    await rude.requests.next(isMethod('INVITE'));
    const invite = await pbx.requests.next(isMethod('INVITE'));
    expect(field(invite.text, 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    pbx.answer(invite, '486 Busy Here');
  });

  it('takes a large request over TCP, and answers there', async () => {
    await registered();
    const own = await connection(host, localPort);
    const padding = `X-Padding: ${'x'.repeat(4_000)}\r\n`;
    own.setEncoding('utf8').write(options('large').replace('Call-ID', `${padding}Call-ID`));
    expect(String(await once(own, 'data'))).toMatch(/^SIP\/2\.0 200 /);
  });
});
