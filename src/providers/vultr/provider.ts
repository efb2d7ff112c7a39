/** Vultr: one record per value. https://www.vultr.com/api/#tag/dns */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, nameOf, noContent, onlyZone, recordsById, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Meta = v.object({ links: v.object({ next: v.nullish(v.string(), '') }) });
const Domains = v.object({ domains: v.array(v.object({ domain: v.string() })), meta: Meta });
const DomainRecord = v.object({ id: v.string(), type: v.string(), name: v.nullish(v.string(), ''), data: v.nullish(v.string(), ''), ttl: v.nullish(v.number()) });
const Listing = v.object({ records: v.array(DomainRecord), meta: Meta });
const One = v.object({ record: DomainRecord });
const Refusal = v.object({ error: v.string(), status: v.nullish(v.number()) });

const PAGE = 500;

export default defineProvider({
  api: 1,
  id: 'vultr',
  name: 'Vultr',
  reference: 'https://www.vultr.com/api/#tag/dns',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['The lowest TTL of 120 s is what other programs use; the vendor names none.', 'The words of refusals are what other programs show; what they mean is taken from their status.'],
  // https://www.vultr.com/api/#section/Introduction/Rate-Limit: 30 a second from one address
  rate: { spacingMs: 34 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 120, max: 2_147_483_647, initial: 300 } },
  options: {
    token: secret('API key of a user who may manage DNS'),
    zone: onlyZone(),
  },
  environment: { token: ['VULTR_API_KEY'] },
  credentials:
    'At https://my.vultr.com/settings/#settingsapi choose Enable API, or better: add a user at https://my.vultr.com/settings/#settingsusers whose only permission is Manage DNS, and take the key of that user. ' +
    'A key is only taken from listed addresses. Yours changes, so allow all under Access Control: 0.0.0.0/0 and ::/0. A key cannot be limited to one domain.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.vultr.com/v2',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? { message: body.error } : undefined),
      meanings: [
        {
          match: /unauthori[sz]ed IP/i,
          kind: 'auth',
          says: 'the key may not be used from the address of this machine',
          hint: 'allow 0.0.0.0/0 and ::/0 under Access Control at https://my.vultr.com/settings/#settingsapi, because your address changes',
        },
        { match: /invalid API/i, kind: 'auth', says: 'it does not know this key' },
      ],
    });
    const held = (zone: Zone, { id, type, name, data, ttl }: v.InferOutput<typeof DomainRecord>): HeldRecord => ({ id, type, name: nameOf(name, zone), value: data, ...(ttl ? { ttl } : {}) });
    const next = ({ links }: v.InferOutput<typeof Meta>): string | undefined => (links.next === '' ? undefined : links.next);
    const of = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/records`;
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { domains, meta } = await ask({ path: '/domains', query: { per_page: PAGE, cursor }, purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ domain }) => ({ name: domain.toLowerCase(), id: domain })), next: next(meta) };
        },
      }),
      async list(zone, cursor) {
        const { records, meta } = await ask({ path: of(zone), query: { per_page: PAGE, cursor }, purpose: 'list the records' }, json(Listing));
        return { items: records.map((record) => held(zone, record)), next: next(meta) };
      },
      async create(zone, { name, type, value, ttl }) {
        const body = { type, name: hostOf(name, zone, ''), data: value, ttl };
        return held(zone, (await ask({ method: 'POST', path: of(zone), json: body, purpose: 'create a record' }, json(One))).record);
      },
      async update(zone, { id }, { value, ttl }) {
        await ask({ method: 'PATCH', path: `${of(zone)}/${id}`, json: { data: value, ttl }, idempotent: true, purpose: 'change a record' }, noContent);
        return undefined;
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: `${of(zone)}/${id}`, purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
