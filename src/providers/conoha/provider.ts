/** ConoHa VPS (version 3): one record per value, with a log-in at its Keystone. https://doc.conoha.jp/reference/api-vps3/api-dns-vps3/ */
import * as v from 'valibot';
import { api, defineProvider, fromOffset, type HeldRecord, json, keystone, noContent, recordsById, secret, text, type Zone } from '../../sdk/index.ts';

const total = v.optional(v.number());
const Domains = v.object({ domains: v.array(v.object({ uuid: v.string(), name: v.string() })), total_count: total });
const Line = v.object({ uuid: v.string(), name: v.string(), type: v.string(), data: v.string(), ttl: v.nullish(v.number()) });
/** The answer to a change calls the id otherwise, or not at all. */
const Stored = v.object({ ...Line.entries, uuid: v.optional(v.string(), '') });
const Lines = v.object({ records: v.array(Line), total_count: total });
const Refusal = v.object({ code: v.optional(v.union([v.number(), v.string()])), error: v.optional(v.string()), message: v.optional(v.string()) });

export default defineProvider({
  api: 1,
  id: 'conoha',
  name: 'ConoHa VPS',
  reference: 'https://doc.conoha.jp/reference/api-vps3/api-dns-vps3/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That a record is changed by PUT with its name, type, data and TTL is what other programs do.',
    'Which TTLs are taken is not known; 60 s and more are used by other programs.',
    'Whether long listings come in parts is not known; where a total is told, the rest is asked for.',
  ],
  also: ['conohav3'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 3600 } },
  options: {
    userId: text('id of the API user', { example: '4bcb2d1f8e7a4c5b9d3e2f1a0b9c8d7e' }),
    password: secret('password of the API user'),
    tenantId: text('tenant id', { example: '487727e3921d44e3bfe7ebb337bf085e' }),
    region: v.optional(text('region, as in the host names of the API', { pattern: /^[a-z0-9]+$/, must: 'must be a region such as c3j1', example: 'c3j1' }), 'c3j1'),
  },
  environment: { userId: ['CONOHAV3_API_USER_ID'], password: ['CONOHAV3_API_PASSWORD'], tenantId: ['CONOHAV3_TENANT_ID'], region: ['CONOHAV3_REGION'] },
  credentials:
    'In the control panel of ConoHa VPS (version 3) open API: there are the tenant id and the host names, which hold the region. Make an API user there; its id and password are not those of the account. It may do all that the API ' +
    'offers; where roles are offered, give it one with DNS alone. ConoHa version 2 has another API, which this is not.',
  open({ userId, password, tenantId, region, endpoint }, tools) {
    const token = keystone(tools, { base: `https://identity.${region}.conoha.io/v3`, endpoint, user: { id: userId }, password, project: { id: tenantId } });
    const ask = api(tools, {
      base: `https://dns-service.${region}.conoha.io/v1`,
      endpoint,
      headers: async () => ({ 'x-auth-token': await token(), accept: 'application/json' }),
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.code, message: body.message ?? body.error ?? '' } : undefined),
    });
    const of = ({ id }: Zone, record = ''): string => `/domains/${encodeURIComponent(id)}/records${record}`;
    const held = ({ uuid, name, type, data, ttl }: v.InferOutput<typeof Line>): HeldRecord => ({ id: uuid, name, type, value: data, ...(ttl ? { ttl } : {}) });
    const body = ({ name, type, value, ttl }: { readonly name: string; readonly type: string; readonly value: string; readonly ttl?: number | undefined }) => ({
      name: `${name.replace(/\.$/, '')}.`,
      type,
      data: value,
      ttl,
    });
    /** One page; all there is where no total is told. */
    const page = <T>(items: readonly T[], cursor: string | number | undefined, all: number | undefined) => fromOffset(items, cursor, all ?? Number(cursor ?? 0) + items.length);
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { domains, total_count } = await ask({ path: '/domains', query: { offset: cursor }, purpose: 'list the domains' }, json(Domains));
          const items = domains.map(({ uuid, name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id: uuid }));
          return page(items, cursor, total_count);
        },
      },
      async list(zone, cursor) {
        const { records, total_count } = await ask({ path: of(zone), query: { offset: cursor }, purpose: 'list the records' }, json(Lines));
        return page(records.map(held), cursor, total_count);
      },
      create: async (zone, record) => held(await ask({ method: 'POST', path: of(zone), json: body(record), purpose: 'create a record' }, json(Stored))),
      async update(zone, record, patch) {
        const request = { method: 'PUT', path: of(zone, `/${encodeURIComponent(record.id)}`), json: body({ ...record, ...patch }), purpose: 'change a record' } as const;
        return held(await ask(request, json(Stored)));
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: of(zone, `/${encodeURIComponent(id)}`), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
