/** Gandi LiveDNS: RRsets by zone, name and type. https://api.gandi.net/docs/livedns/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, hostOf, json, nameOf, nothing, onlyZone, orAbsent, partsOf, recordSets, secret, untilEmpty, type Zone, zonesOr } from '../../sdk/index.ts';

const PAGE = 100;
const Domains = v.array(v.object({ fqdn: v.string() }));
const RrSet = v.object({ rrset_name: v.string(), rrset_type: v.string(), rrset_ttl: v.optional(v.number()), rrset_values: v.array(v.string()) });
const Done = v.object({ message: v.string() });
const Refusal = v.object({
  code: v.optional(v.number()),
  object: v.optional(v.string()),
  message: v.optional(v.string()),
  errors: v.optional(v.array(v.object({ name: v.optional(v.string()), description: v.optional(v.string()) }))),
});

export default defineProvider({
  api: 1,
  id: 'gandi',
  name: 'Gandi',
  reference: 'https://api.gandi.net/docs/livedns/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The TTL range of 300 to 2592000 s is what other programs use.', 'How many requests a minute are allowed is not published.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 2_592_000, initial: 10_800 } },
  options: {
    token: secret('personal access token that may manage the technical configuration of the domain'),
    zone: onlyZone(),
  },
  environment: { token: ['GANDI_PERSONAL_ACCESS_TOKEN', 'GANDI_PAT'] },
  credentials:
    'At https://admin.gandi.net choose your organisation, Manage, Personal access tokens, Create a token; limit it to the domains that hold your names and to ' +
    '"Manage domain name technical configurations" and "See and renew domain names". It expires after at most a year: note the day. The old API keys are not taken.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.gandi.net/v5/livedns',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body, { status }) =>
        status >= 400 && v.is(Refusal, body) ? { code: body.object, message: body.errors?.map(({ name, description }) => `${name}: ${description}`).join('; ') ?? body.message } : undefined,
      meanings: [
        {
          match: /^HTTP(Forbidden|Unauthorized)/,
          kind: 'auth',
          says: 'the token is not known, has expired, or may not change this domain',
          hint: 'make a new personal access token, limited to this domain',
        },
      ],
    });
    const at = ({ id }: Zone, path: string): string => `/domains/${encodeURIComponent(id)}/records${path}`;
    const of = (zone: Zone, { name, type }: Pick<HeldSet, 'name' | 'type'>): string => at(zone, `/${encodeURIComponent(hostOf(name, zone, '@'))}/${type}`);
    const held = (zone: Zone, { rrset_name, rrset_type, rrset_ttl, rrset_values }: v.InferOutput<typeof RrSet>): HeldSet => ({
      name: nameOf(rrset_name, zone),
      type: rrset_type,
      values: rrset_values,
      ...(rrset_ttl === undefined ? {} : { ttl: rrset_ttl }),
    });
    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const domains = await ask({ path: '/domains', query: { per_page: PAGE, page: cursor }, purpose: 'list the domains' }, json(Domains));
          return untilEmpty(
            domains.map(({ fqdn }) => ({ name: fqdn.toLowerCase(), id: fqdn })),
            cursor,
          );
        },
      }),
      async list(zone, cursor) {
        const sets = await ask({ path: at(zone, ''), query: { per_page: PAGE, page: cursor }, purpose: 'list the records' }, json(v.array(RrSet)));
        return untilEmpty(
          sets.map((set) => held(zone, set)),
          cursor,
        );
      },
      async get(zone, key) {
        const set = await ask({ path: of(zone, partsOf(key)), purpose: 'show a record' }, orAbsent(json(RrSet)));
        return set && held(zone, set);
      },
      async put(zone, { after, held: old }) {
        const path = of(zone, after);
        if (after.values.length === 0) await ask({ method: 'DELETE', path, purpose: 'remove a record' }, { ...nothing, absent: () => undefined });
        else await ask({ method: 'PUT', path, json: { rrset_values: after.values, rrset_ttl: after.ttl ?? old?.ttl }, purpose: 'change a record' }, json(Done));
        return undefined;
      },
    });
  },
});
