/** Reads a master file (RFC 1035 section 5, RFC 2308 section 4) so far that every record is known by name, type, TTL and place in the text. */
import { Fault } from '../../sdk/index.ts';

/** A word of the file: `text` without quotes, and where it stands. */
export type Token = { readonly text: string; readonly start: number; readonly end: number };
/** One logical line: parentheses may spread it over several. `end` is behind its line break. */
export type Entry = { readonly start: number; readonly end: number; readonly line: number; readonly blank: boolean; readonly tokens: readonly Token[] };
export type ZoneRecord = {
  /** Lower-case, no final dot. */
  readonly owner: string;
  /** Absent: the line begins with a blank, and the owner is that of the record before. */
  readonly ownerToken: Token | undefined;
  /** Seconds, said in the line or taken over. */
  readonly ttl: number | undefined;
  readonly ttlToken: Token | undefined;
  /** The first word after owner: TTL, class or type. */
  readonly firstToken: Token;
  readonly class: string;
  /** Upper-case. */
  readonly type: string;
  readonly data: readonly Token[];
  /** The origin in force there. */
  readonly origin: string;
  readonly entry: Entry;
};
export type MasterFile = {
  readonly text: string;
  readonly zone: string;
  readonly records: readonly ZoneRecord[];
  readonly soa: ZoneRecord;
  /** Directives that make records which are not in this text. */
  readonly includes: readonly Entry[];
  readonly generates: readonly { readonly entry: Entry; readonly origin: string }[];
  /** The origin in force at the end. */
  readonly lastOrigin: string;
};

/** `path` is for messages; `zone` is the origin at the start, where the file does not say it. Throws Fault `config` with the line. */
export function parseMaster(text: string, { path, zone }: { readonly path: string; readonly zone: string | undefined }): MasterFile {
  const wrong = (line: number, detail: string): Fault => new Fault({ kind: 'config', detail: `${path} line ${line}: ${detail}`, hint: 'correct the zone file; named-checkzone tells more' });
  const records: ZoneRecord[] = [];
  const includes: Entry[] = [];
  const generates: { entry: Entry; origin: string }[] = [];
  let origin = zone;
  let defaultTtl: number | undefined;
  let lastTtl: number | undefined;
  let lastOwner: string | undefined;

  const absolute = (token: string, line: number): string => {
    if (!isRelative(token)) return canonicalName(token);
    if (origin === undefined) throw wrong(line, `"${token}" is relative, and no $ORIGIN says to what; name the zone in the config of this account`);
    return token === '@' ? origin : origin === '' ? canonicalName(token) : `${canonicalName(token)}.${origin}`;
  };

  for (const entry of entriesOf(text, wrong)) {
    const [head, ...rest] = entry.tokens;
    if (head === undefined) continue;
    if (!entry.blank && head.text.startsWith('$')) {
      const value = rest[0]?.text;
      switch (head.text.toUpperCase()) {
        case '$ORIGIN':
          if (value === undefined) throw wrong(entry.line, '$ORIGIN without a name');
          origin = absolute(value, entry.line);
          continue;
        case '$TTL':
          defaultTtl = value === undefined ? undefined : parseTtl(value);
          if (defaultTtl === undefined) throw wrong(entry.line, '$TTL without a time');
          continue;
        case '$INCLUDE':
          includes.push(entry);
          continue;
        case '$GENERATE':
          generates.push({ entry, origin: origin ?? '' });
          continue;
        default:
          throw wrong(entry.line, `${head.text} is not known here`);
      }
    }
    const owner = entry.blank ? lastOwner : absolute(head.text, entry.line);
    if (owner === undefined) throw wrong(entry.line, 'the first record has no name');
    lastOwner = owner;
    const words = entry.blank ? entry.tokens : rest;
    let ttlToken: Token | undefined;
    let cls: string | undefined;
    let at = 0;
    for (; at < words.length; at++) {
      const word = (words[at] as Token).text;
      if (ttlToken === undefined && parseTtl(word) !== undefined) ttlToken = words[at];
      else if (cls === undefined && /^(IN|CH|HS|CS|CLASS\d+)$/i.test(word)) cls = word.toUpperCase();
      else break;
    }
    const type = words[at]?.text.toUpperCase();
    if (type === undefined) throw wrong(entry.line, 'a record without a type');
    const data = words.slice(at + 1);
    const said = ttlToken === undefined ? undefined : parseTtl(ttlToken.text);
    const minimum = type === 'SOA' ? parseTtl(data[6]?.text ?? '') : undefined;
    // RFC 2308 section 4: $TTL, else the last that was said (RFC 1035), else the SOA's own minimum.
    const ttl = said ?? defaultTtl ?? lastTtl ?? minimum;
    if (defaultTtl === undefined || said !== undefined) lastTtl = ttl;
    records.push({ owner, ownerToken: entry.blank ? undefined : head, ttl, ttlToken, firstToken: words[0] as Token, class: cls ?? 'IN', type, data, origin: origin ?? '', entry });
  }

  const soa = records.find((record) => record.type === 'SOA' && record.class === 'IN');
  if (soa === undefined) throw new Fault({ kind: 'config', detail: `${path} has no SOA record, so it is not a whole zone`, hint: 'name the file that the name server loads as the zone' });
  if (zone !== undefined && soa.owner !== zone) throw new Fault({ kind: 'config', detail: `${path} holds the zone ${soa.owner}, not ${zone}`, hint: 'correct zone or file' });
  return { text, zone: soa.owner, records, soa, includes, generates, lastOrigin: origin ?? soa.owner };
}

/** Seconds in `3600` or `1h30m` (BIND, and RFC 2308 files everywhere); undefined when it is no time. */
export function parseTtl(text: string): number | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit = 's'] of text.matchAll(/(\d+)([smhdw]?)/gi)) seconds += Number(count) * (UNITS[unit.toLowerCase()] ?? 1);
  return seconds <= 0xffffffff ? seconds : undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const isRelative = (name: string): boolean => !/(^|[^\\])(\\\\)*\.$/.test(name);

/** Lower-case, no final dot, letters and digits that were escaped for no reason as they are. */
const canonicalName = (text: string): string =>
  (isRelative(text) ? text : text.slice(0, -1))
    .replace(/\\(\d{3}|[^\d])/g, (whole, what: string) => {
      const letter = what.length === 3 ? String.fromCharCode(Number(what)) : what;
      return /^[a-z0-9_*-]$/i.test(letter) ? letter : whole;
    })
    .toLowerCase();

/** Logical lines and their words. A quoted word may hold anything but a line break; a comment ends with its line. */
function* entriesOf(text: string, wrong: (line: number, detail: string) => Fault): Generator<Entry> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const start = at;
    const startLine = line;
    const blank = text[at] === ' ' || text[at] === '\t';
    const tokens: Token[] = [];
    let depth = 0;
    for (;;) {
      const letter = text[at];
      if (letter === undefined) {
        if (depth > 0) throw wrong(startLine, 'a parenthesis is not closed');
        break;
      }
      if (letter === '\n') {
        at++;
        line++;
        if (depth === 0) break;
      } else if (letter === ';') {
        while (at < text.length && text[at] !== '\n') at++;
      } else if (letter === '(') {
        depth++;
        at++;
      } else if (letter === ')') {
        if (--depth < 0) throw wrong(line, 'a parenthesis is closed that was not opened');
        at++;
      } else if (letter === ' ' || letter === '\t' || letter === '\r') {
        at++;
      } else if (letter === '"') {
        const from = at++;
        while (text[at] !== '"') {
          if (at >= text.length || text[at] === '\n') throw wrong(line, 'a quote is not closed');
          at += text[at] === '\\' ? 2 : 1;
        }
        tokens.push({ text: text.slice(from + 1, at++), start: from, end: at });
      } else {
        const from = at;
        while (at < text.length && !/[\s();"]/.test(text[at] as string)) at += text[at] === '\\' && text[at + 1] !== '\n' ? 2 : 1;
        at = Math.min(at, text.length);
        tokens.push({ text: text.slice(from, at), start: from, end: at });
      }
    }
    yield { start, end: at, line: startLine, blank, tokens };
  }
}
