/** A config file as a value, whatever it is written in, that still knows on which line each part of it stands. */
import { parseJson } from './json.ts';
import type { Keys } from './place.ts';

export type Document = {
  readonly value: unknown;
  /** The line of what these keys lead to, or of the innermost part of the way that is there. Counts from 1. Worked out only when asked. */
  readonly lineOf: (keys: Keys) => number | undefined;
  /** Keys that stand twice in one mapping, where the language would let the last one win. */
  readonly repeated: () => readonly { readonly keys: Keys; readonly line: number }[];
};

/** Where the text stops being of its language. Counts from 1. */
export type SyntaxProblem = { readonly line: number; readonly column: number; readonly message: string };
export type Parsed = { readonly kind: 'parsed'; readonly document: Document } | { readonly kind: 'broken'; readonly problems: readonly SyntaxProblem[] };

export type Language = 'JSON' | 'YAML' | 'TOML';

/** By the name's ending. Without one: JSON when the text begins with a brace, else YAML. Undefined: an ending we do not know. */
export function languageOf(path: string, source: string): Language | undefined {
  const ending = /[^/\\]\.([^./\\]*)$/.exec(path)?.[1]?.toLowerCase();
  switch (ending) {
    case 'json':
    case 'jsonc':
      return 'JSON';
    case 'yaml':
    case 'yml':
      return 'YAML';
    case 'toml':
      return 'TOML';
    case undefined:
      return /^\s*(\{|\/[/*])/.test(source) ? 'JSON' : 'YAML';
    default:
      return undefined;
  }
}

/** Only the parser that is needed is loaded. */
export async function parseDocument(language: Language, source: string): Promise<Parsed> {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  switch (language) {
    case 'JSON':
      return parseJson(text);
    case 'YAML':
      return (await import('./yaml.ts')).parseYaml(text);
    case 'TOML':
      return (await import('./toml.ts')).parseToml(text);
    default:
      return language satisfies never;
  }
}

export type Position = { readonly line: number; readonly column: number };

/** Line and column of offsets in `source`; both count from 1. */
export function positions(source: string): (offset: number) => Position {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
