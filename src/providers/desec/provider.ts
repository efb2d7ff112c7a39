/**
 * deSEC: RRsets by zone, written many at a time in one atomic call. https://desec.readthedocs.io/en/latest/dns/rrsets.html
 * Longer than most, because a set can be asked for alone or among pages, and a refused call lists what is wrong with each of its sets.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldSet,
  headed,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  nextLink,
  optional,
  orAbsent,
  type Put,
  partsOf,
  recordSets,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

/** Accepted by every zone: a zone's own lowest TTL is this or less. */
const INITIAL_TTL = 3600;
const RrSet = v.object({ subname: v.string(), type: v.string(), ttl: v.number(), records: v.array(v.string()) });
const Domains = v.array(v.object({ name: v.string() }));

export default defineProvider({
  api: 1,
  id: 'desec',
  name: 'deSEC',
  reference: 'https://desec.readthedocs.io/en/latest/dns/rrsets.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['How many sets one call may hold is not published: 1000 are sent at most.', 'The highest TTL of 86400 s is what other programs use.'],
  also: ['dedyn.io', 'desec.io'],
  // https://desec.readthedocs.io/en/latest/rate-limits.html: reads; writes are 15 a minute and 300 a day for a zone, which batches keep to.
  rate: { requests: 50, windowSeconds: 60, concurrent: 2 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL }, batch: 1000 },
  options: {
    token: secret('API token that may write the A and AAAA sets of your names'),
    zone: optional(text('name of the domain at deSEC', { example: 'example.dedyn.io' })),
  },
  environment: { token: ['DESEC_TOKEN'] },
  credentials:
    'At https://desec.io/tokens make a token that may not create or delete domains and may not manage tokens. Give it a default policy that denies writing, then one policy with write permission for ' +
    'each name, once for A and once for AAAA. Leave its allowed subnets at 0.0.0.0/0 and ::/0, because your address changes. Every token can read all your zones.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://desec.io/api/v1',
      endpoint,
      headers: { authorization: `Token ${token.reveal()}` },
      words: (body, { status }) => (status >= 400 ? { code: status, message: JSON.stringify(body) } : undefined),
      meanings: [
        { match: /^401 /, kind: 'auth', says: 'it does not know this token, or the token has expired' },
        { match: /^403 /, kind: 'auth', says: 'the token may not do this', hint: 'give the token a policy with write permission for this name and type, and allow all subnets' },
        {
          match: /^400 .*"ttl":\["Ensure this value is greater/,
          kind: 'refused',
          says: 'the TTL is below the lowest of this zone',
          hint: 'raise the ttl, mostly to 3600, or ask deSEC to lower the zone’s minimum TTL',
        },
        { match: /^400 .*CNAME/, kind: 'refused', hint: 'remove the CNAME of this name', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const pageOf = <T>({ value, headers }: { readonly value: readonly T[]; readonly headers: Readonly<Record<string, string>> }) => {
      const next = nextLink(headers);
      return { items: value, next: next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined) };
    };
    const of = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/rrsets/`;
    const held = (zone: Zone, { subname, type, records, ttl }: v.InferOutput<typeof RrSet>): HeldSet => ({ name: nameOf(subname, zone), type, values: records, ttl });
    const send = async (zone: Zone, puts: readonly Put<HeldSet>[]) => {
      const body = puts.map(({ after, held: old }) => ({ subname: hostOf(after.name, zone, ''), type: after.type, ttl: after.ttl ?? old?.ttl ?? INITIAL_TTL, records: after.values }));
      const shown = await ask({ method: 'PATCH', path: of(zone), json: body, idempotent: true, purpose: `change ${puts.length} record sets` }, json(v.array(RrSet)));
      return body.map(({ subname, type }) => shown.filter((set) => set.subname === subname && set.type === type).map((set) => held(zone, set))[0]);
    };
    return recordSets(tools, {
      concurrency: 1,
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor = '') {
          const { items, next } = pageOf(await ask({ path: '/domains/', query: { cursor }, purpose: 'list the domains' }, headed(json(Domains))));
          return { items: items.map(({ name }) => ({ name: name.toLowerCase(), id: name })), next };
        },
      }),
      async list(zone, cursor = '', keys) {
        const types = new Set(keys.map((key) => partsOf(key).type));
        const query = { cursor, type: types.size === 1 ? [...types][0] : undefined };
        const { items, next } = pageOf(await ask({ path: of(zone), query, purpose: 'list the record sets' }, headed(json(v.array(RrSet)))));
        return { items: items.map((set) => held(zone, set)), next };
      },
      async get(zone, key) {
        const { name, type } = partsOf(key);
        const set = await ask({ path: `${of(zone)}${encodeURIComponent(hostOf(name, zone, '@'))}/${type}/`, purpose: 'show a record set' }, orAbsent(json(RrSet)));
        return set && held(zone, set);
      },
      put: async (zone, one) => (await send(zone, [one]))[0],
      batch: { limits: [{ most: 1000, of: () => 1 }], send },
    });
  },
});
