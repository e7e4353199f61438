import type { Log } from '../../phone/ports.ts';
import { header, type SipMessage } from '../message/message.ts';
import { readValue } from '../message/message-fields.ts';
import { type DialogInfo, readDialogInfo } from './dialog-info.ts';

/**
 * The dialogs that a NOTIFY tells; null: it says nothing that can be understood. A notifier that has nothing to tell
 * of an extension (Kamailio) sends no body at all: then nothing goes on there, unless the subscription is only pending.
 */
export function readDialogNotify(notify: SipMessage, log: Log): DialogInfo | null {
  if (notify.body.length === 0) {
    const { value } = readValue(header(notify, 'Subscription-State') ?? 'active');
    return value.toLowerCase() === 'active' ? { state: 'full', version: 0, entity: '', dialogs: [] } : null;
  }
  const read = readDialogInfo(notify.body);
  if (read.ok) return read.value;
  log.warn({ to: header(notify, 'To'), problem: read.problem }, 'line state not understood');
  return null;
}
