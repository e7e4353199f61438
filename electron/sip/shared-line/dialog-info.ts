import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import type { AppearanceDialog, Party, PlacedDialog } from '../../phone/dialog.ts';
import { readSipUri, writeSipUri } from '../message-fields.ts';

/** A dialog-info document (RFC 4235, 4.1) as shared lines use it. */
export interface DialogInfo {
  readonly state: 'full' | 'partial';
  readonly version: number;
  /** `sip:5031@192.168.0.1:6060`; `sip:` is put before one that came without a scheme. */
  readonly entity: string;
  readonly dialogs: readonly PlacedDialog[];
}

export type DialogInfoResult =
  | { readonly ok: true; readonly value: DialogInfo }
  | { readonly ok: false; readonly problem: string };

export interface DialogInfoLayout {
  /** What follows the @ of identities and targets: the PBX, `192.168.0.1:6060`. */
  readonly domain: { readonly host: string; readonly port: number | null };
  /** Stations separate lines with CRLF, the SPA9000 with LF (facts of the captures' Content-Length). */
  readonly newline?: '\r\n' | '\n';
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // No path is written out for every element and attribute.
  jPath: false,
  // Every element is an object then, whether it has attributes, children, or only text.
  alwaysCreateTextNode: true,
  isArray: (name) => name === 'dialog' || name === 'param',
});

const text = z.object({ '#text': z.string() });
const param = z.object({
  '@pname': z.string(),
  '@pvalue': z.string().optional(),
  '@pval': z.string().optional(),
});
const participant = z.object({
  identity: text.extend({ '@display': z.string().optional() }).optional(),
  target: z.object({ '@uri': z.string().optional(), param: z.array(param).default([]) }).optional(),
});
const dialog = z.object({
  '@id': z.string().default(''),
  '@direction': z.enum(['initiator', 'recipient']).default('initiator'),
  state: z.object({ '#text': z.enum(['trying', 'proceeding', 'early', 'confirmed', 'terminated']) }),
  exclusive: text.optional(),
  local: participant.optional(),
  remote: participant.optional(),
});
const document = z.object({
  'dialog-info': z.object({
    '@state': z.enum(['full', 'partial']),
    '@version': z
      .string()
      .regex(/^\d{1,10}$/)
      .default('0'),
    '@entity': z.string().default(''),
    dialog: z.array(dialog).default([]),
  }),
});

type ParsedDialog = z.infer<typeof dialog>;
type ParsedParticipant = z.infer<typeof participant>;

/**
 * Reads a dialog-info body; never throws. Takes `pvalue` (Sipura, draft-anil) and `pval` (RFC 4235, 4.1.6.2), any
 * namespace prefix, identities without a scheme. A dialog without x-line-id is taken for appearance 0: agents that
 * number appearances keep those without a number to themselves, so one that arrives comes from a PBX that does not
 * number, and there an extension has one appearance. Documents with a DTD are refused: entities must not expand.
 */
export function readDialogInfo(xml: string): DialogInfoResult {
  try {
    if (/<!(DOCTYPE|ENTITY)/i.test(xml)) return { ok: false, problem: 'dialog-info with a DTD' };
    const validity = XMLValidator.validate(xml.trim());
    if (validity !== true) return { ok: false, problem: `dialog-info is not XML: ${validity.err.msg}` };
    const parsed = document.safeParse(parser.parse(xml.trim()));
    if (!parsed.success) return { ok: false, problem: `dialog-info: ${z.prettifyError(parsed.error)}` };
    const info = parsed.data['dialog-info'];
    const value = {
      state: info['@state'],
      version: Number(info['@version']),
      entity: withScheme(info['@entity']),
      dialogs: info.dialog.map(place),
    };
    return { ok: true, value };
  } catch (error) {
    return { ok: false, problem: `dialog-info: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function place(parsed: ParsedDialog): PlacedDialog {
  const appearance = Number(paramOf(parsed.local, 'x-line-id') ?? 0);
  return {
    appearance: Number.isInteger(appearance) && appearance >= 0 ? appearance : 0,
    dialog: {
      id: parsed['@id'],
      direction: parsed['@direction'],
      state: parsed.state['#text'],
      held: paramOf(parsed.local, '+sip.rendering')?.toLowerCase() === 'no',
      exclusive: parsed.exclusive?.['#text'].trim() === 'true',
      local: party(parsed.local),
      remote: party(parsed.remote),
    },
  };
}

function paramOf(local: ParsedParticipant | undefined, name: string): string | undefined {
  const found = local?.target?.param.find((each) => each['@pname'].toLowerCase() === name);
  return found?.['@pvalue'] ?? found?.['@pval'];
}

function party(parsed: ParsedParticipant | undefined): Party | null {
  const text = parsed?.identity?.['#text'].trim() || parsed?.target?.['@uri']?.trim();
  if (!text) return null;
  const uri = readSipUri(withScheme(text));
  return { number: uri?.user ?? uri?.host ?? text, name: parsed?.identity?.['@display']?.trim() || null };
}

const withScheme = (uri: string): string => (/^(sips?|tel):/i.test(uri) ? uri : `sip:${uri}`);

/** Writes a dialog-info body byte for byte as a SPA station does (captures 03 and 05): no line end at the end. */
export function writeDialogInfo(info: DialogInfo, layout: DialogInfoLayout): string {
  const root = `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="${info.version}" state="${info.state}" entity="${escapeXml(info.entity)}">`;
  const dialogs = info.dialogs.flatMap((placed) => dialogLines(placed, layout));
  return ['<?xml version="1.0"?>', root, ...dialogs, '</dialog-info>'].join(layout.newline ?? '\r\n');
}

function dialogLines({ appearance, dialog }: PlacedDialog, layout: DialogInfoLayout): string[] {
  return [
    `<dialog id="${escapeXml(dialog.id)}" direction="${dialog.direction}">`,
    ...localLines(appearance, dialog, layout),
    ...(dialog.remote ? ['<remote>', identityLine(dialog.remote, layout), '</remote>'] : []),
    `<state>${dialog.state}</state>`,
    ...(dialog.exclusive ? ['<exclusive>true</exclusive>'] : []),
    '</dialog>',
  ];
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
