// node storm.mjs FROM TO_PORT PER_SECOND SECONDS: garbage and valid-looking INVITEs by turns, to 127.0.0.1.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

const [from = '127.0.0.2', port = '5060', perSecond = '1000', seconds = '1'] = process.argv.slice(2);
const tick = 5;
const socket = createSocket('udp4');
let sent = 0;

/** @returns {Buffer} */
function invite() {
  const id = `${process.pid}-${sent}`;
  return Buffer.from(
    [
      `INVITE sip:5041@127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${from}:5060;branch=z9hG4bK-${id}`,
      `From: "Nobody" <sip:${id}@${from}>;tag=${id}`,
      `To: <sip:5041@127.0.0.1:${port}>`,
      `Call-ID: ${id}@${from}`,
      'CSeq: 1 INVITE',
      `Contact: <sip:nobody@${from}>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

socket.bind(0, from, () => {
  const started = performance.now();
  const timer = setInterval(() => {
    const elapsed = performance.now() - started;
    for (const due = (elapsed / 1000) * Number(perSecond); sent < due; sent += 1) {
      socket.send(sent % 2 === 0 ? invite() : randomBytes(200), Number(port), '127.0.0.1');
    }
    if (elapsed < Number(seconds) * 1000) return;
    clearInterval(timer);
    console.log(sent);
    setTimeout(() => socket.close(), 100);
  }, tick);
});
