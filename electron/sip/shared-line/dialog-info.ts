import type { AppearanceDialog, Party, PlacedDialog } from '../../phone/lines/dialog.ts';
import { writeSipUri } from '../message/message-fields.ts';
import {
  type DialogInfoDocument,
  type NumberedDialog,
  readDialogInfoDocument,
} from './dialog-info-document.ts';

/** A dialog-info document as shared lines use it: every dialog on its appearance. */
export interface DialogInfo extends Omit<DialogInfoDocument, 'dialogs'> {
  readonly dialogs: readonly PlacedDialog[];
}

export type DialogInfoResult =
  | { readonly ok: true; readonly value: DialogInfo }
  | { readonly ok: false; readonly problem: string };

/**
 * What a dialog without an appearance number is. `first`: on appearance 0, for agents that number appearances keep those
 * without a number to themselves, so one that arrives comes from a PBX that does not number, and there an extension has
 * one appearance. `none`: on no appearance, left out.
 */
export type Unnumbered = 'first' | 'none';

export interface DialogInfoLayout {
  /** What follows the @ of identities and targets: the PBX, `192.168.0.1:6060`. */
  readonly domain: { readonly host: string; readonly port: number | null };
  /** Stations separate lines with CRLF, the SPA9000 with LF (facts of the captures' Content-Length). */
  readonly newline?: '\r\n' | '\n';
}

/** Reads a dialog-info body (see `readDialogInfoDocument`) and puts its dialogs on their appearances; never throws. */
export function readDialogInfo(body: Buffer | string, unnumbered: Unnumbered = 'first'): DialogInfoResult {
  const read = readDialogInfoDocument(body);
  if (!read.ok) return read;
  const { document } = read;
  return {
    ok: true,
    value: { ...document, dialogs: document.dialogs.flatMap((each) => place(each, unnumbered)) },
  };
}

function place({ number, dialog }: NumberedDialog, unnumbered: Unnumbered): PlacedDialog[] {
  const appearance = number ?? (unnumbered === 'first' ? 0 : null);
  return appearance === null ? [] : [{ appearance, dialog }];
}

/** Writes a dialog-info body byte for byte as a SPA station does (captures 03 and 05): no line end at the end. */
export function writeDialogInfo(info: DialogInfo, layout: DialogInfoLayout): string {
  const root = `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${info.version}" state="${info.state}" entity="${escapeXml(info.entity)}">`;
  const dialogs = info.dialogs.flatMap((placed) => dialogLines(placed, layout));
  return ['<?xml version="1.0"?>', root, ...dialogs, '</dialog-info>'].join(layout.newline ?? '\r\n');
}

function dialogLines({ appearance, dialog }: PlacedDialog, layout: DialogInfoLayout): string[] {
  return [
    `<dialog id="${escapeXml(dialog.id)}"${nameOf(dialog)} direction="${dialog.direction}">`,
    ...localLines(appearance, dialog, layout),
    ...(dialog.remote ? ['<remote>', identityLine(dialog.remote, layout), '</remote>'] : []),
    `<state>${dialog.state}</state>`,
    ...(typeof dialog.duration === 'number' ? [`<duration>${dialog.duration}</duration>`] : []),
    ...(dialog.exclusive ? ['<exclusive>true</exclusive>'] : []),
    '</dialog>',
  ];
}

/** The SIP dialog's own name (RFC 4235, 4.1.2), when it is told. */
function nameOf({ identifiers }: AppearanceDialog): string {
  if (!identifiers) return '';
  const { callId, localTag, remoteTag } = identifiers;
  return ` call-id="${escapeXml(callId)}" local-tag="${escapeXml(localTag)}" remote-tag="${escapeXml(remoteTag)}"`;
}

/** Held: `+sip.rendering` after x-line-id, the order of the one body known with both (inferred for the SPA9000). */
function localLines(
  appearance: number,
  { local, held }: AppearanceDialog,
  layout: DialogInfoLayout,
): string[] {
  const target = local ? uriOf(local, layout) : writeSipUri(null, layout.domain.host, layout.domain.port);
  return [
    '<local>',
    ...(local ? [identityLine(local, layout)] : []),
    `<target uri="${escapeXml(target)}">`,
    `<param pname="x-line-id" pvalue="${appearance}"/>`,
    ...(held ? ['<param pname="+sip.rendering" pvalue="no"/>'] : []),
    '</target>',
    '</local>',
  ];
}

const uriOf = (party: Party, { domain }: DialogInfoLayout): string =>
  writeSipUri(party.number, domain.host, domain.port);

function identityLine(party: Party, layout: DialogInfoLayout): string {
  const display = party.name === null ? '' : ` display="${escapeXml(party.name)}"`;
  return `<identity${display}>${escapeXml(uriOf(party, layout))}</identity>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
