import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { oneAtATime } from '../../../scripts/setup/one-at-a-time.mjs';
import { inProject } from '../../../scripts/setup/project.mjs';

const work = `a test's work ${process.pid}`;
const mark = inProject('.cache', `${work}.lock`);
afterEach(() => rmSync(mark, { force: true }));

describe('a piece of set-up that only one command does at a time', () => {
  it('is not done twice at once', async () => {
    const steps: string[] = [];
    const piece = (name: string) => async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${name} ends`);
    };
    await Promise.all([oneAtATime(work, piece('one')), oneAtATime(work, piece('two'))]);
    expect(steps).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('is free again after a failure', async () => {
    const failure = new Error('no network');
    await expect(oneAtATime(work, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(existsSync(mark)).toBe(false);
  });

  it('is not kept by a command that died', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    mkdirSync(inProject('.cache'), { recursive: true });
    writeFileSync(mark, String(pid));
    await expect(oneAtATime(work, async () => 'done')).resolves.toBe('done');
  });
});
