import { afterEach, expect, it } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createPracticePbx } from '../../electron/practice-pbx/practice-pbx.ts';
import { createStation, type Station } from '../../electron/station.ts';

const address = '127.0.0.1';
const times = 1000;
const shared = 2;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function station(port: number, userId: string, localPort: number): Promise<Station> {
  const media = createFileMedia({ portRange: [localPort + 20, localPort + 59] });
  const password = `pw${userId}`;
  const made = createStation({
    profile: profile.parse({
      pbx: { address, port, dialect: 'spa9000' },
      station: { name: `Station ${userId}`, localAddress: address },
      extensions: [
        { userId, password, localPort },
        { userId, sharedUserId: '5041', password, localPort: localPort + 1 },
      ],
      lineKeys: [
        { extension: 1, label: userId },
        { extension: 2, label: '5041' },
      ],
    }),
    media,
    log: silentLog,
    version: '0',
  });
  closing.push(async () => {
    await made.stop();
    await media.close();
  });
  await made.start();
  await until(made, () => made.view().lineKeys[shared - 1]?.state === 'idle');
  return made;
}

function until(at: Station, holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`did not come; now ${JSON.stringify(at.view().lineKeys)}`));
    }, 8_000);
    const look = (): void => {
      if (!holds()) return;
      clearTimeout(timer);
      stop();
      resolve();
    };
    const stop = at.subscribe(look);
    look();
  });
}

/** The requests of a method that a station has sent on the shared line since it was last asked. */
function sentBy(station: Station): (method: string) => number {
  let after = 0;
  return (method) => {
    const messages = station.trace.read({ after, limit: 1_000 });
    after = messages.at(-1)?.sequence ?? after;
    return messages.filter(({ direction, text }) => direction === 'out' && text.startsWith(`${method} `))
      .length;
  };
}

it(`of two that call on one line at the same moment, ${times} times, one is granted it and the other sends no INVITE`, {
  timeout: 300_000,
}, async () => {
  const pbx = createPracticePbx({ address, port: 28_000, log: silentLog });
  const { port } = await pbx.start();
  closing.push(() => pbx.stop());
  const stations = [await station(port, '5031', 28_100), await station(port, '5051', 28_200)];
  const invites = stations.map(sentBy);
  for (const count of invites) count('INVITE');
  const won = [0, 0];
  for (let time = 0; time < times; time += 1) {
    const idle = () => Promise.all(stations.map((each) => until(each, () => isIdle(each))));
    // Whoever is asked first is not always the same.
    const order = time % 2 === 0 ? stations : stations.toReversed();
    const outcomes = await Promise.allSettled(
      order.map((each) => each.command({ name: 'dial', params: { lineKey: shared, number: '5098' } })),
    );
    const byStation = time % 2 === 0 ? outcomes : outcomes.toReversed();
    expect(byStation.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const loser = byStation.findIndex(({ status }) => status === 'rejected');
    expect(byStation[loser]).toMatchObject({ reason: { code: 'line-in-use' } });
    won[1 - loser] = (won[1 - loser] ?? 0) + 1;
    // The winner’s call finds nobody, and the line is free again.
    await idle();
    expect(invites[1 - loser]?.('INVITE')).toBeGreaterThan(0);
    expect(invites[loser]?.('INVITE')).toBe(0);
  }
  console.log(`${times} times at once: granted ${won.join(' and ')} times, 0 twice, 0 INVITEs of the loser`);
  expect(won.every((count) => count > 0)).toBe(true);
});

const isIdle = (at: Station): boolean => {
  const { calls, lineKeys } = at.view();
  return calls.length === 0 && lineKeys[shared - 1]?.state === 'idle';
};
