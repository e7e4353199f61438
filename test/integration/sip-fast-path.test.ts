import { Grammar, Parser } from 'sip.js/lib/core/index.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { profile } from '../../electron/contract/profile.ts';
import { createFileMedia } from '../../electron/media/file-media.ts';
import { type MediaPort, silentLog } from '../../electron/phone/ports.ts';
import { createStation, type Station } from '../../electron/station.ts';
import { lineState, requestText } from './line-state.ts';
import { field, host, RawPbx } from './sip-support.ts';

const pbxPort = 27_010;
const port = 27_011;
let pbx: RawPbx;
let media: MediaPort;
let station: Station;

/** A whole station, core and projection with it, whose one shared extension has two keys. */
beforeEach(async () => {
  pbx = await new RawPbx(pbxPort).open();
  pbx.automatic = (text) => ({
    status: '200 OK',
    headers: text.startsWith('REGISTER') ? [`Contact: ${field(text, 'Contact')};expires=3600`] : [],
  });
  media = createFileMedia({});
  station = createStation({
    profile: profile.parse({
      pbx: { address: host, port: pbxPort },
      station: { name: 'User-A', localAddress: host },
      extensions: [{ userId: '5031', sharedUserId: '5041', localPort: port }],
      lineKeys: [
        { extension: 1, label: '5041' },
        { extension: 1, label: '5041' },
      ],
    }),
    media,
    log: silentLog,
    version: '0',
  });
  await station.start();
  await until(() => station.view().extensions[0]?.registration === 'registered');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await station.stop();
  await media.close();
  await pbx.close();
});

function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return;
      stop();
      resolve();
    };
    const stop = station.subscribe(look);
    look();
  });
}

const states = (): (string | undefined)[] => station.view().lineKeys.map(({ state }) => state);
const answered = (callId: string) => pbx.responses.next(({ text }) => field(text, 'Call-ID') === callId);

describe('what comes often', () => {
  it('never touches the grammar of sip.js', async () => {
    const parse = vi.spyOn(Parser, 'parseMessage');
    const grammar = vi.spyOn(Grammar, 'parse');
    const plain = {
      from: '<sip:pbx@h>;tag=p',
      target: `sip:5041@${host}:${port}`,
      via: `${host}:${pbxPort}`,
    };
    pbx.send(lineState({ ...plain, id: 'state', appearance: 1, state: 'confirmed' }), port);
    pbx.send(requestText({ ...plain, method: 'NOTIFY', id: 'alive', headers: ['Event: keep-alive'] }), port);
    pbx.send(
      requestText({ ...plain, method: 'NOTIFY', id: 'mwi', headers: ['Event: message-summary'] }),
      port,
    );
    pbx.send('\r\n\r\n', port);
    pbx.send('\r\n', port);
    pbx.send('\0', port);
    pbx.send(requestText({ ...plain, method: 'OPTIONS', id: 'options' }), port);
    const statuses = await Promise.all(['state', 'alive', 'mwi', 'options'].map(answered));
    expect(statuses.map(({ text }) => text.slice(8, 11))).toEqual(['200', '200', '200', '200']);
    expect(states()).toEqual(['remote-undefined', 'remote-active']);
    expect([parse.mock.calls.length, grammar.mock.calls.length]).toEqual([0, 0]);

    pbx.send(requestText({ ...plain, method: 'INVITE', id: 'call', headers: ['Contact: <sip:p@h>'] }), port);
    await answered('call');
    expect(parse.mock.calls.length).toBe(1);
    expect(grammar.mock.calls.length).toBeGreaterThan(0);
  });
});

describe('a burst of 500 line states', () => {
  const count = 500;
  const source = { from: '<sip:pbx@h>;tag=p', target: `sip:5041@${host}:${port}`, via: `${host}:${pbxPort}` };

  /** Milliseconds until both keys show what only the last line state of each says. */
  async function burst(name: string, last: 'early' | 'terminated', shows: string): Promise<number> {
    const datagrams = Array.from({ length: count }, (_, index) =>
      lineState({
        ...source,
        id: `${name}-${index}`,
        appearance: index % 2,
        state: index >= count - 2 ? last : index % 4 < 2 ? 'confirmed' : 'trying',
      }),
    );
    const shown = until(() => states().every((state) => state === shows));
    const started = performance.now();
    // As a network would bring them: not all 500 before the first is read, for both ends live in this process.
    for (let at = 0; at < count; at += 20) {
      for (const datagram of datagrams.slice(at, at + 20)) pbx.send(datagram, port);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await shown;
    return performance.now() - started;
  }

  // How fast is for npm run bench:sip to measure; the time is printed for who reads the log.
  it('is shown to the last, and each is answered', async () => {
    const took = [
      await burst('first', 'terminated', 'idle'),
      await burst('second', 'early', 'remote-progressing'),
      await burst('third', 'terminated', 'idle'),
    ];
    console.log(
      `bursts of ${count} line states: last key right after ${took.map((ms) => ms.toFixed(0)).join(', ')} ms`,
    );
    await answered(`third-${count - 1}`);
  });
});
