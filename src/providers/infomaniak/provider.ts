/**
 * Infomaniak: records by id. https://developer.infomaniak.com/docs/api
 * Longer than most, because refusals say what is wrong in a list, and records of dynamic DNS users are among the others.
 */
import * as v from 'valibot';
import { api, defineProvider, hostOf, json, LOOK_AGAIN_SECONDS, looseText, nameOf, onlyZone, recordsById, secret, untilLast, type Zone, zonesOr } from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
const Products = v.object({ data: v.array(v.object({ customer_name: v.nullish(v.string(), '') })), page: v.optional(v.number(), 1), pages: v.optional(v.number(), 1) });
const DnsRecord = v.object({ id: looseText, source: v.string(), type: v.string(), ttl: v.number(), target: v.optional(v.string(), ''), dyndns_id: v.nullish(looseText) });
const Listing = v.object({ data: v.array(DnsRecord), page: v.optional(v.number(), 1), pages: v.optional(v.number(), 1) });
const Done = v.object({ result: v.literal('success') });
const Refusal = v.object({
  result: v.literal('error'),
  error: v.object({ code: v.string(), description: v.optional(v.string(), ''), errors: v.optional(v.array(v.object({ description: v.optional(v.string(), '') })), []) }),
});

export default defineProvider({
  api: 1,
  id: 'infomaniak',
  name: 'Infomaniak',
  reference: 'https://developer.infomaniak.com/docs/api',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The vendor’s pages show requests and answers only after a log-in: those here were recorded by other programs, some of them with an older version of the API.',
    'The lowest TTL of 60 s and the limit of 60 requests a minute are what other programs use.',
    'That the domain itself is written as "." is what other programs do.',
    'Zones of their own below a domain are not listed: name such a one as zone.',
  ],
  rate: { requests: 60, windowSeconds: 60, concurrent: 2 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL } },
  options: {
    token: secret('API token with the scope domain'),
    zone: onlyZone(),
  },
  environment: { token: ['INFOMANIAK_ACCESS_TOKEN', 'INFOMANIAK_TOKEN'] },
  credentials:
    'At https://manager.infomaniak.com/v3/infomaniak-api create a token with the scope "domain" and nothing else. It cannot be limited to one domain. ' +
    'Choose an unlimited validity, or note the day when a new one is due; a token that is not used for a year ends too.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.infomaniak.com',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) =>
        v.is(Refusal, body) ? { code: body.error.code, message: [body.error.description ?? '', ...(body.error.errors ?? []).map(({ description }) => description)].join('; ') } : undefined,
      meanings: [
        { match: /^(not_authorized|forbidden|unauthorized)\b/, kind: 'auth', says: 'the token is not known, or lacks the scope "domain"' },
        { match: /^object_not_found\b/, kind: 'refused', says: 'there is no such zone or record', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^too_many_request/, kind: 'throttled', says: 'it was asked too often', waitSeconds: 60 },
      ],
    });
    const of = ({ id }: Zone, record = ''): string => `/2/zones/${encodeURIComponent(id)}/records${record}`;
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { data, ...where } = await ask({ path: '/1/products', query: { service_name: 'domain', per_page: 100, page: cursor ?? 1 }, purpose: 'list the domains' }, json(Products));
          return untilLast(
            data.map(({ customer_name: name }) => ({ name: name.toLowerCase(), id: name })),
            where,
          );
        },
      }),
      async list(zone, cursor) {
        const { data, ...where } = await ask({ path: of(zone), query: { page: cursor }, purpose: 'list the records' }, json(Listing));
        return untilLast(
          data.map(({ id, source, type, ttl, target: value, dyndns_id: dyndns }) => ({
            id,
            type,
            name: nameOf(source === '.' ? '' : source, zone),
            value,
            ttl,
            ...(dyndns ? { locked: 'belongs to a dynamic DNS user of Infomaniak: delete that, or use it with the provider infomaniak-dyndns' } : {}),
          })),
          where,
        );
      },
      async create(zone, { name, type, value, ttl = INITIAL_TTL }) {
        await ask({ method: 'POST', path: of(zone), json: { source: hostOf(name, zone, '.'), type, target: value, ttl }, purpose: 'create a record' }, json(Done));
        return undefined;
      },
      async update(zone, { id, value, ttl }, patch) {
        await ask({ method: 'PUT', path: of(zone, `/${id}`), json: { target: patch.value ?? value, ttl: patch.ttl ?? ttl }, purpose: 'change a record' }, json(Done));
        return undefined;
      },
      async remove(zone, { id }) {
        const gone = { result: 'success' as const };
        await ask({ method: 'DELETE', path: of(zone, `/${id}`), purpose: 'remove a record' }, json(Done), { match: /^object_not_found\b/, value: gone });
      },
      concurrency: 2,
    });
  },
});
