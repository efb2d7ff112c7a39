/**
 * Reads the little XML that routers speak: elements and text. A general parser is what an attacker in the local network would wish for, so
 * this one knows no document types, no entities but the five of XML itself and characters by number, and looks at no attribute.
 */

/** `name`: without its namespace prefix. `text`: what stands directly in it, not in its children. */
export type XmlElement = { readonly name: string; readonly text: string; readonly children: readonly XmlElement[] };
export type Xml = { readonly kind: 'element'; readonly element: XmlElement } | { readonly kind: 'refused'; readonly why: string };

/** Far more than any router's description of itself. */
export const MAX_XML_BYTES = 64 * 1024;
/** A gateway's description needs ten. */
const MAX_DEPTH = 32;

/** The document in `source`, which was decoded from UTF-8. Takes time and memory in proportion to its length; never throws. */
export function readXml(source: string): Xml {
  if (source.length > MAX_XML_BYTES) return refused(`is longer than ${MAX_XML_BYTES} bytes`);
  if (source.includes('\uFFFD')) return refused('is not UTF-8');
  const text = source.replace(/^\uFEFF/, '');
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let at = 0;
  const write = (words: string): boolean => {
    const inner = open.at(-1);
    if (inner === undefined) return isBlank(words);
    inner.element.text += words;
    return true;
  };
  while (at < text.length) {
    const mark = text.indexOf('<', at);
    if (mark !== at) {
      const words = decodeEntities(text.slice(at, mark < 0 ? text.length : mark));
      if (words === undefined) return refused('uses an entity that XML itself does not have');
      if (!write(words)) return refused('has text outside its elements');
      if (mark < 0) break;
      at = mark;
    }
    const hidden = HIDDEN.find(({ start }) => text.startsWith(start, at));
    if (hidden !== undefined) {
      const end = text.indexOf(hidden.end, at + hidden.start.length);
      if (end < 0) return refused('is cut short');
      if (hidden.isText && !write(text.slice(at + hidden.start.length, end))) return refused('has text outside its elements');
      at = end + hidden.end.length;
      continue;
    }
    if (text.startsWith('<!', at)) return refused('declares a document type or an entity, which no router needs to do');
    const tag = tagAt(text, at);
    if (tag === undefined) return refused('has a tag that cannot be read');
    at = tag.end;
    if (tag.kind === 'close') {
      const closed = open.pop();
      if (closed?.tag !== tag.name) return refused('has tags that do not match');
      if (open.length === 0) root = closed.element;
      continue;
    }
    if (open.length === 0 && root !== undefined) return refused('has more than one root');
    if (open.length === MAX_DEPTH) return refused(`is nested more than ${MAX_DEPTH} deep`);
    const element: Growing = { name: tag.name.slice(tag.name.indexOf(':') + 1), text: '', children: [] };
    open.at(-1)?.element.children.push(element);
    if (tag.kind === 'open') open.push({ tag: tag.name, element });
    else if (open.length === 0) root = element;
  }
  if (open.length > 0) return refused('is cut short');
  return root === undefined ? refused('is no XML') : { kind: 'element', element: root };
}

/** The first element that is reached by these names, one inside the other. */
export function within(element: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  let inner: XmlElement | undefined = element;
  for (const name of names) inner = inner?.children.find((child) => child.name === name);
  return inner;
}

/** The text of a child without the blanks around it; empty where there is no such child. */
export const textIn = (element: XmlElement | undefined, name: string): string => (element === undefined ? '' : (within(element, name)?.text.trim() ?? ''));

/** Text as it stands between two tags. */
export const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

type Growing = { readonly name: string; text: string; readonly children: XmlElement[] };
/** `tag`: the name with its prefix, which the closing tag repeats. */
type Open = { readonly tag: string; readonly element: Growing };

const refused = (why: string): Xml => ({ kind: 'refused', why });
/** Some firmware sends the zero byte that ends its string along. */
const isBlank = (text: string): boolean => text.replaceAll('\0', '').trim() === '';

const HIDDEN = [
  { start: '<!--', end: '-->', isText: false },
  { start: '<![CDATA[', end: ']]>', isText: true },
  { start: '<?', end: '?>', isText: false },
] as const;

type Tag = { readonly kind: 'open' | 'close' | 'empty'; readonly name: string; readonly end: number };

/** The tag that begins at `start`; what is in quotes does not end it. Undefined when it has no end or no name. */
function tagAt(text: string, start: number): Tag | undefined {
  let quote = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '<') return undefined;
    else if (character === '>') {
      const inside = text.slice(start + 1, at);
      const name = /^\/?([^\s/<>"'=&]+)(?=\s|\/?$)/.exec(inside)?.[1];
      if (name === undefined) return undefined;
      return { kind: inside.startsWith('/') ? 'close' : inside.endsWith('/') ? 'empty' : 'open', name, end: at + 1 };
    }
  }
  return undefined;
}

const PREDEFINED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Undefined when an entity is named that XML itself does not have. A lone `&`, which firmware forgets to escape, is what it looks like. */
function decodeEntities(text: string): string | undefined {
  let known = true;
  const decoded = text.replace(/&(#?\w{1,32});/g, (_, name: string) => {
    const character = name.startsWith('#') ? byNumber(name.slice(1)) : Object.hasOwn(PREDEFINED, name) ? PREDEFINED[name] : undefined;
    known &&= character !== undefined;
    return character ?? '';
  });
  return known ? decoded : undefined;
}

/** A character that XML allows (XML 1.0 section 2.2). */
function byNumber(number: string): string | undefined {
  const code = /^\d{1,7}$/.test(number) ? Number(number) : /^x[0-9a-f]{1,6}$/i.test(number) ? Number.parseInt(number.slice(1), 16) : -1;
  const allowed = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
  return allowed ? String.fromCodePoint(code) : undefined;
}
