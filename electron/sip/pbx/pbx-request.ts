import { cseqNumber, headerValues, type SipMessage, withHeader } from '../message/message.ts';
import { readVia, writeVia } from '../message/message-fields.ts';
import { createBranch, type Random } from '../random.ts';
import type { Endpoint } from '../transactions/retransmission.ts';
import type { Peer } from '../transport/transport.ts';
import { credentialsHeaderName, type DigestSession, findChallenge } from './digest.ts';
import type { PbxAddress } from './pbx-address.ts';

export interface PbxRequestsOptions {
  readonly endpoint: Endpoint;
  readonly pbx: PbxAddress;
  readonly digest: DigestSession;
  readonly random: Random;
}

/** Requests outside any dialog to the PBX, as question and answer. */
export class PbxRequests {
  private readonly pending = new Set<() => void>();

  constructor(private readonly options: PbxRequestsOptions) {}

  /**
   * Sends a request and answers one challenge. Resolves with the final response, or with null after `ms` without one:
   * it is not repeated any more then.
   */
  async ask(request: SipMessage, ms: number): Promise<SipMessage | null> {
    const until = Date.now() + ms;
    const answer = await this.askOnce(request, ms);
    if (answer?.status !== 401 && answer?.status !== 407) return answer;
    const challenge = findChallenge(answer);
    if (!challenge) return answer;
    const { digest, random } = this.options;
    const credentials = digest.answer(challenge, request.method, request.uri);
    const again = withHeader(renewed(request, random), credentialsHeaderName(answer), credentials);
    return this.askOnce(again, until - Date.now());
  }

  /** Whoever still waits gets null. */
  close(): void {
    for (const giveUp of [...this.pending]) giveUp();
  }

  /** The same without answering a challenge; to the PBX, or to `at`. `withdrawn` ends its repeats: null. */
  async askOnce(
    request: SipMessage,
    ms: number,
    at?: Peer,
    withdrawn?: AbortSignal,
  ): Promise<SipMessage | null> {
    const { endpoint, pbx } = this.options;
    let to = at ?? pbx.last;
    try {
      to ??= await pbx.resolve();
    } catch {
      return null;
    }
    if (withdrawn?.aborted) return null;
    const destination = to;
    return new Promise((resolve) => {
      const done = (response: SipMessage | null): void => {
        clearTimeout(timer);
        this.pending.delete(giveUp);
        withdrawn?.removeEventListener('abort', giveUp);
        resolve(response);
      };
      const giveUp = (): void => {
        forget();
        done(null);
      };
      const timer = setTimeout(giveUp, Math.max(ms, 0));
      this.pending.add(giveUp);
      withdrawn?.addEventListener('abort', giveUp);
      const forget = endpoint.request(request, destination, {
        onResponse: (response) => {
          if (response.status >= 200) done(response);
        },
        onTimeout: () => done(null),
      });
    });
  }
}

/** The same request once more: a new transaction, the next CSeq (RFC 3261, 22.2). */
function renewed(request: SipMessage, random: Random): SipMessage {
  const via = readVia(headerValues(request, 'Via')[0] ?? '');
  if (!via) return request;
  const params = new Map(via.params).set('branch', createBranch(random));
  return withHeader(
    withHeader(request, 'Via', writeVia({ ...via, params })),
    'CSeq',
    `${cseqNumber(request) + 1} ${request.method}`,
  );
}
