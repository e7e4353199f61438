import type { Log, MediaEvent, MediaPort } from '../phone/ports.ts';
import { silentLog } from '../phone/ports.ts';
import { codecNames } from './codecs/codec.ts';
import { type RelayReply, type RelayRequest, relayReply } from './relay-protocol.ts';

/** An Electron UtilityProcess as it is; a worker thread with `kill` for `terminate`. */
export interface MediaProcess {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): unknown;
}

export interface RelayClientOptions {
  readonly log?: Log;
  /** A request without an answer for so long, in milliseconds, is refused. */
  readonly patience?: number;
}

interface Pending {
  readonly resolve: (reply: RelayReply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const stopped = 'the audio process has stopped; the next call starts it anew';

/**
 * The relay of the media process, as seen from the main process. `start` runs that process: now, and again at the next
 * call after it died. When it dies, its calls get `failed` and whatever waits is rejected with a sentence.
 */
export function createRelayClient(start: () => MediaProcess, options: RelayClientOptions = {}): MediaPort {
  const { log = silentLog, patience = 10_000 } = options;
  const listeners = new Set<(event: MediaEvent) => void>();
  const pending = new Map<number, Pending>();
  const calls = new Set<string>();
  let requests = 0;
  let running: MediaProcess | null = null;

  const emit = (event: MediaEvent): void => {
    for (const listener of listeners) listener(event);
  };

  const settle = (id: number): Pending | undefined => {
    const found = pending.get(id);
    pending.delete(id);
    clearTimeout(found?.timer);
    return found;
  };

  const take = (reply: RelayReply): void => {
    switch (reply.type) {
      case 'event':
        emit(reply.event);
        break;
      case 'log':
        log[reply.level](reply.fields, reply.message);
        break;
      case 'refused':
        settle(reply.id)?.reject(new Error(reply.sentence));
        break;
      default:
        settle(reply.id)?.resolve(reply);
    }
  };

  const hear = (message: unknown): void => {
    const parsed = relayReply.safeParse(message);
    if (parsed.success) take(parsed.data);
    else log.error({ issue: parsed.error.message }, 'odd message of the media process');
  };

  const lose = (process: MediaProcess, code: number): void => {
    if (running !== process) return;
    running = null;
    log.error({ code }, 'the media process has stopped');
    for (const id of [...pending.keys()]) settle(id)?.reject(new Error(stopped));
    const orphans = [...calls];
    calls.clear();
    for (const call of orphans) emit({ type: 'failed', call });
  };

  const run = (): MediaProcess => {
    const process = start();
    process.on('message', hear);
    process.on('exit', (code) => lose(process, code));
    return process;
  };
  running = run();

  const tell = (request: RelayRequest): void => running?.postMessage(request);

  const ask = (request: (id: number) => RelayRequest): Promise<RelayReply> =>
    new Promise((resolve, reject) => {
      if (!running) return reject(new Error(stopped));
      const id = requests++;
      const timer = setTimeout(
        () => settle(id)?.reject(new Error('the audio process does not answer')),
        patience,
      );
      pending.set(id, { resolve, reject, timer });
      tell(request(id));
    });

  return {
    codecs: codecNames,

    async allocate(call, localAddress) {
      running ??= run();
      calls.add(call);
      const reply = await ask((id) => ({ type: 'allocate', id, call, localAddress }));
      if (reply.type !== 'allocated') throw odd(reply);
      return { rtpPort: reply.rtpPort };
    },

    async configure(call, params) {
      const reply = await ask((id) => ({ type: 'configure', id, call, params }));
      if (reply.type !== 'configured') throw odd(reply);
    },

    async attachWeb(call, offer) {
      const reply = await ask((id) => ({ type: 'attachWeb', id, call, offer }));
      if (reply.type !== 'attached') throw odd(reply);
      return { answer: reply.answer };
    },

    mute: (call, on) => tell({ type: 'mute', call, on }),

    sendDtmf: (call, tones, way) => tell({ type: 'sendDtmf', call, tones, way }),

    join: (call, guest) => tell({ type: 'join', call, guest }),

    part: (guest) => tell({ type: 'part', guest }),

    mutePart: (guest, on) => tell({ type: 'mutePart', guest, on }),

    record: (call, to) => tell({ type: 'record', call, to }),

    moveRecording: (call, to) => tell({ type: 'moveRecording', call, to }),

    release(call) {
      calls.delete(call);
      tell({ type: 'release', call });
    },

    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    async close() {
      const process = running;
      running = null;
      for (const id of [...pending.keys()]) settle(id)?.reject(new Error('the phone is closing'));
      listeners.clear();
      process?.kill();
    },
  };
}

const odd = (reply: RelayReply): Error => new Error(`the audio process answered with ${reply.type}`);
