import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { PhoneCommand } from '../../electron/phone/events.ts';
import type { Station } from '../../electron/station.ts';
import { Child } from '../support/child.ts';
import { Kamailio, type Personality } from '../support/kamailio.ts';
import { loopback, portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { callOf, shows, stationHere, until } from '../support/station-here.ts';
import { Wire } from '../support/wire.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const pbx = async (personality: Personality = 'bla', port?: number): Promise<Kamailio> =>
  rig.use(await Kamailio.start(port, { personality }));

/** Its own extension on key 1, the shared 5041 on keys 2 and 3. */
const station = (pbxPort: number, user: string): Promise<Station> =>
  stationHere(rig, {
    pbxPort,
    dialect: 'bla',
    user,
    shared: { userId: user, sharedUserId: '5041', password: `pw${user}` },
  });

async function command(at: Station, given: PhoneCommand): Promise<void> {
  await at.command(given);
}

/** A colleague's phone made of sipp alone. */
async function sharer(pbxPort: number): Promise<{ readonly port: number }> {
  const port = await portBlock();
  const folder = await rig.folder();
  const scenarios = ['-sf', here('bla/sharer.xml'), '-oocsf', here('bla/tells.xml')];
  const as = [
    '-au',
    '5041',
    '-ap',
    'pw5041',
    '-m',
    '1',
    '-nostdin',
    '-trace_err',
    '-error_file',
    `${folder}/errors`,
  ];
  rig.use(
    new Child('sipp', [`${loopback}:${pbxPort}`, '-i', loopback, '-p', String(port), ...scenarios, ...as], {
      cwd: folder,
    }),
  );
  return { port };
}

describe('a shared line at Kamailio (dialog;sla, pua_bla)', () => {
  it('shows what a foreign phone on it does: seize, ring, talk, hold, resume, end', async () => {
    const { port } = await pbx();
    const ours = await station(port, '5031');
    await shows(ours, 2, 'idle');
    const seen: string[] = ['idle'];
    ours.subscribe(() => {
      const { state = 'disabled', who = null, with: other = null } = ours.view().lineKeys[1] ?? {};
      const now = [state, who, other].filter((part) => part !== null).join(' ');
      if (seen.at(-1) !== now) seen.push(now);
    });
    await sharer(port);
    await shows(ours, 2, 'remote-active');
    await shows(ours, 2, 'idle');
    expect(seen).toEqual([
      'idle',
      'remote-seized User-B 5061',
      'remote-progressing User-B 5061',
      'remote-active User-B 5061',
      'remote-held User-B 5061',
      'remote-active User-B 5061',
      'idle',
    ]);
  });

  it('tells a foreign phone what we do, and a station of ours shows the same', async () => {
    const { port } = await pbx();
    const wire = rig.use(await Wire.start());
    const ours = await station(port, '5031');
    const colleague = await station(port, '5061');
    await shows(ours, 2, 'idle');
    await shows(colleague, 2, 'idle');
    const phone = await sharer(port);
    await shows(ours, 2, 'remote-seized');
    await shows(ours, 2, 'idle');

    /** The phone is told by the PBX. */
    const told = (what: string, pattern: RegExp) =>
      wire.sees(
        what,
        ({ to, message }) => to === phone.port && message.method === 'NOTIFY' && pattern.test(message.body),
      );
    await command(ours, { name: 'seize', params: { lineKey: 2 } });
    await told('our seize', /pvalue="0".*<state>trying/s);
    await shows(colleague, 2, 'remote-seized');
    await expect(colleague.command({ name: 'seize', params: { lineKey: 2 } })).rejects.toThrow();

    await command(ours, { name: 'dial', params: { lineKey: 2, number: '5061' } });
    await told('our ringing', /<state>early/);
    await shows(colleague, 2, 'remote-progressing');
    await command(colleague, { name: 'answer', params: { call: callOf(colleague) } });
    await shows(ours, 2, 'local-active');
    await told('our talking', /<state>confirmed/);
    await shows(colleague, 2, 'remote-active');
    await command(ours, { name: 'hold', params: { call: callOf(ours) } });
    await told('our holding', /sip\.rendering.*<state>confirmed/s);
    await shows(colleague, 2, 'remote-held');
    await command(ours, { name: 'hangUp', params: { call: callOf(ours) } });
    await shows(colleague, 2, 'idle');
    // Its own last document is the end of its own call, long ago.
    await wire.sees(
      'our end',
      ({ to, message }) =>
        to === phone.port && /version="\d{2}" state="full"/.test(message.body) && message.method === 'NOTIFY',
    );
  });

  it('rings at all, and shows who has answered', async () => {
    const { port } = await pbx();
    const ours = await station(port, '5031');
    const colleague = await station(port, '5061');
    const other = await stationHere(rig, { pbxPort: port, dialect: 'none', user: '5051' });
    await shows(other, 1, 'idle');
    for (const each of [ours, colleague]) await shows(each, 2, 'idle');
    await other.command({ name: 'dial', params: { lineKey: 1, number: '5041' } });
    const ringing = (at: Station) => at.view().calls.find(({ state }) => state === 'incoming');
    await until('it rings here', ours, () => ringing(ours) !== undefined);
    await until('it rings there', colleague, () => ringing(colleague) !== undefined);
    await ours.command({ name: 'answer', params: { call: ringing(ours)?.id ?? '' } });
    await shows(ours, 2, 'local-active');
    await shows(colleague, 2, 'remote-active');
    expect(colleague.view().calls).toEqual([]);
    await other.command({ name: 'hangUp', params: { call: callOf(other) } });
    for (const each of [ours, colleague]) await shows(each, 2, 'idle');
  });

  it('lets a colleague take a held call over', async () => {
    const { port } = await pbx();
    const ours = await station(port, '5031');
    const colleague = await station(port, '5061');
    const other = await station(port, '5051');
    for (const each of [ours, colleague, other]) await shows(each, 2, 'idle');
    await command(colleague, { name: 'dial', params: { lineKey: 2, number: '5051' } });
    await until('it rings', other, () => other.view().calls.length > 0);
    await command(other, { name: 'answer', params: { call: callOf(other) } });
    await shows(ours, 2, 'remote-active');
    await command(colleague, { name: 'hold', params: { call: callOf(colleague) } });
    await shows(ours, 2, 'remote-held');

    await command(ours, { name: 'pickUp', params: { lineKey: 2 } });
    await shows(ours, 2, 'local-active');
    await shows(colleague, 2, 'remote-active');
    expect(colleague.view().calls).toEqual([]);
    expect(ours.view().calls[0]?.remote.number).toBe('5051');
    await command(ours, { name: 'hangUp', params: { call: callOf(ours) } });
    await until('it is over', other, () => other.view().calls.length === 0);
  });

  it('goes on when the subscriptions have been refreshed', async () => {
    const { port } = await pbx('bla-brief');
    const wire = rig.use(await Wire.start());
    const ours = await station(port, '5031');
    const colleague = await station(port, '5061');
    await shows(ours, 2, 'idle');
    await shows(colleague, 2, 'idle');
    for (const cseq of [3, 4]) {
      await wire.sees(
        `refresh ${cseq}`,
        ({ to, message }) => to === port && message.header('CSeq') === `${cseq} SUBSCRIBE`,
        30_000,
      );
    }
    await command(ours, { name: 'seize', params: { lineKey: 3 } });
    await shows(colleague, 3, 'remote-seized');
    await command(ours, { name: 'release', params: { lineKey: 3 } });
    await shows(colleague, 3, 'idle');
  });

  it('comes back after a restart of the PBX', async () => {
    const kamailio = await pbx();
    const ours = await station(kamailio.port, '5031');
    const colleague = await station(kamailio.port, '5061');
    await shows(ours, 2, 'idle');
    await shows(colleague, 2, 'idle');
    await kamailio.child.stop('SIGKILL');
    await shows(ours, 2, 'register-failed', 30_000);
    await pbx('bla', kamailio.port);
    await shows(ours, 2, 'idle', 30_000);
    await shows(colleague, 2, 'idle', 30_000);
    await command(colleague, { name: 'seize', params: { lineKey: 2 } });
    await shows(ours, 2, 'remote-seized');
    await command(colleague, { name: 'release', params: { lineKey: 2 } });
    await shows(ours, 2, 'idle');
  }, 120_000);

  it('is shared with a foreign phone through a refresh and a restart of the PBX', async () => {
    const kamailio = await pbx('bla-brief');
    const wire = rig.use(await Wire.start());
    const ours = await station(kamailio.port, '5031');
    await shows(ours, 2, 'idle');

    /** The phone's whole call is seen here, and our seize there meanwhile. */
    const eachSeesTheOther = async (): Promise<void> => {
      const phone = await sharer(kamailio.port);
      await shows(ours, 2, 'remote-seized');
      await shows(ours, 2, 'remote-progressing');
      await shows(ours, 2, 'remote-active');
      await command(ours, { name: 'seize', params: { lineKey: 3 } });
      await wire.sees(
        'our seize, told to the phone',
        ({ to, message }) =>
          to === phone.port && message.method === 'NOTIFY' && /pvalue="1".*<state>trying/s.test(message.body),
      );
      await command(ours, { name: 'release', params: { lineKey: 3 } });
      await shows(ours, 2, 'remote-held');
      await shows(ours, 2, 'remote-active');
      await shows(ours, 2, 'idle');
    };
    await wire.sees(
      'a refresh of ours',
      ({ to, message }) => to === kamailio.port && message.header('CSeq') === '3 SUBSCRIBE',
      30_000,
    );
    await eachSeesTheOther();
    await kamailio.child.stop('SIGKILL');
    await shows(ours, 2, 'register-failed', 30_000);
    await pbx('bla-brief', kamailio.port);
    await shows(ours, 2, 'idle', 30_000);
    await eachSeesTheOther();
  }, 120_000);

  it('whose PBX does not subscribe to us shows nothing, but can be called on', async () => {
    const { port } = await pbx('plain');
    const ours = await station(port, '5031');
    const other = await station(port, '5061');
    await shows(ours, 1, 'idle');
    await shows(other, 1, 'idle');
    await shows(ours, 2, 'remote-undefined');
    await command(ours, { name: 'dial', params: { lineKey: 2, number: '5061' } });
    await until('it rings', other, () => other.view().calls.some(({ state }) => state === 'incoming'));
  });
});
