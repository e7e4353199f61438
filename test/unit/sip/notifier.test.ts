import { afterEach, expect, it, vi } from 'vitest';
import {
  createRequest,
  createResponse,
  header,
  type SipMessage,
} from '../../../electron/sip/message/message.ts';
import { cryptoRandom } from '../../../electron/sip/random.ts';
import { Notifier } from '../../../electron/sip/subscriptions/notifier.ts';

afterEach(() => vi.useRealTimers());

const subscribe = createRequest('SUBSCRIBE', 'sip:5041@127.0.0.1:5061', [
  { name: 'Via', value: 'SIP/2.0/UDP 127.0.0.1:6060;branch=z9hG4bK1' },
  { name: 'From', value: '<sip:5041@127.0.0.1:6060>;tag=pbx' },
  { name: 'To', value: '<sip:5031@127.0.0.1:6060>' },
  { name: 'Call-ID', value: 'one' },
  { name: 'CSeq', value: '1 SUBSCRIBE' },
  { name: 'Contact', value: '<sip:sa@127.0.0.1:6060>' },
  { name: 'Event', value: 'dialog;sla' },
  { name: 'Expires', value: '1' },
]);

// Seen on the wire: NOTIFYs `active`, `active;expires=1`, and then nothing more, for ever.
it('ends a subscription when its timer fires, though the clock is a millisecond behind', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const told: (string | undefined)[] = [];
  const local = { address: '127.0.0.1', port: 5061 };
  const notifier = new Notifier({
    identity: {
      userId: '5031',
      registeredUser: '5041',
      shared: true,
      authId: '5031',
      password: '',
      displayName: 'User-A',
      stationName: 'User-A',
      tagSuffix: 'o1',
      pbx: { host: '127.0.0.1', port: 6060 },
      local,
    },
    ask: (make) => {
      const notify: SipMessage = make(() => []);
      told.push(header(notify, 'Subscription-State'));
      return Promise.resolve(createResponse(notify, 200, 'OK'));
    },
    contentType: 'application/dialog-info+xml',
    subscribed: (subscriber) => void subscriber.notify(() => '<dialog-info/>', 1_000),
    deserted: () => {},
    random: cryptoRandom,
  });
  expect(notifier.receive(subscribe).status).toBe(200);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(['active;expires=1', 'terminated;reason=timeout']);
});
