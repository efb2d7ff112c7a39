/** Name.com: one record per value. https://docs.name.com/api/dns */
import * as v from 'valibot';
import { api, basic, defineProvider, type HeldRecord, hostOf, json, nameOf, onlyZone, recordsById, secret, text, type Zone, zonesOr } from '../../sdk/index.ts';

/** Absent, or 0, on the last page. */
const nextPage = v.nullish(v.number());
const Domains = v.object({ domains: v.optional(v.array(v.object({ domainName: v.string() })), []), nextPage });
/** A record of the domain itself has no host. */
const DnsRecord = v.object({ id: v.number(), host: v.nullish(v.string(), ''), type: v.string(), answer: v.nullish(v.string(), ''), ttl: v.nullish(v.number()) });
const Listing = v.object({ records: v.optional(v.array(DnsRecord), []), nextPage });
const Refusal = v.object({ message: v.string(), details: v.nullish(v.string()) });

const PAGE = 1000;

export default defineProvider({
  api: 1,
  id: 'namecom',
  name: 'Name.com',
  reference: 'https://docs.name.com/api/dns',
  checked: '2026-11-22',
  evidence: 'documented',
  also: ['namedotcom', 'name.com', 'NameComV4'],
  unverified: [
    'The lowest TTL of 300 s, and the limits of 20 requests a second and 3000 an hour, are what other programs keep to.',
    'The exchanges were recorded with version 4 of the API, of which Core API version 1 is the successor with the same form of records.',
  ],
  rate: { requests: 3000, windowSeconds: 3600, spacingMs: 50 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 2_147_483_647, initial: 300 } },
  options: {
    username: text('user name of the account', { example: 'myname' }),
    token: secret('API token for the production environment'),
    zone: onlyZone(),
  },
  environment: { username: ['NAMECOM_USERNAME'], token: ['NAMECOM_API_TOKEN'] },
  credentials:
    'At https://www.name.com/account/settings/api choose Generate New Token and take the production token. A token may do everything in its account, so revoke it when the box is lost. ' +
    'Where two-step verification is on, switch on Name.com API Access at https://www.name.com/account/settings/security too. Allow all addresses, for yours changes.',
  open({ username, token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.name.com/core/v1',
      endpoint,
      headers: { authorization: basic(username, token.reveal()) },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { message: body.details ? `${body.message}: ${body.details}` : body.message } : undefined),
      meanings: [
        {
          match: /^(Unauthorized|Unauthenticated|Permission Denied)/,
          kind: 'auth',
          says: 'it does not know this user name and token, or the token may not do this',
          hint: 'is it the production token, and does two-step verification allow API access?',
        },
      ],
    });
    const held = (zone: Zone, { id, host, type, answer, ttl }: v.InferOutput<typeof DnsRecord>): HeldRecord => ({
      id: String(id),
      name: nameOf(host, zone),
      type,
      value: answer,
      ...(ttl ? { ttl } : {}),
    });
    const at = ({ id }: Zone, record = ''): string => `/domains/${encodeURIComponent(id)}/records${record}`;
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(page) {
          const { domains, nextPage } = await ask({ path: '/domains', query: { perPage: PAGE, page }, purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ domainName }) => ({ name: domainName.toLowerCase(), id: domainName })), next: nextPage || undefined };
        },
      }),
      async list(zone, page) {
        const { records, nextPage } = await ask({ path: at(zone), query: { perPage: PAGE, page }, purpose: 'list the records' }, json(Listing));
        return { items: records.map((record) => held(zone, record)), next: nextPage || undefined };
      },
      async create(zone, { name, type, value, ttl }) {
        const body = { host: hostOf(name, zone, ''), type, answer: value, ttl };
        const made = await ask({ method: 'POST', path: at(zone), json: body, purpose: 'create a record' }, json(v.nullish(DnsRecord)), { match: /Duplicate Record/, value: undefined });
        return made ? held(zone, made) : undefined;
      },
      async update(zone, { id, name, type, value, ttl }, patch) {
        const body = { host: hostOf(name, zone, ''), type, answer: patch.value ?? value, ttl: patch.ttl ?? ttl };
        return held(zone, await ask({ method: 'PUT', path: at(zone, `/${id}`), json: body, purpose: 'change a record' }, json(DnsRecord)));
      },
      async remove(zone, { id }) {
        await ask({ method: 'DELETE', path: at(zone, `/${id}`), purpose: 'remove a record' }, { ...json(v.object({})), absent: () => ({}) });
      },
    });
  },
});
