/** Zone.eu: one record per value, listed type by type. https://api.zone.eu/v2 */
import * as v from 'valibot';
import { api, basic, defineProvider, type HeldRecord, json, nothing, onlyZone, partsOf, type RecordType, recordsById, secret, text, type Zone, zonesOr } from '../../sdk/index.ts';

const Domains = v.array(v.object({ name: v.string() }));
const Line = v.object({ id: v.string(), name: v.string(), destination: v.string(), modify: v.nullish(v.boolean()) });

export default defineProvider({
  api: 1,
  id: 'zoneeu',
  name: 'Zone.eu',
  reference: 'https://api.zone.eu/v2',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'Requests and answers for A and AAAA records are taken to have the form that the vendor shows for other types.',
    'Whether a listing has pages is not documented; all of it is taken to come at once.',
    'How many requests a minute are allowed is told by headers only.',
  ],
  also: ['zone.ee', 'zoneee'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    username: text('ZoneID user name', { example: 'myname' }),
    key: secret('API key'),
    zone: onlyZone(),
  },
  environment: { username: ['ZONEEE_API_USER'], key: ['ZONEEE_API_KEY'] },
  credentials:
    'In My Zone open Account management, ZoneID API, and make a key; allow no list of addresses, because yours changes. The key may do what the user may: a user of its own for the domain can do less harm.',
  open({ username, key, zone, endpoint }, tools) {
    const ask = api(tools, { base: 'https://api.zone.eu/v2', endpoint, headers: { authorization: basic(username, key.reveal()) } });
    const of = ({ id }: Zone, type: string): string => `/dns/${encodeURIComponent(id)}/${type.toLowerCase()}`;
    const held = (type: string, { id, name, destination, modify }: v.InferOutput<typeof Line>): HeldRecord => ({
      id,
      type,
      name,
      value: destination,
      ...(modify === false ? { locked: 'is kept by Zone.eu itself' } : {}),
    });
    /** Every answer is a list, of one where one was asked for. */
    const first = v.pipe(v.array(Line), v.minLength(1));
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const domains = await ask({ path: '/dns', purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(zone, cursor, keys) {
        const types = [...new Set(keys.map((key) => partsOf(key).type))];
        const type = (cursor ?? types[0]) as RecordType;
        const lines = await ask({ path: of(zone, type), purpose: `list the ${type} records` }, json(v.array(Line)));
        return { items: lines.map((line) => held(type, line)), next: types[types.indexOf(type) + 1] };
      },
      async create(zone, { name, type, value }) {
        const [line] = await ask({ method: 'POST', path: of(zone, type), json: { name, destination: value }, purpose: 'create a record' }, json(first));
        return line && held(type, line);
      },
      async update(zone, { id, name, type }, { value }) {
        const [line] = await ask({ method: 'PUT', path: `${of(zone, type)}/${id}`, json: { name, destination: value }, purpose: 'change a record' }, json(first));
        return line && held(type, line);
      },
      remove: (zone, { id, type }) => ask({ method: 'DELETE', path: `${of(zone, type)}/${id}`, purpose: 'remove a record' }, { ...nothing, absent: () => undefined }),
    });
  },
});
