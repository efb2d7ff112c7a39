/**
 * Timeweb Cloud: records of each name. Longer than most, because a name is a domain or a subdomain that has to be made first, and is shown in
 * several ways. https://timeweb.cloud/api-docs
 */
import * as v from 'valibot';
import { allPages, api, defineProvider, eachOf, fromOffset, type HeldRecord, hostOf, json, noContent, onlyZone, orAbsent, partsOf, recordsById, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Meta = v.object({ total: v.number() });
const Domains = v.object({ domains: v.array(v.object({ fqdn: v.string() })), meta: Meta });
const DnsRecord = v.object({
  id: v.number(),
  type: v.string(),
  fqdn: v.nullish(v.string()),
  ttl: v.nullish(v.number()),
  data: v.object({ value: v.nullish(v.string()), sub: v.nullish(v.string()), subdomain: v.nullish(v.string()) }),
});
const Records = v.object({ dns_records: v.array(DnsRecord), meta: Meta });
const One = v.object({ dns_record: DnsRecord });
const Refusal = v.object({ status_code: v.number(), error_code: v.nullish(v.string()), message: v.nullish(v.union([v.string(), v.array(v.string())])) });

export default defineProvider({
  api: 1,
  id: 'timeweb',
  name: 'Timeweb Cloud',
  reference: 'https://timeweb.cloud/api-docs',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The answers are the vendor’s own examples, as other programs keep them; the requests are put together from those programs.',
    'That a new name has to be made as a subdomain first is known from other programs.',
    'No range of TTLs is known, so any is sent.',
    'Other programs keep to 20 requests in a second; the vendor publishes no limit that is known here.',
  ],
  also: ['timewebcloud'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 600 } },
  options: {
    token: secret('API token (a long JSON Web Token)'),
    zone: onlyZone(),
  },
  environment: { token: ['TIMEWEBCLOUD_AUTH_TOKEN', 'TWC_TOKEN'] },
  credentials:
    'At https://timeweb.cloud/my/api-keys create a token; choose an expiry and note the day. A token may do everything in the account unless you limit it to projects there. ' +
    'If you limit it to addresses, your next address will be refused.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.timeweb.cloud/api',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? { code: body.error_code ?? body.status_code, message: [body.message ?? []].flat().join('; ') } : undefined),
    });
    /** Subdomains that the vendor does not know yet. */
    const unknown = new Set<string>();
    const of = (version: 'v1' | 'v2', name: string, id = ''): string => `/${version}/domains/${encodeURIComponent(name)}/dns-records${id === '' ? '' : `/${id}`}`;
    const held = ({ id, type, fqdn, ttl, data }: v.InferOutput<typeof DnsRecord>, zone: Zone, asked: string): HeldRecord => ({
      id: String(id),
      type,
      name: fullName(fqdn || asked, data.sub || data.subdomain || '', zone),
      value: data.value ?? '',
      ...(ttl ? { ttl } : {}),
    });
    const recordsOf = (zone: Zone, name: string) =>
      allPages(name, async (cursor) => {
        const page = await ask({ path: of('v1', name), query: { limit: 100, offset: cursor ?? 0 }, purpose: 'list the records of a name' }, orAbsent(json(Records)));
        if (page === undefined && name !== zone.name) unknown.add(name);
        return fromOffset(
          (page?.dns_records ?? []).map((record) => held(record, zone, name)),
          cursor,
          page?.meta.total ?? 0,
        );
      });
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { domains, meta } = await ask({ path: '/v1/domains', query: { limit: 100, offset: cursor ?? 0 }, purpose: 'list the domains' }, json(Domains));
          return fromOffset(
            domains.map(({ fqdn }) => ({ name: fqdn.toLowerCase(), id: fqdn })),
            cursor,
            meta.total,
          );
        },
      }),
      async list(zone, _, keys) {
        const items: HeldRecord[] = [];
        await eachOf([...new Set(keys.map((key) => partsOf(key).name))], 4, async (name) => void items.push(...(await recordsOf(zone, name))));
        return { items };
      },
      async create(zone, { name, type, value, ttl }) {
        if (unknown.has(name)) {
          const path = `/v1/domains/${encodeURIComponent(zone.id)}/subdomains/${encodeURIComponent(hostOf(name, zone, ''))}`;
          await ask({ method: 'POST', path, purpose: 'make a subdomain', idempotent: true }, json(v.object({ subdomain: v.unknown() })), {
            match: /already|exists|conflict/i,
            value: { subdomain: name },
          });
          unknown.delete(name);
        }
        return held((await ask({ method: 'POST', path: of('v2', name), json: { type, value, ttl }, purpose: 'create a record' }, json(One))).dns_record, zone, name);
      },
      async update(zone, { id, name, type, value, ttl }, patch) {
        const body = { type, value, ...(ttl === undefined ? {} : { ttl }), ...patch };
        return held((await ask({ method: 'PATCH', path: of('v2', name, id), json: body, purpose: 'change a record', idempotent: true }, json(One))).dns_record, zone, name);
      },
      remove: (_, { id, name }) => ask({ method: 'DELETE', path: of('v2', name, id), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});

/** A record may be shown with its own name, or with the name of the domain and the subdomain beside it. */
function fullName(fqdn: string, sub: string, { name: zone }: Zone): string {
  if (sub === '' || sub === '@' || fqdn.startsWith(`${sub}.`)) return fqdn;
  return sub === zone || sub.endsWith(`.${zone}`) ? sub : `${sub}.${fqdn}`;
}
