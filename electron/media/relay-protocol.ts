import { z } from 'zod';
import { opusWishes } from '../contract/opus-wishes.ts';
import { codecName } from '../contract/profile.ts';
import { srtpSuites } from './srtp/srtp-keys.ts';

/** What passes between the main process and the media process. Both ends check what they get. */
const call = z.string().min(1).max(64);
const port = z.number().int().min(0).max(65535);
const payloadType = z.number().int().min(0).max(127);

const codec = z.strictObject({ name: codecName, payloadType });

const endpoint = z.strictObject({ address: z.string(), port });
const mki = z.string().max(320);

const plainLegParams = z.strictObject({
  remote: endpoint.nullable(),
  rtcp: z.union([endpoint, z.literal('mux')]).exactOptional(),
  codec,
  opus: opusWishes.exactOptional(),
  hears: z.array(codec).readonly().exactOptional(),
  srtp: z
    .strictObject({
      suite: z.enum(srtpSuites),
      local: z.string(),
      remote: z.string(),
      localMki: mki.exactOptional(),
      remoteMki: mki.exactOptional(),
      unencryptedSrtcp: z.boolean().exactOptional(),
    })
    .nullable()
    .exactOptional(),
  dtmfPayloadType: payloadType.nullable(),
  dtmfClock: z.union([z.literal(8000), z.literal(48_000)]).exactOptional(),
  ptime: z.number().int().min(10).max(60),
  direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']),
  hold: z.boolean().exactOptional(),
});

const request = { id: z.number().int() };

/** To the media process; those with an `id` get an answer. */
export const relayRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('allocate'), ...request, call, localAddress: z.string() }),
  z.strictObject({ type: z.literal('configure'), ...request, call, params: plainLegParams }),
  z.strictObject({ type: z.literal('attachWeb'), ...request, call, offer: z.string().max(20_000) }),
  z.strictObject({ type: z.literal('mute'), call, on: z.boolean() }),
  z.strictObject({
    type: z.literal('sendDtmf'),
    call,
    tones: z.string().max(64),
    way: z.enum(['auto', 'rfc4733', 'inband']),
  }),
  z.strictObject({ type: z.literal('join'), call, guest: call }),
  z.strictObject({ type: z.literal('part'), guest: call }),
  z.strictObject({ type: z.literal('mutePart'), guest: call, on: z.boolean() }),
  z.strictObject({
    type: z.literal('record'),
    call,
    to: z.strictObject({ file: z.string().max(4_096), tone: z.boolean() }).nullable(),
  }),
  z.strictObject({ type: z.literal('moveRecording'), call, to: call }),
  z.strictObject({ type: z.literal('release'), call }),
]);
export type RelayRequest = z.infer<typeof relayRequest>;

const share = z.number().min(0).max(1);
const legQuality = z.strictObject({
  loss: share,
  madeUp: share,
  jitterMs: z.number(),
  remoteLoss: share.nullable(),
  remoteJitterMs: z.number().nullable(),
  roundTripMs: z.number().nullable(),
  silentForMs: z.number().nullable(),
});

const logLevel = z.enum(['debug', 'info', 'warn', 'error']);

/** From the media process. */
export const relayReply = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('allocated'), ...request, rtpPort: port }),
  z.strictObject({ type: z.literal('configured'), ...request }),
  z.strictObject({ type: z.literal('attached'), ...request, answer: z.string() }),
  z.strictObject({ type: z.literal('refused'), ...request, sentence: z.string() }),
  z.strictObject({
    type: z.literal('event'),
    event: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('web-connected'), call }),
      z.strictObject({ type: z.literal('web-lost'), call }),
      z.strictObject({ type: z.literal('first-rtp'), call }),
      z.strictObject({ type: z.literal('failed'), call, detail: z.string() }),
      z.strictObject({ type: z.literal('quality'), call, quality: legQuality }),
      z.strictObject({ type: z.literal('recording'), call, file: z.string() }),
      z.strictObject({ type: z.literal('recording-failed'), call, file: z.string(), detail: z.string() }),
    ]),
  }),
  z.strictObject({
    type: z.literal('log'),
    level: logLevel,
    fields: z.record(z.string(), z.unknown()),
    message: z.string(),
  }),
]);
export type RelayReply = z.infer<typeof relayReply>;
