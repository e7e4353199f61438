import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommandError } from '../../../electron/contract/commands.ts';
import type { CallView, LineKeyView } from '../../../electron/contract/snapshot.ts';
import type { PhoneCommand } from '../../../electron/phone/events.ts';
import { silentLog } from '../../../electron/phone/ports.ts';
import type { PhoneView } from '../../../electron/phone/projection.ts';
import { Colleague, type ColleagueOptions } from '../../../electron/practice-pbx/colleague.ts';

/** A phone that only looks like one: it shows what the test says and remembers what it was told to do. */
class PaperPhone {
  readonly commands: PhoneCommand[] = [];
  calls: Partial<CallView>[] = [];
  state: LineKeyView['state'] = 'idle';
  fails = false;
  #listeners = new Set<() => void>();

  readonly station: ColleagueOptions['station'] = {
    start: async () => {},
    stop: async () => {},
    subscribe: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    view: () =>
      ({
        calls: this.calls.map((call) => ({ remote: { number: outing.number, name: null }, ...call })),
        lineKeys: [{ index: 1, state: this.state, since: new Date(0).toISOString() }],
      }) as unknown as PhoneView,
    command: async (command) => {
      this.commands.push(command);
      if (this.fails) throw new CommandError('line-in-use', 'The line is in use.');
      return { call: 'c1', done: true } as never;
    },
  };

  get told(): string[] {
    return this.commands.map(({ name }) => name);
  }
}

const outing = { number: '5061', ringsFor: 20_000, talksFor: 10_000, holdsFor: 6_000, resumesFor: 3_000 };
let phone: PaperPhone;
let colleague: Colleague;

async function employ(every: number | null): Promise<void> {
  phone = new PaperPhone();
  colleague = new Colleague({
    name: 'Bob',
    station: phone.station,
    habits: { answersAfter: 12_000, patience: 600_000, outing },
    every,
    quietFor: 5_000,
    log: silentLog,
  });
  await colleague.start();
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(async () => {
  await colleague.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a colleague at work', () => {
  it('calls out every now and then, while the line is idle', async () => {
    await employ(45_000);
    await vi.advanceTimersByTimeAsync(44_000);
    expect(phone.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(phone.told).toEqual(['dial']);
    phone.state = 'remote-active';
    await vi.advanceTimersByTimeAsync(100_000);
    expect(phone.told).toEqual(['dial']);
    phone.state = 'idle';
    await vi.advanceTimersByTimeAsync(250);
    expect(phone.told).toEqual(['dial', 'dial']);
  });

  it('calls once when asked to', async () => {
    await employ(null);
    await vi.advanceTimersByTimeAsync(100_000);
    colleague.plan(8_000);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(phone.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(phone.told).toEqual(['dial']);
  });

  it('answers after a while', async () => {
    await employ(null);
    phone.calls = [
      {
        id: 'i1',
        direction: 'incoming',
        remote: { number: '5031', name: null },
        state: 'incoming',
        since: new Date(0).toISOString(),
      },
    ];
    await vi.advanceTimersByTimeAsync(11_900);
    expect(phone.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(phone.commands).toEqual([{ name: 'answer', params: { call: 'i1' } }]);
  });

  it('hangs up when something does not work out', async () => {
    await employ(null);
    const talking = new Date(0).toISOString();
    phone.calls = [
      {
        id: 'c1',
        direction: 'outgoing',
        remote: { number: '5061', name: null },
        state: 'active',
        since: talking,
        connectedSince: talking,
        joined: [],
      },
    ];
    phone.fails = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(phone.told.slice(0, 2)).toEqual(['hold', 'hangUp']);
  });

  it('does nothing any more after going home', async () => {
    await employ(1_000);
    await colleague.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.told).toEqual([]);
  });
});
