import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loopback, portBlock } from '../support/ports.ts';
import { userA } from '../support/profiles.ts';
import { Rig } from '../support/rig.ts';
import { nameAddr, SipMessage } from '../support/sip-message.ts';
import { Station } from '../support/station.ts';
import { lineIdentity, SharedLineAgent, stateOf } from './sa-agent/sa-agent.ts';

const sharedKey = 2;
const rig = new Rig();
let agent: SharedLineAgent;
let station: Station;
let localPort: number;

beforeEach(async () => {
  const pbxPort = await portBlock();
  localPort = await portBlock();
  agent = rig.use(await SharedLineAgent.start(pbxPort));
  station = rig.use(await Station.start({ profile: userA(pbxPort, localPort) }));
  await station.control.registered();
  await station.control.key(sharedKey, 'idle');
});
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const isNotify = (request: SipMessage): boolean => request.method === 'NOTIFY';
const isFull = (request: SipMessage): boolean => isNotify(request) && /state="full"/.test(request.body);
const says = (state: string) => (request: SipMessage) => isNotify(request) && stateOf(request.body) === state;
const isInvite = (request: SipMessage): boolean => request.method === 'INVITE';
const invites = (): SipMessage[] => agent.requests.filter(isInvite);

/** A captured body with this PBX's address, lines ended with CRLF as a station ends them. */
async function capturedBody(name: string): Promise<string> {
  const capture = new SipMessage(await readFile(new URL(`../fixtures/sip/${name}`, import.meta.url), 'utf8'));
  return capture.body
    .trimEnd()
    .replaceAll('192.168.0.1:6060', `${loopback}:${agent.port}`)
    .replaceAll('\n', '\r\n');
}

const contact = (): string => `sip:5041@${loopback}:${localPort + 1}`;

/** A colleague's dialog on the shared extension, as the printed fan-out has it, with room for oddities. */
interface Told {
  readonly state: string;
  readonly version?: number;
  readonly full?: boolean;
  readonly entity?: string;
  readonly parameter?: 'pvalue' | 'pval';
  readonly newline?: '\n' | '\r\n';
  readonly held?: boolean;
  readonly from?: string;
}

function tell(told: Told): Promise<number> {
  const { state, version = 31, full = false, parameter = 'pvalue', newline = '\n', held = false } = told;
  const entity = told.entity ?? `sip:sa@${loopback}:${agent.port}`;
  const bob = `sip:5032@${loopback}:${agent.port}`;
  const lines = [
    '<?xml version="1.0"?>',
    `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${version}" state="${full ? 'full' : 'partial'}"`,
    `entity="${entity}">`,
    '<dialog id="201" direction="initiator">',
    '<local>',
    `<identity display="User-B">${bob}</identity>`,
    `<target uri="${bob}">`,
    `<param pname="x-line-id" ${parameter}="0"/>`,
    ...(held ? [`<param pname="+sip.rendering" ${parameter}="no"/>`] : []),
    '</target>',
    '</local>',
    `<state>${state}</state>`,
    '</dialog>',
    '</dialog-info>',
  ];
  return agent.notify({ to: contact(), from: told.from ?? lineIdentity, body: lines.join(newline) });
}

describe('a shared line with an independent SPA9000 agent', () => {
  it('says that it has just booted, as the captured station does', async () => {
    const notify = await agent.receives('the full NOTIFY', isFull);
    expect(notify.uri).toBe(`sip:sa@${loopback}:${agent.port}`);
    expect(notify.body).toBe(await capturedBody('spa9000-03-notify-full-station-to-sa.sip'));
    expect(nameAddr(notify.header('From'))).toMatchObject({ display: 'User-A', user: '5031' });
    expect(nameAddr(notify.header('To'))).toMatchObject({ user: '5041', parameters: '' });
    expect(notify.header('Contact')).toContain(`<${contact()}>`);
    expect(notify.header('Event')).toBe('dialog');
    expect(notify.header('Content-Type')).toBe('application/dialog-info+xml');
    expect(notify.headers('Subscription-State')).toEqual([]);
    expect(agent.contacts.get('5041')).toBe(contact());
  });

  it('asks for the line, waits for the grant, and only then calls', async () => {
    const { control } = station;
    agent.verdict = 'wait';
    const seized = control.command('seize', { lineKey: sharedKey });
    const asked = await agent.receives('the seize', says('trying'));
    const body = await capturedBody('spa9000-05-notify-seize-trying-station-to-sa.partial.sip');
    expect(asked.body.replace(/<dialog id="[^"]+"/, '<dialog id="201"')).toBe(body);
    expect(asked.uri).toBe(`sip:sa@${loopback}:${agent.port}`);
    expect(control.snapshot.calls[0]).toMatchObject({ state: 'seizing', granted: false });
    expect(control.snapshot.sound.tone).toBeNull();

    agent.decide(202);
    const { call } = await seized;
    const granted = await control.until('the grant', ({ calls }) => calls.find((each) => each.granted));
    expect(granted).toMatchObject({ id: call, lineKey: sharedKey, state: 'seizing' });
    expect(control.snapshot.sound.tone).toBe('dial');
    expect(control.snapshot.lineKeys[sharedKey - 1]?.state).toBe('local-seized');
    expect(invites()).toEqual([]);

    await control.command('dial', { lineKey: sharedKey, number: '5051' });
    const invite = await agent.receives('the INVITE', isInvite);
    expect(invite.uri).toBe(`sip:5051@${loopback}:${agent.port}`);
    await control.key(sharedKey, 'local-active');
  });

  it('seizes before it calls when a number is dialed at once', async () => {
    await station.control.command('dial', { lineKey: sharedKey, number: '5051' });
    await station.control.key(sharedKey, 'local-active');
    const [seize, invite] = agent.requests.filter((request) => isInvite(request) || says('trying')(request));
    expect([seize?.method, invite?.method]).toEqual(['NOTIFY', 'INVITE']);
  });

  it.each([409, 480, 486, 500, 603])('calls nobody when the line is refused with %i', async (status) => {
    const { control } = station;
    agent.verdict = status;
    await expect(control.command('dial', { lineKey: sharedKey, number: '5051' })).rejects.toMatchObject({
      code: 'line-in-use',
      sentence: expect.stringMatching(/in use/),
    });
    await control.until('no call is left', ({ calls }) => calls.length === 0);
    expect(invites()).toEqual([]);

    // The next grant shows that nothing was still to come of the first attempt.
    agent.verdict = 202;
    await control.command('seize', { lineKey: sharedKey });
    expect(invites()).toEqual([]);
    await control.command('release', { lineKey: sharedKey });
    await agent.receives('the line given back', says('terminated'));
    expect(invites()).toEqual([]);
  });

  it('does not even ask for a line that a colleague has', async () => {
    await tell({ state: 'confirmed' });
    await station.control.key(sharedKey, 'remote-active');
    await expect(station.control.command('seize', { lineKey: sharedKey })).rejects.toMatchObject({
      code: 'line-in-use',
    });
    expect(agent.requests.filter(says('trying'))).toEqual([]);
  });

  it('tells the others how its call goes on', async () => {
    const { control } = station;
    const { call } = await control.command('dial', { lineKey: sharedKey, number: '5051' });
    await agent.receives('early', says('early'));
    const confirmed = await agent.receives('confirmed', says('confirmed'));
    expect(confirmed.body).not.toContain('+sip.rendering');
    const told = agent.requests.length;

    await control.command('hold', { call });
    const held = await agent.receives('held', says('confirmed'), { after: told });
    expect(held.body).toMatch(/<param pname="\+sip\.rendering" pvalue="no"\/>/);
    const toldHeld = agent.requests.length;

    await control.command('resume', { call });
    const resumed = await agent.receives('resumed', says('confirmed'), { after: toldHeld });
    expect(resumed.body).not.toMatch(/"\+sip\.rendering" pvalue="no"/);

    await control.command('hangUp', { call });
    await agent.receives('BYE', ({ method }) => method === 'BYE');
    await agent.receives('terminated', says('terminated'));

    const partials = agent.requests.filter((request) => isNotify(request) && !isFull(request));
    for (const { body } of partials) {
      expect(body.match(/<dialog /g), 'one dialog in every partial').toHaveLength(1);
      expect(body).toContain('<param pname="x-line-id" pvalue="0"/>');
    }
    const ids = new Set(partials.map(({ body }) => body.match(/<dialog id="([^"]+)"/)?.[1]));
    expect(ids.size, 'one dialog id for the whole call').toBe(1);
    const callIds = partials.map((request) => request.header('Call-ID'));
    expect(new Set(callIds).size, 'every NOTIFY has a Call-ID of its own').toBe(callIds.length);
  });

  it.each<{ what: string; told: Omit<Told, 'state'> }>([
    { what: 'as it is printed', told: {} },
    { what: 'from nobody we know', told: { from: '"?" <sip:nobody@example.invalid:9>' } },
    { what: 'from the extension itself', told: { from: '<sip:5041@127.0.0.1>' } },
    { what: 'with an entity without a scheme', told: { entity: 'sa@192.168.0.1:6060' } },
    { what: 'with an empty entity', told: { entity: '' } },
    { what: 'with pval', told: { parameter: 'pval' } },
    { what: 'with CRLF', told: { newline: '\r\n' } },
    { what: 'as a full state', told: { full: true } },
  ])('moves the key on a NOTIFY $what', async ({ told }) => {
    const { control } = station;
    expect(await tell({ ...told, state: 'trying' })).toBe(200);
    const key = await control.key(sharedKey, 'remote-seized');
    expect(key.who).toBe('User-B');
    await tell({ ...told, state: 'early' });
    await control.key(sharedKey, 'remote-progressing');
    await tell({ ...told, state: 'confirmed' });
    await control.key(sharedKey, 'remote-active');
    await tell({ ...told, state: 'confirmed', held: true });
    await control.key(sharedKey, 'remote-held');
    await tell({ ...told, state: 'terminated' });
    await control.key(sharedKey, 'idle');
    expect(control.snapshot.lineKeys[0]?.state, 'the other key stays').toBe('idle');
  });

  it('follows versions that go backwards, stand still or jump', async () => {
    for (const version of [31, 5, 5, 4_000_000_000, 0]) {
      await tell({ state: 'confirmed', version });
      await station.control.key(sharedKey, 'remote-active');
      await tell({ state: 'terminated', version });
      await station.control.key(sharedKey, 'idle');
    }
  });

  it('frees the key on an empty full state', async () => {
    await tell({ state: 'confirmed' });
    await station.control.key(sharedKey, 'remote-active');
    // The printed full NOTIFY, its cut body completed.
    const capture = await capturedBody('spa9000-04-notify-full-pbx-to-station.partial.sip');
    expect(
      await agent.notify({ to: contact(), from: lineIdentity, body: capture.replaceAll('\r\n', '\n') }),
    ).toBe(200);
    await station.control.key(sharedKey, 'idle');
  });

  it('lives on after nonsense', async () => {
    const nonsense = [
      '',
      '<',
      '<?xml version="1.0"?><cake/>',
      '<!DOCTYPE x [<!ENTITY y "z">]><dialog-info/>',
      '\0',
    ];
    for (const body of nonsense) {
      expect(await agent.notify({ to: contact(), from: lineIdentity, body })).toBeGreaterThanOrEqual(200);
    }
    await tell({ state: 'confirmed' });
    await station.control.key(sharedKey, 'remote-active');
  });
});
