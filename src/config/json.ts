/** JSON with comments and trailing commas: fast when all is well, and knowing every position when it is not. */
import { type Parsed, type Position, positions, type SyntaxProblem } from './document.ts';
import type { Keys } from './place.ts';

/** Lines are worked out only when somebody asks: a good file costs one `JSON.parse`. */
export function parseJson(source: string): Parsed {
  let scanned: Scanned | undefined;
  const scan = (): Scanned => {
    scanned ??= new Scanner(source).scan();
    return scanned;
  };
  const value = quickly(source) ?? quickly(plain(source));
  if (value === undefined) {
    const { failure } = scan();
    if (failure) return { kind: 'broken', problems: [failure] };
  }
  return {
    kind: 'parsed',
    document: {
      value: value ?? scan().root?.value,
      lineOf: (keys) => scan().position(locate(scan().root, keys)).line,
      repeated: () => scan().repeated.map(({ keys, at }) => ({ keys, line: scan().position(at).line })),
    },
  };
}

function quickly(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without comments, then without commas that nothing follows. Texts are matched first, so nothing inside them is touched. */
function plain(source: string): string {
  const keepTexts = (found: string): string => (found.startsWith('"') ? found : ' ');
  return source.replace(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, keepTexts).replace(/"[^"\\]*(?:\\.[^"\\]*)*"|,(?=\s*[}\]])/g, keepTexts);
}

type Node = { readonly at: number; readonly value: unknown; readonly entries?: ReadonlyMap<string, { readonly at: number; readonly node: Node }>; readonly items?: readonly Node[] };
type Scanned = {
  readonly root?: Node;
  readonly repeated: readonly { readonly keys: Keys; readonly at: number }[];
  readonly position: (offset: number) => Position;
  readonly failure?: SyntaxProblem;
};

/** The offset of the innermost part of the way that is there. */
function locate(root: Node | undefined, keys: Keys): number {
  let node = root;
  let at = root?.at ?? 0;
  for (const key of keys) {
    const entry = typeof key === 'number' ? asEntry(node?.items?.[key]) : node?.entries?.get(key);
    if (entry === undefined) break;
    ({ at, node } = entry);
  }
  return at;
}

const asEntry = (node: Node | undefined): { readonly at: number; readonly node: Node } | undefined => (node === undefined ? undefined : { at: node.at, node });

/** Only this file throws and catches it. */
class Unexpected extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const DEEPEST = 100;

class Scanner {
  #at = 0;
  readonly #source: string;
  readonly #keys: (string | number)[] = [];
  readonly #repeated: { keys: Keys; at: number }[] = [];
  readonly #position: (offset: number) => Position;
  constructor(source: string) {
    this.#source = source;
    this.#position = positions(source);
  }

  scan(): Scanned {
    try {
      this.#skip();
      if (this.#at >= this.#source.length) throw new Unexpected(this.#at, 'the file is empty');
      const root = this.#value();
      this.#skip();
      if (this.#at < this.#source.length) throw new Unexpected(this.#at, `unexpected ${this.#seen()} after the end of the config`);
      return { root, repeated: this.#repeated, position: this.#position };
    } catch (thrown) {
      if (!(thrown instanceof Unexpected)) throw thrown;
      return { repeated: [], position: this.#position, failure: { ...this.#position(thrown.at), message: thrown.message } };
    }
  }

  #value(): Node {
    const at = this.#at;
    const letter = this.#source[at];
    if (letter === '{') return this.#object();
    if (letter === '[') return this.#array();
    if (letter === '"') return { at, value: this.#text() };
    const literal = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/.exec(this.#source.slice(at, at + 64))?.[0];
    if (literal === undefined) throw new Unexpected(at, `expected a value, found ${this.#seen()}`);
    this.#at += literal.length;
    return { at, value: JSON.parse(literal) };
  }

  #object(): Node {
    const at = this.#at;
    const entries = new Map<string, { at: number; node: Node }>();
    this.#members('}', () => {
      const keyAt = this.#at;
      if (this.#source[keyAt] !== '"') throw new Unexpected(keyAt, `expected a key in double quotes, found ${this.#seen()}`);
      const key = this.#text();
      this.#skip();
      if (this.#source[this.#at] !== ':') throw new Unexpected(this.#at, `expected ":" after the key ${JSON.stringify(key)}, found ${this.#seen()}`);
      this.#at++;
      this.#skip();
      this.#keys.push(key);
      if (entries.has(key)) this.#repeated.push({ keys: [...this.#keys], at: keyAt });
      entries.set(key, { at: keyAt, node: this.#value() });
      this.#keys.pop();
    });
    return { at, entries, value: Object.fromEntries([...entries].map(([key, { node }]) => [key, node.value])) };
  }

  #array(): Node {
    const at = this.#at;
    const items: Node[] = [];
    this.#members(']', () => {
      this.#keys.push(items.length);
      items.push(this.#value());
      this.#keys.pop();
    });
    return { at, items, value: items.map(({ value }) => value) };
  }

  /** What stands between two brackets, parted by commas; the last may be followed by one too. */
  #members(end: '}' | ']', member: () => void): void {
    const opened = this.#at;
    if (this.#keys.length > DEEPEST) throw new Unexpected(opened, 'nested too deeply');
    const unclosed = (): Unexpected => {
      const { line } = this.#position(opened);
      return new Unexpected(this.#at, `the file ends before the "${this.#source[opened]}" of line ${line} is closed`);
    };
    this.#at++;
    for (;;) {
      this.#skip();
      if (this.#at >= this.#source.length) throw unclosed();
      if (this.#source[this.#at] === end) break;
      member();
      this.#skip();
      if (this.#at >= this.#source.length) throw unclosed();
      if (this.#source[this.#at] === ',') this.#at++;
      else if (this.#source[this.#at] !== end) throw new Unexpected(this.#at, `expected "," or "${end}", found ${this.#seen()}`);
    }
    this.#at++;
  }

  #text(): string {
    const rest = /"[^"\\\n]*(?:\\.[^"\\\n]*)*/y;
    rest.lastIndex = this.#at;
    const found = rest.exec(this.#source)?.[0] ?? '';
    if (this.#source[this.#at + found.length] !== '"') throw new Unexpected(this.#at, 'a text in quotes does not end on its line');
    const value = quickly(`${found}"`);
    if (typeof value !== 'string') throw new Unexpected(this.#at, 'a text in quotes holds a character or a "\\" sequence that JSON does not allow');
    this.#at += found.length + 1;
    return value;
  }

  #skip(): void {
    const blank = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#source)?.[0].length ?? 0;
    if (this.#source.startsWith('/*', this.#at)) throw new Unexpected(this.#at, 'a comment that begins with /* does not end');
  }

  /** One character only: what stands here may be part of a secret. */
  #seen(): string {
    const letter = this.#source[this.#at];
    return letter === undefined ? 'the end of the file' : letter === '\n' ? 'the end of the line' : JSON.stringify(letter);
  }
}
