import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from './built-programs.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const folder = join(project, 'out', 'test-practice-pbx');
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  await buildPrograms(folder, {
    'practice-pbx-process': 'electron/practice-pbx/practice-pbx-process.ts',
    'practice-pbx-cli': 'electron/practice-pbx/practice-pbx-cli.ts',
  });
}, 120_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function occupy(port: number): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(async () => socket.close());
}

describe('the practice PBX as a process of its own', () => {
  function worker(): (request: unknown) => Promise<unknown> {
    const thread = new Worker(join(folder, 'practice-pbx-process.mjs'));
    closing.push(() => thread.terminate());
    return async (request) => {
      const reply = once(thread, 'message');
      thread.postMessage(request);
      return (await reply)[0];
    };
  }

  it('starts where there is room, and stops', async () => {
    await occupy(23_700);
    const ask = worker();
    const start = { start: { port: 23_700, assets: join(project, 'assets/practice') } };
    expect(await ask(start)).toEqual({ started: { port: 23_701 } });
    expect(await ask(start)).toEqual({ started: { port: 23_701 } });
    expect(await ask({ stop: {} })).toEqual({ stopped: {} });
    await occupy(23_701);
  });

  it('says what is wrong', async () => {
    const ask = worker();
    expect(await ask({ start: { port: 0 } })).toEqual({
      failed: { sentence: expect.stringMatching(/know/) },
    });
    expect(await ask('nonsense')).toEqual({ failed: { sentence: expect.any(String) } });
    expect(await ask({ start: { address: '203.0.113.1', port: 23_710 } })).toEqual({
      failed: {
        sentence: expect.stringMatching(/^The practice PBX could not listen on 203.0.113.1, port 23710/),
      },
    });
    expect(await ask({ start: { port: 23_710 } })).toEqual({ started: { port: 23_710 } });
  });
});

describe('the practice PBX on the command line', () => {
  function run(...options: string[]): { process: ChildProcess; out: () => string } {
    const process = spawn('node', [join(folder, 'practice-pbx-cli.mjs'), ...options]);
    let text = '';
    for (const stream of [process.stdout, process.stderr]) stream.on('data', (piece) => (text += piece));
    closing.push(async () => process.kill('SIGKILL'));
    return { process, out: () => text };
  }

  it('says one line when it is ready and ends on SIGTERM', async () => {
    const { process, out } = run('--port', '23720');
    while (!out().includes('\n')) await once(process.stdout ?? process, 'data');
    expect(out()).toBe('The practice PBX listens on 127.0.0.1:23720.\n');
    process.kill('SIGTERM');
    expect((await once(process, 'exit'))[0]).toBe(0);
  });

  it.each([
    [['--port', 'many'], 'No such port: many'],
    [['--no-such-thing'], 'no-such-thing'],
    [['--address', '203.0.113.1'], 'could not listen'],
  ])('refuses %j', async (options, complaint) => {
    const { process, out } = run(...options);
    expect((await once(process, 'close'))[0]).toBe(2);
    expect(out()).toContain(complaint);
    expect(out()).toContain('Usage:');
  });
});
