/** Endpoints, which is what this protocol calls RRsets, and the changes to them. https://github.com/kubernetes-sigs/external-dns/blob/master/api/webhook.yaml */
import * as v from 'valibot';
import { type HeldSet, type IpAddress, type Put, parseName } from '../../sdk/index.ts';

/** Go leaves out what is empty, or writes null. What is not named here, such as labels, is kept as it is. */
export const Endpoint = v.looseObject({
  dnsName: v.nullish(v.string(), ''),
  recordType: v.nullish(v.string(), ''),
  targets: v.nullish(v.array(v.string()), []),
  setIdentifier: v.nullish(v.string(), ''),
  recordTTL: v.nullish(v.number(), 0),
});
export type Endpoint = v.InferOutput<typeof Endpoint>;
export const Endpoints = v.pipe(
  v.nullable(v.array(Endpoint)),
  v.transform((endpoints) => endpoints ?? []),
);

/** A set, and the endpoint as the webhook showed it. */
export type Held = HeldSet & { readonly endpoint: Endpoint };

/** Addresses alone. Endpoints of one name and type are one set, unless they are told apart by identifiers: then none of them is ours to change. */
export function setsIn(endpoints: readonly Endpoint[]): readonly Held[] {
  const merged = new Map<string, Endpoint>();
  for (const endpoint of endpoints.filter(({ recordType }) => recordType === 'A' || recordType === 'AAAA')) {
    const key = `${keyOf(endpoint)} ${endpoint.setIdentifier}`;
    const other = merged.get(key);
    merged.set(key, other ? { ...other, targets: [...new Set([...other.targets, ...endpoint.targets])] } : endpoint);
  }
  return [...merged.values()].map((endpoint) => ({
    name: nameIn(endpoint),
    type: endpoint.recordType,
    values: endpoint.targets,
    // Nothing and 0 mean the same: whatever the webhook's own default is.
    ...(endpoint.recordTTL > 0 ? { ttl: endpoint.recordTTL } : {}),
    ...(endpoint.setIdentifier === '' ? {} : { locked: `is one of several with identifiers (${endpoint.setIdentifier}), such as weighted ones` }),
    endpoint,
  }));
}

/** Names may be written with a final dot, or as IDN. */
function nameIn({ dnsName }: Endpoint): string {
  const name = parseName(dnsName);
  return typeof name === 'string' ? name : dnsName;
}

export const keyOf = (endpoint: Endpoint): string => `${nameIn(endpoint)} ${endpoint.recordType}`;

/** The endpoint that is wanted; everything else that hung on it stays. */
export function wanted({ after, held }: Put<Held>): Endpoint {
  const { name, type, values, ttl } = after;
  return { ...(held?.endpoint ?? { dnsName: name, recordType: type, setIdentifier: '', recordTTL: 0 }), targets: [...values], ...(ttl === undefined ? {} : { recordTTL: ttl }) };
}

/** `create`, `updateOld`, as the published description has it, or `Create`, `UpdateOld`, as the protocol's own client wrote it until 2025. Go reads both. */
export type Spelling = 'small' | 'capital';

/** What is posted for these: each with the endpoint to put. Empty lists are left out, as the protocol's own client does; in the old spelling it did not. */
export function changesOf(puts: readonly { readonly put: Put<Held>; readonly endpoint: Endpoint }[], spelling: Spelling): Readonly<Record<string, readonly object[]>> {
  const gone = puts.filter(({ put }) => put.after.values.length === 0);
  const updated = puts.filter(({ put }) => put.after.values.length > 0 && put.held !== undefined);
  const created = puts.filter(({ put }) => put.after.values.length > 0 && put.held === undefined);
  const olds = (some: typeof puts): readonly object[] => some.flatMap(({ put }) => (put.held ? [written(put.held.endpoint)] : []));
  const news = (some: typeof puts): readonly object[] => some.map(({ endpoint }) => written(endpoint));
  const [Create, UpdateOld, UpdateNew, Delete] = [news(created), olds(updated), news(updated), olds(gone)];
  if (spelling === 'capital') return { Create, UpdateOld, UpdateNew, Delete };
  return Object.fromEntries(Object.entries({ create: Create, updateOld: UpdateOld, updateNew: UpdateNew, delete: Delete }).filter(([, list]) => list.length > 0));
}

/** As Go writes it. */
export const written = (endpoint: Endpoint): object => Object.fromEntries(Object.entries(endpoint).filter(([, value]) => value !== null && value !== '' && value !== 0));

/** Does the set, as it is shown now, say what was put? */
export function isAsPut(shown: Held | undefined, { after }: Put<Held>, { recordTTL }: Endpoint): boolean {
  if (shown === undefined || after.values.length === 0) return shown === undefined && after.values.length === 0;
  const values: readonly string[] = shown.values;
  const sameTtl = recordTTL === 0 || shown.ttl === undefined || shown.ttl === recordTTL;
  return sameTtl && values.length === after.values.length && after.values.every((value: IpAddress) => values.includes(value));
}
