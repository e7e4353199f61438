import { isIP } from 'node:net';
import type { AppearanceDialog } from '../phone/lines/dialog.ts';
import { header, type SipMessage } from '../sip/message/message.ts';
import { readSipUri, readValue } from '../sip/message/message-fields.ts';
import type { Identity } from '../sip/pbx/identity.ts';
import { nextHop } from '../sip/pbx/routing.ts';
import type { Random } from '../sip/random.ts';
import { dialogInfoType } from '../sip/shared-line/dialect.ts';
import { writeDialogInfo } from '../sip/shared-line/dialog-info.ts';
import { Notifier, type NotifierSubscription, type SubscribeAnswer } from '../sip/subscriptions/notifier.ts';
import type { Endpoint } from '../sip/transactions/retransmission.ts';
import { transactionTime } from '../sip/transactions/timers.ts';
import type { UdpAddress } from '../sip/transport/udp-socket.ts';
import type { Bindings } from './bindings.ts';
import type { HouseCalls, HouseDialog } from './house-calls.ts';

export interface DialogWatchersOptions {
  readonly endpoint: Pick<Endpoint, 'local' | 'request'>;
  readonly bindings: Bindings;
  readonly knows: (extension: string) => boolean;
  readonly calls: Pick<HouseCalls, 'of'>;
  readonly random: Random;
}

/**
 * Who watches which extension: subscriptions to `Event: dialog` (RFC 4235), each as the Notifier keeps it. Every
 * document is full, so none presupposes another.
 */
export class DialogWatchers {
  readonly #notifiers = new Map<string, Notifier>();

  constructor(private readonly options: DialogWatchersOptions) {}

  subscribe(request: SipMessage, from: UdpAddress): SubscribeAnswer {
    const { value, params } = readValue(header(request, 'Event') ?? '');
    const extension = readSipUri(request.uri)?.user ?? '';
    // `dialog;sla` is another package by its name (draft-anil-sipping-bla), and not ours.
    if (value.toLowerCase() !== 'dialog' || params.has('sla')) return { status: 489, phrase: 'Bad Event' };
    if (!this.options.bindings.at(from)) return { status: 403, phrase: 'Station Not Registered' };
    if (!this.options.knows(extension)) return { status: 404, phrase: 'Unknown Extension' };
    const notifier = this.#notifiers.get(extension) ?? this.#notifierOf(extension);
    this.#notifiers.set(extension, notifier);
    return notifier.receive(request);
  }

  /** The extension's dialogs are others now. */
  changed(extension: string): void {
    for (const each of this.#notifiers.get(extension)?.subscribers ?? []) void this.#tell(extension, each);
  }

  /** Forgets all watchers without a word. */
  close(): void {
    for (const notifier of this.#notifiers.values()) {
      for (const each of notifier.subscribers) each.forget();
    }
    this.#notifiers.clear();
  }

  #notifierOf(extension: string): Notifier {
    return new Notifier({
      identity: this.#identityOf(extension),
      ask: (make) => this.#ask(make(() => [])),
      contentType: dialogInfoType,
      subscribed: (subscriber) => void this.#tell(extension, subscriber),
      deserted: () => {},
      random: this.options.random,
    });
  }

  /** A watcher that does not answer is there no more (RFC 6665, 4.2.2). */
  async #tell(extension: string, subscriber: NotifierSubscription): Promise<void> {
    const answer = await subscriber.notify((version) => this.#document(extension, version), transactionTime);
    if (answer === null) subscriber.forget();
  }

  #document(extension: string, version: number): string {
    const { address: host, port } = this.options.endpoint.local;
    const dialogs = this.options.calls
      .of(extension)
      .map((dialog, appearance) => ({ appearance, dialog: seenFrom(extension, dialog) }));
    const entity = `sip:${extension}@${host}:${port}`;
    return writeDialogInfo({ state: 'full', version, entity, dialogs }, { domain: { host, port } });
  }

  /** Resolves with null when nobody has answered in 64*T1. */
  #ask(notify: SipMessage): Promise<SipMessage | null> {
    const hop = nextHop(notify);
    if (!hop || isIP(hop.host) === 0) return Promise.resolve(null);
    const to = { address: hop.host, port: hop.port };
    return new Promise((resolve) => {
      this.options.endpoint.request(notify, to, {
        onResponse: (response) => response.status >= 200 && resolve(response),
        onTimeout: () => resolve(null),
      });
    });
  }

  /** The PBX speaks for the extension. */
  #identityOf(extension: string): Identity {
    const { endpoint } = this.options;
    const nobody = { authId: '', password: '', displayName: '', stationName: '', tagSuffix: '' };
    const { address: host, port } = endpoint.local;
    return {
      ...nobody,
      userId: extension,
      registeredUser: extension,
      shared: false,
      pbx: { host, port },
      local: endpoint.local,
    };
  }
}

/** A dialog of the house as a dialog of this extension. */
function seenFrom(extension: string, { callId, caller, callee, state }: HouseDialog): AppearanceDialog {
  const isCaller = caller.binding.extension === extension;
  const [local, remote] = isCaller ? [caller, callee] : [callee, caller];
  return {
    id: `${callId} ${local.tag} ${remote.tag}`,
    direction: isCaller ? 'initiator' : 'recipient',
    state,
    held: false,
    exclusive: false,
    local: local.party,
    remote: remote.party,
    identifiers: { callId, localTag: local.tag, remoteTag: remote.tag },
  };
}
