/** Netlify DNS: one record per value, which can be created and removed but not changed. https://open-api.netlify.com/#tag/dnsZone */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, json, noContent, optional, recordsById, resetAt, secret, text } from '../../sdk/index.ts';

const Zones = v.array(v.object({ id: v.string(), name: v.string() }));
const DnsRecord = v.object({
  id: v.string(),
  hostname: v.string(),
  type: v.string(),
  value: v.nullish(v.string(), ''),
  ttl: v.nullish(v.number()),
  managed: v.nullish(v.boolean()),
});
const DnsRecords = v.array(DnsRecord);
const Refusal = v.object({ code: v.optional(v.number()), message: v.string() });

const held = ({ id, hostname, type, value, ttl, managed }: v.InferOutput<typeof DnsRecord>): HeldRecord => ({
  id,
  name: hostname,
  type,
  value,
  ...(ttl ? { ttl } : {}),
  ...(managed ? { locked: 'is managed by Netlify itself' } : {}),
});

export default defineProvider({
  api: 1,
  id: 'netlify',
  name: 'Netlify',
  reference: 'https://open-api.netlify.com/#tag/dnsZone',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: [
    'The range of TTLs is not published; whole numbers from 1 s up are sent as they are.',
    'The limit of 500 requests a minute is what other programs keep to.',
    'A new TTL for the same address needs two records of the same value for a moment; whether Netlify takes that is not published.',
  ],
  rate: { requests: 500, windowSeconds: 60 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 3600 } },
  options: {
    token: secret('personal access token'),
    team: optional(text('slug of the team that has the zone, as in app.netlify.com/teams/SLUG, where the token can see several', { example: 'my-team' })),
  },
  environment: { token: ['NETLIFY_AUTH_TOKEN', 'NETLIFY_TOKEN'] },
  credentials:
    'At https://app.netlify.com/user/applications choose New access token under Personal access tokens, with No expiration, or note the day. A token may do all that its user may, ' +
    'so make a user of its own, who is a member of the team that has the zone and of no other.',
  open({ token, team, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.netlify.com/api/v1',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? body : undefined),
      meanings: [{ match: /Access Denied/i, kind: 'auth', says: 'it does not know this token, or its user may not change this zone' }],
      retryAfter: resetAt(tools.clock, 'x-ratelimit-reset'),
    });
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list() {
          const zones = await ask({ path: '/dns_zones', query: { account_slug: team }, purpose: 'list the zones' }, json(Zones));
          return { items: zones.map(({ id, name }) => ({ name: name.toLowerCase(), id })) };
        },
      },
      list: async ({ id }) => ({ items: (await ask({ path: `/dns_zones/${id}/dns_records`, purpose: 'list the records' }, json(DnsRecords))).map(held) }),
      async create({ id }, { name, type, value, ttl }) {
        const body = { type, hostname: name, value, ttl };
        return held(await ask({ method: 'POST', path: `/dns_zones/${id}/dns_records`, json: body, purpose: 'create a record' }, json(DnsRecord)));
      },
      remove: ({ id }, record) => ask({ method: 'DELETE', path: `/dns_zones/${id}/dns_records/${record.id}`, purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
