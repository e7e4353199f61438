import { chmod, lstat, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { JSONRPCErrorException, type JSONRPCRequest, JSONRPCServer } from 'json-rpc-2.0';
import { CommandError, type CommandResult, commandNames } from '../contract/commands.ts';
import type { Snapshot } from '../contract/snapshot.ts';

/** What the socket serves: the station host, or anything that speaks the contract. */
export interface Controllable {
  command(name: string, params: unknown): Promise<CommandResult>;
  snapshot(): Snapshot;
  subscribe(listener: (snapshot: Snapshot) => void): () => void;
}

export interface ControlSocket {
  close(): Promise<void>;
}

/** JSON-RPC error codes of ours (docs/control.md); the reason's own code is in `data.code`. */
const commandFailed = -32000;
const invalidParams = -32602;
const parseError = -32700;

/** A message that has no end is no message. */
const longestLine = 256 * 1024;
/** What a reader that does not read may pile up before it is dropped, in bytes. */
const deepestBacklog = 4 * 1024 * 1024;

/**
 * Serves the contract over a Unix socket or named pipe: JSON-RPC 2.0, one message a line (docs/control.md). Only its
 * owner can open it. Throws if the path cannot be listened on.
 */
export async function openControlSocket(path: string, phone: Controllable): Promise<ControlSocket> {
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, phone);
  });
  await listen(server, path);
  return {
    close: () =>
      new Promise((resolve) => {
        for (const client of clients) client.destroy();
        server.close(() => resolve());
      }),
  };
}

async function listen(server: Server, path: string): Promise<void> {
  const isPipe = process.platform === 'win32';
  if (!isPipe) await removeStaleSocket(path);
  // The socket is born with the mask's rights: no moment at which another user could open it.
  const mask = isPipe ? null : process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, () => resolve());
    });
  } finally {
    if (mask !== null) process.umask(mask);
  }
  if (!isPipe) await chmod(path, 0o600);
}

/** A socket that nobody serves is left over from a crash; one that somebody serves is not ours to take. */
async function removeStaleSocket(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (alive) throw new Error(`another Partyline already serves ${path}`);
  const found = await lstat(path).catch(() => null);
  if (found && !found.isSocket()) throw new Error(`${path} is a file, not a socket`);
  if (found) await rm(path, { force: true });
}

function serve(socket: Socket, phone: Controllable): void {
  const send = (message: object): void => {
    if (socket.writableLength > deepestBacklog) socket.destroy();
    else if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  const rpc = methods(phone, send, (unsubscribe) => socket.on('close', unsubscribe));
  limitLines(socket);
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    if (line.trim() === '') return;
    const request = parse(line);
    if (request === null) {
      send({ jsonrpc: '2.0', id: null, error: { code: parseError, message: 'This line is not JSON.' } });
      return;
    }
    void rpc.receive(request).then((response) => {
      if (response) send(response);
    });
  });
  lines.on('error', () => socket.destroy());
}

function methods(
  phone: Controllable,
  send: (message: object) => void,
  onClose: (unsubscribe: () => void) => void,
): JSONRPCServer {
  const rpc = new JSONRPCServer({ errorListener: () => undefined });
  rpc.addMethod('snapshot', () => phone.snapshot());
  let watching = false;
  rpc.addMethod('watch', () => {
    if (!watching) {
      watching = true;
      onClose(phone.subscribe((snapshot) => send({ jsonrpc: '2.0', method: 'snapshot', params: snapshot })));
    }
    return phone.snapshot();
  });
  for (const name of commandNames) {
    rpc.addMethod(name, async (params: unknown) => {
      try {
        return await phone.command(name, params);
      } catch (error) {
        throw rpcError(error);
      }
    });
  }
  return rpc;
}

function rpcError(error: unknown): JSONRPCErrorException {
  if (!(error instanceof CommandError)) {
    return new JSONRPCErrorException('Partyline failed inside; its log tells more.', -32603);
  }
  const code = error.code === 'bad-parameters' ? invalidParams : commandFailed;
  return new JSONRPCErrorException(error.sentence, code, { code: error.code });
}

function parse(line: string): JSONRPCRequest | null {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Drops a client that sends without ever ending a line. */
function limitLines(socket: Socket): void {
  let since = 0;
  socket.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(0x0a);
    since = end < 0 ? since + chunk.length : chunk.length - end - 1;
    if (since > longestLine) socket.destroy();
  });
}
