/** dynv6's REST API: the records below a zone; the addresses of the zone itself are no records. https://dynv6.github.io/api-spec/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, nameOf, noContent, onlyZone, recordsById, secret, type Zone } from '../../sdk/index.ts';

const OneZone = v.object({ id: v.number(), name: v.string() });
const Line = v.object({ id: v.number(), type: v.string(), name: v.nullish(v.string(), ''), data: v.nullish(v.string(), ''), expandedData: v.nullish(v.string()) });
const Refusal = v.object({
  error: v.object({ name: v.string(), message: v.optional(v.string(), ''), fields: v.optional(v.array(v.object({ name: v.optional(v.string()), message: v.optional(v.string()) })), []) }),
});

export default defineProvider({
  api: 1,
  id: 'dynv6-rest',
  name: 'dynv6 (REST API)',
  vendor: 'dynv6',
  reference: 'https://dynv6.github.io/api-spec/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'What the change of a record must hold is not described; name, type and data are sent, as other programs do.',
    'That a listing has no pages is taken from the description, which names none.',
  ],
  also: ['dynv6'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: false, values: 'many', ttl: 'fixed' },
  options: {
    token: secret('HTTP token'),
    zone: onlyZone('example.dynv6.net'),
  },
  environment: { token: ['DYNV6_TOKEN'] },
  example: { token: { env: 'DYNV6_TOKEN' }, zone: 'example.dynv6.net' },
  exampleName: 'home.example.dynv6.net',
  credentials:
    'At https://dynv6.com/keys choose Add HTTP Token and limit it to the one zone that holds your names. It does not expire. For the zone itself, such as example.dynv6.net, use provider: dynv6 with the same token: its addresses are not among ' +
    'the records. Records that are made of a MAC address follow the prefix of the zone by themselves.',
  open({ token, zone: only, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://dynv6.com/api/v2',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}`, accept: 'application/json' },
      words: (body) =>
        v.is(Refusal, body)
          ? { code: body.error.name, message: [body.error.message, ...(body.error.fields ?? []).map(({ name, message }) => `${name} ${message}`)].filter((one) => one).join('; ') }
          : undefined,
    });
    const of = ({ id }: Zone): string => `/zones/${id}/records`;
    const held = (zone: Zone, { id, type, name, data, expandedData }: v.InferOutput<typeof Line>): HeldRecord => ({
      id: String(id),
      type,
      name: nameOf(name, zone),
      value: expandedData || data,
      ...(expandedData ? { locked: 'is made of a MAC address and follows the prefix of the zone' } : {}),
    });
    const body = (zone: Zone, { name, type, value }: Pick<HeldRecord, 'name' | 'type' | 'value'>) => ({ name: hostOf(name, zone, ''), type, data: value });
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list() {
          const zones =
            only === undefined
              ? await ask({ path: '/zones', purpose: 'list the zones' }, json(v.array(OneZone)))
              : [await ask({ path: `/zones/by-name/${encodeURIComponent(only)}`, purpose: 'find the zone' }, json(OneZone))];
          return { items: zones.map(({ id, name }) => ({ name: name.toLowerCase(), id: String(id) })) };
        },
      },
      list: async (zone) => ({ items: (await ask({ path: of(zone), purpose: 'list the records' }, json(v.array(Line)))).map((line) => held(zone, line)) }),
      create: async (zone, record) => held(zone, await ask({ method: 'POST', path: of(zone), json: body(zone, record), purpose: 'create a record' }, json(Line))),
      async update(zone, record, { value = record.value }) {
        const request = { method: 'PATCH', path: `${of(zone)}/${record.id}`, json: body(zone, { ...record, value }), purpose: 'change a record', idempotent: true } as const;
        return held(zone, await ask(request, json(Line)));
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: `${of(zone)}/${id}`, purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
