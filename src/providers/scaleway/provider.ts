/** Scaleway Domains and DNS: one record per value, and one call for any number of changes, whose three kinds make it longer than most. https://www.scaleway.com/en/developers/api/domains-and-dns/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, nameOf, type Operation, onlyHost, onlyZone, recordsById, secret, untilTotal, type Zone, zonesOr } from '../../sdk/index.ts';

const total_count = v.number();
const Zones = v.object({ dns_zones: v.array(v.object({ domain: v.string(), subdomain: v.nullish(v.string(), '') })), total_count });
const config = v.nullish(v.unknown());
const DnsRecord = v.object({
  id: v.string(),
  name: v.nullish(v.string(), ''),
  type: v.string(),
  data: v.nullish(v.string(), ''),
  ttl: v.nullish(v.number()),
  priority: v.nullish(v.number()),
  comment: v.nullish(v.string()),
  geo_ip_config: config,
  http_service_config: config,
  weighted_config: config,
  view_config: config,
});
const Listing = v.object({ records: v.nullish(v.array(DnsRecord), []), total_count });
const Done = v.object({ records: v.nullish(v.array(v.unknown())) });
const Refusal = v.object({ message: v.string(), type: v.nullish(v.string()), details: v.optional(v.unknown()) });

const BATCH = 1000;
const DEFAULT_TTL = 3600;

type Held = HeldRecord & { readonly kept: object };

export default defineProvider({
  api: 1,
  id: 'scaleway',
  name: 'Scaleway',
  reference: 'https://www.scaleway.com/en/developers/api/domains-and-dns/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The lowest TTL of 60 s is what other programs use.', 'How many changes one call may hold is not published; up to 1000 are sent, and a call that is refused is taken apart.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_147_483_647, initial: DEFAULT_TTL }, batch: BATCH },
  options: {
    secretKey: secret('secret key of an API key that may change DNS zones'),
    zone: onlyZone(),
  },
  environment: { secretKey: ['SCW_SECRET_KEY', 'SCALEWAY_API_TOKEN'] },
  credentials:
    'At https://console.scaleway.com/iam make an application, give it a policy with the permission set DomainsDNSFullAccess on the one project that holds the zone, and make an API key for the application. ' +
    'The secret key is shown only then. Choose no expiration, or note the day.',
  open({ secretKey, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.scaleway.com/domain/v2beta1',
      endpoint,
      headers: { 'x-auth-token': secretKey.reveal() },
      words: (body, { status }) =>
        status >= 400 && v.is(Refusal, body) ? { code: body.type ?? undefined, message: body.details === undefined ? body.message : `${body.message} ${JSON.stringify(body.details)}` } : undefined,
      meanings: [
        // Said with 403, although it is no matter of rights.
        { match: /domain not found/i, kind: 'refused', says: 'there is no such zone, or the key cannot see it' },
        { match: /^denied_authentication/, kind: 'auth', says: 'it does not know this secret key, or the key has expired' },
        { match: /^permissions_denied/, kind: 'auth', says: 'the key may not do this', hint: 'its policy needs the permission set DomainsDNSFullAccess on the project that holds the zone' },
      ],
    });
    const at = ({ id }: Zone): string => `/dns-zones/${encodeURIComponent(id)}/records`;
    const held = (zone: Zone, { id, name, type, data, ttl, priority, comment, ...configs }: v.InferOutput<typeof DnsRecord>): Held => ({
      id,
      name: nameOf(name, zone),
      type,
      value: data,
      kept: { ...(priority ? { priority } : {}), ...(comment ? { comment } : {}) },
      ...(ttl ? { ttl } : {}),
      ...(Object.values(configs).every((one) => one === undefined || one === null) ? {} : { locked: 'has a dynamic configuration, so its answers depend on who asks' }),
    });
    const send = async (zone: Zone, operations: readonly Operation<Held>[]): Promise<readonly undefined[]> => {
      // Without the second flag a zone that is not there would be made.
      const body = { return_all_records: false, disallow_new_zone_creation: true, changes: operations.map((one) => changeOf(zone, one)) };
      await ask({ method: 'PATCH', path: at(zone), json: body, purpose: operations.length === 1 ? 'change a record' : `change ${operations.length} records` }, json(Done));
      return operations.map(() => undefined);
    };
    const one = async (zone: Zone, operation: Operation<Held>): Promise<undefined> => (await send(zone, [operation]))[0];
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(page) {
          const { dns_zones, total_count } = await ask({ path: '/dns-zones', query: { page: page ?? 1, page_size: 1000 }, purpose: 'list the DNS zones' }, json(Zones));
          const names = dns_zones.map(({ domain, subdomain }) => (subdomain === '' ? domain : `${subdomain}.${domain}`));
          return untilTotal(
            names.map((name) => ({ name: name.toLowerCase(), id: name })),
            page,
            total_count,
          );
        },
      }),
      async list(zone, page, keys) {
        // Nothing is no filter, so the records of the zone itself are found among all.
        const query = { name: onlyHost(keys, zone, '') || undefined, page: page ?? 1, page_size: 1000 };
        const { records, total_count } = await ask({ path: at(zone), query, purpose: 'list the records' }, json(Listing));
        return untilTotal(
          records.map((record) => held(zone, record)),
          page,
          total_count,
        );
      },
      create: (zone, record) => one(zone, { kind: 'create', record }),
      update: (zone, record, patch) => one(zone, { kind: 'update', record, patch }),
      remove: (zone, record) => one(zone, { kind: 'remove', record }),
      batch: { size: BATCH, send },
    });
  },
});

function changeOf(zone: Zone, operation: Operation<Held>): object {
  switch (operation.kind) {
    case 'create': {
      const { name, type, value, ttl = DEFAULT_TTL } = operation.record;
      return { add: { records: [{ name: hostOf(name, zone, ''), type, data: value, ttl }] } };
    }
    case 'update': {
      const { id, name, type, value, ttl, kept } = operation.record;
      const { patch } = operation;
      return { set: { id, records: [{ name: hostOf(name, zone, ''), type, data: patch.value ?? value, ttl: patch.ttl ?? ttl ?? DEFAULT_TTL, ...kept }] } };
    }
    case 'remove':
      return { delete: { id: operation.record.id } };
    default:
      return operation satisfies never;
  }
}
