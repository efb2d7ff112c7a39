/** Domeneshop: one record per value. https://api.domeneshop.no/docs/ */
import * as v from 'valibot';
import { api, basic, defineProvider, hostOf, json, LOOK_AGAIN_SECONDS, nameOf, noContent, partsOf, recordsById, secret, text, type Zone } from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
const Domains = v.array(v.object({ id: v.number(), domain: v.string() }));
const DnsRecord = v.object({ id: v.number(), host: v.string(), type: v.string(), ttl: v.optional(v.number()), data: v.optional(v.string(), '') });
const Created = v.object({ id: v.optional(v.number()) });
const Refusal = v.object({ code: v.string(), help: v.nullish(v.string(), '') });

export default defineProvider({
  api: 1,
  id: 'domeneshop',
  name: 'Domeneshop',
  reference: 'https://api.domeneshop.no/docs/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The TTL range of 60 to 604800 s is what other programs use; a TTL must be a multiple of 60.'],
  also: ['Domainname.shop', 'Domainnameshop'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 604_800, initial: INITIAL_TTL } },
  options: {
    token: text('API token, which is the user name'),
    secret: secret('API secret, which is the password'),
  },
  environment: { token: ['DOMENESHOP_API_TOKEN', 'DOMENESHOP_TOKEN'], secret: ['DOMENESHOP_API_SECRET', 'DOMENESHOP_SECRET'] },
  credentials:
    'At https://www.domeneshop.no/admin?view=api make a token and copy its secret. It may change everything in the account. ' +
    'Leave its list of addresses empty, because yours changes. Its update URL takes the same token: see the provider domeneshop-dyndns.',
  open({ token, secret, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.domeneshop.no/v0',
      endpoint,
      headers: { authorization: basic(token, secret.reveal()) },
      words: (body, { status }) => (status < 400 ? undefined : v.is(Refusal, body) ? { code: body.code, message: body.help ?? '' } : { message: '' }),
      meanings: [
        { match: /^(authentication|authorization)\b/, kind: 'auth', says: 'it does not take this token and secret', hint: 'is the token limited to an address that is no longer yours?' },
        { match: /cname/i, kind: 'refused', hint: 'remove the CNAME of this name', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /ttl/i, kind: 'refused', hint: 'the ttl must be a multiple of 60' },
      ],
    });
    const of = ({ id }: Zone, record = ''): string => `/domains/${id}/dns${record}`;
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list() {
          const domains = await ask({ path: '/domains', purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ id, domain }) => ({ id: String(id), name: domain.toLowerCase() })) };
        },
      },
      async list(zone, _cursor, keys) {
        const [key] = keys;
        const { name, type } = key && keys.length === 1 ? partsOf(key) : {};
        const query = { host: name && hostOf(name, zone, '@'), type };
        const records = await ask({ path: of(zone), query, purpose: 'list the records' }, json(v.array(DnsRecord)));
        return { items: records.map(({ id, host, type, ttl, data }) => ({ id: String(id), host, type, name: nameOf(host, zone), value: data, ...(ttl === undefined ? {} : { ttl }) })) };
      },
      async create(zone, { name, type, value, ttl = INITIAL_TTL }) {
        // 409: the very same record exists.
        const record = { host: hostOf(name, zone, '@'), type, ttl, data: value };
        await ask({ method: 'POST', path: of(zone), json: record, purpose: 'create a record' }, json(Created), { match: /^/, status: 409, value: {} });
        return undefined;
      },
      async update(zone, { id, host, type, value, ttl = INITIAL_TTL }, patch) {
        await ask({ method: 'PUT', path: of(zone, `/${id}`), json: { host, type, ttl: patch.ttl ?? ttl, data: patch.value ?? value }, purpose: 'change a record' }, noContent);
        return undefined;
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: of(zone, `/${id}`), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
