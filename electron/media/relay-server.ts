import type { Log, MediaPort } from '../phone/ports.ts';
import { type RelayReply, type RelayRequest, relayRequest } from './relay-protocol.ts';

/** Serves a relay to a client on the other side of a message port. `post` sends a message there. */
export function serveRelay(relay: MediaPort, post: (reply: RelayReply) => void): (message: unknown) => void {
  relay.on((event) => post({ type: 'event', event }));

  const answer = async (id: number, work: Promise<RelayReply>): Promise<void> => {
    post(
      await work.catch((error: unknown) => ({
        type: 'refused' as const,
        id,
        sentence: error instanceof Error ? error.message : String(error),
      })),
    );
  };

  const serve = (request: RelayRequest): void => {
    switch (request.type) {
      case 'allocate':
        void answer(request.id, allocate(relay, request));
        break;
      case 'configure':
        void answer(request.id, configure(relay, request));
        break;
      case 'attachWeb':
        void answer(request.id, attach(relay, request));
        break;
      case 'mute':
        relay.mute(request.call, request.on);
        break;
      case 'sendDtmf':
        relay.sendDtmf(request.call, request.tones, request.way);
        break;
      case 'join':
        relay.join(request.call, request.guest);
        break;
      case 'part':
        relay.part(request.guest);
        break;
      case 'mutePart':
        relay.mutePart(request.guest, request.on);
        break;
      case 'record':
        relay.record(request.call, request.to);
        break;
      case 'moveRecording':
        relay.moveRecording(request.call, request.to);
        break;
      case 'release':
        relay.release(request.call);
        break;
    }
  };

  return (message) => {
    const request = relayRequest.safeParse(message);
    if (request.success) serve(request.data);
    else
      post({
        type: 'log',
        level: 'error',
        fields: { issue: request.error.message },
        message: 'odd relay request',
      });
  };
}

type RequestOf<T extends RelayRequest['type']> = Extract<RelayRequest, { type: T }>;

async function allocate(
  relay: MediaPort,
  { id, call, localAddress }: RequestOf<'allocate'>,
): Promise<RelayReply> {
  return { type: 'allocated', id, ...(await relay.allocate(call, localAddress)) };
}

async function configure(
  relay: MediaPort,
  { id, call, params }: RequestOf<'configure'>,
): Promise<RelayReply> {
  await relay.configure(call, params);
  return { type: 'configured', id };
}

async function attach(relay: MediaPort, { id, call, offer }: RequestOf<'attachWeb'>): Promise<RelayReply> {
  return { type: 'attached', id, ...(await relay.attachWeb(call, offer)) };
}

/** A log whose entries the main process writes. */
export const logTo = (post: (reply: RelayReply) => void): Log => {
  const entry =
    (level: keyof Log) =>
    (fields: object, message: string): void =>
      post({ type: 'log', level, fields: { ...fields }, message });
  return { debug: entry('debug'), info: entry('info'), warn: entry('warn'), error: entry('error') };
};
