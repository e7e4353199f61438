import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Station } from '../../electron/station.ts';
import type { Child } from '../support/child.ts';
import { Kamailio } from '../support/kamailio.ts';
import { portBlock } from '../support/ports.ts';
import { Rig } from '../support/rig.ts';
import { sipp } from '../support/sipp.ts';
import { callOf, stationHere, until } from '../support/station-here.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

/** 5031 and a phone of sipp's, 5051, on one PBX. */
async function desk() {
  const { port: pbxPort } = rig.use(await Kamailio.start());
  const port = await portBlock();
  const station = await stationHere(rig, { pbxPort, dialect: 'none', user: '5031' });
  await until('registered', station, () => station.view().lineKeys[0]?.state === 'idle');
  const play = (scenario: string, media?: string): Promise<Child> =>
    sipp(rig, scenario, { pbxPort, port, ...(media !== undefined && { media }) });
  return { station, play };
}

/** It has done all that its scenario says, and the station is free again. */
async function done(phone: Child, station: Station): Promise<void> {
  const code = await phone.ended;
  expect(code, phone.output.slice(0, 3_000)).toBe(0);
  await until('free', station, () => station.view().calls.length === 0);
}

async function answerWhenItRings(station: Station): Promise<void> {
  await until('ringing', station, () => station.view().calls[0]?.state === 'incoming');
  await station.command({ name: 'answer', params: { call: callOf(station) } });
}

describe('a phone that calls', () => {
  it.each(['call', 'reliable-ringing', 'session-timer', 'storm'])('%s', async (scenario) => {
    const { station, play } = await desk();
    const phone = await play(scenario);
    await answerWhenItRings(station);
    await done(phone, station);
  });
});

describe('a phone that is called', () => {
  it.each(['early-media', 'fork', 'moved', 'too-brief'])('%s', async (scenario) => {
    const { station, play } = await desk();
    expect(await (await play('register')).ended).toBe(0);
    const phone = await play(scenario);
    await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    await done(phone, station);
  });
});

const mLines = Array.from({ length: 64 }, () => 'video 6000 RTP/AVP 31').join('|');

describe('descriptions that nobody can use', () => {
  const useless = [
    ['no audio port', 'audio 0 RTP/AVP 0'],
    ['a payload number beyond all', 'audio 6000 RTP/AVP 99999'],
    ['no codec in common', 'audio 6000 RTP/AVP 34 4 18'],
    ['a port beyond all', 'audio 99999 RTP/AVP 0'],
    ['64 lines and none of them audio', mLines],
  ] as const;

  it.each(useless)('%s: 488 to an INVITE, nobody rings, and the next call is taken', async (_what, media) => {
    const { station, play } = await desk();
    const rang: string[] = [];
    station.subscribe(() => rang.push(...station.view().calls.map(({ state }) => state)));
    await done(await play('useless', media), station);
    expect(rang).toEqual([]);
    const phone = await play('call');
    await answerWhenItRings(station);
    await done(phone, station);
  });

  it.each(useless)('%s: 488 to a re-INVITE, and the call goes on', async (_what, media) => {
    const { station, play } = await desk();
    const phone = await play('spoiled', media);
    await answerWhenItRings(station);
    await done(phone, station);
  });

  it.each(useless)('%s: BYE when it is the answer', async (_what, media) => {
    const { station, play } = await desk();
    expect(await (await play('register')).ended).toBe(0);
    const phone = await play('useless-answer', media);
    await station.command({ name: 'dial', params: { lineKey: 1, number: '5051' } });
    await done(phone, station);
  });
});
