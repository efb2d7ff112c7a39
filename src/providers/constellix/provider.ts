/**
 * Constellix: one record object with all values of a name and type. Longer than most, because every request has a token of its own time, and much
 * that a record object may be has to be told from a plain one. https://api-docs.constellix.com/
 */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, heirs, hmac, hostOf, json, nameOf, onlyZone, orAbsent, partsOf, type RecordType, recordSets, secret, type Zone, zoneNamedOr } from '../../sdk/index.ts';

const Domain = v.object({ id: v.number(), name: v.string() });
const Value = v.looseObject({ value: v.string(), disableFlag: v.nullish(v.boolean()) });
const RecordObject = v.object({
  id: v.number(),
  name: v.string(),
  ttl: v.nullish(v.number()),
  roundRobin: v.nullish(v.array(Value)),
  recordOption: v.nullish(v.string()),
  gtdRegion: v.nullish(v.number()),
  geolocation: v.nullish(v.unknown()),
  source: v.nullish(v.string()),
  note: v.nullish(v.string()),
  noAnswer: v.nullish(v.boolean()),
});
const Done = v.object({ success: v.string() });
const Refusal = v.object({ errors: v.array(v.string()) });

type Shown = v.InferOutput<typeof RecordObject>;
type Held = HeldSet & { readonly shown: Shown };

/** The token of one request. `ms`: milliseconds since 1970. */
export const constellixToken = ({ key, secret: with_, ms }: { readonly key: string; readonly secret: string; readonly ms: number }): string =>
  `${key}:${hmac('sha1', with_, String(ms)).toString('base64')}:${ms}`;

/** The default region is the whole world. */
const WORLD = 1;

function lockOf({ recordOption, gtdRegion, geolocation, source }: Shown): { readonly locked?: string } {
  if (recordOption && recordOption !== 'roundRobin') return { locked: `is served by ${recordOption}` };
  if (geolocation != null || (gtdRegion != null && gtdRegion !== WORLD)) return { locked: 'answers visitors of some region only' };
  return source && source.toLowerCase() !== 'domain' ? { locked: `comes from a ${source.toLowerCase()}` } : {};
}

export default defineProvider({
  api: 1,
  id: 'constellix',
  name: 'Constellix',
  reference: 'https://api-docs.constellix.com/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That listings go on at an offset is known from other programs; they are read until nothing new comes.',
    'The lowest TTL of 30 s and how many requests are allowed are not published.',
    'How far the clock may be off is not published.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 30, max: 2_147_483_647, initial: 300 } },
  options: {
    key: secret('API key'),
    secret: secret('secret key that belongs to it'),
    zone: onlyZone(),
  },
  environment: { key: ['CONSTELLIX_API_KEY'], secret: ['CONSTELLIX_SECRET_KEY'] },
  credentials:
    'At https://manage.constellix.com open Users, choose a user who may edit only the domains in question, and under API Keys add a key. Copy the secret: it is shown once. ' +
    'Keys are not said to expire.',
  open({ key, secret: apiSecret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dns.constellix.com/v1',
      endpoint,
      headers: { accept: 'application/json' },
      sign: (request) => ({
        ...request,
        headers: { ...request.headers, 'x-cns-security-token': constellixToken({ key: key.reveal(), secret: apiSecret.reveal(), ms: tools.clock.now() }) },
      }),
      words: (body, { status }) => (v.is(Refusal, body) ? { code: status, message: body.errors.join('; ') } : undefined),
      meanings: [{ match: /(security token|api key|unauthori[sz]ed)/i, kind: 'auth', says: 'it does not know the key, the secret is wrong, or the clock of this machine is' }],
    });
    const all = async <S extends v.GenericSchema<unknown, { readonly id: number }>>(path: string, schema: S, purpose: string): Promise<readonly v.InferOutput<S>[]> => {
      const found = new Map<number, v.InferOutput<S>>();
      for (;;) {
        const page = await ask({ path, query: { max: 500, offset: found.size }, purpose }, json(v.array(schema)));
        const known = found.size;
        for (const item of page) found.set(item.id, item);
        if (found.size === known) return [...found.values()];
      }
    };
    /** As in recorded traffic: the type in capitals, and a slash at the end. */
    const of = ({ id }: Zone, type: RecordType, record = ''): string => `/domains/${id}/records/${type}/${record}`;
    const held = (zone: Zone, type: RecordType, shown: Shown): Held => ({
      name: nameOf(shown.name, zone),
      type,
      values: (shown.roundRobin ?? []).filter(({ disableFlag }) => !disableFlag).map(({ value }) => value),
      ...(shown.ttl ? { ttl: shown.ttl } : {}),
      shown,
      ...lockOf(shown),
    });
    return recordSets<Held>(tools, {
      zones: zoneNamedOr(
        zone,
        async (name) => {
          const found = await ask({ path: '/domains/search', query: { exact: name }, purpose: 'look for the domain' }, orAbsent(json(v.array(Domain))));
          return found?.[0] && { name, id: String(found[0].id) };
        },
        { kind: 'list', list: async () => ({ items: (await all('/domains/', Domain, 'list the domains')).map(({ id, name }) => ({ name: name.toLowerCase(), id: String(id) })) }) },
      ),
      async list(zone, cursor, keys) {
        const types = [...new Set(keys.map((key) => partsOf(key).type))].sort();
        const at = Number(cursor ?? 0);
        const type = types[at] ?? 'A';
        const shown = await all(of(zone, type), RecordObject, 'list the records');
        return { items: shown.map((one) => held(zone, type, one)), next: at + 1 < types.length ? at + 1 : undefined };
      },
      async put(zone, { after: { name, type, values, ttl }, held: there }) {
        const { id, gtdRegion, note, noAnswer, roundRobin } = there?.shown ?? {};
        const disabled = (roundRobin ?? []).filter(({ disableFlag }) => disableFlag);
        const enabled = (roundRobin ?? []).filter((one) => !disabled.includes(one));
        if (id !== undefined && values.length + disabled.length === 0) {
          await ask({ method: 'DELETE', path: of(zone, type, `${id}/`), purpose: 'remove a record' }, orAbsent(json(Done)));
          return undefined;
        }
        const set = {
          name: hostOf(name, zone, ''),
          ttl: ttl ?? there?.ttl ?? 300,
          roundRobin: [...heirs(values, enabled, ({ value }) => value).map(({ value, from }) => ({ ...from, value, disableFlag: false })), ...disabled],
          gtdRegion: gtdRegion ?? WORLD,
          ...(note ? { note } : {}),
          ...(noAnswer ? { noAnswer } : {}),
        };
        if (id === undefined) await ask({ method: 'POST', path: of(zone, type), json: set, purpose: 'create a record' }, json(v.array(v.object({ id: v.number() }))));
        else await ask({ method: 'PUT', path: of(zone, type, `${id}/`), json: set, purpose: 'change a record' }, json(Done));
        return undefined;
      },
      concurrency: 2,
    });
  },
});
