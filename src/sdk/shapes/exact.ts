/** Vendors whose changes say exactly what goes and what comes: what is no longer so is not overwritten. */
import type { HeldSet, Put } from './record-sets.ts';

export type ExactSet = { readonly name: string; readonly type: string; readonly ttl: number; readonly values: readonly string[] };

/** What must go and what shall come for these sets, with names that end in a dot. `initialTtl`: for sets that have none yet. */
export function exactly(puts: readonly Put<HeldSet>[], initialTtl: number): { readonly deletions: readonly ExactSet[]; readonly additions: readonly ExactSet[] } {
  return {
    deletions: puts.flatMap(({ held }) => (held ? [{ name: held.name, type: held.type, ttl: held.ttl ?? initialTtl, values: held.values }] : [])),
    additions: puts.flatMap(({ after: { name, type, ttl, values }, held }) => (values.length === 0 ? [] : [{ name: `${name}.`, type, ttl: ttl ?? held?.ttl ?? initialTtl, values }])),
  };
}
