/** Which zone holds a name: the longest suffix among the zones of the account, remembered across rounds. */
import { type Attempt, attempt, type Failure, Fault, LOOK_AGAIN_SECONDS } from '../../core/failure.ts';
import { type Fqdn, suffixes, zoneOf } from '../../core/name.ts';
import { partsOf, type RecordKey } from '../../core/record.ts';
import type { Tools, Zone } from '../provider.ts';
import { allPages, type Page } from './pages.ts';

/** How zones are found. Their names: lower-case, punycode, no final dot. */
export type Zones =
  /** The provider lists every zone that the credentials can see. */
  | { readonly kind: 'list'; readonly list: (cursor: string | number | undefined) => Promise<Page<Zone>> }
  /** The provider can only be asked for one zone by its exact name; undefined: there is none. Costs a call per suffix, so prefer a list. */
  | { readonly kind: 'walk'; readonly find: (name: string) => Promise<Zone | undefined> }
  /** The user named them, or the provider has no zones at all. */
  | { readonly kind: 'given'; readonly zones: readonly Zone[] }
  /** There are none: all names go together, as one zone without a name. `outside`: why a name does not belong there, as it completes "NAME ..."; undefined: it does. */
  | { readonly kind: 'none'; readonly outside: (name: Fqdn) => Promise<string | undefined> };

/** The one zone that the user named, where its id is its name, else those that are found. */
export const zonesOr = (zone: string | undefined, found: Zones): Zones => (zone === undefined ? found : { kind: 'given', zones: [{ name: zone.toLowerCase().replace(/\.$/, ''), id: zone }] });

/** As `zonesOr`, where a zone's id is not its name: the one that the user named is looked up by it. */
export function zoneNamedOr(zone: string | undefined, find: (name: string) => Promise<Zone | undefined>, found: Zones): Zones {
  const wanted = zone?.toLowerCase().replace(/\.$/, '');
  return wanted === undefined ? found : { kind: 'walk', find: async (name) => (name === wanted ? find(name) : undefined) };
}

/** A walk for vendors whose zones are registered domains, never one below another: below a zone that was found no other is asked for, so that a thousand names of it cost no call each. */
export function flatWalk(find: (name: string) => Promise<Zone | undefined>): Zones {
  const found: string[] = [];
  return {
    kind: 'walk',
    async find(name) {
      if (found.some((above) => name.endsWith(`.${above}`))) return undefined;
      const zone = await find(name);
      if (zone) found.push(zone.name);
      return zone;
    },
  };
}

/** Some keys in one zone. `stale`: the zone was remembered from an earlier round, so a refusal may mean that its id has changed. */
export type ZoneGroup = { readonly zone: Zone; readonly keys: readonly RecordKey[]; readonly stale: boolean };
export type Grouped = { readonly groups: readonly ZoneGroup[]; readonly failed: ReadonlyMap<RecordKey, Failure> };

export type ZoneFinder = {
  /** Throws Fault when the zones cannot be asked for. A name outside of every zone is a Failure of its own. */
  readonly group: (keys: readonly RecordKey[]) => Promise<Grouped>;
  /** Drops what was remembered: the provider does not know it any more. */
  readonly forget: () => void;
};

export function zoneFinder(tools: Pick<Tools, 'zones' | 'account'>, source: Zones): ZoneFinder {
  /** Asked for in this round. */
  let fresh: readonly Zone[] | undefined = source.kind === 'given' ? source.zones : undefined;
  const asked = new Set<string>();

  const refresh = async (names: readonly Fqdn[]): Promise<void> => {
    if (source.kind === 'given' || source.kind === 'none' || (source.kind === 'list' && fresh !== undefined)) return;
    if (source.kind === 'list') fresh = await allPages(`the zones of ${tools.account}`, source.list);
    else fresh = await walk(source.find, names, fresh ?? [], asked);
    const found = new Set(fresh.map(({ name }) => name));
    // A walk finds only the zones of these names; what is remembered of others stays.
    const others = source.kind === 'walk' ? tools.zones.get().filter(({ name }) => !found.has(name)) : [];
    tools.zones.set([...others, ...fresh]);
  };

  return {
    async group(keys) {
      if (source.kind === 'none') return allTogether(keys, source.outside);
      const names = keys.map((key) => partsOf(key).name);
      const known = fresh ?? tools.zones.get();
      let stale = fresh === undefined;
      let zones = known;
      if (fresh === undefined ? !names.every((name) => zoneOf(name, known)) : source.kind === 'walk') {
        await refresh(names);
        zones = fresh ?? [];
        stale = false;
      }
      const groups = new Map<string, { zone: Zone; keys: RecordKey[]; stale: boolean }>();
      const failed = new Map<RecordKey, Failure>();
      for (const key of keys) {
        const zone = zoneOf(partsOf(key).name, zones);
        if (zone === undefined)
          failed.set(key, {
            kind: 'refused',
            detail: `${partsOf(key).name}: ${tools.account} has no zone for this name`,
            hint: source.kind === 'given' ? `the config says that the zone is ${named(zones)}` : hintFor(zones),
            lookAgainSeconds: LOOK_AGAIN_SECONDS,
          });
        else if (groups.get(zone.id)?.keys.push(key) === undefined) groups.set(zone.id, { zone, keys: [key], stale });
      }
      return { groups: [...groups.values()], failed };
    },
    forget() {
      tools.zones.set([]);
      if (source.kind !== 'given') fresh = undefined;
      asked.clear();
    },
  };
}

async function allTogether(keys: readonly RecordKey[], outside: (name: Fqdn) => Promise<string | undefined>): Promise<Grouped> {
  const inside: RecordKey[] = [];
  const failed = new Map<RecordKey, Failure>();
  for (const key of keys) {
    const { name } = partsOf(key);
    const why = await outside(name);
    if (why === undefined) inside.push(key);
    else failed.set(key, { kind: 'refused', detail: `${name} ${why}`, lookAgainSeconds: LOOK_AGAIN_SECONDS });
  }
  return { groups: inside.length === 0 ? [] : [{ zone: { name: '', id: '' }, keys: inside, stale: false }], failed };
}

/** Runs `work` for every zone. Where a remembered zone is refused, zones are asked for anew, and what has moved is tried once more. */
export async function inZones<T>(
  finder: ZoneFinder,
  keys: readonly RecordKey[],
  work: (zone: Zone, keys: readonly RecordKey[]) => Promise<T>,
): Promise<{ readonly done: readonly { readonly group: ZoneGroup; readonly result: Attempt<T> }[]; readonly failed: ReadonlyMap<RecordKey, Failure> }> {
  const run = async (groups: readonly ZoneGroup[]) => {
    const done: { group: ZoneGroup; result: Attempt<T> }[] = [];
    for (const group of groups) done.push({ group, result: await attempt(() => work(group.zone, group.keys)) });
    return done;
  };
  const first = await finder.group(keys);
  const done = await run(first.groups);
  const doubtful = done.filter(({ group, result }) => group.stale && result.kind === 'failed' && (result.failure.kind === 'refused' || result.failure.kind === 'auth'));
  if (doubtful.length === 0) return { done, failed: first.failed };
  finder.forget();
  const asked = await attempt(() => finder.group(doubtful.flatMap(({ group }) => group.keys)));
  // What was done stays done, and what was refused stays refused, whatever became of the second question.
  if (asked.kind === 'failed') return { done, failed: first.failed };
  const again = asked.value;
  const moved = again.groups.filter(({ zone }) => !doubtful.some(({ group }) => group.zone.id === zone.id));
  const settled = done.filter((one) => !doubtful.includes(one) || again.groups.some(({ zone }) => zone.id === one.group.zone.id));
  return { done: [...settled, ...(await run(moved))], failed: new Map([...first.failed, ...again.failed]) };
}

/** Longest suffix first for every name; a zone that was found ends the walk. */
async function walk(find: (name: string) => Promise<Zone | undefined>, names: readonly Fqdn[], known: readonly Zone[], asked: Set<string>): Promise<readonly Zone[]> {
  const found = new Map(known.map((zone) => [zone.name, zone]));
  for (const name of new Set(names)) {
    for (const suffix of suffixes(name)) {
      if (found.has(suffix)) break;
      if (asked.has(suffix) || !suffix.includes('.')) continue;
      asked.add(suffix);
      const zone = await find(suffix);
      if (zone === undefined) continue;
      // Some answer with the zone that a name lies in.
      if (zone.name !== suffix && !suffix.endsWith(`.${zone.name}`)) throw new Fault({ kind: 'gibberish', detail: `asked for the zone ${suffix}, the provider answered with ${zone.name}` });
      found.set(zone.name, zone);
      break;
    }
  }
  return [...found.values()];
}

function hintFor(zones: readonly Zone[]): string {
  return zones.length === 0 ? 'these credentials can see no zone at all: may they read it, and is it in this account?' : `these credentials can see ${named(zones)}`;
}

const named = (zones: readonly Zone[]): string =>
  `${zones
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ')}${zones.length > 8 ? ` and ${zones.length - 8} more` : ''}`;
