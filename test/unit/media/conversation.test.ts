import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodecName } from '../../../electron/contract/profile.ts';
import type { Rate, SampledChunk } from '../../../electron/media/codecs/codec.ts';
import type { JoinedLeg } from '../../../electron/media/conversation/conversation.ts';
import { Conversations } from '../../../electron/media/conversation/conversations.ts';
import { frameMs } from '../../../electron/media/conversation/jitter-buffer.ts';
import type { Junction } from '../../../electron/media/plain-leg.ts';
import { toneLevel } from '../../support/fourier.ts';
import { toneSamples, tonesInSamples } from '../../support/tones.ts';

let now: number;
let speakers: { due: () => void }[];
let conversations: Conversations;

/** So many samples of what somebody says, from a place on. */
type Voice = (position: number, samples: number, rate: Rate) => Int16Array;

const tone =
  (hertz: number, peak = 8000): Voice =>
  (position, samples, rate) =>
    toneSamples(hertz, position, samples, rate, peak);
const quiet: Voice = (_, samples) => new Int16Array(samples);

/** A leg on paper, and somebody at each end of it who may speak: a packet every 20 ms. */
class PaperLeg implements JoinedLeg {
  codec: CodecName;
  muted = false;
  holds = false;
  junction: Junction | null = null;
  beeps = 0;
  readonly said: SampledChunk[] = [];
  readonly told: SampledChunk[] = [];
  idleSound = quiet;
  #idled = 0;

  constructor(codec: CodecName = 'PCMU') {
    this.codec = codec;
  }

  get rate(): Rate {
    return this.junction?.rate ?? 8;
  }
  joinTo = (junction: Junction | null): void => {
    this.junction = junction;
  };
  say = (chunk: SampledChunk): void => void this.said.push(chunk);
  tell = (chunk: SampledChunk): void => void this.told.push(chunk);
  beep = (): void => {
    this.beeps += 1;
  };
  idle = (ms: number): Int16Array => {
    const samples = ms * this.rate;
    this.#idled += samples;
    return this.idleSound(this.#idled - samples, samples, this.rate);
  };

  farEndSpeaks(voice: Voice): void {
    this.#speak(voice, (chunk) => this.junction?.fromFarEnd(chunk));
  }

  userSpeaks(voice: Voice): void {
    this.#speak(voice, (chunk) => this.junction?.fromUser(chunk));
  }

  #speak(voice: Voice, put: (chunk: SampledChunk) => void): void {
    let ms = 0;
    const begin = now;
    const ssrc = speakers.length;
    speakers.push({
      due: () => {
        for (; begin + ms <= now; ms += frameMs) {
          const [timestamp, rate] = [ms * this.rate, this.rate];
          put({ ssrc, timestamp, rate, samples: voice(timestamp, frameMs * rate, rate) });
        }
      },
    });
  }
}

/** What was sent after the beeps and the first delay were over. */
const heard = (chunks: readonly SampledChunk[], from = 30): Float64Array =>
  Float64Array.from(chunks.slice(from).flatMap(({ samples }) => [...samples]));

const tonesIn = (sound: Float64Array, candidates: readonly number[], peak?: number, rate: Rate = 8) =>
  tonesInSamples(sound, candidates, rate, peak);

function run(ms: number): void {
  for (let passed = 0; passed < ms; passed += 1) {
    now += 1;
    for (const { due } of speakers) due();
    vi.advanceTimersByTime(1);
  }
}

/** The process does nothing for so long; then all that came meanwhile is there at once. */
const block = (ms: number): void => {
  now += ms;
};

function threeVoices(): [PaperLeg, PaperLeg] {
  const [host, guest] = [new PaperLeg(), new PaperLeg()];
  conversations.join(host, guest);
  host.userSpeaks(tone(400));
  host.farEndSpeaks(tone(700));
  guest.farEndSpeaks(tone(1100));
  return [host, guest];
}

const all = [400, 700, 1100];

beforeEach(() => {
  now = 1000;
  speakers = [];
  let random = 500;
  conversations = new Conversations(() => random++);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a conversation', () => {
  it('lets each hear the others as loud as they are, and not themselves', () => {
    const [host, guest] = threeVoices();
    run(2000);
    expect(tonesIn(heard(host.told), all)).toEqual([700, 1100]);
    expect(tonesIn(heard(host.said), all)).toEqual([400, 1100]);
    expect(tonesIn(heard(guest.said), all)).toEqual([400, 700]);
    for (const hertz of [400, 1100]) {
      const level = toneLevel(heard(host.said), hertz);
      expect(20 * Math.log10(level / 8000)).toBeCloseTo(0, 1);
    }
    expect(guest.told).toHaveLength(0);
  });

  it('takes any number of guests', () => {
    const [host, guest] = threeVoices();
    const others = [1500, 1900].map((hertz) => {
      const leg = new PaperLeg();
      conversations.join(guest, leg);
      leg.farEndSpeaks(tone(hertz, 4000));
      return leg;
    });
    run(2500);
    const from = 80;
    expect(tonesIn(heard(host.told, from), [...all, 1500, 1900], 4000)).toEqual([700, 1100, 1500, 1900]);
    expect(tonesIn(heard(others[0]?.said ?? [], from), [...all, 1500, 1900], 4000)).toEqual([
      400, 700, 1100, 1900,
    ]);
  });

  it('keeps loud voices within the scale', () => {
    const [host, guest] = [new PaperLeg(), new PaperLeg()];
    conversations.join(host, guest);
    host.userSpeaks(tone(500, 30_000));
    guest.farEndSpeaks(tone(500, 30_000));
    run(1500);
    const sound = heard(host.said);
    expect(Math.max(...sound)).toBeLessThanOrEqual(32_124);
    expect(toneLevel(sound, 500)).toBeGreaterThan(28_000);
    // A sum that wrapped around would be mostly noise; a bent one has odd harmonics that stay well below.
    expect(toneLevel(sound, 1500)).toBeLessThan(0.25 * toneLevel(sound, 500));
    expect(toneLevel(sound, 1000)).toBeLessThan(300);
  });

  it('plays the files of a station without a window', () => {
    const [host, guest] = [new PaperLeg(), new PaperLeg()];
    host.idleSound = tone(400);
    conversations.join(host, guest);
    run(1500);
    expect(tonesIn(heard(guest.said), all)).toEqual([400]);
    expect(tonesIn(heard(host.said), all)).toEqual([400]);
  });

  it('mutes our user towards all, or towards one guest, and a guest towards all', () => {
    const [host, guest] = threeVoices();
    host.muted = true;
    run(1500);
    expect(tonesIn(heard(host.said), all)).toEqual([1100]);
    expect(tonesIn(heard(guest.said), all)).toEqual([700]);
    host.muted = false;
    guest.muted = true;
    run(1000);
    expect(tonesIn(heard(host.said, 80), all)).toEqual([400, 1100]);
    expect(tonesIn(heard(guest.said, 80), all)).toEqual([700]);
    guest.muted = false;
    conversations.silence(guest, true);
    run(1000);
    expect(tonesIn(heard(host.told, 130), all)).toEqual([700]);
    expect(tonesIn(heard(guest.said, 130), all)).toEqual([400, 700]);
  });
});

describe('coming and going', () => {
  const beeps = [523, 330];

  it('is told to everyone by two beeps, and by a lower one to those who stay', () => {
    const [host, guest, other] = [new PaperLeg(), new PaperLeg(), new PaperLeg()];
    conversations.join(host, guest);
    run(400);
    for (const chunks of [host.told, host.said, guest.said]) {
      // Two beeps of 120 ms in 400 ms, at -20 dBFS.
      expect(tonesIn(heard(chunks, 0).subarray(200, 800), beeps, 3212)).toEqual([523]);
      expect(
        heard(chunks, 0)
          .subarray(1000, 1500)
          .every((sample) => sample === 0),
      ).toBe(true);
      expect(tonesIn(heard(chunks, 0).subarray(1800, 2400), beeps, 3212)).toEqual([523]);
    }
    conversations.join(host, other);
    run(400);
    conversations.part(guest);
    const [atGuest, atHost] = [guest.said.length, host.said.length];
    run(300);
    expect(guest.said).toHaveLength(atGuest);
    expect(guest.junction).toBeNull();
    for (const chunks of [host.told.slice(atHost), host.said.slice(atHost)]) {
      expect(tonesIn(heard(chunks, 0).subarray(200, 1400), beeps, 3212)).toEqual([330]);
    }
  });

  it('gives the call back to itself when the last guest has gone and that was heard', () => {
    const [host, guest] = threeVoices();
    run(1000);
    conversations.part(guest);
    const from = host.said.length;
    run(400);
    for (const chunks of [host.said, host.told]) {
      expect(tonesIn(heard(chunks, from).subarray(200, 1400), beeps, 3212)).toEqual([330]);
    }
    expect(host.junction).toBeNull();
    const said = host.said.length;
    run(200);
    expect(host.said).toHaveLength(said);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a guest who comes back during the beep of their leaving', () => {
    const [host, guest] = threeVoices();
    run(1000);
    conversations.part(guest);
    run(100);
    conversations.join(host, guest);
    run(2000);
    expect(tonesIn(heard(host.said, 120), all)).toEqual([400, 1100]);
  });

  it('brings those along who have joined the one that comes', () => {
    const [host, guest, colleague] = [new PaperLeg(), new PaperLeg(), new PaperLeg()];
    conversations.join(guest, colleague);
    conversations.join(host, guest);
    guest.farEndSpeaks(tone(600));
    colleague.farEndSpeaks(tone(1000));
    run(1_500);
    expect(tonesIn(heard(host.said), [600, 1000])).toEqual([600, 1000]);
    expect(tonesIn(heard(colleague.said.slice(-60)), [600, 1000])).toEqual([600]);
  });

  it('lets those go along who have joined the one that leaves, also when the host changes', () => {
    const [host, member, colleague, third] = [
      new PaperLeg(),
      new PaperLeg(),
      new PaperLeg(),
      new PaperLeg(),
    ] as const;
    for (const guest of [member, third]) conversations.join(host, guest);
    conversations.join(member, colleague);
    host.farEndSpeaks(tone(400));
    member.farEndSpeaks(tone(700));
    colleague.farEndSpeaks(tone(1100));
    conversations.part(member);
    run(1000);
    expect(tonesIn(heard(third.said.slice(-30), 0), [400, 700, 1100])).toEqual([400]);
    expect(tonesIn(heard(member.said.slice(-30), 0), [400, 700, 1100])).toEqual([1100]);
    expect(tonesIn(heard(colleague.said.slice(-30), 0), [400, 700, 1100])).toEqual([700]);
    conversations.join(third, member);
    run(1000);
    expect(tonesIn(heard(third.said.slice(-30), 0), [400, 700, 1100])).toEqual([400, 700, 1100]);
    conversations.leave(member);
    run(500);
    expect(colleague.junction).toBeNull();
  });

  it('parts all when the host goes, and takes a guest from one conversation into another', () => {
    const [host, guest] = threeVoices();
    const [second, third] = [new PaperLeg(), new PaperLeg()];
    conversations.join(host, third);
    conversations.join(second, guest);
    second.farEndSpeaks(tone(2000));
    run(2000);
    expect(tonesIn(heard(second.said, 40), [...all, 2000])).toEqual([1100]);
    expect(tonesIn(heard(guest.said, 40), [...all, 2000])).toEqual([2000]);
    expect(tonesIn(heard(host.said, 70), [...all, 2000])).toEqual([400]);
    conversations.part(host);
    conversations.part(second);
    for (const leg of [host, guest, second, third]) expect(leg.junction).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('joins nobody to themselves, nobody twice, and survives the parting of who never was there', () => {
    const [host, guest] = [new PaperLeg(), new PaperLeg()];
    conversations.join(host, host);
    conversations.part(guest);
    conversations.silence(guest, true);
    expect(host.junction).toBeNull();
    conversations.join(host, guest);
    const { junction } = guest;
    conversations.join(host, guest);
    conversations.join(guest, host);
    expect(guest.junction).toBe(junction);
  });
});

describe('time', () => {
  const isUnbroken = (chunks: readonly SampledChunk[]): boolean =>
    chunks.every(
      ({ ssrc, timestamp }, index) =>
        index === 0 ||
        (ssrc === chunks[0]?.ssrc && timestamp === ((chunks[index - 1]?.timestamp ?? 0) + 160) >>> 0),
    );

  it('goes on after 50 ms in which the process was blocked: nothing lost, nothing piled up', () => {
    const [host] = threeVoices();
    run(1000);
    block(50);
    run(950);
    expect(isUnbroken(host.said)).toBe(true);
    expect(host.said).toHaveLength(100);
    expect(tonesIn(heard(host.said), all)).toEqual([400, 1100]);
    expect(toneLevel(heard(host.said), 1100)).toBeGreaterThan(7800);
  });

  it('after half a second begins a new stream in the present, and soon has its usual delay', () => {
    const [host] = threeVoices();
    run(1000);
    block(500);
    run(2000);
    const streams = [...new Set(host.said.map(({ ssrc }) => ssrc))];
    expect(streams).toHaveLength(2);
    const after = host.said.filter(({ ssrc }) => ssrc === streams[1]);
    expect(after.length).toBeGreaterThan(95);
    expect(after.length).toBeLessThan(108);
    expect(tonesIn(heard(after, 50), all)).toEqual([400, 1100]);
  });

  it('keeps to 50 frames a second, however late each tick is', () => {
    const [host] = threeVoices();
    for (let second = 0; second < 10; second += 1) {
      for (let turn = 0; turn < 10; turn += 1) {
        run(93);
        block(7);
      }
    }
    run(20);
    expect(host.said.length).toBeGreaterThanOrEqual(500);
    expect(host.said.length).toBeLessThanOrEqual(501);
  });
});

describe('the rate', () => {
  const [low, high] = [1000, 6000];

  it('is that of G.711 while nobody has more', () => {
    const [host, guest] = [new PaperLeg('PCMA'), new PaperLeg()];
    conversations.join(host, guest);
    run(200);
    expect([host, guest].map(({ rate }) => rate)).toEqual([8, 8]);
    expect(new Set([...host.said, ...host.told, ...guest.said].map(({ rate }) => rate))).toEqual(
      new Set([8]),
    );
  });

  it.each(['G722', 'opus'] as const)('is 16 kHz with somebody who has %s, up to the last', (codec) => {
    const [host, guest, wide] = [new PaperLeg(), new PaperLeg(), new PaperLeg(codec)];
    conversations.join(host, guest);
    host.farEndSpeaks(tone(low));
    run(500);
    conversations.join(host, wide);
    guest.userSpeaks(quiet);
    wide.farEndSpeaks(tone(high));
    run(1500);
    const last = (chunks: readonly SampledChunk[]) => heard(chunks.slice(-30), 0);
    expect([host, guest, wide].map(({ rate }) => rate)).toEqual([16, 16, 16]);
    expect(tonesIn(last(host.told), [low, high], 8000, 16)).toEqual([low, high]);
    expect(tonesIn(last(guest.said), [low, high], 8000, 16)).toEqual([low, high]);
    expect(tonesIn(last(wide.said), [low, high], 8000, 16)).toEqual([low]);
    conversations.part(wide);
    run(1000);
    expect(tonesIn(last(guest.said), [low, high], 8000, 16)).toEqual([low]);
  });

  it('rises when a call in it changes to a wide codec, with no more than the first delay lost', () => {
    const [host, guest] = threeVoices();
    run(1000);
    const before = guest.said.length;
    guest.codec = 'G722';
    run(1000);
    expect(guest.said.length - before).toBe(50);
    const after = guest.said.slice(before + 5);
    expect(tonesIn(heard(after, 0), all, 8000, 16)).toEqual([400, 700]);
    expect(new Set(host.said.slice(before + 1).map(({ ssrc }) => ssrc)).size).toBe(1);
  });
});

describe('a call that is recorded', () => {
  const recorder = (tone = false) => {
    const [left, right]: [number[], number[]] = [[], []];
    return {
      tone,
      rates: new Set<Rate>(),
      hear(user: Int16Array, others: Int16Array, rate: Rate) {
        left.push(...user);
        right.push(...others);
        this.rates.add(rate);
      },
      user: () => Float64Array.from(left.slice(-8000)),
      others: () => Float64Array.from(right.slice(-8000)),
    };
  };

  it('is listened to: nothing is said to either side that the other has not said', () => {
    const host = new PaperLeg('G722');
    host.userSpeaks(tone(5000));
    host.farEndSpeaks(tone(6000));
    const both = recorder();
    conversations.record(host, both);
    run(1000);
    expect(host.junction?.mixes).toBe(false);
    expect([...host.said, ...host.told]).toEqual([]);
    expect(both.rates).toEqual(new Set([16]));
    expect(tonesIn(both.user(), [5000, 6000], 8000, 16)).toEqual([5000]);
    expect(tonesIn(both.others(), [5000, 6000], 8000, 16)).toEqual([6000]);
    conversations.record(host, null);
    run(40);
    expect(host.junction).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is written down to its last word', () => {
    const host = new PaperLeg();
    let last = 0;
    host.farEndSpeaks((position, samples) => {
      last = 100 + position / 160;
      return new Int16Array(samples).fill(last);
    });
    const both = recorder();
    conversations.record(host, both);
    run(1000);
    conversations.record(host, null);
    expect(both.others().at(-1)).toBe(last);
    expect(both.others()).toHaveLength(both.user().length);
  });

  it('beeps over what passes, when it begins and every 15 seconds', () => {
    const host = new PaperLeg();
    conversations.record(host, recorder(true));
    run(40);
    expect(host.beeps).toBe(1);
    run(30_000);
    expect(host.beeps).toBe(3);
    expect(host.said).toEqual([]);
  });

  it('beeps on in time when somebody joins, who hears it too; not where nobody wants it', () => {
    const [host, guest] = [new PaperLeg(), new PaperLeg()];
    conversations.record(host, recorder(true));
    run(7000);
    conversations.join(host, guest);
    run(10_000);
    expect(host.beeps).toBe(1);
    const beeping = guest.said.map(({ samples }) => toneLevel(Float64Array.from(samples), 1400) > 300);
    const frames = beeping.flatMap((is, index) => (is ? [index] : []));
    // 200 ms, eight seconds after they came.
    expect(frames).toEqual(Array.from({ length: 10 }, (_, index) => 8000 / frameMs + index));

    const silent = new PaperLeg();
    conversations.record(silent, recorder(false));
    run(16_000);
    expect(silent.beeps).toBe(0);
  });

  it('is mixed while somebody is in it, and again listened to when they have gone', () => {
    const [host, guest] = [new PaperLeg(), new PaperLeg()];
    host.userSpeaks(tone(400));
    host.farEndSpeaks(tone(700));
    guest.farEndSpeaks(tone(1100));
    const both = recorder();
    conversations.record(host, both);
    run(500);
    conversations.join(host, guest);
    run(1500);
    expect(host.junction?.mixes).toBe(true);
    expect(tonesIn(heard(host.said.slice(-30), 0), all)).toEqual([400, 1100]);
    expect(tonesIn(both.others(), all)).toEqual([700, 1100]);
    conversations.part(guest);
    run(500);
    expect(host.junction?.mixes).toBe(false);
    const { length } = host.said;
    run(1000);
    expect(host.said).toHaveLength(length);
    expect(tonesIn(both.user(), all)).toEqual([400]);
    expect(tonesIn(both.others(), all)).toEqual([700]);
  });

  it.each(['PCMU', 'G722'] satisfies CodecName[])(
    'misses nothing when a guest with %s comes and goes, and stays in step',
    (codec) => {
      const [host, guest] = [new PaperLeg(), new PaperLeg(codec)];
      const counting: Voice = (position, samples, rate) =>
        new Int16Array(samples).fill(100 * (1 + position / (frameMs * rate)));
      let length = 0;
      const numbers = { user: [] as number[], others: [] as number[] };
      const numberIn = (frame: Int16Array) => Math.round((frame[frame.length / 2] ?? 0) / 100);
      host.userSpeaks(counting);
      host.farEndSpeaks(counting);
      conversations.record(host, {
        tone: false,
        hear(user, others, rate) {
          length += user.length / rate;
          numbers.user.push(numberIn(user));
          numbers.others.push(numberIn(others));
        },
      });
      run(500);
      conversations.join(host, guest);
      run(1000);
      conversations.part(guest);
      run(1000);
      conversations.record(host, null);
      for (const each of [numbers.user, numbers.others]) {
        expect(new Set(each)).toEqual(new Set(Array(127).keys()));
      }
      expect(numbers.user).toEqual(numbers.others);
      expect(length).toBeLessThan(2500 + 8 * frameMs);
    },
  );

  it('is whole when its call joins others', () => {
    const [host, others] = [new PaperLeg(), new PaperLeg()];
    let last = 0;
    host.farEndSpeaks((position, samples, rate) => {
      last = 100 * (1 + position / (frameMs * rate));
      return new Int16Array(samples).fill(last);
    });
    const heard: number[] = [];
    conversations.record(host, { tone: false, hear: (_, { 80: middle = 0 }) => void heard.push(middle) });
    run(1000);
    const before = last;
    conversations.join(others, host);
    expect(heard.at(-1)).toBe(before);
  });
});
