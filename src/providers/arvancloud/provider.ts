/** ArvanCloud: RRsets by id whose addresses carry weights and ports, and which may be proxied: longer than most, because all of that is sent back. https://www.arvancloud.ir/api/cdn/4.0 */
import * as v from 'valibot';
import { anyJson, api, defineProvider, type HeldSet, heirs, hostOf, json, nameOf, onlyZone, putById, type RecordSet, recordSets, secret, untilLast, type Zone, zonesOr } from '../../sdk/index.ts';

const INITIAL_TTL = 600;
const Meta = v.object({ current_page: v.number(), last_page: v.number() });
const Domains = v.object({ data: v.array(v.object({ domain: v.optional(v.string()), name: v.optional(v.string()) })), meta: v.optional(Meta) });
const Address = v.looseObject({ ip: v.string(), country: v.nullish(v.string()) });
const RrSet = v.looseObject({ id: v.string(), type: v.string(), name: v.string(), value: v.unknown(), ttl: v.nullish(v.number()) });
const One = v.object({ data: RrSet });
const Many = v.object({ data: v.array(RrSet), meta: v.optional(Meta) });
const Refusal = v.object({ message: v.string(), errors: v.optional(v.unknown()) });

/** `set`: all that the vendor holds, so that nothing of it is lost. */
type Held = HeldSet & { readonly set: v.InferOutput<typeof RrSet>; readonly addresses: readonly v.InferOutput<typeof Address>[] };

export default defineProvider({
  api: 1,
  id: 'arvancloud',
  name: 'ArvanCloud',
  reference: 'https://www.arvancloud.ir/api/cdn/4.0',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That a set is changed by sending all of it back is taken from the path of the call; its body is not documented where it could be read.',
    'In which field the list of domains holds their names is not known: domain is taken, else name.',
    'Which TTLs are taken is not known; 120 s is the lowest seen.',
  ],
  also: ['Arvan', 'abr arvan'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 120, max: 432_000, initial: INITIAL_TTL } },
  options: {
    key: secret('API key of a machine user, with or without the word "Apikey" in front'),
    zone: onlyZone('example.ir'),
  },
  environment: { key: ['ARVANCLOUD_API_KEY'] },
  credentials:
    'At https://panel.arvancloud.ir open the profile, Machine User, make one and copy its access key, which is shown once; then under Access Management give it the role of a DNS administrator for the one domain. ' +
    'Records with the cloud switched on stay proxied: what changes is the address behind it.',
  open({ key, zone: only, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://napi.arvancloud.ir/cdn/4.0',
      endpoint,
      headers: { authorization: `Apikey ${key.reveal().replace(/^apikey\s+/i, '')}`, accept: 'application/json' },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { message: `${body.message} ${body.errors === undefined ? '' : JSON.stringify(body.errors)}` } : undefined),
    });
    const of = ({ id }: Zone, set = ''): string => `/domains/${encodeURIComponent(id)}/dns-records${set}`;
    const held = (zone: Zone, set: v.InferOutput<typeof RrSet>): Held => {
      const addresses = v.is(v.array(Address), set.value) ? set.value : [];
      const abroad = addresses.find(({ country }) => country);
      return {
        set,
        addresses,
        name: nameOf(set.name, zone),
        type: set.type.toUpperCase(),
        values: addresses.map(({ ip }) => ip),
        ...(set.ttl ? { ttl: set.ttl } : {}),
        ...(abroad ? { locked: `answers visitors from ${abroad.country} otherwise` } : {}),
      };
    };
    const read = (cursor: string | number | undefined, path: string, purpose: string) => ({ path, query: { per_page: 300, page: cursor }, purpose });
    const next = <T>(items: readonly T[], meta: v.InferOutput<typeof Meta> | undefined) => (meta ? untilLast(items, { page: meta.current_page, pages: meta.last_page }) : { items });
    /** New addresses weigh what those weighed whose place they take. */
    const body = (zone: Zone, { name, type, values, ttl }: RecordSet, old?: Held) => ({
      ...(old?.set ?? { cloud: false }),
      type: type.toLowerCase(),
      name: hostOf(name, zone, '@'),
      ttl: ttl ?? old?.ttl ?? INITIAL_TTL,
      value: heirs(values, old?.addresses ?? [], ({ ip }) => ip).map(({ value, from }) => ({ port: null, weight: 100, country: '', ...from, ip: value })),
    });
    return recordSets<Held>(tools, {
      zones: zonesOr(only, {
        kind: 'list',
        async list(cursor) {
          const { data, meta } = await ask(read(cursor, '/domains', 'list the domains'), json(Domains));
          return next(
            data.map(({ domain, name }) => ({ name: (domain ?? name ?? '').toLowerCase(), id: domain ?? name ?? '' })),
            meta,
          );
        },
      }),
      async list(zone, cursor) {
        const { data, meta } = await ask(read(cursor, of(zone), 'list the records'), json(Many));
        return next(
          data.map((set) => held(zone, set)),
          meta,
        );
      },
      ...putById<Held>({
        create: async (zone, after) => held(zone, (await ask({ method: 'POST', path: of(zone), json: body(zone, after), purpose: 'create a record' }, json(One))).data),
        async change(zone, old, after) {
          const request = { method: 'PUT', path: of(zone, `/${encodeURIComponent(old.set.id)}`), json: body(zone, after, old), purpose: 'change a record' } as const;
          return held(zone, (await ask(request, json(One))).data);
        },
        remove: (zone, { set }) => ask({ method: 'DELETE', path: of(zone, `/${encodeURIComponent(set.id)}`), purpose: 'remove a record' }, { ...anyJson, absent: () => undefined }),
      }),
    });
  },
});
