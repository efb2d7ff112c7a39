/** Record sets as a provider package shows them: nothing in them is taken for granted. */
import { type IpAddress, parseAddress } from '../core/address.ts';
import type { Fqdn } from '../core/name.ts';
import { familyOfType, type RecordSet, type RecordType, recordSet } from '../core/record.ts';

/** The set of this name and type, with what `shown` says of it; undefined where it has not the form of a set, or holds what is no such address. */
export function setIn({ name, type }: { readonly name: Fqdn; readonly type: RecordType }, shown: unknown): RecordSet | undefined {
  if (typeof shown !== 'object' || shown === null || !('values' in shown) || !Array.isArray(shown.values)) return undefined;
  const values = shown.values.map((value): IpAddress | undefined => (typeof value === 'string' ? parseAddress(value, familyOfType(type)) : undefined));
  const addresses = values.filter((value) => value !== undefined);
  if (addresses.length < values.length) return undefined;
  const ttl = 'ttl' in shown ? shown.ttl : undefined;
  if (ttl !== undefined && !(typeof ttl === 'number' && Number.isSafeInteger(ttl) && ttl >= 0)) return undefined;
  const set = recordSet({ name, type }, addresses, ttl);
  return 'proxied' in shown && shown.proxied === true ? { ...set, proxied: true } : set;
}
