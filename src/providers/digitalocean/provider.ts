/** DigitalOcean: one record per value. https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records */
import * as v from 'valibot';
import { api, defineProvider, hostOf, json, nameOf, nothing, onlyZone, recordsById, secret, zonesOr } from '../../sdk/index.ts';

const Links = v.optional(v.object({ pages: v.optional(v.object({ next: v.optional(v.string()) })) }));
const Domains = v.object({ domains: v.array(v.object({ name: v.string() })), links: Links });
/** Against its description, what is no address was seen without id and value. */
const DomainRecord = v.object({ id: v.nullish(v.number()), type: v.string(), name: v.string(), data: v.nullish(v.string(), ''), ttl: v.nullish(v.number()) });
const Listing = v.object({ domain_records: v.array(DomainRecord), links: Links });
const One = v.object({ domain_record: DomainRecord });
const Refusal = v.object({ id: v.string(), message: v.string() });

export default defineProvider({
  api: 1,
  id: 'digitalocean',
  name: 'DigitalOcean',
  reference: 'https://docs.digitalocean.com/reference/api/digitalocean/#tag/Domain-Records',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['The lowest TTL of 30 s is what other programs use; the vendor names none.'],
  // https://docs.digitalocean.com/reference/api/digitalocean/#section/Introduction/Rate-Limit
  rate: { requests: 250, windowSeconds: 60, concurrent: 4 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 30, max: 2_147_483_647, initial: 1800 } },
  options: {
    token: secret('API token with the scopes domain:read, domain:create, domain:update and domain:delete'),
    zone: onlyZone(),
  },
  environment: { token: ['DIGITALOCEAN_ACCESS_TOKEN', 'DIGITALOCEAN_TOKEN', 'DO_AUTH_TOKEN'] },
  credentials:
    'At https://cloud.digitalocean.com/account/api/tokens choose Generate New Token, Custom Scopes, and there domain: read, create, update, delete, nothing else. ' +
    'Choose "No expiry", or note the day when a new one is due. A token cannot be limited to one domain.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.digitalocean.com/v2',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? { code: body.id, message: body.message } : undefined),
      meanings: [
        { match: /^unauthorized/, kind: 'auth', says: 'it does not know this token (unauthorized)' },
        { match: /^forbidden/, kind: 'auth', says: 'the token lacks a scope of domain: read, create, update, delete (forbidden)' },
      ],
    });
    const page = (links: v.InferOutput<typeof Links>): number | undefined => {
      const next = links?.pages?.next;
      return next === undefined ? undefined : Number(new URL(next).searchParams.get('page'));
    };
    const held = (zoneName: string, { id, type, name, data, ttl }: v.InferOutput<typeof DomainRecord>) => ({
      id: String(id ?? ''),
      type,
      name: nameOf(name, { name: zoneName }),
      value: data,
      ...(ttl ? { ttl } : {}),
    });
    const of = (zoneName: string): string => `/domains/${encodeURIComponent(zoneName)}/records`;
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { domains, links } = await ask({ path: '/domains', query: { per_page: 200, page: cursor }, purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ name }) => ({ name: name.toLowerCase(), id: name })), next: page(links) };
        },
      }),
      async list({ id, name }, cursor) {
        const { domain_records, links } = await ask({ path: of(id), query: { per_page: 200, page: cursor }, purpose: 'list the records' }, json(Listing));
        return { items: domain_records.map((record) => held(name, record)), next: page(links) };
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        const body = { type, name: hostOf(host, { name }, '@'), data: value, ttl };
        return held(name, (await ask({ method: 'POST', path: of(id), json: body, purpose: 'create a record' }, json(One))).domain_record);
      },
      async update({ id, name }, record, { value, ttl }) {
        const body = { type: record.type, data: value, ttl };
        return held(name, (await ask({ method: 'PATCH', path: `${of(id)}/${record.id}`, json: body, purpose: 'change a record' }, json(One))).domain_record);
      },
      remove: ({ id }, record) => ask({ method: 'DELETE', path: `${of(id)}/${record.id}`, purpose: 'remove a record' }, { ...nothing, absent: () => undefined }),
    });
  },
});
