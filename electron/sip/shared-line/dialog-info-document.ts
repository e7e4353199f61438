import type { AppearanceDialog, DialogIdentifiers, DialogState, Party } from '../../phone/lines/dialog.ts';
import { readSipUri } from '../message/message-fields.ts';
import { readXml, type XmlElement, type XmlLimits } from './xml.ts';

/** A dialog-info document (RFC 4235, 4.1), before anyone has decided which appearances its dialogs are on. */
export interface DialogInfoDocument {
  readonly state: 'full' | 'partial';
  readonly version: number;
  /** `sip:5031@192.168.0.1:6060`; `sip:` is put before one that came without a scheme. */
  readonly entity: string;
  readonly dialogs: readonly NumberedDialog[];
}

export interface NumberedDialog {
  /** `x-line-id` of the local target (Sipura, draft-anil) or RFC 7463's `appearance`, as sent; null: neither. */
  readonly number: number | null;
  /** Why it is in its state (RFC 4235, 4.1.3): `cancelled`, `rejected`, `replaced`, `local-bye`, ...; null: not told. */
  readonly event: string | null;
  /** The SIP status that goes with `event`; null: not told. */
  readonly code: number | null;
  readonly dialog: AppearanceDialog;
}

export type DocumentResult =
  | { readonly ok: true; readonly document: DialogInfoDocument }
  | { readonly ok: false; readonly problem: string };

/** The largest datagram; every call of a busy office; RFC 4235 and RFC 7463 nest five deep. */
const limits: XmlLimits = { bytes: 65_535, depth: 16, elements: 2_048, attributes: 16 };
const mostDialogs = 128;

const dialogInfo = 'urn:ietf:params:xml:ns:dialog-info';
/** RFC 7463, 6. */
const sharedAppearance = 'urn:ietf:params:xml:ns:sa-dialog-info';

const states = ['full', 'partial'] as const;
const directions = ['initiator', 'recipient'] as const;
const dialogStates = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const;

/**
 * Reads a dialog-info body; never throws. The document may declare RFC 4235's namespace under any prefix; but PBXs also
 * send it without a namespace, or with one of their own making, so the root's name is enough, and what is in the root's
 * namespace is the document's. Elements and attributes of other namespaces are passed over, as are `replaces`,
 * `referred-by` and session descriptions. Takes `pvalue` (Sipura, draft-anil) and `pval` (RFC 4235, 4.1.6.2),
 * `+sip.rendering` and `sip.rendering`, identities without a scheme.
 */
export function readDialogInfoDocument(body: Buffer | string): DocumentResult {
  const read = readXml(body, limits);
  if (!read.ok) return { ok: false, problem: `dialog-info: ${read.problem}` };
  try {
    return { ok: true, document: documentOf(read.root) };
  } catch (error) {
    return { ok: false, problem: `dialog-info: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function documentOf(root: XmlElement): DialogInfoDocument {
  if (root.name !== 'dialog-info') throw new Error(`another document, ${root.name.slice(0, 40)}`);
  const dialogs = root.children.filter((child) => isOwn(root, child, 'dialog'));
  if (dialogs.length > mostDialogs) throw new Error(`more than ${mostDialogs} dialogs`);
  const version = root.attributes.version?.value ?? '0';
  if (!/^\d{1,10}$/.test(version)) throw new Error('the version is no number');
  return {
    state: oneOf(states, root.attributes.state?.value, 'state of the document'),
    version: Number(version),
    entity: withScheme(root.attributes.entity?.value ?? ''),
    dialogs: dialogs.map(numberedDialog),
  };
}

function numberedDialog(element: XmlElement): NumberedDialog {
  const local = own(element, 'local');
  const params = paramsOf(local);
  const state = own(element, 'state');
  return {
    number: wholeNumber(params.get('x-line-id') ?? shared(element, 'appearance')?.text),
    event: state?.attributes.event?.value ?? null,
    code: wholeNumber(state?.attributes.code?.value),
    dialog: {
      id: element.attributes.id?.value ?? '',
      direction: oneOf(directions, element.attributes.direction?.value ?? 'initiator', 'direction'),
      state: oneOf<DialogState>(dialogStates, state?.text.trim(), 'state of a dialog'),
      held: (params.get('+sip.rendering') ?? params.get('sip.rendering'))?.toLowerCase() === 'no',
      exclusive: (shared(element, 'exclusive') ?? own(element, 'exclusive'))?.text.trim() === 'true',
      local: party(local),
      remote: party(own(element, 'remote')),
      ...whenTold(element),
    },
  };
}

function whenTold(element: XmlElement): Partial<AppearanceDialog> {
  const identifiers = identifiersOf(element);
  const duration = wholeNumber(own(element, 'duration')?.text);
  return {
    ...(identifiers && { identifiers }),
    ...(duration !== null && { duration }),
    ...(shared(element, 'joined-dialog') && { joined: true }),
  };
}

/** Only whole can they name a dialog; one that rings has no remote tag yet, or none that is told. */
function identifiersOf({ attributes }: XmlElement): DialogIdentifiers | null {
  const [callId, localTag, remoteTag] = ['call-id', 'local-tag', 'remote-tag'].map((name) =>
    attributes[name]?.value.trim(),
  );
  return callId && localTag && remoteTag ? { callId, localTag, remoteTag } : null;
}

/** The parameters of a local target, by lower-case name; the first of each. */
function paramsOf(local: XmlElement | undefined): ReadonlyMap<string, string> {
  const target = local && own(local, 'target');
  const params = new Map<string, string>();
  for (const param of target?.children ?? []) {
    if (!target || !isOwn(target, param, 'param')) continue;
    const name = param.attributes.pname?.value.toLowerCase();
    const value = param.attributes.pvalue?.value ?? param.attributes.pval?.value;
    if (name !== undefined && value !== undefined && !params.has(name)) params.set(name, value);
  }
  return params;
}

function party(element: XmlElement | undefined): Party | null {
  if (!element) return null;
  const identity = own(element, 'identity');
  const target = own(element, 'target')?.attributes.uri?.value.trim();
  const text = identity?.text.trim() || target;
  if (!text) return null;
  const uri = readSipUri(withScheme(text));
  return {
    number: uri?.user ?? uri?.host ?? text,
    name: identity?.attributes.display?.value.trim() || null,
    uri: withScheme(target || text),
  };
}

/** The first child of that name which belongs to the document. */
const own = (parent: XmlElement, name: string): XmlElement | undefined =>
  parent.children.find((child) => isOwn(parent, child, name));

const isOwn = (parent: XmlElement, child: XmlElement, name: string): boolean =>
  child.name === name && (child.namespace === parent.namespace || child.namespace === dialogInfo);

/** The first child of that name which RFC 7463 adds. */
const shared = (parent: XmlElement, name: string): XmlElement | undefined =>
  parent.children.find((child) => child.name === name && child.namespace === sharedAppearance);

function oneOf<T extends string>(allowed: readonly T[], value: string | undefined, what: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Error(`no known ${what}: ${(value ?? 'none').slice(0, 40)}`);
  return found;
}

const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;

const withScheme = (uri: string): string => (/^(sips?|tel):/i.test(uri) ? uri : `sip:${uri}`);
