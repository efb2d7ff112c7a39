/** Names as vendors write them: relative to the zone, with a word of their own for the zone itself. */
import { Fault } from '../core/failure.ts';
import { type Fqdn, relativeTo } from '../core/name.ts';
import { partsOf, type RecordKey } from '../core/record.ts';
import type { Zone } from './provider.ts';

/** `www` in `example.com`; `apex` for the zone itself: `@` or nothing, mostly. Throws Fault `refused` outside of it. */
export function hostOf(name: string, zone: Pick<Zone, 'name'>, apex: string): string {
  const host = relativeTo(name, zone.name);
  if (host === undefined) throw new Fault({ kind: 'refused', detail: `${name} is not a name in the zone ${zone.name}` });
  return host === '' ? apex : host;
}

/** The full name of a host as the vendor shows it: relative to the zone, or full with a final dot; `@`, nothing and the zone's own name are the zone itself. */
export function nameOf(host: string, zone: Pick<Zone, 'name'>): string {
  const lower = host.toLowerCase();
  if (lower === '' || lower === '@' || lower === zone.name) return zone.name;
  if (lower.endsWith('.')) return lower.slice(0, -1);
  return `${lower}.${zone.name}`;
}

/** The one name that all keys are of, to which a listing may be narrowed; undefined: they are of several. */
export function onlyName(keys: readonly RecordKey[]): Fqdn | undefined {
  const [only, ...others] = new Set(keys.map((key) => partsOf(key).name));
  return others.length === 0 ? only : undefined;
}

/** The same as the vendor writes it. */
export function onlyHost(keys: readonly RecordKey[], zone: Pick<Zone, 'name'>, apex: string): string | undefined {
  const only = onlyName(keys);
  return only === undefined ? undefined : hostOf(only, zone, apex);
}
