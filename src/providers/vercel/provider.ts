/** Vercel DNS: one record per value. https://vercel.com/docs/rest-api/reference/endpoints/dns */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, nameOf, onlyZone, optional, recordsById, resetAt, secret, text, type Zone, zonesOr } from '../../sdk/index.ts';

/** Pages go back in time: `next` is the moment until which the next one reaches. */
const pagination = v.nullish(v.object({ next: v.nullish(v.number()) }));
const Domains = v.object({ domains: v.array(v.object({ name: v.string() })), pagination });
const DnsRecord = v.object({ id: v.string(), name: v.string(), type: v.string(), value: v.nullish(v.string(), ''), ttl: v.nullish(v.number()), creator: v.nullish(v.string()) });
const Listing = v.object({ records: v.array(DnsRecord), pagination });
const Created = v.object({ uid: v.string() });
/** Here `type` says whether it is a record of the user's. */
const Changed = v.object({ id: v.string(), name: v.string(), recordType: v.string(), value: v.string(), ttl: v.nullish(v.number()) });
const Refusal = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

const PAGE = 100;

export default defineProvider({
  api: 1,
  id: 'vercel',
  name: 'Vercel',
  reference: 'https://vercel.com/docs/rest-api/reference/endpoints/dns',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['ZEIT', 'now'],
  unverified: [
    'The limits of 50 listings, 50 changes and 100 new records are what other programs keep to; 50 requests a minute are sent, and a limit that is reached sooner is heeded when Vercel says so.',
  ],
  rate: { requests: 50, windowSeconds: 60 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_147_483_647, initial: 60 } },
  options: {
    token: secret('access token with the scope of the team or account that has the domain'),
    team: optional(text('id (team_...) or slug of the team that has the domain; without it the domain is looked for in the personal account', { example: 'my-team' })),
    zone: onlyZone(),
  },
  environment: { token: ['VERCEL_TOKEN', 'VERCEL_API_TOKEN'], team: ['VERCEL_TEAM_ID', 'VERCEL_ORG_ID'] },
  credentials:
    'At https://vercel.com/account/settings/tokens choose Create Token, as its Scope only the team that has the domain, and as Expiration "No Expiration", or note the day. ' +
    'A token may do all that you may in that team; it cannot be limited to DNS. The id of the team is in its settings, under General.',
  open({ token, team, zone, endpoint }, tools) {
    const scope = team?.startsWith('team_') ? { teamId: team } : { slug: team };
    const ask = api(tools, {
      base: 'https://api.vercel.com',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? body.error : undefined),
      meanings: [
        {
          match: /^forbidden/,
          kind: 'auth',
          says: 'it does not know this token, or the token may not change this domain',
          hint: 'has the token expired, and does the option team name the team that has the domain?',
        },
        { match: /^record_conflicts/, kind: 'refused', hint: 'another record of this name, such as a CNAME, stands in the way', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
      retryAfter: resetAt(tools.clock, 'x-ratelimit-reset'),
    });
    const held = (zone: Zone, { id, name, type, value, ttl, creator }: v.InferOutput<typeof DnsRecord>): HeldRecord => ({
      id,
      name: nameOf(name, zone),
      type,
      value,
      ...(ttl ? { ttl } : {}),
      ...(creator === 'system' ? { locked: 'is made by Vercel itself' } : {}),
    });
    const at = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/records`;
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(until) {
          const { domains, pagination } = await ask({ path: '/v5/domains', query: { ...scope, limit: PAGE, until }, purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ name }) => ({ name: name.toLowerCase(), id: name })), next: pagination?.next ?? undefined };
        },
      }),
      async list(zone, until) {
        const { records, pagination } = await ask({ path: `/v4${at(zone)}`, query: { ...scope, limit: PAGE, until }, purpose: 'list the records' }, json(Listing));
        return { items: records.map((record) => held(zone, record)), next: pagination?.next ?? undefined };
      },
      async create(zone, { name, type, value, ttl }) {
        const body = { name: hostOf(name, zone, ''), type, value, ttl };
        await ask({ method: 'POST', path: `/v2${at(zone)}`, query: scope, json: body, purpose: 'create a record' }, json(Created));
        return undefined;
      },
      async update(zone, { id }, { value, ttl }) {
        const path = `/v1/domains/records/${encodeURIComponent(id)}`;
        const { recordType, ...changed } = await ask({ method: 'PATCH', path, query: scope, json: { value, ttl }, idempotent: true, purpose: 'change a record' }, json(Changed));
        return held(zone, { ...changed, type: recordType });
      },
      async remove(zone, { id }) {
        await ask({ method: 'DELETE', path: `/v2${at(zone)}/${encodeURIComponent(id)}`, query: scope, purpose: 'remove a record' }, { ...json(v.object({})), absent: () => ({}) });
      },
    });
  },
});
