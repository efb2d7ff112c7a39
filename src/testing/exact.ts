/** The fakes of vendors whose changes say exactly which sets go and which come. */
import type { FakeZone } from './contract.ts';
import { records } from './fake-api.ts';

/** Names end in a dot. */
export type ExactSet = { readonly name: string; readonly type: string; readonly ttl: number; readonly values: readonly string[] };

export const exactSets = (zone: FakeZone): readonly ExactSet[] => records.sets(zone).map(({ name, type, ttl, values }) => ({ name: `${name}.`, type, ttl, values }));

/** All or nothing, as long as the refusals throw. `missing`: a set that shall go is not as it was said. `there`: a set that shall come is there already. `bad`: an address that is none. */
export function exchangeSets(
  zone: FakeZone,
  { deletions, additions }: { readonly deletions: readonly ExactSet[]; readonly additions: readonly ExactSet[] },
  refusals: { readonly missing: (set: ExactSet, at: number) => never; readonly there: (set: ExactSet, at: number) => never; readonly bad: (set: ExactSet, value: string) => never },
): void {
  const before = new Map(exactSets(zone).map((set) => [`${set.name} ${set.type}`, set]));
  const text = ({ ttl, values }: ExactSet): string => `${ttl} ${[...values].sort()}`;
  for (const [at, set] of deletions.entries()) {
    const held = before.get(`${set.name} ${set.type}`);
    if (held === undefined || text(held) !== text(set)) refusals.missing(set, at);
    before.delete(`${set.name} ${set.type}`);
  }
  for (const [at, set] of additions.entries()) {
    if (before.has(`${set.name} ${set.type}`)) refusals.there(set, at);
    const bad = set.type === 'A' ? set.values.find((one) => !/^\d+\.\d+\.\d+\.\d+$/.test(one)) : undefined;
    if (bad !== undefined) refusals.bad(set, bad);
  }
  for (const { name, type, ttl } of deletions) records.put(zone, { name: name.slice(0, -1), type, values: [], ttl });
  for (const { name, type, ttl, values } of additions) records.put(zone, { name: name.slice(0, -1), type, values, ttl });
}
