/** Changes sets in the text of a zone file: the least number of letters, everything else byte for byte as it was; then reads the result to prove it. */
import { Fault, type IpAddress, partsOf, type RecordKey, type RecordSet, sameValues } from '../../sdk/index.ts';
import { parseMaster, type ZoneRecord } from './master.ts';
import { nextSerial } from './serial.ts';
import { addressIn, recordsOf, setIn, type Zone, zoneOfFile } from './sets.ts';

/** Seconds, for a new record when the config says `auto`. */
export const INITIAL_TTL = 300;

type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** The text with these sets in it and a higher serial; the same text when they are in it already. Throws Fault. `now`: milliseconds since 1970. */
export function edited(zone: Zone, wanted: ReadonlyMap<RecordKey, RecordSet>, now: number): string {
  const edits: Edit[] = [];
  const removed = new Set<ZoneRecord>();
  for (const [key, set] of wanted) edits.push(...changeSet(key, set, zone, removed));
  if (edits.length === 0 && removed.size === 0) return zone.file.text;
  edits.push(...withoutOrphans(zone, removed), raisedSerial(zone, now));
  const text = applied(zone.file.text, edits);
  prove(zone, text, wanted);
  return text;
}

/** Lines that go are put into `removed` as well. */
function changeSet(key: RecordKey, set: RecordSet, zone: Zone, removed: Set<ZoneRecord>): readonly Edit[] {
  const records = recordsOf(key, zone);
  const missing = new Set<IpAddress>(set.values);
  const spare: ZoneRecord[] = [];
  const staying: ZoneRecord[] = [];
  for (const record of records) {
    if (missing.delete(addressIn(record, zone.path))) staying.push(record);
    else spare.push(record);
  }
  const edits: Edit[] = [];
  for (const record of spare) {
    const [value] = missing;
    if (value === undefined) {
      removed.add(record);
      edits.push({ start: record.entry.start, end: record.entry.end, text: '' });
    } else {
      missing.delete(value);
      staying.push(record);
      const [first, last] = [record.data[0], record.data.at(-1)];
      if (first && last) edits.push({ start: first.start, end: last.end, text: value });
    }
  }
  if (set.ttl !== undefined) for (const record of staying) edits.push(...changeTtl(record, set.ttl));
  if (missing.size > 0) edits.push(added({ ...set, values: [...missing] }, zone, records));
  return edits;
}

function changeTtl({ ttl, ttlToken, firstToken }: ZoneRecord, wanted: number): readonly Edit[] {
  if (ttl === wanted) return [];
  return ttlToken ? [{ start: ttlToken.start, end: ttlToken.end, text: String(wanted) }] : [{ start: firstToken.start, end: firstToken.start, text: `${wanted} ` }];
}

/** New lines: behind the last of the set, in its layout; else behind the last of the name; else at the end of the file. */
function added({ name, type, values, ttl }: RecordSet, zone: Zone, records: readonly ZoneRecord[]): Edit {
  const { text, lastOrigin } = zone.file;
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
  const model = records.at(-1);
  const neighbour = model ?? zone.byName.get(name)?.at(-1);
  const at = neighbour?.entry.end ?? text.length;
  const owner = shortest(name, neighbour?.origin ?? lastOrigin);
  const lines = values.map((value) => (model && likeModel(model, owner, value, ttl, text)) ?? [owner, ttl ?? model?.ttl ?? INITIAL_TTL, 'IN', type, value].join('\t'));
  const broken = at === 0 || text[at - 1] === '\n';
  const added = lines.join(newline);
  return { start: at, end: at, text: broken ? `${added}${newline}` : `${newline}${added}${at === text.length ? '' : newline}` };
}

/** The line of `model` with another value; undefined when it is spread over several lines, or odd. */
function likeModel(model: ZoneRecord, owner: string, value: IpAddress, ttl: number | undefined, text: string): string | undefined {
  const [first] = model.data;
  if (first === undefined || model.data.length !== 1) return undefined;
  const head = text.slice(model.ownerToken?.end ?? model.entry.start, first.start);
  if (/[\n(;]/.test(head)) return undefined;
  const line = `${owner}${head}${value}`;
  if (ttl === undefined || ttl === model.ttl) return line;
  const at = owner.length + (model.ttlToken ?? model.firstToken).start - (model.ownerToken?.end ?? model.entry.start);
  return model.ttlToken ? `${line.slice(0, at)}${ttl}${line.slice(at + model.ttlToken.end - model.ttlToken.start)}` : `${line.slice(0, at)}${ttl} ${line.slice(at)}`;
}

const shortest = (name: string, origin: string): string => {
  if (name === origin) return '@';
  return origin !== '' && name.endsWith(`.${origin}`) ? name.slice(0, -origin.length - 1) : `${name}.`;
};

/** A line that begins with a blank belongs to the name before it; when that line goes, the name is written out as it was spelt there. */
function withoutOrphans({ file }: Zone, removed: ReadonlySet<ZoneRecord>): readonly Edit[] {
  const edits: Edit[] = [];
  let last: string | undefined;
  let spelt: ZoneRecord | undefined;
  for (const record of file.records) {
    if (record.ownerToken) spelt = record;
    if (removed.has(record)) continue;
    if (record.ownerToken === undefined && record.owner !== last) {
      const asWritten = spelt?.origin === record.origin ? spelt.ownerToken?.text : undefined;
      edits.push({ start: record.entry.start, end: record.entry.start, text: asWritten ?? shortest(record.owner, record.origin) });
    }
    last = record.owner;
  }
  return edits;
}

function raisedSerial({ file: { soa }, path }: Zone, now: number): Edit {
  const serial = soa.data[2];
  if (serial === undefined || !/^\d{1,10}$/.test(serial.text) || Number(serial.text) >= 2 ** 32)
    throw new Fault({ kind: 'config', detail: `${path} line ${soa.entry.line}: the SOA record has no serial number`, hint: 'correct the zone file' });
  return { start: serial.start, end: serial.end, text: String(nextSerial(Number(serial.text), now)) };
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/** The new text must say what is wanted, and of all else exactly what it said before. */
function prove(before: Zone, text: string, wanted: ReadonlyMap<RecordKey, RecordSet>): void {
  const after = zoneOfFile(parseMaster(text, { path: before.path, zone: before.file.zone }), before.path);
  for (const [key, set] of wanted) {
    const found = setIn(key, after);
    const same = found === undefined ? set.values.length === 0 : !('kind' in found) && sameValues(found, set) && (set.ttl === undefined || found.ttl === set.ttl);
    if (!same) throw beyond(before.path, partsOf(key).name);
  }
  const others = (zone: Zone): string => {
    const own = new Set([...wanted.keys()].flatMap((key) => recordsOf(key, zone)));
    return zone.file.records
      .filter((record) => !own.has(record))
      .map(({ owner, ttl, class: c, type, data }) => [owner, ttl, c, type, ...data.map((word, at) => (type === 'SOA' && at === 2 ? '' : word.text))].join(' '))
      .join('\n');
  };
  if (others(before) !== others(after)) throw beyond(before.path, [...wanted.values()].map(({ name }) => name).join(', '));
}

const beyond = (path: string, names: string): Fault =>
  new Fault({
    kind: 'refused',
    detail: `${path} cannot be changed for ${names} without changing other records, so nothing was written`,
    hint: 'put a $TTL line at the top of the file: without one a record takes its TTL from the line before it',
  });
