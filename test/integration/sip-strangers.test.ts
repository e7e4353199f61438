import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { requestText } from './line-state.ts';
import { createStation, field, host, Inbox, RawPbx } from './sip-support.ts';

const port = 27_020;
const stranger = '127.0.0.2';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function open(address: string, answers: Inbox<string>): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (datagram) => answers.add(datagram.toString()));
  closing.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return new Promise((resolve) => socket.bind(port + 2, address, () => resolve(socket)));
}

it.each([
  [undefined, 0],
  [false, 0],
  [true, 1],
])('with acceptFromAnyone %s, a stranger gets %i answers', async (acceptFromAnyone, expected) => {
  const pbx = await new RawPbx(port).open();
  pbx.automatic = (text) =>
    text.startsWith('REGISTER')
      ? { status: '200 OK', headers: [`Contact: ${field(text, 'Contact')}`] }
      : null;
  const station = createStation({
    pbx: { address: host, port, dialect: 'none', acceptFromAnyone },
    station: { name: 'Shy', localAddress: host },
    extensions: [{ userId: '5031', localPort: port + 1 }],
    lineKeys: [{ extension: 1, label: '5031' }],
  });
  closing.push(() => station.port.stop().then(() => pbx.close()));
  await station.port.start();
  await station.is('registered');

  const answers = new Inbox<string>();
  const socket = await open(stranger, answers);
  const options = (via: string, id: string): string =>
    requestText({
      method: 'OPTIONS',
      target: `sip:5031@${host}:${port + 1}`,
      via,
      from: '<sip:a@b>;tag=1',
      id,
    });
  socket.send(options(`${stranger}:${port + 2}`, 'stranger'), port + 1, host);
  pbx.send(options(`${host}:${port}`, 'pbx'), port + 1);
  await pbx.responses.next(({ text }) => field(text, 'Call-ID') === 'pbx');
  if (expected > 0) expect(await answers.next()).toMatch(/^SIP\/2\.0 200 /);
  expect(answers.all).toHaveLength(expected);
});
