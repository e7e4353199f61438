import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createStation, host } from '../integration/sip-support.ts';
import { Kamailio } from '../support/kamailio.ts';
import { Rig } from '../support/rig.ts';

const rig = new Rig();
afterEach(() => rig.stop());
afterAll(() => rig.stopAndVerify());

const pbxPort = 28_400;
const inside = 28_401;
const phonePort = 28_410;

/** An address translator for one phone: what comes to its inner port leaves by the outer one, and the other way round. */
class Translator {
  private readonly inner = createSocket('udp4');
  private outer: Socket = createSocket('udp4');

  async open(outerPort: number): Promise<this> {
    this.inner.on('message', (datagram) => this.outer.send(datagram, pbxPort, host));
    this.inner.bind(inside, host);
    await once(this.inner, 'listening');
    await this.rebind(outerPort);
    return this;
  }

  /** It has forgotten the phone, and gives it another port. */
  async rebind(port: number): Promise<void> {
    this.outer.close();
    this.outer = createSocket('udp4');
    this.outer.on('message', (datagram) => this.inner.send(datagram, phonePort, host));
    this.outer.bind(port, host);
    await once(this.outer, 'listening');
  }

  async stop(): Promise<void> {
    this.inner.close();
    this.outer.close();
  }
}

const station = (userId: string, localPort: number, pbx: object) =>
  createStation({
    pbx: { address: host, port: pbxPort, dialect: 'none', ...pbx },
    station: { name: userId, localAddress: host },
    extensions: [{ userId, password: `pw${userId}`, localPort }],
    lineKeys: [{ extension: 1, label: userId }],
  });

describe('a phone behind an address translator', () => {
  it('is called where the PBX sees it, also when that changes', async () => {
    rig.use(await Kamailio.start(pbxPort));
    const translator = rig.use(await new Translator().open(28_402));
    const phone = station('5031', phonePort, { nat: true, outboundProxy: `${host}:${inside}` });
    const colleague = station('5051', 28_420, {});
    for (const { port } of [phone, colleague]) {
      rig.use({ stop: () => port.stop() });
      await port.start();
    }
    await Promise.all([phone.is('registered'), colleague.is('registered')]);

    const isCalled = async (call: string): Promise<void> => {
      colleague.port.perform({ type: 'invite', call, extension: 1, number: '5031' });
      const incoming = await phone.is('incoming');
      phone.port.perform({ type: 'accept', call: incoming.call });
      await colleague.is('answered');
      colleague.port.perform({ type: 'hang-up', call });
      expect(await phone.is('ended')).toMatchObject({ call: incoming.call, reason: null });
    };
    await isCalled('one');
    await translator.rebind(28_403);
    const rebound = performance.now();
    await phone.is('registered', 20_000);
    console.log(
      `registered by the new port ${Math.round(performance.now() - rebound)} ms after the translator changed it`,
    );
    await isCalled('two');
  });
});
