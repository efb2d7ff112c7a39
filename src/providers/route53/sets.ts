/** Between Route 53's record sets and ours: escaped names, sets that are none of our business, and what a change weighs. Pure. */
import type { HeldSet, Put } from '../../sdk/index.ts';
import type { ResourceRecordSet, Change as Route53Change } from './client.ts';

/** `values` letter for letter as Route 53 spells them, because an exact deletion must repeat them. */
export function heldSet(set: ResourceRecordSet): HeldSet {
  const locked = specialty(set);
  return {
    name: unescapeName(set.Name ?? ''),
    type: set.Type ?? '',
    values: (set.ResourceRecords ?? []).map(({ Value = '' }) => Value),
    ...(set.TTL === undefined ? {} : { ttl: set.TTL }),
    ...(locked === undefined ? {} : { locked }),
  };
}

/** What makes a set more than values and a TTL, as it completes "this record set ..."; undefined for a simple one. */
function specialty(set: ResourceRecordSet): string | undefined {
  if (set.TrafficPolicyInstanceId !== undefined) return `was made by a traffic policy (${set.TrafficPolicyInstanceId})`;
  const alias = set.AliasTarget === undefined ? undefined : `an alias of ${unescapeName(set.AliasTarget.DNSName ?? 'something else')}`;
  const routing = routingOf(set);
  if (routing !== undefined) return `${routing} ("${set.SetIdentifier ?? ''}")${alias === undefined ? '' : ` and ${alias}`}`;
  return alias === undefined ? undefined : `is ${alias}`;
}

function routingOf(set: ResourceRecordSet): string | undefined {
  if (set.Weight !== undefined) return 'has weighted routing';
  if (set.Region !== undefined) return 'has latency routing';
  if (set.Failover !== undefined) return 'has failover routing';
  if (set.GeoLocation !== undefined) return 'has geolocation routing';
  if (set.GeoProximityLocation !== undefined) return 'has geoproximity routing';
  if (set.CidrRoutingConfig !== undefined) return 'has IP-based routing';
  if (set.MultiValueAnswer !== undefined) return 'has multivalue routing';
  return set.SetIdentifier === undefined ? undefined : 'has a routing policy';
}

/** `\052.example.com.` → `*.example.com`: Route 53 prints what is no letter, digit, hyphen or underscore as three octal digits. */
export const unescapeName = (text: string): string => text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))).replace(/\.$/, '');

/** For a new set without a TTL of its own: Route 53 demands one and has no default. */
export const INITIAL_TTL = 300;

/**
 * The elements that make one set say `after`: the exact old set is deleted and the new one created within one all-or-nothing batch.
 * So a set that another host has changed since it was read is refused and never overwritten, which UPSERT could not promise; and it costs
 * the same, because the limits count an UPSERT twice.
 */
export function elementsOf({ after, held }: Put<HeldSet>): readonly Route53Change[] {
  const set = (values: readonly string[], ttl: number) => ({ Name: `${after.name}.`, Type: after.type, TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) });
  const remove: Route53Change[] = held === undefined ? [] : [{ Action: 'DELETE', ResourceRecordSet: set(held.values, held.ttl ?? INITIAL_TTL) }];
  if (after.values.length === 0) return remove;
  return [...remove, { Action: 'CREATE', ResourceRecordSet: set(after.values, after.ttl ?? held?.ttl ?? INITIAL_TTL) }];
}

/**
 * What one request may hold: 1000 ResourceRecord elements and 32,000 characters in all Values, those of an UPSERT counted twice.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html#limits-api-requests-changeresourcerecordsets
 */
export const MOST = { records: 1000, characters: 32_000 } as const;

/** What some elements weigh against `MOST`. */
export function weigh(elements: readonly Route53Change[]): { readonly records: number; readonly characters: number } {
  let [records, characters] = [0, 0];
  for (const { Action, ResourceRecordSet } of elements) {
    const values = (ResourceRecordSet?.ResourceRecords ?? []).map(({ Value = '' }) => Value);
    const times = Action === 'UPSERT' ? 2 : 1;
    records += times * values.length;
    characters += times * values.reduce((sum, { length }) => sum + length, 0);
  }
  return { records, characters };
}
