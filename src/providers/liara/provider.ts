/** Liara DNS: RRsets by id, in zones known by their names. https://openapi.liara.ir/?urls.primaryName=DNS */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, hostOf, json, nameOf, noContent, onlyZone, putById, type RecordSet, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
const Zones = v.object({ data: v.array(v.object({ name: v.string() })) });
const RrSet = v.object({ id: v.string(), name: v.string(), type: v.string(), ttl: v.nullish(v.number()), contents: v.array(v.object({ ip: v.optional(v.string()) })) });
const One = v.object({ data: RrSet });
const Many = v.object({ data: v.array(RrSet) });
const Refusal = v.object({ statusCode: v.optional(v.number()), error: v.optional(v.string(), ''), message: v.union([v.string(), v.array(v.string())]) });

type Held = HeldSet & { readonly id: string };

export default defineProvider({
  api: 1,
  id: 'liara',
  name: 'Liara',
  reference: 'https://openapi.liara.ir/?urls.primaryName=DNS',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'The paths, statuses and fields are those of the vendor’s own command and libraries; no answer for an address was seen.',
    'That a name stands in a record without its zone, and the zone itself as @, is what other programs do.',
    'That the lowest TTL is 120 s is what another program found; the highest is not known.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 120, max: 432_000, initial: INITIAL_TTL } },
  options: {
    token: secret('API token of the account'),
    zone: onlyZone(),
  },
  environment: { token: ['LIARA_API_KEY', 'LIARA_API_TOKEN'] },
  credentials: 'At https://console.liara.ir open API and make a token; it may do all that the account may, and cannot be limited to DNS. Note the day when it expires.',
  open({ token, zone: only, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://dns-service.iran.liara.ir/api/v1',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.error, message: [body.message].flat().join('; ') } : undefined),
    });
    const of = ({ id }: Zone, set = ''): string => `/zones/${encodeURIComponent(id)}/dns-records${set}`;
    const held = (zone: Zone, { id, name, type, ttl, contents }: v.InferOutput<typeof RrSet>): Held => ({
      id,
      name: nameOf(name, zone),
      type,
      values: contents.map(({ ip }) => ip ?? ''),
      ...(ttl ? { ttl } : {}),
    });
    const body = (zone: Zone, { name, type, values }: RecordSet, ttl: number) => ({ name: hostOf(name, zone, '@'), type, ttl, contents: values.map((ip) => ({ ip })) });
    return recordSets<Held>(tools, {
      zones: zonesOr(only, {
        kind: 'list',
        async list() {
          const { data } = await ask({ path: '/zones', purpose: 'list the zones' }, json(Zones));
          return { items: data.map(({ name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      list: async (zone) => ({ items: (await ask({ path: of(zone), purpose: 'list the records' }, json(Many))).data.map((set) => held(zone, set)) }),
      ...putById<Held>({
        async create(zone, after) {
          const request = { method: 'POST', path: of(zone), json: body(zone, after, after.ttl ?? INITIAL_TTL), purpose: 'create a record' } as const;
          return held(zone, (await ask(request, json(One))).data);
        },
        async change(zone, { id, ttl }, after) {
          const request = { method: 'PUT', path: of(zone, `/${encodeURIComponent(id)}`), json: body(zone, after, after.ttl ?? ttl ?? INITIAL_TTL), purpose: 'change a record' } as const;
          return held(zone, (await ask(request, json(One))).data);
        },
        remove: (zone, { id }) => ask({ method: 'DELETE', path: of(zone, `/${encodeURIComponent(id)}`), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
      }),
    });
  },
});
