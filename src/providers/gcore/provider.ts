/** Gcore: record sets. Longer than most, because a PUT drops filters and metadata unless they are sent back. https://gcore.com/docs/api-reference/dns/rrsets/update-rrset */
import * as v from 'valibot';
import { api, defineProvider, fromOffset, type HeldSet, heirs, json, nothing, onlyZone, orAbsent, partsOf, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Zones = v.object({ zones: v.array(v.object({ name: v.string() })), total_amount: v.nullish(v.number()) });
const One = v.object({ content: v.array(v.unknown()), enabled: v.nullish(v.boolean()), meta: v.nullish(v.unknown()) });
const RrSet = v.object({
  name: v.optional(v.string()),
  type: v.optional(v.string()),
  ttl: v.nullish(v.number()),
  resource_records: v.nullish(v.array(One)),
  meta: v.nullish(v.unknown()),
  filters: v.nullish(v.unknown()),
  pickers: v.nullish(v.unknown()),
});
const Sets = v.object({ rrsets: v.nullish(v.array(RrSet)), total_amount: v.nullish(v.number()) });
const Refusal = v.object({ error: v.string() });

/** What a PUT has to send again: records as they stand, and what hangs on the set. */
type Held = HeldSet & { readonly records: readonly v.InferOutput<typeof One>[]; readonly hanging: Readonly<Record<string, unknown>> };

const contentOf = ({ content }: v.InferOutput<typeof One>): string => String(content[0] ?? '');

export default defineProvider({
  api: 1,
  id: 'gcore',
  name: 'Gcore',
  reference: 'https://gcore.com/docs/api-reference/dns/rrsets/update-rrset',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['No range of TTLs is published, so any is sent; the free plan is said to take none below 120 s.', 'How many requests are allowed is not published.'],
  also: ['G-Core', 'G-Core Labs'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 300 } },
  options: {
    token: secret('permanent API token'),
    zone: onlyZone(),
  },
  environment: { token: ['GCORE_PERMANENT_API_TOKEN', 'GCORE_API_KEY'] },
  credentials:
    'At https://accounts.gcore.com/profile/api-tokens create a permanent API token with the role Engineers and an expiry that you note, or none. It is shown once. ' +
    'A token cannot be limited to one zone.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.gcore.com/dns/v2',
      endpoint,
      headers: { authorization: `APIKey ${token.reveal()}` },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: status, message: body.error } : undefined),
    });
    const of = ({ id }: Zone, name: string, type: string): string => `/zones/${encodeURIComponent(id)}/${encodeURIComponent(name)}/${type}`;
    const held = ({ ttl, resource_records, meta, filters, pickers }: v.InferOutput<typeof RrSet>, name: string, type: string): Held => {
      const records = resource_records ?? [];
      const hanging = Object.fromEntries(Object.entries({ meta, filters, pickers }).filter(([, value]) => value != null));
      return { name, type, values: records.filter(({ enabled }) => enabled !== false).map(contentOf), ...(ttl ? { ttl } : {}), records, hanging };
    };
    return recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { zones, total_amount } = await ask({ path: '/zones', query: { limit: 1000, offset: cursor ?? 0 }, purpose: 'list the zones' }, json(Zones));
          return fromOffset(
            zones.map(({ name }) => ({ name: name.toLowerCase(), id: name })),
            cursor,
            total_amount,
          );
        },
      }),
      async list({ id }, cursor) {
        const query = { all: 'true', limit: 1000, offset: cursor ?? 0 };
        const { rrsets, total_amount } = await ask({ path: `/zones/${encodeURIComponent(id)}/rrsets`, query, purpose: 'list the records' }, json(Sets));
        return fromOffset(
          (rrsets ?? []).map((set) => held(set, set.name ?? '', set.type ?? '')),
          cursor,
          total_amount,
        );
      },
      async get(zone, key) {
        const { name, type } = partsOf(key);
        const set = await ask({ path: of(zone, name, type), purpose: 'show a record' }, orAbsent(json(RrSet)));
        return set && held(set, name, type);
      },
      async put(zone, { after: { name, type, values, ttl: wanted }, held: there }) {
        const path = of(zone, name, type);
        const disabled = (there?.records ?? []).filter(({ enabled }) => enabled === false);
        if (values.length === 0 && disabled.length === 0) {
          await ask({ method: 'DELETE', path, purpose: 'remove a record' }, { ...nothing, absent: () => undefined });
          return undefined;
        }
        const enabled = (there?.records ?? []).filter((record) => !disabled.includes(record));
        const made = heirs(values, enabled, contentOf).map(({ value, from, stays }) => (stays && from ? from : { ...from, content: [value], enabled: true }));
        const ttl = wanted ?? there?.ttl;
        const set = { ...there?.hanging, ...(ttl === undefined ? {} : { ttl }), resource_records: [...made, ...disabled] };
        const answer = await ask({ method: there ? 'PUT' : 'POST', path, json: set, purpose: there ? 'change a record' : 'create a record' }, json(RrSet));
        return answer.resource_records ? held(answer, name, type) : undefined;
      },
    });
  },
});
