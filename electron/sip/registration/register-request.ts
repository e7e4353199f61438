import { createRequest, type Header, headerValues, type SipMessage } from '../message/message.ts';
import { type NameAddr, readNameAddr, readSipUri } from '../message/message-fields.ts';
import {
  allowOfRegister,
  contactHeader,
  contactUri,
  fromHeader,
  type Identity,
  registeredHeader,
  viaHeader,
} from '../pbx/identity.ts';
import type { Random } from '../random.ts';
import type { UdpAddress } from '../transport/udp-socket.ts';

export interface RegisterFields {
  readonly identity: Identity;
  /** The registrar: Request-URI. */
  readonly uri: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
  readonly credentials: readonly Header[];
  /** Where our Contact was before; null: nowhere else. */
  readonly leaving: UdpAddress | null;
  readonly userAgent: string;
  readonly random: Random;
}

/** Header for header as captures 01 and 02. `expires` in seconds. */
export function registerRequest(fields: RegisterFields, expires: number): SipMessage {
  const { identity, random } = fields;
  return createRequest('REGISTER', fields.uri, [
    viaHeader(identity, random),
    { name: 'From', value: `${fromHeader(identity)};tag=${fields.fromTag}` },
    { name: 'To', value: registeredHeader(identity) },
    { name: 'Call-ID', value: fields.callId },
    { name: 'CSeq', value: `${fields.cseq} REGISTER` },
    { name: 'Max-Forwards', value: '70' },
    ...fields.credentials,
    ...contacts(fields, expires),
    { name: 'User-Agent', value: fields.userAgent },
    { name: 'P-Station-Name', value: identity.stationName },
    { name: 'Content-Length', value: '0' },
    allowOfRegister,
    { name: 'Allow-Events', value: 'dialog' },
  ]);
}

function contacts({ identity, leaving }: RegisterFields, expires: number): Header[] {
  const name = 'Contact';
  const here = { name, value: `${contactHeader(identity)};expires=${expires}` };
  if (!leaving) return [here];
  return [here, { name, value: `${contactHeader(identity, leaving)};expires=0` }];
}

/** Our own binding in the registrar's answer: that of a shared extension lists colleagues' too. */
export function ownBinding(response: SipMessage, identity: Identity): NameAddr | null {
  const ours = readSipUri(contactUri(identity));
  const isOwn = (uri: string): boolean => {
    const theirs = readSipUri(uri);
    return (
      theirs !== null &&
      theirs.user === ours?.user &&
      theirs.host.toLowerCase() === ours.host.toLowerCase() &&
      (theirs.port ?? 5060) === ours.port
    );
  };
  return (
    headerValues(response, 'Contact')
      .map(readNameAddr)
      .find((contact) => contact !== null && isOwn(contact.uri)) ?? null
  );
}
