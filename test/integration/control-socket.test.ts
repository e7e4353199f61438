import { chmod, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { CommandError } from '../../electron/contract/commands.ts';
import { defaultSettings } from '../../electron/contract/settings.ts';
import type { Snapshot } from '../../electron/contract/snapshot.ts';
import {
  type Controllable,
  type ControlSocket,
  openControlSocket,
} from '../../electron/control/control-socket.ts';

const blank: Snapshot = {
  version: 1,
  phase: 'first-run',
  station: null,
  extensions: [],
  lineKeys: [],
  calls: [],
  history: [],
  doNotDisturb: false,
  settings: defaultSettings,
  sound: { ring: null, tone: null },
  audio: { microphone: 'unknown', speaker: 'unknown' },
  problems: [],
  notices: [],
};

class PhoneDouble implements Controllable {
  listeners = new Set<(snapshot: Snapshot) => void>();
  asked: unknown[] = [];
  async command(name: string, params: unknown) {
    this.asked.push({ name, params });
    if (name === 'answer') throw new CommandError('unknown-call', 'There is no such call.');
    if (name === 'hold') throw new Error('a secret detail');
    return { call: 'c1' };
  }
  snapshot = () => blank;
  subscribe(listener: (snapshot: Snapshot) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** A client that reads one JSON message a line. */
class Client {
  private readonly lines: AsyncIterator<string>;
  constructor(private readonly socket: Socket) {
    this.lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }
  send = (line: string) => this.socket.write(line);
  async next(): Promise<Record<string, unknown>> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error('closed');
    return JSON.parse(value);
  }
  async call(method: string, params?: object) {
    this.send(`${JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })}\n`);
    return this.next();
  }
  close = () => this.socket.destroy();
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function served(): Promise<{
  path: string;
  phone: PhoneDouble;
  client: Client;
  socket: ControlSocket;
}> {
  const path = join(await mkdtemp(join(tmpdir(), 'partyline-test-')), 'control');
  const phone = new PhoneDouble();
  const socket = await openControlSocket(path, phone);
  const raw = connect(path);
  const client = new Client(raw);
  open.push(socket, client);
  return { path, phone, client, socket };
}

describe('the control socket', () => {
  it('can be opened by its owner only', async () => {
    const { path } = await served();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('answers snapshot and commands with their results', async () => {
    const { client, phone } = await served();
    expect(await client.call('snapshot')).toEqual({ jsonrpc: '2.0', id: 7, result: blank });
    expect(await client.call('dial', { lineKey: 2, number: '5051' })).toEqual({
      jsonrpc: '2.0',
      id: 7,
      result: { call: 'c1' },
    });
    expect(phone.asked).toEqual([{ name: 'dial', params: { lineKey: 2, number: '5051' } }]);
  });

  it('sends a snapshot at every change once watched, and stops with the client', async () => {
    const { client, phone } = await served();
    expect(await client.call('watch')).toMatchObject({ result: { version: 1 } });
    await client.call('watch');
    for (const listener of phone.listeners) listener({ ...blank, version: 2 });
    expect(await client.next()).toEqual({
      jsonrpc: '2.0',
      method: 'snapshot',
      params: { ...blank, version: 2 },
    });
    expect(phone.listeners.size).toBe(1);
    client.close();
    await expect.poll(() => phone.listeners.size).toBe(0);
  });

  it('gives an error a code and a sentence, and keeps what failed inside to itself', async () => {
    const { client } = await served();
    expect(await client.call('answer', { call: 'c9' })).toMatchObject({
      error: { code: -32000, message: 'There is no such call.', data: { code: 'unknown-call' } },
    });
    const inside = await client.call('hold', { call: 'c1' });
    expect(inside).toMatchObject({ error: { code: -32603 } });
    expect(JSON.stringify(inside)).not.toContain('secret');
    expect(await client.call('nonsense')).toMatchObject({ error: { code: -32601 } });
  });

  it('survives lines that are no messages', async () => {
    const { client } = await served();
    client.send('hello\n');
    expect(await client.next()).toMatchObject({ error: { code: -32700 } });
    client.send('[]\n42\n\n{"jsonrpc":"2.0"}\n');
    expect(await client.call('snapshot')).toBeDefined();
  });

  it('takes the place of a socket that nobody serves, never of one in use or of a file', async () => {
    const { path, socket, phone } = await served();
    await expect(openControlSocket(path, phone)).rejects.toThrow('already serves');
    await socket.close();
    const stale = join(path, '..', 'a-file');
    await writeFile(stale, 'precious');
    await chmod(stale, 0o600);
    await expect(openControlSocket(stale, phone)).rejects.toThrow('not a socket');
  });
});
