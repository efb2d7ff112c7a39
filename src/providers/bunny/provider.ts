/** Bunny DNS: one record per value, in zones with ids. Creating is a PUT here, and changing a POST. https://docs.bunny.net/reference/dnszonepublic_updaterecord */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, nameOf, noContent, recordsById, secret, type Zone } from '../../sdk/index.ts';

/** By number; some answers name them. */
const TYPES = ['A', 'AAAA'];
const kind = v.nullish(v.union([v.number(), v.string()]));
const DnsRecord = v.looseObject({
  Id: v.number(),
  Type: v.union([v.number(), v.string()]),
  Name: v.nullish(v.string(), ''),
  Value: v.nullish(v.string(), ''),
  Ttl: v.nullish(v.number()),
  Disabled: v.nullish(v.boolean()),
  SmartRoutingType: kind,
});
const DnsZone = v.object({ Records: v.nullish(v.array(DnsRecord), []) });
const DnsZones = v.object({ Items: v.array(v.object({ Id: v.number(), Domain: v.string() })), CurrentPage: v.number(), HasMoreItems: v.boolean() });
const Refusal = v.object({ ErrorKey: v.nullish(v.string()), Field: v.nullish(v.string()), Message: v.string() });

/** What may be sent, and so is sent back as it was read: a change may reset what it leaves out. */
const KEPT = [
  ...['Id', 'Type', 'Name', 'Value', 'Ttl', 'Weight', 'Priority', 'Flags', 'Tag', 'Port', 'PullZoneId', 'ScriptId', 'Accelerated', 'MonitorType', 'Comment'],
  ...['GeolocationLatitude', 'GeolocationLongitude', 'LatencyZone', 'SmartRoutingType', 'Disabled', 'EnviromentalVariables', 'AutoSslIssuance'],
];

type Held = HeldRecord & { readonly sent: v.InferOutput<typeof DnsRecord> };

export default defineProvider({
  api: 1,
  id: 'bunny',
  name: 'Bunny DNS',
  reference: 'https://docs.bunny.net/reference/dnszonepublic_updaterecord',
  checked: '2026-11-22',
  evidence: 'documented',
  also: ['bunny.net', 'BunnyCDN'],
  unverified: [
    'The range of TTLs is not published; other programs send 60 s and more, and one user reports 15 s.',
    'Whether a change keeps what it leaves out is not published, so everything is sent back as it was read.',
    'The words of refusals are what other programs show.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 15, max: 2_147_483_647, initial: 300 } },
  options: { key: secret('API key of the account') },
  environment: { key: ['BUNNY_API_KEY', 'BUNNYNET_API_KEY'] },
  credentials:
    'At https://dash.bunny.net/account/api-key copy the API key, or add one for this box. It may do everything in its account and cannot be limited, ' +
    'so prefer an account that holds nothing but the DNS zone.',
  open({ key, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.bunny.net',
      endpoint,
      headers: { accesskey: key.reveal(), accept: 'application/json' },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.ErrorKey?.toLowerCase(), message: body.Field ? `${body.Field}: ${body.Message}` : body.Message } : undefined),
    });
    const held = (zone: Zone, record: v.InferOutput<typeof DnsRecord>): Held => {
      const { Id, Type, Name, Value, Ttl, Disabled, SmartRoutingType } = record;
      return {
        id: String(Id),
        type: typeof Type === 'number' ? (TYPES[Type] ?? `type ${Type}`) : Type,
        name: nameOf(Name, zone),
        value: Value,
        sent: record,
        ...(Ttl ? { ttl: Ttl } : {}),
        ...(Disabled ? { locked: 'is switched off' } : {}),
        ...(SmartRoutingType && SmartRoutingType !== 'None' ? { locked: 'is answered according to where the question comes from (smart routing)' } : {}),
      };
    };
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(page) {
          const { Items, CurrentPage, HasMoreItems } = await ask({ path: '/dnszone', query: { page: page ?? 1, perPage: 1000 }, purpose: 'list the zones' }, json(DnsZones));
          return { items: Items.map(({ Id, Domain }) => ({ name: Domain.toLowerCase(), id: String(Id) })), next: HasMoreItems ? CurrentPage + 1 : undefined };
        },
      },
      list: async (zone) => ({ items: (await ask({ path: `/dnszone/${zone.id}`, purpose: 'list the records' }, json(DnsZone))).Records.map((record) => held(zone, record)) }),
      async create(zone, { name, type, value, ttl }) {
        const body = { Type: TYPES.indexOf(type), Name: hostOf(name, zone, ''), Value: value, Ttl: ttl };
        return held(zone, await ask({ method: 'PUT', path: `/dnszone/${zone.id}/records`, json: body, idempotent: false, purpose: 'create a record' }, json(DnsRecord)));
      },
      async update(zone, { id, sent }, { value, ttl }) {
        const before = Object.fromEntries(Object.entries(sent).filter(([field, value]) => KEPT.includes(field) && value !== null));
        const body = { ...before, ...(value === undefined ? {} : { Value: value }), ...(ttl === undefined ? {} : { Ttl: ttl }) };
        await ask({ method: 'POST', path: `/dnszone/${zone.id}/records/${id}`, json: body, idempotent: true, purpose: 'change a record' }, noContent);
        return undefined;
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: `/dnszone/${zone.id}/records/${id}`, purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});
