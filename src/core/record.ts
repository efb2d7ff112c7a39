/** RRsets: the unit that is read, planned and written; and the targets of the config. */
import { compareAddresses, type Family, type IpAddress, type Suffix } from './address.ts';
import type { Fqdn } from './name.ts';

declare const brand: unique symbol;

export type RecordType = 'A' | 'AAAA';
/** `home.example.com/A`: one name and type. */
export type RecordKey = string & { readonly [brand]: 'RecordKey' };
/** All values of one name and type, and their TTL in seconds. `ttl` absent: the provider tells none, or its default is meant. */
export type RecordSet = {
  readonly name: Fqdn;
  readonly type: RecordType;
  /** Sorted, distinct; empty: there is no such record. */
  readonly values: readonly IpAddress[];
  readonly ttl?: number;
  /** Visitors are told other addresses than these, by design. */
  readonly proxied?: true;
};

/** How a name that others use too is shared; see `plan`. */
export type Sharing = 'auto' | 'replace' | 'own';
/** One configured name, for one family, at one account. */
export type Target = {
  readonly name: Fqdn;
  readonly type: RecordType;
  readonly family: Family;
  readonly account: string;
  readonly ttl: number | 'auto';
  /** Seconds that it has for the time being, instead of `ttl`: lowered for a move. */
  readonly interimTtl?: number;
  readonly sharing: Sharing;
  readonly suffix?: Suffix;
};

/** Any moment, in milliseconds since 1970. */
export type Instant = number;

export const typeOf = (family: Family): RecordType => (family === 4 ? 'A' : 'AAAA');
export const familyOfType = (type: RecordType): Family => (type === 'A' ? 4 : 6);

export const keyOf = ({ name, type }: { readonly name: Fqdn; readonly type: RecordType }): RecordKey => `${name}/${type}` as RecordKey;

export function partsOf(key: RecordKey): { readonly name: Fqdn; readonly type: RecordType } {
  const slash = key.lastIndexOf('/');
  return { name: key.slice(0, slash) as Fqdn, type: key.slice(slash + 1) as RecordType };
}

/** The one way to make a set: values sorted and distinct. */
export function recordSet(key: { readonly name: Fqdn; readonly type: RecordType }, values: Iterable<IpAddress>, ttl?: number): RecordSet {
  const sorted = [...new Set(values)].sort(compareAddresses);
  return { name: key.name, type: key.type, values: sorted, ...(ttl === undefined ? {} : { ttl }) };
}

export const sameValues = (a: RecordSet, b: RecordSet): boolean => a.values.length === b.values.length && a.values.every((value, at) => value === b.values[at]);

/** `home.example.com A 198.51.100.7`, as a person would write it. */
export const printSet = ({ name, type, values }: RecordSet): string => `${name} ${type} ${values.length === 0 ? '(none)' : values.join(', ')}`;

const MOST_TOLD = 8;

/** Addresses that strangers tell, of whom nobody knows how many they tell: the first of them, and how many more. */
export const printSome = (values: readonly IpAddress[]): string => (values.length <= MOST_TOLD ? values.join(', ') : `${values.slice(0, MOST_TOLD).join(', ')} and ${values.length - MOST_TOLD} more`);
