import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SettingsChange } from '../../electron/contract/settings.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { readMessage, type SipMessage } from '../../electron/sip/message/message.ts';
import type { Station } from '../../electron/station.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { shows, stationHere, until } from '../support/station-here.ts';

/**
 * Three real stations and the practice PBX, over UDP on loopback. Alice (5031) and Bob (5051) share 5041 on their second
 * key; Carol (5061) is who gets transferred.
 */
const rig = new Rig();
let alice: Station;
let bob: Station;
let carol: Station;

beforeAll(async () => {
  const pbx = createPracticePbx({ address: loopback, port: await portBlock(), log: silentLog });
  rig.use(pbx);
  const { port: pbxPort } = await pbx.start();
  const sharer = (user: string) => ({
    user,
    shared: { userId: user, sharedUserId: '5041', password: `pw${user}` },
  });
  const office = { pbxPort, dialect: 'spa9000' } as const;
  alice = await stationHere(rig, { ...office, ...sharer('5031') });
  bob = await stationHere(rig, { ...office, ...sharer('5051') });
  carol = await stationHere(rig, { ...office, user: '5061' });
  await Promise.all([shows(alice, 2, 'idle'), shows(bob, 2, 'idle'), shows(carol, 1, 'idle')]);
});
afterEach(async () => {
  for (const at of [alice, bob, carol]) {
    for (const { id, state } of at.view().calls) {
      if (state !== 'ending') await at.command({ name: 'hangUp', params: { call: id } });
    }
  }
  await free(alice, bob, carol);
  await Promise.all([shows(alice, 2, 'idle'), shows(bob, 2, 'idle')]);
});
afterAll(() => rig.stop());

const numbers = (at: Station) => at.view().calls.map(({ remote, state }) => `${remote.number} ${state}`);
const callWith = (at: Station, number: string) =>
  at.view().calls.find(({ remote }) => remote.number === number);
const talks = (at: Station, number: string) =>
  until(`with ${number}`, at, () => callWith(at, number)?.state === 'active' && at.view().calls.length === 1);
const free = (...all: Station[]) =>
  Promise.all(all.map((at) => until('free', at, () => at.view().calls.length === 0)));
const codes = (at: Station) => at.view().notices.map(({ code }) => code);

async function answers(at: Station): Promise<void> {
  const rings = () => at.view().calls.find(({ state }) => state === 'incoming');
  await until('ringing', at, () => rings() !== undefined);
  await at.command({ name: 'answer', params: { call: rings()?.id ?? '' } });
}

/** Alice calls Carol, who answers; the call's id. */
async function aliceWithCarol(lineKey = 1): Promise<string> {
  const { call } = await alice.command({ name: 'dial', params: { lineKey, number: '5061' } });
  await answers(carol);
  await until('with Carol', alice, () => callWith(alice, '5061')?.state === 'active');
  return call;
}

/** What a station has sent and received since the last look. */
function traced(at: Station, after: number): SipMessage[] {
  return at.trace.read({ after, limit: 1_000 }).flatMap(({ text }) => {
    const read = readMessage(Buffer.from(text));
    return read.ok ? [read.message] : [];
  });
}
const lastSequence = (at: Station): number => at.trace.messages.at(-1)?.sequence ?? 0;
const sipfrags = (messages: readonly SipMessage[]): string[] =>
  messages
    .filter(
      ({ kind, method, body }) => kind === 'request' && method === 'NOTIFY' && /^SIP/.test(String(body)),
    )
    .map(({ body }) => String(body).trim());

describe('a blind transfer', () => {
  it('from the shared line: held privately on its way, and the line is free afterwards', async () => {
    const before = lastSequence(alice);
    const call = await aliceWithCarol(2);
    await shows(bob, 2, 'remote-active');
    const done = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    await shows(bob, 2, 'private-held');
    await until('ringing', bob, () => numbers(bob).includes('5061 incoming'));
    expect(alice.view().calls[0]?.transfer).toEqual({ state: 'transferring', with: null, to: '5051' });
    await until('ringing', carol, () => callWith(carol, '5051')?.state === 'ringing');
    expect(callWith(carol, '5031')).toMatchObject({ state: 'active', heldByRemote: true });
    await answers(bob);
    expect(await done).toEqual({ call });
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
    expect(codes(alice)).toContain('transferred');
    expect(sipfrags(traced(alice, before))).toEqual([
      'SIP/2.0 100 Trying',
      'SIP/2.0 180 Ringing',
      'SIP/2.0 200 OK',
    ]);
    await shows(bob, 2, 'idle');
  });

  it('comes back when nobody is reached, and can be tried again', async () => {
    const call = await aliceWithCarol();
    const refused = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    await until('ringing', bob, () => numbers(bob).includes('5061 incoming'));
    await bob.command({ name: 'reject', params: { call: bob.view().calls[0]?.id ?? '' } });
    await expect(refused).rejects.toMatchObject({
      code: 'transfer-failed',
      sentence: expect.stringContaining('486'),
    });
    await Promise.all([talks(alice, '5061'), talks(carol, '5031')]);
    expect(carol.view().calls[0]?.heldByRemote).toBe(false);
    await expect(alice.command({ name: 'transfer', params: { call, number: '5099' } })).rejects.toMatchObject(
      { code: 'transfer-failed' },
    );
    await Promise.all([talks(alice, '5061'), talks(carol, '5031')]);

    const again = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    await answers(bob);
    await again;
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
  });

  it('comes back when who is transferred gives up', async () => {
    const call = await aliceWithCarol();
    const refused = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    await until('ringing', carol, () => callWith(carol, '5051')?.state === 'ringing');
    await carol.command({ name: 'hangUp', params: { call: callWith(carol, '5051')?.id ?? '' } });
    await expect(refused).rejects.toMatchObject({ sentence: expect.stringContaining('487') });
    await talks(alice, '5061');
  });

  it('is refused by one who is sending us away: that goes on', async () => {
    const call = await aliceWithCarol();
    const theirs = carol.view().calls[0]?.id ?? '';
    const done = carol.command({ name: 'transfer', params: { call: theirs, number: '5051' } });
    await until('ringing', bob, () => numbers(bob).includes('5031 incoming'));
    await expect(alice.command({ name: 'transfer', params: { call, number: '5099' } })).rejects.toMatchObject(
      { code: 'transfer-refused', sentence: expect.stringContaining('603') },
    );
    await answers(bob);
    await done;
    await Promise.all([talks(alice, '5051'), talks(bob, '5031'), free(carol)]);
  });
});

describe('whoever is transferred', () => {
  const carolSets = (settings: SettingsChange) => carol.command({ name: 'configure', params: { settings } });
  afterEach(() => carolSets({ followTransfers: 'always', dialPlan: null }));
  const asked = async (): Promise<string> => {
    const theirs = callWith(carol, '5031');
    await until('asked', carol, () => callWith(carol, '5031')?.referredTo?.number === '5051');
    return theirs?.id ?? '';
  };

  it('may be asked first, and goes when they say so', async () => {
    await carolSets({ followTransfers: 'ask' });
    const before = lastSequence(alice);
    const call = await aliceWithCarol();
    const done = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    const theirs = await asked();
    expect(bob.view().calls).toEqual([]);
    expect(alice.view().calls).toMatchObject([{ state: 'held', transfer: { state: 'transferring' } }]);
    const { call: next } = await carol.command({ name: 'followTransfer', params: { call: theirs } });
    await answers(bob);
    expect(await done).toEqual({ call });
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
    expect(carol.view().calls[0]?.id).toBe(next);
    const states = traced(alice, before)
      .filter(
        ({ kind, method, body }) => kind === 'request' && method === 'NOTIFY' && /^SIP/.test(String(body)),
      )
      .map(({ headers }) => headers.find(({ name }) => name === 'Subscription-State')?.value.split(';')[0]);
    // News that is overtaken is not told.
    expect([...new Set(states)]).toEqual(['pending', 'active', 'terminated']);
  });

  it('may be asked first, and stays: the call is the transferor’s again', async () => {
    await carolSets({ followTransfers: 'ask' });
    const call = await aliceWithCarol();
    const refused = alice.command({ name: 'transfer', params: { call, number: '5051' } });
    await carol.command({ name: 'declineTransfer', params: { call: await asked() } });
    await expect(refused).rejects.toMatchObject({
      code: 'transfer-failed',
      sentence: expect.stringContaining('603'),
    });
    await Promise.all([talks(alice, '5061'), talks(carol, '5031')]);
  });

  it.each([
    ['wants never to be', { followTransfers: 'never' }, '603', false],
    ['may not call there by their dial plan', { dialPlan: '(50[3-4]x|5051!)' }, '403', true],
  ] as const)('and %s is not', async (_, settings, status, told) => {
    await carolSets(settings);
    const call = await aliceWithCarol();
    await expect(alice.command({ name: 'transfer', params: { call, number: '5051' } })).rejects.toMatchObject(
      {
        code: 'transfer-refused',
        sentence: expect.stringContaining(status),
      },
    );
    await Promise.all([talks(alice, '5061'), talks(carol, '5031')]);
    expect(codes(carol).includes('referral-barred')).toBe(told);
    expect(bob.view().calls).toEqual([]);
  });
});

describe('an attended transfer', () => {
  it.each([
    ['of a call on the shared line', 2],
    ['of a private call', 1],
  ])('%s brings the two others together', async (_, lineKey) => {
    const before = lastSequence(alice);
    const call = await aliceWithCarol(lineKey);
    const { call: asked } = await alice.command({ name: 'consult', params: { call, number: '5051' } });
    await answers(bob);
    await until('asking', alice, () => callWith(alice, '5051')?.state === 'active');
    expect(alice.view().calls.find(({ id }) => id === call)).toMatchObject({
      state: 'held',
      transfer: { state: 'consulting', with: asked, to: '5051' },
    });
    await alice.command({ name: 'completeTransfer', params: { call, to: asked } });
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
    expect(bob.view().calls[0]).toMatchObject({ heldByRemote: false, direction: 'incoming' });
    const refer = traced(alice, before).find(({ kind, method }) => kind === 'request' && method === 'REFER');
    expect(refer?.headers.find(({ name }) => name === 'Refer-To')?.value).toMatch(
      /^<sip:5051@127\.0\.0\.1:\d+\?Replaces=[^@;=]+%3Bto-tag%3D[^@;=]+%3Bfrom-tag%3D[^@;=]+>$/,
    );
  });

  it('goes to the number of one who still rings', async () => {
    const call = await aliceWithCarol();
    const { call: asked } = await alice.command({ name: 'consult', params: { call, number: '5051' } });
    await until('ringing', bob, () => numbers(bob).includes('5031 incoming'));
    const done = alice.command({ name: 'completeTransfer', params: { call, to: asked } });
    await until('ringing', bob, () => numbers(bob).includes('5061 incoming'));
    await answers(bob);
    await done;
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
  });

  it('leaves both calls as they were when the far end cannot get there', async () => {
    const call = await aliceWithCarol();
    const { call: asked } = await alice.command({ name: 'consult', params: { call, number: '5051' } });
    await answers(bob);
    await until('asking', alice, () => callWith(alice, '5051')?.state === 'active');
    // Carol is just sending Alice away herself, and so takes no such advice.
    const theirs = carol.view().calls[0]?.id ?? '';
    const given = carol.command({ name: 'transfer', params: { call: theirs, number: '5041' } });
    await until('ringing', bob, () => numbers(bob).includes('5031 incoming'));
    const refused = alice.command({ name: 'completeTransfer', params: { call, to: asked } });
    await expect(refused).rejects.toMatchObject({ code: 'transfer-refused' });
    await alice.command({ name: 'hangUp', params: { call: callWith(alice, '5041')?.id ?? '' } });
    await expect(given).rejects.toMatchObject({ code: 'transfer-failed' });
    await until('no third call', alice, () => alice.view().calls.length === 2);
    expect(alice.view().calls).toMatchObject([
      { id: call, state: 'held', transfer: { state: 'consulting', with: asked } },
      { id: asked, state: 'active' },
    ]);
    await alice.command({ name: 'hangUp', params: { call: asked } });
    await free(bob);
    expect(alice.view().calls.find(({ id }) => id === call)).toMatchObject({ state: 'held', transfer: null });
    await alice.command({ name: 'resume', params: { call } });
    await talks(alice, '5061');
  });

  it('may go to a call that is held privately on the shared line, for its holder asks for it', async () => {
    const { call: to } = await alice.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
    await answers(bob);
    await talks(alice, '5051');
    await alice.command({ name: 'hold', params: { call: to, private: true } });
    const call = await aliceWithCarol();
    await alice.command({ name: 'completeTransfer', params: { call, to } });
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
  });

  it('joins two calls that came in', async () => {
    await bob.command({ name: 'dial', params: { lineKey: 1, number: '5031' } });
    await answers(alice);
    const first = alice.view().calls[0]?.id ?? '';
    await carol.command({ name: 'dial', params: { lineKey: 1, number: '5031' } });
    await answers(alice);
    await until('both', alice, () => numbers(alice).join() === '5051 held,5061 active');
    const second = callWith(alice, '5061')?.id ?? '';
    await alice.command({ name: 'completeTransfer', params: { call: second, to: first } });
    await Promise.all([talks(carol, '5051'), talks(bob, '5061'), free(alice)]);
  });
});
