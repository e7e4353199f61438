import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Station } from '../../electron/station.ts';
import { createStation as createSipStation } from '../integration/sip-support.ts';
import { Kamailio } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { callOf, shows, stationHere, until } from '../support/station-here.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
let kamailio: Kamailio;
let ours: Station;
let colleague: Station;

/** Broadsoft's phones register the shared number as their own: From, To and Contact are 5041. */
const sharer = (user: string): Promise<Station> =>
  stationHere(rig, {
    pbxPort: kamailio.port,
    dialect: 'sca',
    user,
    shared: { userId: '5041', sharedUserId: '5041', password: 'pw5041' },
  });
const aor = (): string => `sip:5041@127.0.0.1:${kamailio.port}`;
/** What the PBX knows: a line for each appearance in use, `AOR INDEX STATE ...`. */
const appearances = async (): Promise<string[]> =>
  (await kamailio.control('sca.all_appearances'))
    .split('\n')
    .filter((line) => line.startsWith(aor()))
    .map((line) => line.split(' ').slice(1, 3).join(' '));

beforeEach(async () => {
  kamailio = rig.use(await Kamailio.start(undefined, { personality: 'sca' }));
  ours = await sharer('5031');
  colleague = await sharer('5061');
  for (const each of [ours, colleague]) await shows(each, 2, 'idle');
});
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

describe('shared call appearances at Kamailio (call-info, line-seize)', () => {
  it('are seized, refused to whoever comes later, and given back', async () => {
    await ours.command({ name: 'seize', params: { lineKey: 2 } });
    await shows(colleague, 2, 'remote-seized');
    expect(await appearances()).toEqual(['1 seized']);
    await ours.command({ name: 'release', params: { lineKey: 2 } });
    await shows(colleague, 2, 'idle');
    expect(await appearances()).toEqual([]);
  });

  it('that a colleague has are refused by the PBX, whatever the phone believes (480)', async () => {
    const port = await portBlock();
    const asking = createSipStation({
      pbx: { address: loopback, port: kamailio.port, dialect: 'sca' },
      station: { name: 'Asking', localAddress: loopback },
      extensions: [{ userId: '5041', sharedUserId: '5041', password: 'pw5041', localPort: port }],
      lineKeys: [{ extension: 1, label: '5041' }],
    });
    rig.use({ stop: () => asking.port.stop() });
    await asking.port.start();
    await asking.is('appearances');
    await kamailio.control('sca.seize_appearance', aor(), `sip:5041@${loopback}:9`);
    const dialog = {
      id: '1',
      direction: 'initiator',
      state: 'trying',
      held: false,
      exclusive: false,
    } as const;
    asking.port.perform({
      type: 'seize',
      call: 'c1',
      extension: 1,
      appearance: 0,
      dialog: { ...dialog, local: null, remote: null },
    });
    expect(await asking.is('seize-refused')).toEqual({ type: 'seize-refused', call: 'c1', silent: false });
  });

  it('go to one of two that seize at once: the PBX refuses the other (480), who is told that the line is in use', async () => {
    const wire = rig.use(await Wire.start());
    const both = [ours, colleague];
    const outcomes = await Promise.allSettled(
      both.map((each) => each.command({ name: 'seize', params: { lineKey: 2 } })),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const loser = outcomes.findIndex(({ status }) => status === 'rejected');
    expect(outcomes[loser]).toMatchObject({ reason: { code: 'line-in-use' } });
    const refused = await wire.sees(
      'the refusal',
      ({ from, message }) =>
        from === kamailio.port && message.status === 480 && message.transaction === 'SUBSCRIBE',
    );
    expect(refused.message.header('Event') || 'line-seize').toContain('line-seize');
    const other = both[loser];
    if (other) await shows(other, 2, 'remote-seized');
    expect(other?.view().sound.tone).toBe('busy');
    expect(await appearances()).toEqual(['1 seized']);
  });

  it('show seizing, ringing, talking, holding and the end of a call', async () => {
    const other = await stationHere(rig, { pbxPort: kamailio.port, dialect: 'none', user: '5051' });
    await shows(other, 1, 'idle');
    await ours.command({ name: 'dial', params: { lineKey: 2, number: '5051' } });
    await shows(colleague, 2, 'remote-progressing');
    await until('it rings', other, () => other.view().calls.length > 0);
    await other.command({ name: 'answer', params: { call: callOf(other) } });
    await shows(colleague, 2, 'remote-active');
    expect(colleague.view().lineKeys[1]?.with).toBe('5051');
    await shows(ours, 2, 'local-active');
    await ours.command({ name: 'hold', params: { call: callOf(ours) } });
    await shows(colleague, 2, 'remote-held');

    // And a colleague takes it over.
    await colleague.command({ name: 'pickUp', params: { lineKey: 2 } });
    await shows(colleague, 2, 'local-active');
    await shows(ours, 2, 'remote-active');
    await colleague.command({ name: 'hangUp', params: { call: callOf(colleague) } });
    await shows(ours, 2, 'idle');
    expect(await appearances()).toEqual([]);
  });

  it('ring at all, and show who has answered', async () => {
    const other = await stationHere(rig, { pbxPort: kamailio.port, dialect: 'none', user: '5051' });
    await shows(other, 1, 'idle');
    await other.command({ name: 'dial', params: { lineKey: 1, number: '5041' } });
    const ringing = (at: Station) => at.view().calls.find(({ state }) => state === 'incoming');
    await until('it rings here', ours, () => ringing(ours) !== undefined);
    await until('it rings there', colleague, () => ringing(colleague) !== undefined);
    await ours.command({ name: 'answer', params: { call: ringing(ours)?.id ?? '' } });
    await shows(ours, 2, 'local-active');
    await shows(colleague, 2, 'remote-active');
    expect(colleague.view().calls).toEqual([]);
    // Kamailio 5.6 does not see the end of an incoming call, whoever ends it ("no in-use callee appearance for BYE").
    await kamailio.control('sca.release_appearance', aor(), '1');
    await shows(colleague, 2, 'idle');
  });

  it('show what an administrator makes of them', async () => {
    await ours.command({ name: 'seize', params: { lineKey: 3 } });
    await shows(colleague, 3, 'remote-seized');
    expect(await appearances()).toEqual(['2 seized']);
    for (const [state, shown] of [
      ['progressing', 'remote-progressing'],
      ['alerting', 'remote-ringing'],
      ['active', 'remote-active'],
      ['held', 'remote-held'],
      ['held-private', 'private-held'],
    ] as const) {
      await kamailio.control('sca.update_appearance', aor(), '2', state);
      await shows(colleague, 3, shown);
    }
    await kamailio.control('sca.release_appearance', aor(), '2');
    await shows(colleague, 3, 'idle');
  });
});
