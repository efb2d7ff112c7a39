/** From what was read to what the program runs on: defaults filled in, and every rule that spans several keys. */
import { dirname } from 'node:path';
import type { Family, IpAddress } from '../core/address.ts';
import { conflictIn, distinctPorts } from '../core/mapping.ts';
import { keyOf, type Target, typeOf } from '../core/record.ts';
import type { Source } from '../detect/source.ts';
import { isPlugin } from '../plugins/name.ts';
import type { Account, Config } from './config.ts';
import { inside, keysOf, type Place, placeAt, printKeys, type Report } from './place.ts';
import type { configShape } from './schema.ts';
import { isMapping, type Read } from './shape.ts';
import { BUILT_IN } from './source.ts';
import { didYouMean } from './suggest.ts';

export type WrittenConfig = Read<ReturnType<typeof configShape>>;
type WrittenRecord = NonNullable<WrittenConfig['records']>[number];

const DEFAULTS = { families: [4] as readonly Family[], ttl: 'auto', sharing: 'auto', quorum: 2, fullEveryMs: 3_600_000, drift: 'restore' } as const;

/** What does not come from the file. */
export type Around = Pick<Config, 'path' | 'digest' | 'stateFolder'> & { readonly given: ReadonlyMap<Family, IpAddress>; readonly defaultSources: readonly Source[]; readonly fromFlags: boolean };

/** `places`: the record that each target comes from. */
export type Built = { readonly config: Config; readonly places: ReadonlyMap<Target, Place> };

export function buildConfig(written: WrittenConfig, raw: unknown, around: Around, report: Report): Built {
  const detect = written.detect ?? {};
  const folder = around.path === undefined ? undefined : dirname(around.path);
  const accounts = [...(written.accounts ?? [])].map(([name, account]): [string, Account] => [
    name,
    { name, ...account, ...(around.fromFlags ? { fromFlags: true } : {}), ...(folder !== undefined && isPlugin(account.provider) ? { folder } : {}) },
  ]);
  const sources = detect.sources ?? [BUILT_IN];
  reportRepeated(raw, around.defaultSources, report);
  const places = targetsOf(written.records ?? [], raw, report);
  const map = written.router?.map ?? [];
  const conflict = conflictIn(map);
  if (conflict !== undefined) report(placeAt(['router', 'map']), conflict);
  const { drift = detect.drift ?? DEFAULTS.drift } = written;
  if (detect.drift !== undefined && detect.drift !== drift) report(placeAt(['detect', 'drift']), `says ${detect.drift}, but drift beside detect says ${drift}; leave out one of them`);
  const config: Config = {
    path: around.path,
    digest: around.digest,
    stateFolder: around.stateFolder,
    targets: [...places.keys()],
    accounts: Object.fromEntries(accounts),
    detect: {
      sources: distinct(sources.flatMap((source) => (source === BUILT_IN ? around.defaultSources : [source]))),
      listed: !sources.includes(BUILT_IN),
      quorum: detect.quorum ?? DEFAULTS.quorum,
      fullEveryMs: detect.fullEvery ?? DEFAULTS.fullEveryMs,
      policy: { allow: detect.allow ?? [], deny: detect.deny ?? [] },
      given: around.given,
    },
    drift,
    dns: { servers: written.dns?.servers ?? [] },
    verify: written.verify && { resolvers: written.verify.resolvers ?? [], ports: written.verify.ports ?? [], probe: written.verify.probe ?? 'none' },
    ...(map.length === 0 ? {} : { router: { map: distinctPorts(map) } }),
  };
  return { config, places };
}

/** The config of somebody who has none: nothing to keep, but the address can be looked for. */
export const emptyConfig = (around: Omit<Around, 'fromFlags'>): Config => buildConfig({}, {}, { ...around, fromFlags: false }, () => {}).config;

function targetsOf(records: NonNullable<WrittenConfig['records']>, raw: unknown, report: Report): ReadonlyMap<Target, Place> {
  // Accounts as they are named, even those that have a problem of their own: it has been told.
  const rawAccounts = isMapping(raw) && isMapping(raw['accounts']) ? Object.keys(raw['accounts']) : [];
  const places = placesOf(records, raw);
  const targets = new Map<Target, Place>();
  const first = new Map<string, Place>();
  for (const [at, record] of records.entries()) {
    const place = places[at];
    const account = accountOf(record, rawAccounts, place, report);
    const families = record.families ?? DEFAULTS.families;
    if (record.suffix && !families.includes(6)) report(inside(place, 'suffix'), 'is for IPv6 only; say families: [6] (or [4, 6])');
    if (record.name === undefined || account === undefined) continue;
    for (const family of families) {
      const target: Target = {
        name: record.name,
        type: typeOf(family),
        family,
        account,
        ttl: record.ttl ?? DEFAULTS.ttl,
        sharing: record.sharing ?? DEFAULTS.sharing,
        ...(record.suffix && family === 6 ? { suffix: record.suffix } : {}),
      };
      const key = `${keyOf(target)} ${account}`;
      if (first.has(key)) report(inside(place, 'name'), `${target.name} ${target.type} at ${account} stands twice; it is also in ${printKeys(keysOf(first.get(key)))}`);
      else first.set(key, place);
      targets.set(target, place);
    }
  }
  return targets;
}

/** Records that were no mapping at all are not in the list of those that were read. */
function placesOf(records: readonly WrittenRecord[], raw: unknown): readonly Place[] {
  const written: unknown = isMapping(raw) ? raw['records'] : undefined;
  const indexes = Array.isArray(written) ? written.flatMap((record, at) => (isMapping(record) ? [at] : [])) : [];
  return records.map((_, at) => placeAt(['records', indexes[at] ?? at]));
}

function accountOf(record: WrittenRecord, accounts: readonly string[], place: Place, report: Report): string | undefined {
  if (record.account !== undefined) {
    if (accounts.includes(record.account)) return record.account;
    if (accounts.length > 0) report(inside(place, 'account'), `"${record.account}" is not one of the accounts ${accounts.join(', ')}${didYouMean(record.account, accounts)}`);
    return undefined;
  }
  if (accounts.length > 1) report(place, `"account" is missing; there are several: ${accounts.join(', ')}`);
  return accounts.length === 1 ? accounts[0] : undefined;
}

/** One of the catalogue asked twice is no second witness; where the built-in mix has it, it is one for whatever the mix may be tomorrow. */
function reportRepeated(raw: unknown, defaults: readonly Source[], report: Report): void {
  const sources = isMapping(raw) && isMapping(raw['detect']) ? raw['detect']['sources'] : undefined;
  if (!Array.isArray(sources)) return;
  for (const [at, source] of sources.entries()) {
    const place = placeAt(['detect', 'sources', at]);
    if (typeof source !== 'string') continue;
    if (sources.indexOf(source) < at && source === BUILT_IN) report(place, `"${BUILT_IN}" stands twice, and counts once`, 'warning');
    else if (sources.indexOf(source) < at) report(place, `"${source}" stands twice`);
    else if (sources.includes(BUILT_IN) && defaults.some(({ id }) => id === source)) report(place, `${source} is among ${BUILT_IN} already, and counts once`, 'warning');
  }
}

/** The built-in mix may have what is listed too. Two other sources of one id would be one in every table. */
function distinct(sources: readonly Source[]): readonly Source[] {
  const seen = new Map<string, number>();
  return [...new Set(sources)].map((source) => {
    const count = (seen.get(source.id) ?? 0) + 1;
    seen.set(source.id, count);
    return count === 1 ? source : { ...source, id: `${source.id} (${count})` };
  });
}
