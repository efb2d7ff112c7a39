/** YAML 1.2: no surprising booleans, keys only once, one document. */
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit, type YAMLError } from 'yaml';
import type { Parsed, SyntaxProblem } from './document.ts';
import type { Keys } from './place.ts';

export function parseYaml(source: string): Parsed {
  const counter = new LineCounter();
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false, merge: true });
  const at = (offset: number): { readonly line: number; readonly column: number } => {
    const { line, col } = counter.linePos(offset);
    return { line, column: col };
  };
  // A warning is a tag we do not know, such as !secret: what it stands for would silently be something else.
  const troubles = [...document.errors, ...document.warnings].map((error): SyntaxProblem => ({ ...at(error.pos[0]), message: sentenceOf(error) }));
  if (troubles.length > 0) return { kind: 'broken', problems: troubles };
  if (document.contents === null) return { kind: 'broken', problems: [{ line: 1, column: 1, message: 'the file is empty' }] };
  const strays: SyntaxProblem[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) === undefined) strays.push({ ...at(alias.range?.[0] ?? 0), message: 'an alias (*name) has no anchor (&name) before it; a text that begins with "*" needs quotes' });
    },
  });
  if (strays.length > 0) return { kind: 'broken', problems: strays };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 1000 });
  } catch {
    return { kind: 'broken', problems: [{ line: 1, column: 1, message: 'aliases (*name) stand for too much: write it out' }] };
  }
  return { kind: 'parsed', document: { value, lineOf: (keys) => at(locate(document.contents, keys)).line, repeated: () => [] } };
}

/** The offset of the innermost part of the way that is there. */
function locate(root: Node | null, keys: Keys): number {
  let node: unknown = root;
  let offset = root?.range?.[0] ?? 0;
  for (const key of keys) {
    const pair = isMap(node) ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key) : undefined;
    const inner: unknown = isSeq(node) && typeof key === 'number' ? node.items[key] : pair?.value;
    const start = isNode(pair?.key) ? pair.key : inner;
    if (!isNode(start)) break;
    offset = start.range?.[0] ?? offset;
    node = inner;
  }
  return offset;
}

/** The library's own sentences quote what it found, which may be a secret. */
function sentenceOf({ code }: YAMLError): string {
  const known: Partial<Record<YAMLError['code'], string>> = {
    ALIAS_PROPS: 'an alias (*name) cannot have an anchor or a tag',
    BAD_INDENT: 'the indentation does not fit, or a bracket before it is not closed',
    BAD_SCALAR_START: 'a text that begins with this character needs quotes',
    BLOCK_AS_IMPLICIT_KEY: 'a mapping cannot begin in the middle of a line; is the indentation right, or does a text with ": " need quotes?',
    DUPLICATE_KEY: 'this key stands twice in one mapping',
    MISSING_CHAR: 'a character is missing (a closing quote or bracket, a ":", a "," or a "-"), or the indentation does not fit',
    MULTIPLE_DOCS: 'a config is one document; remove the second "---"',
    MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a ":" missing, or the space after it?',
    TAB_AS_INDENT: 'YAML does not allow tabs for indentation; use spaces',
    TAG_RESOLVE_FAILED: 'a tag ("!...") is not known here; a secret is { env: NAME }, { file: PATH } or { command: [...] }',
    UNEXPECTED_TOKEN: 'something stands here that does not belong here; does a text need quotes?',
  };
  return known[code] ?? `this is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`;
}
