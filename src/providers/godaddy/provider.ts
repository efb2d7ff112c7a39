/** GoDaddy: RRsets by domain, type and name. https://developer.godaddy.com/doc/endpoint/domains */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, type HeldSet, hostOf, inSets, json, nameOf, nothing, onlyZone, partsOf, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Domains = v.array(v.object({ domain: v.string() }));
const DnsRecord = v.object({ type: v.string(), name: v.string(), data: v.nullish(v.string(), ''), ttl: v.nullish(v.number()) });
const DnsRecords = v.array(DnsRecord);
const Refusal = v.object({ code: v.string(), message: v.optional(v.string()), fields: v.optional(v.unknown()) });
const Wait = v.pipe(v.string(), v.parseJson(), v.object({ retryAfterSec: v.number() }));

export default defineProvider({
  api: 1,
  id: 'godaddy',
  name: 'GoDaddy',
  reference: 'https://developer.godaddy.com/doc/endpoint/domains',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['The TTL range of 600 to 604800 s is what other programs use.', 'That the records of a zone are listed in one piece, however many they are, is what other programs rely on.'],
  // https://developer.godaddy.com/getstarted: 60 a minute
  rate: { requests: 60, windowSeconds: 60 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 600, max: 604_800, initial: 3600 } },
  options: {
    key: secret('API key for the production environment'),
    secret: secret('secret that was shown with the key'),
    zone: onlyZone(),
  },
  environment: { key: ['GODADDY_API_KEY'], secret: ['GODADDY_API_SECRET'] },
  credentials:
    'At https://developer.godaddy.com/keys choose Create New API Key, Environment: Production; the secret is shown only then. A key may do everything in its account and cannot be limited. ' +
    'GoDaddy lets accounts with fewer than ten domains use this API only with the Discount Domain Club Premier plan: with any other every call is refused with ACCESS_DENIED, although the key is good.',
  open({ key, secret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.godaddy.com/v1',
      endpoint,
      headers: { authorization: `sso-key ${key.reveal()}:${secret.reveal()}` },
      words: (body, { status }) =>
        status >= 400 && v.is(Refusal, body) ? { code: body.code, message: body.fields === undefined ? body.message : `${body.message} ${JSON.stringify(body.fields)}` } : undefined,
      meanings: [
        { match: /^UNABLE_TO_AUTHENTICATE/, kind: 'auth', says: 'it does not know this key and secret', hint: 'is it a key for the production environment, not for OTE?' },
        {
          match: /^ACCESS_DENIED/,
          kind: 'blocked',
          says: 'this account may not use the API',
          hint: 'GoDaddy opens its DNS API to accounts with ten domains or the Discount Domain Club Premier plan only; other accounts can move their zone to another DNS provider',
        },
      ],
      retryAfter: ({ body }) => {
        const wait = v.safeParse(Wait, body);
        return wait.success ? wait.output.retryAfterSec : undefined;
      },
    });
    const at = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/records`;
    const of = (zone: Zone, { name, type }: Pick<HeldSet, 'name' | 'type'>): string => `${at(zone)}/${type}/${hostOf(name, zone, '@')}`;
    const held = (zone: Zone, { type, name, data, ttl }: v.InferOutput<typeof DnsRecord>): HeldRecord => ({ id: data, type, name: nameOf(name, zone), value: data, ...(ttl ? { ttl } : {}) });
    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const domains = await ask({ path: '/domains', query: { statuses: 'ACTIVE', limit: 1000, marker: cursor }, purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ domain }) => ({ name: domain.toLowerCase(), id: domain })), next: domains.at(-1)?.domain };
        },
      }),
      list: async (zone) => ({ items: inSets((await ask({ path: at(zone), purpose: 'list the records' }, json(DnsRecords))).map((record) => held(zone, record))) }),
      get: async (zone, key) => inSets((await ask({ path: of(zone, partsOf(key)), purpose: 'show a record' }, json(DnsRecords))).map((record) => held(zone, record)))[0],
      getUpTo: 10,
      async put(zone, { after, held }) {
        const path = of(zone, after);
        const records = after.values.map((data) => ({ data, ttl: after.ttl ?? held?.ttl }));
        if (records.length === 0) await ask({ method: 'DELETE', path, purpose: 'remove a record' }, { ...nothing, absent: () => undefined });
        else await ask({ method: 'PUT', path, json: records, purpose: 'change a record' }, nothing);
        return undefined;
      },
    });
  },
});
