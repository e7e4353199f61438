import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { SipEvent } from '../../electron/phone/events.ts';
import type { AppearanceDialog } from '../../electron/phone/lines/dialog.ts';
import { createStation, host, type TestStation } from '../integration/sip-support.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

async function station(pbxPort: number, userId: string, watch: readonly string[] = []): Promise<TestStation> {
  const made = createStation({
    pbx: { address: host, port: pbxPort, dialect: 'none' },
    station: { name: `Station ${userId}`, localAddress: host },
    extensions: [{ userId, password: `pw${userId}`, localPort: await portBlock() }],
    lineKeys: [{ extension: 1, label: userId }, ...watch.map((user) => ({ watch: user, label: user }))],
  });
  rig.use({ stop: () => made.port.stop() });
  await made.port.start();
  await made.is('registered');
  return made;
}

type Dialogs = readonly AppearanceDialog[] | null;
const isWatched = (event: SipEvent) => event.type === 'watched';

/** Waits until the watched extension's dialogs are as wanted; Kamailio may tell a state more than once. */
async function watched(watcher: TestStation, userId: string, wanted: (dialogs: Dialogs) => boolean) {
  const found = await watcher.events.next(
    (event) => event.type === 'watched' && event.userId === userId && wanted(event.dialogs),
  );
  return found.type === 'watched' ? found.dialogs : null;
}
const states = (dialogs: Dialogs): string[] => (dialogs ?? []).map(({ state }) => state);
const only =
  (state: string) =>
  (dialogs: Dialogs): boolean =>
    states(dialogs).join() === state;
const none = only('');

describe('watched extensions at Kamailio (dialog, pua_dialoginfo)', () => {
  it('show who rings, who talks, with whom, and that it is over', async () => {
    const kamailio = rig.use(await Kamailio.start(undefined, { personality: 'blf' }));
    const caller = await station(kamailio.port, '5051');
    const callee = await station(kamailio.port, '5061');
    const watcher = await station(kamailio.port, '5031', ['5051', '5061']);
    await watched(watcher, '5051', none);
    await watched(watcher, '5061', none);

    caller.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5061' });
    const { call } = await callee.is('incoming');
    const [ringing] = (await watched(watcher, '5061', only('early'))) ?? [];
    expect(ringing).toMatchObject({ direction: 'recipient', remote: { number: '5051' } });
    const [calling] = (await watched(watcher, '5051', only('early'))) ?? [];
    expect(calling).toMatchObject({ direction: 'initiator', remote: { number: '5061' } });

    callee.port.perform({ type: 'accept', call });
    await caller.is('answered');
    await watched(watcher, '5061', only('confirmed'));
    await watched(watcher, '5051', only('confirmed'));

    caller.port.perform({ type: 'hang-up', call: 'c1' });
    await watched(watcher, '5061', none);
    await watched(watcher, '5051', none);
  });

  it('let a call that rings there be picked up: it goes straight to the caller, and stops ringing', async () => {
    const kamailio = rig.use(await Kamailio.start(undefined, { personality: 'blf' }));
    const caller = await station(kamailio.port, '5051');
    const callee = await station(kamailio.port, '5061');
    const watcher = await station(kamailio.port, '5031', ['5061']);
    await watched(watcher, '5061', none);
    caller.port.perform({ type: 'invite', call: 'c1', extension: 1, number: '5061' });
    const { call } = await callee.is('incoming');
    const [dialog] = (await watched(watcher, '5061', only('early'))) ?? [];
    if (!dialog) throw new Error('no dialog');
    expect(dialog.identifiers).toMatchObject({ callId: expect.any(String) });

    watcher.port.perform({ type: 'pick-up', call: 'p1', extension: 1, appearance: null, dialog });
    const answered = [await watcher.is('answered'), await caller.is('answered')];
    expect(answered.map((event) => event.call)).toEqual(['p1', 'c1']);
    expect(await callee.is('ended')).toMatchObject({ call });
    await watched(watcher, '5061', none);
    watcher.port.perform({ type: 'hang-up', call: 'p1' });
    await caller.is('ended');
  });

  it('are unknown while the PBX is away, and known again after its return', async () => {
    const kamailio = rig.use(await Kamailio.start(undefined, { personality: 'blf' }));
    const watcher = await station(kamailio.port, '5031', ['5061']);
    await watched(watcher, '5061', none);
    await kamailio.child.stop('SIGKILL');
    await watcher.is('register-failed', 30_000);
    await watcher.events.next(
      (event) => isWatched(event) && event.type === 'watched' && event.dialogs === null,
    );
    rig.use(await Kamailio.start(kamailio.port, { personality: 'blf' }));
    await watcher.is('registered', 20_000);
    await watched(watcher, '5061', none);
  }, 90_000);

  it('that the PBX does not tell of stay unknown', async () => {
    const kamailio = rig.use(await Kamailio.start());
    const watcher = await station(kamailio.port, '5031', ['5061']);
    expect(await watched(watcher, '5061', () => true)).toBeNull();
  });
});
