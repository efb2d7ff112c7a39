/**
 * Mythic Beasts: RRsets by zone, name and type. https://www.mythic-beasts.com/support/api/dnsv2
 * Longer than most, because a set can be asked for alone or among all, and records of templates must be left alone.
 */
import * as v from 'valibot';
import {
  api,
  basic,
  defineProvider,
  type HeldRecord,
  hostOf,
  inSets,
  json,
  nameOf,
  onlyZone,
  orAbsent,
  partsOf,
  type RecordSet,
  recordSets,
  type SetOfRecords,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const INITIAL_TTL = 300;
const Zones = v.object({ zones: v.array(v.string()) });
const Records = v.object({
  records: v.array(
    v.object({ host: v.string(), type: v.string(), ttl: v.optional(v.number()), data: v.optional(v.string(), ''), _template: v.optional(v.boolean()), _generated: v.optional(v.boolean()) }),
  ),
});
const Done = v.object({ message: v.string() });
const Refusal = v.union([v.object({ error: v.string() }), v.object({ errors: v.array(v.string()) })]);

export default defineProvider({
  api: 1,
  id: 'mythicbeasts',
  name: 'Mythic Beasts',
  reference: 'https://www.mythic-beasts.com/support/api/dnsv2',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The TTL range of 60 to 86400 s is what other programs use.', 'What becomes of a record of a template that is replaced is not known: such records are left alone.'],
  also: ['mythic-beasts'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL } },
  options: {
    keyId: text('id of the API key'),
    secret: secret('secret of the API key'),
    zone: onlyZone(),
  },
  environment: { keyId: ['MYTHICBEASTS_USERNAME', 'MB_AK'], secret: ['MYTHICBEASTS_PASSWORD', 'MB_AS'] },
  credentials:
    'At https://www.mythic-beasts.com/customer/api-users make a key with access to the DNS API, and limit it to your zone, to the host names that move, and to the types A and AAAA. ' +
    'A key for version 1 of the API does not work here.',
  open({ keyId, secret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.mythic-beasts.com/dns/v2',
      endpoint,
      headers: { authorization: basic(keyId, secret.reveal()) },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: status, message: 'error' in body ? body.error : body.errors.join('; ') } : undefined),
      meanings: [
        { match: /^401 /, kind: 'auth', says: 'it does not take this key and secret', hint: 'is it a key for version 2 of the API?' },
        { match: /^403 /, kind: 'auth', says: 'the key may not do this', hint: 'give the key this zone, host name and type' },
      ],
    });
    const of = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}/records`;
    const at = (zone: Zone, { name, type }: Pick<RecordSet, 'name' | 'type'>): string => `${of(zone)}/${encodeURIComponent(hostOf(name, zone, '@'))}/${type}`;
    const held = (zone: Zone, { records }: v.InferOutput<typeof Records>): readonly SetOfRecords<HeldRecord>[] =>
      inSets(
        records.map(
          ({ host, type, ttl, data: value, _template, _generated }): HeldRecord => ({
            id: `${host} ${type} ${value}`,
            name: nameOf(host, zone),
            type,
            value,
            ...(ttl === undefined ? {} : { ttl }),
            ...(_template ? { locked: 'comes from a template: take the zone off the template first' } : _generated ? { locked: 'is made by Mythic Beasts' } : {}),
          }),
        ),
      );
    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { zones } = await ask({ path: '/zones', purpose: 'list the zones' }, json(Zones));
          return { items: zones.map((name) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      list: async (zone) => ({ items: held(zone, await ask({ path: of(zone), purpose: 'list the records' }, json(Records))) }),
      async get(zone, key) {
        const found = await ask({ path: at(zone, partsOf(key)), purpose: 'show a record' }, orAbsent(json(Records)));
        return found && held(zone, found)[0];
      },
      async put(zone, { after, held: old }) {
        const { name, type, values } = after;
        const records = values.map((data) => ({ host: hostOf(name, zone, '@'), type, ttl: after.ttl ?? old?.ttl ?? INITIAL_TTL, data }));
        if (records.length === 0) await ask({ method: 'DELETE', path: at(zone, after), purpose: 'remove a record' }, { ...json(Done), absent: () => ({ message: '' }) });
        else await ask({ method: 'PUT', path: at(zone, after), json: { records }, purpose: 'change a record' }, json(Done));
        return undefined;
      },
    });
  },
});
