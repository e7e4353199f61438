import { SaxesParser } from 'saxes';
import { decodeText } from '../message/message.ts';

/** An element with what stands in it; comments and processing instructions are left out. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** The URI that its prefix stands for; empty: none. */
  readonly namespace: string;
  /** By name as written: those without a prefix belong to their element (Namespaces in XML 1.0, 6.2). No prototype. */
  readonly attributes: Readonly<Record<string, { readonly value: string } | undefined>>;
  readonly children: readonly XmlElement[];
  /** All text directly inside, CDATA sections included; not trimmed. */
  readonly text: string;
}

/** How large a document may be before it is refused. */
export interface XmlLimits {
  /** The longest body, bytes. */
  readonly bytes: number;
  /** Elements within each other, the root included. */
  readonly depth: number;
  /** Elements altogether. */
  readonly elements: number;
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number;
}

export type XmlResult =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a small XML body whole; never throws. Must be well-formed and its prefixes declared; blanks or a byte order mark
 * around it are taken. No DTD, so of entities only the five of XML itself, and nothing that expands. What the document
 * says of its encoding is not believed: bodies are UTF-8 as texts are (RFC 3261, 7.4.1), or else Latin-1, as old phones write.
 */
export function readXml(body: Buffer | string, limits: XmlLimits): XmlResult {
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  if (bytes > limits.bytes) return { ok: false, problem: `larger than ${limits.bytes} bytes` };
  const text = typeof body === 'string' ? body : decodeText(body);
  try {
    return { ok: true, root: parse(text.trim(), limits) };
  } catch (error) {
    return { ok: false, problem: `not XML: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Throws at the first thing that is wrong: saxes does so when nobody listens for its errors. */
function parse(text: string, limits: XmlLimits): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  let root: XmlElement | null = null;
  let [elements, attributesOfOne] = [0, 0];

  parser.on('doctype', () => refuse('a DTD'));
  parser.on('opentagstart', () => {
    elements += 1;
    attributesOfOne = 0;
    if (elements > limits.elements) refuse(`more than ${limits.elements} elements`);
    if (open.length >= limits.depth) refuse(`deeper than ${limits.depth} elements`);
  });
  parser.on('attribute', () => {
    attributesOfOne += 1;
    if (attributesOfOne > limits.attributes)
      refuse(`more than ${limits.attributes} attributes of one element`);
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    const element: OpenElement = { name: local, namespace: uri, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  const add = (part: string): void => {
    const element = open.at(-1);
    if (element) element.text += part;
  };
  parser.on('text', add);
  parser.on('cdata', add);

  parser.write(text).close();
  return root ?? refuse('no element');
}

function refuse(problem: string): never {
  throw new Error(problem);
}
