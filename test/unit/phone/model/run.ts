import type { CallPhase } from '../../../../electron/phone/calls/call.ts';
import type { PhoneCommand } from '../../../../electron/phone/events.ts';
import { step } from '../../../../electron/phone/step.ts';
import { appearances, ModelPbx } from './pbx.ts';
import { ModelStation } from './station.ts';
import { World } from './world.ts';

const stationNames = ['5031', '5032', '5033', '5034'];

export interface ModelOptions {
  readonly seed: number;
  /** What is broken on purpose: the PBX, or the core. */
  readonly grantsTwice?: boolean;
  readonly core?: typeof step;
}

/** What went wrong in one sequence of random actions, with what had happened; null: nothing. */
export function runModel({ seed, grantsTwice = false, core = step }: ModelOptions): string | null {
  const loss = [0, 0.1, 0.3][seed % 3] ?? 0;
  const world = new World(seed, loss);
  const pbx = new ModelPbx(world, { grantsTwice });
  const stations = stationNames.map((name) => new ModelStation(name, world, pbx, core));
  pbx.stations = stations;
  const wrongs: string[] = [];
  const check = (): void => {
    wrongs.push(...stations.flatMap((station) => station.wrongs.splice(0)));
    if (!pbx.hasForgotten) wrongs.push(...twiceOwned(stations));
  };

  for (const station of stations) station.boot();
  world.pass(5000);
  for (let actions = 10 + world.upTo(30); actions > 0 && wrongs.length === 0; actions -= 1) {
    act(world, pbx, stations);
    const until = world.now + world.upTo(8000);
    for (; world.now < until && wrongs.length === 0; world.pass(200)) check();
  }
  if (wrongs.length === 0) {
    quieten(world, pbx, stations);
    check();
    wrongs.push(...disagreements(pbx, stations));
    if (loss === 0 && !pbx.hasForgotten) wrongs.push(...wronglyMissed(world, pbx, stations));
  }
  return wrongs.length === 0 ? null : [`seed ${seed}`, ...wrongs, ...world.log].join('\n');
}

function act(world: World, pbx: ModelPbx, stations: readonly ModelStation[]): void {
  const chance = world.chance();
  const station = world.oneOf(stations);
  if (station && !station.alive) station.boot();
  else if (chance < 0.01) pbx.restart();
  else if (chance < 0.04) pbx.refresh();
  else if (chance < 0.17) pbx.incoming();
  else if (chance < 0.27) glare(world, stations);
  else if (station && chance < 0.29) station.crash();
  else if (station && chance < 0.31) station.refresh();
  else station?.command(commandFor(world, station));
}

/** Two stations, or perhaps the same, go for one key at once. */
function glare(world: World, stations: readonly ModelStation[]): void {
  const lineKey = 2 + world.upTo(2);
  for (const station of [world.oneOf(stations), world.oneOf(stations)]) {
    if (station?.alive) station.command({ name: 'seize', params: { lineKey } });
  }
}

function commandFor(world: World, station: ModelStation): PhoneCommand {
  const lineKey = 2 + world.upTo(2);
  const call = world.oneOf(station.phone.calls);
  const chance = world.chance();
  if (!call || chance < 0.3) {
    if (chance < 0.2) return { name: 'pickUp', params: { lineKey } };
    if (chance < 0.25) return { name: 'release', params: { lineKey } };
    return { name: 'dial', params: { lineKey, number: '5551234' } };
  }
  const params = { call: call.id };
  if (call.phase === 'incoming') return { name: chance < 0.8 ? 'answer' : 'reject', params };
  if (call.phase === 'held' && chance < 0.6) return { name: 'resume', params };
  if (chance < 0.8) return { name: 'hold', params: { ...params, private: world.happens(0.3) } };
  return { name: 'hangUp', params };
}

/** No packet is lost any more, what is on its way arrives, dead stations are forgotten, and the PBX says all again. */
function quieten(world: World, pbx: ModelPbx, stations: readonly ModelStation[]): void {
  world.note('quiet');
  world.calm = true;
  for (const station of stations) {
    for (const { id, phase } of station.phone.calls) {
      if (phase === 'incoming') station.command({ name: 'reject', params: { call: id } });
    }
  }
  world.pass(100_000);
  for (let refreshes = 0; refreshes < 3; refreshes += 1) {
    pbx.refresh();
    world.pass(15_000);
  }
  world.note(
    `the PBX has ${[...pbx.owners].map(([at, { station, dialog }]) => `${at} ${station === 'pbx' ? station : station.name} ${dialog.state}`).join(', ')}`,
  );
}

const having: readonly CallPhase[] = ['granted', 'dialing', 'ringing', 'active', 'holding', 'resuming'];

/**
 * Two stations on one appearance. A call that was picked up and not yet let go of is with the one who picked it up; one of
 * which the PBX heard so late that the other side has let go before may have lost its place.
 */
function twiceOwned(stations: readonly ModelStation[]): string[] {
  return Array.from({ length: appearances }, (_, appearance) => appearance).flatMap((appearance) => {
    const owners = stations.filter(
      (station) =>
        station.alive &&
        station.isHeard &&
        station.phone.calls.some(
          (call) =>
            call.appearance === appearance &&
            having.includes(call.phase) &&
            !station.late.has(call.dialogId) &&
            (call.way === 'call' || call.connectedSince !== null) &&
            call.direction === 'outgoing',
        ),
    );
    return owners.length < 2
      ? []
      : [`${owners.map(({ name }) => name).join(' and ')} both have ${appearance}`];
  });
}

/** Calls that a colleague answered, and spoke on for as long as it takes to tell, that are missed calls elsewhere. */
function wronglyMissed(world: World, pbx: ModelPbx, stations: readonly ModelStation[]): string[] {
  const answered = pbx.won.filter(
    ({ station, life, answeredAt, endedAt }) =>
      station.life === life && (endedAt ?? world.now) - (answeredAt ?? 0) > 3000,
  );
  return stations.flatMap(({ name, alive, phone }) =>
    (alive ? phone.history : [])
      .filter(({ id, outcome }) => outcome === 'missed' && answered.some(({ call }) => call === id))
      .map(({ id }) => `${name} has ${id} as missed`),
  );
}

/** What the PBX's truth makes each key show, told independently of the core: vertical first, two keys. */
function disagreements(pbx: ModelPbx, stations: readonly ModelStation[]): string[] {
  return stations
    .filter(({ alive }) => alive)
    .flatMap((station) =>
      station.keys().flatMap((key, ordinal) => {
        const own = station.phone.calls.filter((call) => call.lineKey === key.index);
        const unsaid = own.filter(({ appearance }) => {
          const by = appearance === null ? station : pbx.owners.get(appearance)?.station;
          // Or it was taken by somebody who came so late that it had been given away.
          return by !== station && !(by !== undefined && by !== 'pbx' && by.wasLate);
        });
        if (unsaid.length > 0 && !pbx.hasForgotten && !station.wasLate) {
          return [`${station.name} key ${ordinal}: the PBX does not know of ${unsaid[0]?.id}`];
        }
        if (own.length > 0)
          return key.state.startsWith('local') ? [] : [`${station.name} shows ${key.state}`];
        const theirs = [...pbx.owners].filter(([appearance]) => appearance % 2 === ordinal);
        const states = theirs.map(([, { dialog }]) => expected(dialog.state, dialog.held, dialog.exclusive));
        const right = theirs.length === 0 ? key.state === 'idle' : states.includes(key.state);
        const count = key.appearances.length === theirs.length;
        const stuck = theirs.some(([, owner]) => owner.station === station);
        return right && count && !stuck
          ? []
          : [
              `${station.name} key ${ordinal} shows ${JSON.stringify(key.appearances)}, ${key.state}; true: ${states}`,
            ];
      }),
    );
}

function expected(state: string, held: boolean, exclusive: boolean): string {
  if (state === 'trying') return 'remote-seized';
  if (state === 'early') return 'remote-progressing';
  if (held) return exclusive ? 'private-held' : 'remote-held';
  return 'remote-active';
}
