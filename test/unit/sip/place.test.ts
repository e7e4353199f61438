import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { profile } from '../../../electron/contract/profile.ts';
import type { SipEvent } from '../../../electron/phone/events.ts';
import { type SipPort, silentLog } from '../../../electron/phone/ports.ts';
import {
  createResponse,
  header,
  headerValues,
  readMessage,
  type SipMessage,
  writeMessage,
} from '../../../electron/sip/message/message.ts';
import { readVia, writeVia } from '../../../electron/sip/message/message-fields.ts';
import { isOnOurNetworks, Place } from '../../../electron/sip/pbx/place.ts';
import { createSipStation } from '../../../electron/sip/sip-station.ts';
import type { UdpAddress, UdpSocket } from '../../../electron/sip/transport/udp-socket.ts';
import { createFakeNegotiator } from '../../integration/sip-support.ts';
import { createMemoryNetwork } from './memory-network.ts';

const local = { address: '192.0.2.4', port: 5060 };

describe('the networks that are ours', () => {
  const interfaces = {
    eth0: [
      {
        address: '10.1.2.3',
        netmask: '255.255.255.0',
        family: 'IPv4',
        mac: '',
        internal: false,
        cidr: '10.1.2.3/24',
      },
      {
        address: 'fd00::3',
        netmask: 'ffff:ffff:ffff:ffff::',
        family: 'IPv6',
        mac: '',
        internal: false,
        cidr: 'fd00::3/64',
        scopeid: 0,
      },
    ],
  } as const;

  it.each([
    ['10.1.2.77', true],
    ['10.1.3.77', false],
    ['fd00::99', true],
    ['fd01::99', false],
  ])('%s: %s', (address, ours) => {
    const copy = { eth0: interfaces.eth0.map((each) => ({ ...each })) };
    expect(isOnOurNetworks(address, copy)).toBe(ours);
  });

  it('take in loopback', () => expect(isOnOurNetworks('127.9.9.9')).toBe(true));
});

describe('where we are seen', () => {
  const answer = (via: string): SipMessage =>
    ({ headers: [{ name: 'Via', value: via }] }) as Partial<SipMessage> as SipMessage;
  const place = (nat: boolean | null, pbx: string | null = '203.0.113.7') =>
    new Place({ local: () => local, pbx: () => (pbx === null ? null : { address: pbx, port: 5060 }), nat });

  it('is asked for when the PBX is on no network of ours, unless the profile says otherwise', () => {
    expect([place(null).asks, place(null, '127.0.0.1').asks, place(null, null).asks]).toEqual([
      true,
      false,
      false,
    ]);
    expect([place(true, '127.0.0.1').asks, place(false).asks]).toEqual([true, false]);
  });

  it('is what received and rport say', () => {
    const here = place(true);
    expect(here.learn(answer('SIP/2.0/UDP 192.0.2.4:5060;branch=b;received=198.51.100.9;rport=40001'))).toBe(
      true,
    );
    expect(here.contact).toEqual({ address: '198.51.100.9', port: 40_001 });
    expect(here.isTranslated).toBe(true);
    expect(here.learn(answer('SIP/2.0/UDP 192.0.2.4:5060;branch=b;received=198.51.100.9;rport=40001'))).toBe(
      false,
    );
    expect(here.learn(answer('SIP/2.0/UDP 192.0.2.4:5060;branch=b;received=192.0.2.4;rport=5060'))).toBe(
      true,
    );
    expect([here.contact, here.isTranslated]).toEqual([local, false]);
  });

  it.each([
    ['the server does not know rport', 'SIP/2.0/UDP 192.0.2.4:5060;branch=b;rport'],
    [
      'it was sent from where we are no more',
      'SIP/2.0/UDP 192.0.2.3:5060;branch=b;received=198.51.100.9;rport=40001',
    ],
  ])('is not learnt when %s', (_why, via) => {
    const here = place(true);
    expect(here.learn(answer(via))).toBe(false);
    expect(here.contact).toEqual(local);
  });
});

describe('behind an address translator', () => {
  const pbxAddress = { address: '192.0.2.1', port: 6060 };
  let seen: UdpAddress;
  let requests: string[];
  let contacts: string[][];
  let events: SipEvent[];
  let station: SipPort;
  let pbx: UdpSocket;

  /** Answers each REGISTER as a registrar does that sees us at `seen`. */
  function answer(datagram: Buffer, from: UdpAddress): void {
    requests.push(datagram.toString());
    const read = readMessage(datagram);
    if (!read.ok) return;
    const via = readVia(header(read.message, 'Via') ?? '');
    if (!via) return;
    expect(via.params.has('rport')).toBe(true);
    const asked = headerValues(read.message, 'Contact');
    if (asked.length > 0) contacts.push(asked);
    const params = new Map(via.params).set('received', seen.address).set('rport', String(seen.port));
    const bound = contacts.at(-1)?.filter((each) => !each.endsWith('expires=0')) ?? [];
    const response = createResponse(read.message, 200, 'OK', {
      toTag: 'pbx',
      headers: [{ name: 'Contact', value: bound.join(', ') }],
    });
    const headers = response.headers.map((each) =>
      each.name === 'Via' ? { ...each, value: writeVia({ ...via, params }) } : each,
    );
    pbx.send(writeMessage({ ...response, headers }), from);
  }

  beforeEach(async () => {
    vi.useFakeTimers();
    [requests, contacts, events] = [[], [], []];
    seen = { address: '198.51.100.9', port: 40_001 };
    const network = createMemoryNetwork();
    pbx = await network.bind(pbxAddress, { onDatagram: answer, onError: () => {} });
    station = createSipStation({
      profile: profile.parse({
        pbx: { ...pbxAddress, nat: true, dialect: 'none' },
        station: { name: 'User-A', localAddress: local.address },
        extensions: [{ userId: '5031', localPort: local.port }],
        lineKeys: [{ extension: 1, label: '5031' }],
      }),
      negotiator: createFakeNegotiator(),
      onEvent: (event) => events.push(event),
      log: silentLog,
      version: '0',
      bind: network.bind,
    });
    await station.start();
    await vi.advanceTimersByTimeAsync(100);
  });
  afterEach(async () => {
    const stopped = station.stop();
    await vi.advanceTimersByTimeAsync(3_000);
    await stopped;
    vi.useRealTimers();
  });

  const uri = (contact: string | undefined): string => /<([^>]*)>/.exec(contact ?? '')?.[1] ?? '';

  it('is registered where the PBX sees it, and no more where it sees itself', () => {
    expect(contacts.map((each) => each.map(uri))).toEqual([
      ['sip:5031@192.0.2.4:5060'],
      ['sip:5031@198.51.100.9:40001', 'sip:5031@192.0.2.4:5060'],
    ]);
    expect(contacts[1]?.[1]).toMatch(/;expires=0$/);
    expect(events.at(-1)).toMatchObject({ type: 'registered' });
  });

  it('keeps the translator awake', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests.filter((text) => text === '\r\n\r\n')).toHaveLength(3);
  });

  it('notices within seconds that the translator has given it another port', async () => {
    seen = { address: '198.51.100.9', port: 40_002 };
    await vi.advanceTimersByTimeAsync(7_000);
    expect(contacts.at(-1)?.map(uri)).toEqual(['sip:5031@198.51.100.9:40002', 'sip:5031@198.51.100.9:40001']);
  });
});
