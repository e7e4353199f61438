import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BindingWatch, type Watched } from '../../../electron/sip/registration/binding-watch.ts';
import type { BindingAnswer } from '../../../electron/sip/registration/registerer.ts';

let told: string[];
let asked: string[];
let watch: BindingWatch;

/** `silent` answers come when patience is over, the others at once. */
function extension(name: string, answers: BindingAnswer[], isRegistered = true): Watched {
  return {
    isRegistered,
    async askBinding(ms) {
      asked.push(name);
      const answer = answers.shift() ?? 'there';
      if (answer === 'silent') await new Promise((resolve) => setTimeout(resolve, ms));
      return answer;
    },
  };
}

function watches(...extensions: Watched[]): void {
  watch = new BindingWatch({
    extensions: () => extensions,
    forgotten: () => told.push('forgotten'),
    silent: () => told.push('silent'),
    fraction: () => 0.5,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  asked = [];
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe('the watch over what the PBX holds', () => {
  it('asks once in six seconds, about one extension after the other', async () => {
    watches(extension('5031', []), extension('5041', []), extension('5051', [], false));
    await vi.advanceTimersByTimeAsync(24_000);
    expect(asked).toEqual(['5031', '5041', '5031', '5041']);
    expect(told).toEqual([]);
  });

  it('asks nobody while nothing is registered', async () => {
    watches(extension('5031', [], false));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([]);
  });

  it('finds a restart, however short, within its interval', async () => {
    watches(extension('5031', ['forgotten']));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(told).toEqual(['forgotten']);
  });

  it('believes in silence after the second question', async () => {
    watches(extension('5031', ['silent', 'there', 'silent', 'silent']));
    await vi.advanceTimersByTimeAsync(6_000 + 3_000);
    expect(asked).toHaveLength(2);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(6_000 + 6_000);
    expect(told).toEqual(['silent']);
  });

  it('does not call a PBX silent that it has heard meanwhile', async () => {
    watches(extension('5031', ['silent', 'silent']));
    await vi.advanceTimersByTimeAsync(8_000);
    watch.heard();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toHaveLength(2);
    expect(told).toEqual([]);
  });

  it('asks at once when told to, and then in its rhythm', async () => {
    watches(extension('5031', []));
    watch.askNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(asked).toHaveLength(2);
  });

  it('is silent once closed', async () => {
    watches(extension('5031', ['silent', 'silent']));
    await vi.advanceTimersByTimeAsync(7_000);
    watch.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(told).toEqual([]);
  });
});
