import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import { type Profile, profile } from '../contract/profile.ts';
import { createFileMedia } from '../media/file-media.ts';
import type { Log, MediaPort } from '../phone/ports.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import { createStation, type Station } from '../station.ts';
import { Colleague } from './colleague.ts';
import type { Habits } from './habits.ts';

/** When the colleagues do what; milliseconds. */
export interface ColleagueTimes {
  readonly echoAnswers: number;
  readonly carolAnswers: number;
  readonly annAnswers: number;
  readonly bobAnswers: number;
  /** From the registration of the practice station to Ann's call. */
  readonly annCalls: number;
  readonly annRings: number;
  readonly annTalks: number;
  /** From one of Bob's calls on the shared line to the next... */
  readonly bobEvery: number;
  /** ...and how long the line must be idle before. */
  readonly bobWaits: number;
  readonly bobTalks: number;
  readonly bobHolds: number;
  readonly bobResumes: number;
}

/**
 * Calm: there is something to see on the shared line now and then, and time to use it in between; time also to pick up
 * what rings at Carol or is on hold.
 */
export const calmTimes: ColleagueTimes = {
  echoAnswers: 0,
  carolAnswers: 5_000,
  annAnswers: 2_000,
  bobAnswers: 12_000,
  annCalls: 8_000,
  annRings: 25_000,
  annTalks: 12_000,
  bobEvery: 45_000,
  bobWaits: 10_000,
  bobTalks: 10_000,
  bobHolds: 12_000,
  bobResumes: 3_000,
};

export interface ColleaguesOptions {
  readonly pbx: UdpAddress;
  /** The folder of their speech; null: they are silent. */
  readonly assets: string | null;
  readonly times: ColleagueTimes;
  /** The first UDP port of their phones. */
  readonly firstPort: number;
  readonly log: Log;
}

export interface Colleagues {
  start(): Promise<void>;
  /** A station has come: the one that practises gets a call from Ann. */
  welcome(extension: string): void;
  stop(): Promise<void>;
}

interface Person {
  readonly name: string;
  readonly extension: string;
  /** Takes part in the shared line of the extension, which is then Bob's own. */
  readonly shared?: boolean;
  readonly habits: Habits;
  readonly every?: number;
  readonly quietFor?: number;
  readonly media: { readonly answers?: string; readonly calls?: string; readonly echo?: boolean };
}

const patience = 600_000;
const welcomeAgainAfter = 10 * 60_000;
/** Extension 1 of the practice station (practice-profile.ts). */
const newcomer = '5031';

/**
 * The people of the practice PBX. Bob calls an echo of his own (5061): one station talks to one caller at a time, and
 * 5099 is for the one who practises.
 */
function people(times: ColleagueTimes): readonly Person[] {
  const answers = (answersAfter: number): Habits => ({ answersAfter, patience, outing: null });
  const bobCalls = {
    number: '5061',
    ringsFor: 20_000,
    talksFor: times.bobTalks,
    holdsFor: times.bobHolds,
    resumesFor: times.bobResumes,
  };
  const annCalls = {
    number: newcomer,
    ringsFor: times.annRings,
    talksFor: times.annTalks,
    holdsFor: null,
    resumesFor: 0,
  };
  return [
    { name: 'Echo', extension: '5099', habits: answers(times.echoAnswers), media: { echo: true } },
    { name: 'Carol', extension: '5061', habits: answers(times.carolAnswers), media: { echo: true } },
    {
      name: 'Bob',
      extension: '5041',
      shared: true,
      habits: { answersAfter: times.bobAnswers, patience, outing: bobCalls },
      every: times.bobEvery,
      quietFor: times.bobWaits,
      media: { answers: 'bob-answers.wav', calls: 'bob-talks.wav' },
    },
    {
      name: 'Ann',
      extension: '5051',
      habits: { answersAfter: times.annAnswers, patience, outing: annCalls },
      media: { answers: 'ann-answers.wav', calls: 'ann-calls.wav' },
    },
  ];
}

export function createColleagues(options: ColleaguesOptions): Colleagues {
  const { log } = options;
  const phones = people(options.times).map((person, position) => ({
    person,
    ...phoneOf(person, options.firstPort + position, options),
  }));
  let welcomedAt = Number.NEGATIVE_INFINITY;

  return {
    async start() {
      const starting = phones.map(({ person, colleague }) =>
        colleague
          .start()
          .catch((error: unknown) => log.warn({ error, name: person.name }, 'colleague is away')),
      );
      await Promise.all(starting);
    },
    welcome(extension) {
      if (extension !== newcomer || Date.now() - welcomedAt < welcomeAgainAfter) return;
      welcomedAt = Date.now();
      phones.find(({ person }) => person.name === 'Ann')?.colleague.plan(options.times.annCalls);
    },
    async stop() {
      await Promise.all(
        phones.map(async ({ colleague, media }) => {
          await colleague.stop();
          await media.close();
        }),
      );
    },
  };
}

function phoneOf(
  person: Person,
  localPort: number,
  { pbx, assets, log }: ColleaguesOptions,
): { colleague: Colleague; media: MediaPort } {
  /** What they say depends on who called whom; the call is known before it has sound. */
  const speech = (call: string): string | null => {
    const isOwn = station.view().calls.find(({ id }) => id === call)?.direction === 'outgoing';
    const file = isOwn ? person.media.calls : person.media.answers;
    const path = assets !== null && file !== undefined ? join(assets, file) : null;
    return path !== null && existsSync(path) ? path : null;
  };
  const media = createFileMedia({ audioIn: speech, echo: person.media.echo ?? false, log });
  const station: Station = createStation({ profile: profileOf(person, localPort, pbx), media, log, version });
  const { name, habits } = person;
  const colleague = new Colleague({
    name,
    station,
    habits,
    every: person.every ?? null,
    quietFor: person.quietFor ?? 0,
    log,
  });
  return { colleague, media };
}

const profileOf = ({ name, extension, shared }: Person, localPort: number, pbx: UdpAddress): Profile =>
  profile.parse({
    pbx: { ...pbx, dialect: 'spa9000' },
    station: { name, displayName: name, localAddress: pbx.address },
    extensions: [
      {
        userId: extension,
        // The owner of a shared line takes part in it like any sharer (facts 1.7: User-B owns 5041 as Ext 1).
        ...(shared ? { sharedUserId: extension, bargeIn: true } : {}),
        password: `pw${extension}`,
        localPort,
      },
    ],
    lineKeys: [{ extension: 1, label: extension }],
  });
