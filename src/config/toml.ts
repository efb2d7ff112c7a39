/** TOML. Its parser keeps no positions of what is right, so lines are found by reading the headers and keys once more. */
import { parse, TomlError } from 'smol-toml';
import type { Parsed } from './document.ts';
import type { Keys } from './place.ts';

export function parseToml(source: string): Parsed {
  try {
    const value: unknown = parse(source);
    let lines: ReadonlyMap<string, number> | undefined;
    const lineOf = (keys: Keys): number | undefined => {
      lines ??= linesOf(source);
      for (let length = keys.length; length > 0; length--) {
        const line = lines.get(JSON.stringify(keys.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    };
    return { kind: 'parsed', document: { value, lineOf, repeated: () => [] } };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return { kind: 'broken', problems: [{ line: thrown.line, column: thrown.column, message: sentenceOf(thrown.message) }] };
  }
}

/** The first line of the library's message says what; the rest quotes the file, which may hold secrets. */
function sentenceOf(message: string): string {
  const said = (message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '').replace(/:.*$/, '');
  return WORDS.get(said) ?? said;
}

/** What people did where the library says what it met. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['invalid value', 'a value is missing, or is text without quotes'],
  ['control characters are not allowed in strings', 'a quote is not closed on its line, or a text holds a control character'],
  ['illegal character in key', 'a "=" or "]" is missing, or a key needs quotes'],
]);

/** The first line of every key and list element, by the keys that lead to it. Inside multi-line texts nothing is taken for a key. */
function linesOf(source: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const note = (keys: Keys, line: number): void => {
    for (let length = keys.length; length > 0; length--) {
      const place = JSON.stringify(keys.slice(0, length));
      if (!lines.has(place)) lines.set(place, line);
    }
  };
  const elements = new Map<string, number>();
  /** A key that names a list of tables means its last element. */
  const lead = (keys: readonly string[]): Keys => keys.reduce<Keys>((way, key) => withElement(way.concat(key), elements), []);
  let table: Keys = [];
  let open: string | undefined;
  for (const [at, line] of source.split('\n').entries()) {
    if (open === undefined) {
      const list = /^\s*\[\[(.+?)\]\]\s*(#.*)?$/.exec(line)?.[1];
      const header = /^\s*\[([^[].*?)\]\s*(#.*)?$/.exec(line)?.[1];
      const pair = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line);
      if (list !== undefined) {
        const keys = splitKey(list);
        const way = [...lead(keys.slice(0, -1)), ...keys.slice(-1)];
        const place = JSON.stringify(way);
        elements.set(place, (elements.get(place) ?? -1) + 1);
        table = withElement(way, elements);
        note(table, at + 1);
      } else if (header !== undefined) {
        table = lead(splitKey(header));
        note(table, at + 1);
      } else if (pair?.[1] !== undefined) {
        const keys = [...table, ...splitKey(pair[1])];
        note(keys, at + 1);
        noteInline(line.slice(pair[0].length), keys, at + 1, note);
      }
    }
    for (const [mark] of line.matchAll(/"""|'''/g)) open = open === undefined ? mark : open === mark ? undefined : open;
  }
  return lines;
}

/** `{ env = "X" }` and `["a"]` on the line of their key. */
function noteInline(written: string, keys: Keys, line: number, note: (keys: Keys, line: number) => void): void {
  for (const [, key] of written.matchAll(/[{,]\s*([\w-]+)\s*=/g)) if (key !== undefined) note([...keys, key], line);
}

const withElement = (way: Keys, elements: ReadonlyMap<string, number>): Keys => {
  const last = elements.get(JSON.stringify(way));
  return last === undefined ? way : way.concat(last);
};

const splitKey = (written: string): string[] => [...written.matchAll(/[\w-]+|"([^"]*)"|'([^']*)'/g)].map(([whole, double, single]) => double ?? single ?? whole);
