// Prints [{"shown": ms, "used": ms}, ...]: from the first of 500 line-state NOTIFYs to the last key right, and how long
// the phone's process ran meanwhile, for several bursts. The PBX that sends them is a process of its own.
import { fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { profile } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { silentLog } from '../../electron/phone/ports.ts';
import { createResponse, header, readMessage, writeMessage } from '../../electron/sip/message/message.ts';
import { createStation } from '../../electron/station.ts';
import { lineState } from '../integration/line-state.ts';

const host = '127.0.0.1';
const port = 27_160;
const count = 500;
const bursts = 6;
/** As many as Fast Ethernet, the SPA9000's, carries in a millisecond. */
const perMillisecond = 14;
/** Milliseconds. */
const frame = 16;
/** T1 of RFC 3261: what was not answered by then is sent once more. */
const repeatAfter = 500;

/** The last two say something else than all before them, and than the burst before. */
const lastStates = ['early', 'terminated'] as const;
const shown = ['remote-progressing', 'idle'] as const;

const datagramsOf = (burst: number): Buffer[] =>
  Array.from({ length: count }, (_, index) =>
    Buffer.from(
      lineState({
        target: `sip:6031@${host}:${port + 1}`,
        via: `${host}:${port}`,
        from: '<sip:pbx@h>;tag=p',
        id: `b${burst}-${index}`,
        appearance: index % 2,
        state:
          index >= count - 2 ? (lastStates[burst % 2] ?? 'early') : index % 4 < 2 ? 'confirmed' : 'trying',
      }),
    ),
  );

/** Says when each burst began, by the clock that all processes share. */
async function pbx(): Promise<void> {
  const socket = createSocket('udp4');
  const unanswered = new Map<string, Buffer>();
  socket.on('message', (datagram, from) => {
    const read = readMessage(datagram);
    if (!read.ok) return;
    const { message } = read;
    if (message.kind === 'response') {
      unanswered.delete(header(message, 'Call-ID') ?? '');
      return;
    }
    const contact = { name: 'Contact', value: `${header(message, 'Contact') ?? ''};expires=3600` };
    socket.send(
      writeMessage(createResponse(message, 200, 'OK', { toTag: 'p', headers: [contact] })),
      from.port,
      from.address,
    );
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  process.on('message', async (burst: number) => {
    const datagrams = datagramsOf(burst);
    for (const [index, datagram] of datagrams.entries()) unanswered.set(`b${burst}-${index}`, datagram);
    const began = process.hrtime.bigint();
    let sent = 0;
    while (sent < count) {
      const due = Math.min(count, (Number(process.hrtime.bigint() - began) / 1e6 + 1) * perMillisecond);
      for (; sent < due; sent += 1) socket.send(datagrams[sent] ?? '', port + 1, host);
      await new Promise((resolve) => setImmediate(resolve));
    }
    process.send?.(String(began));
    await delay(repeatAfter);
    for (const datagram of unanswered.values()) socket.send(datagram, port + 1, host);
  });
  process.send?.('ready');
}

async function station(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['pbx']);
  await once(child, 'message');
  const phone = createStation({
    profile: profile.parse({
      pbx: { address: host, port },
      station: { name: 'Bench', localAddress: host },
      extensions: [{ userId: '5031', sharedUserId: '6031', localPort: port + 1 }],
      lineKeys: [
        { extension: 1, label: '6031' },
        { extension: 1, label: '6031' },
      ],
    }),
    media: createFileMedia({}),
    log: silentLog,
    version: '0',
  });
  /** As often as the window looks, and no more often. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await delay(frame);
  };
  await phone.start();
  await until(() => phone.view().extensions[0]?.registration === 'registered');
  const results: { shown: number; used: number }[] = [];
  for (let burst = 0; burst < bursts; burst += 1) {
    const right = shown[burst % 2];
    child.send(burst);
    const began = once(child, 'message');
    const used = process.cpuUsage();
    await until(() => phone.view().lineKeys.every(({ state }) => state === right));
    const ended = process.hrtime.bigint();
    const { user, system } = process.cpuUsage(used);
    const [instant] = await began;
    results.push({ shown: Number(ended - BigInt(instant)) / 1e6, used: (user + system) / 1e3 });
    await delay(repeatAfter);
  }
  console.log(JSON.stringify(results));
  child.kill();
  process.exit(0);
}

await (process.argv[2] === 'pbx' ? pbx() : station());
