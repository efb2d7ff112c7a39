/** Which address records of a zone file make up a set, and why a name may not be ours to change there. */
import {
  type Failure,
  Fault,
  type Fqdn,
  familyOfType,
  fromBytes,
  type IpAddress,
  LOOK_AGAIN_SECONDS,
  parseAddress,
  partsOf,
  type RecordKey,
  type RecordSet,
  recordSet,
  relativeTo,
  suffixes,
} from '../../sdk/index.ts';
import type { MasterFile, ZoneRecord } from './master.ts';

/** A zone file by name, with what messages call it. */
export type Zone = { readonly file: MasterFile; readonly path: string; readonly byName: ReadonlyMap<string, readonly ZoneRecord[]> };

export function zoneOfFile(file: MasterFile, path: string): Zone {
  const byName = new Map<string, ZoneRecord[]>();
  for (const record of file.records) {
    if (record.class !== 'IN') continue;
    const here = byName.get(record.owner);
    if (here) here.push(record);
    else byName.set(record.owner, [record]);
  }
  return { file, path, byName };
}

const SPELLINGS = { A: ['A', 'TYPE1'], AAAA: ['AAAA', 'TYPE28'] } as const;

/** The records of one set, in the order of the file. */
export const recordsOf = (key: RecordKey, { byName }: Zone): readonly ZoneRecord[] => {
  const { name, type } = partsOf(key);
  const spellings: readonly string[] = SPELLINGS[type];
  return (byName.get(name) ?? []).filter((record) => spellings.includes(record.type));
};

/** What the file says of one set; undefined: nothing; a Failure: it must not be changed here. */
export function setIn(key: RecordKey, zone: Zone): RecordSet | Failure | undefined {
  const { name, type } = partsOf(key);
  const blocked = blockedBy(key, zone);
  if (blocked) return blocked;
  const records = recordsOf(key, zone);
  const [first] = records;
  return (
    first &&
    recordSet(
      { name, type },
      records.map((record) => addressIn(record, zone.path)),
      Math.min(...records.map(({ ttl = 0 }) => ttl)),
    )
  );
}

/** The address in a record. Throws Fault `config` when there is none. */
export function addressIn({ type, data, entry }: ZoneRecord, path: string): IpAddress {
  const [first, , ...hex] = data.map(({ text }) => text);
  const value =
    first === '\\#'
      ? fromBytes(Uint8Array.from(hex.join('').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
      : parseAddress(first ?? '', familyOfType(type === 'A' || type === 'TYPE1' ? 'A' : 'AAAA'));
  if (value === undefined) throw new Fault({ kind: 'config', detail: `${path} line ${entry.line}: "${first ?? ''}" is not an address`, hint: 'correct the zone file' });
  return value;
}

function blockedBy(key: RecordKey, zone: Zone): Failure | undefined {
  const { name, type } = partsOf(key);
  const { file, path, byName } = zone;
  if (relativeTo(name, file.zone) === undefined) return { kind: 'config', detail: `${name} is not in the zone ${file.zone} of ${path}`, hint: 'name the file of the zone that holds this name' };
  const alias = byName.get(name)?.find((record) => record.type === 'CNAME');
  if (alias)
    return {
      kind: 'refused',
      detail: `${name} is an alias (CNAME) in ${path} line ${alias.entry.line}, and no address can stand beside it`,
      hint: 'delete the CNAME, or configure the name it leads to; it is looked at again in an hour',
      lookAgainSeconds: LOOK_AGAIN_SECONDS,
    };
  for (const above of suffixes(name)) {
    if (above === file.zone) break;
    const cut = byName.get(above)?.find((record) => record.type === 'NS');
    if (cut)
      return { kind: 'config', detail: `${name} is not in the zone ${file.zone}: ${above} is delegated in ${path} line ${cut.entry.line}`, hint: 'name the file of the zone that holds this name' };
  }
  const generated = file.generates.find(({ entry, origin }) =>
    makes(
      entry.tokens.map(({ text }) => text),
      origin,
      name,
      type,
    ),
  );
  if (generated)
    return {
      kind: 'refused',
      detail: `${name} may be made by $GENERATE in ${path} line ${generated.entry.line}`,
      hint: 'write the name into the file by itself; it is looked at again in an hour',
      lookAgainSeconds: LOOK_AGAIN_SECONDS,
    };
  const [include] = file.includes;
  if (include && recordsOf(key, zone).length === 0)
    return {
      kind: 'refused',
      detail: `${name} ${type} is not in ${path} itself, but may be in the file that line ${include.line} includes (${include.tokens[1]?.text ?? '?'})`,
      hint: 'write the name into the file itself, or name the included file; it is looked at again in an hour',
      lookAgainSeconds: LOOK_AGAIN_SECONDS,
    };
  return undefined;
}

/** Could `$GENERATE RANGE NAME [TTL] [CLASS] TYPE DATA` make this name? Any number is taken to fit. */
function makes(words: readonly string[], origin: string, name: Fqdn, type: string): boolean {
  const [, , left = '', ...rest] = words;
  if (!rest.slice(0, 3).some((word) => [type, 'CNAME'].includes(word.toUpperCase()))) return false;
  const whole = (left.endsWith('.') ? left.slice(0, -1) : left === '@' ? origin : `${left}.${origin}`).toLowerCase();
  const pattern = whole
    .split(/(\$\{[^}]*\}|\$)/)
    .map((part) => (part.startsWith('$') ? '[0-9a-f.]+' : part.replace(/[.*+?^{}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${pattern}$`).test(name);
}
