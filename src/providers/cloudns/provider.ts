/**
 * ClouDNS: records by id, everything as a form so that no password is in an address. https://www.cloudns.net/wiki/article/41/
 * Longer than most, because there are three ways to say who asks, a list of TTLs, and numbers that come as texts.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  looseText,
  nameOf,
  onlyZone,
  optional,
  partsOf,
  recordsById,
  secret,
  text,
  untilEmpty,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const STEPS = [60, 300, 900, 1800, 3600, 21_600, 43_200, 86_400, 172_800, 259_200, 604_800, 1_209_600, 2_592_000];
const INITIAL_TTL = 3600;
const Status = v.object({ status: v.string(), statusDescription: v.string() });
const Refusal = v.object({ status: v.literal('Failed'), statusDescription: v.string() });
const Zones = v.array(v.object({ name: v.string() }));
const DnsRecord = v.object({
  id: looseText,
  type: v.string(),
  host: v.string(),
  record: v.optional(v.string(), ''),
  ttl: looseNumber,
  status: v.optional(looseNumber, 1),
  'geodns-location': v.optional(v.unknown()),
  'geodns-code': v.optional(v.unknown()),
});
/** By id; a list where there are none. */
const Records = v.pipe(
  v.union([v.array(DnsRecord), v.record(v.string(), DnsRecord)]),
  v.transform((found) => Object.values(found)),
);

type Held = HeldRecord & { readonly ttl: number };

export default defineProvider({
  api: 1,
  id: 'cloudns',
  name: 'ClouDNS',
  reference: 'https://www.cloudns.net/wiki/article/57/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['A page of zones beyond the last is taken to be an empty list; with `zone` in the config none is asked for.'],
  // https://www.cloudns.net/wiki/article/41/: 20 requests a second from one address.
  rate: { concurrent: 1, spacingMs: 60 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_592_000, initial: INITIAL_TTL, steps: STEPS } },
  options: {
    authId: optional(text('id of the API user', { pattern: /^\d+$/, must: 'must be a number', example: '12345' })),
    subAuthId: optional(text('id of an API sub-user, in place of authId', { pattern: /^\d+$/, must: 'must be a number', example: '67890' })),
    subAuthUser: optional(text('name of an API sub-user, in place of authId')),
    password: secret('password of the API user or sub-user'),
    zone: onlyZone(),
  },
  problems: ({ authId, subAuthId, subAuthUser }) =>
    [authId, subAuthId, subAuthUser].filter((one) => one !== undefined).length === 1 ? [] : ['exactly one of authId, subAuthId and subAuthUser must be given'],
  environment: { authId: ['CLOUDNS_AUTH_ID'], subAuthId: ['CLOUDNS_SUB_AUTH_ID'], password: ['CLOUDNS_AUTH_PASSWORD'] },
  example: { subAuthId: '67890', password: { env: 'CLOUDNS_AUTH_PASSWORD' } },
  credentials:
    'At https://www.cloudns.net/api-settings/ add an API sub-user and delegate only the zone that holds your names to it; give its id as subAuthId, or its name as subAuthUser. ' +
    'Leave its list of IP addresses empty, because yours changes. The API is part of the paid plans.',
  open({ authId, subAuthId, subAuthUser, password, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.cloudns.net/dns',
      endpoint,
      words: (body) => (v.is(Refusal, body) ? { message: body.statusDescription } : undefined),
      meanings: [
        { match: /^Invalid authentication/, kind: 'auth', says: 'it does not take this id and password', hint: 'is it authId or subAuthId, and does the user’s list of IP addresses allow all?' },
        { match: /^Request blocked/, kind: 'throttled', says: 'it was asked more than 20 times in a second', waitSeconds: 60 },
        { match: /^Missing domain-name/, kind: 'refused', says: 'it has no such zone for this user', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const who = { ...(authId ? { 'auth-id': authId } : {}), ...(subAuthId ? { 'sub-auth-id': subAuthId } : {}), ...(subAuthUser ? { 'sub-auth-user': subAuthUser } : {}) };
    const send = <S extends v.GenericSchema>(call: string, form: Readonly<Record<string, string>>, purpose: string, schema: S, instead?: Instead<v.InferOutput<S>>) =>
      ask({ method: 'POST', path: `/${call}.json`, form: { ...who, 'auth-password': password.reveal(), ...form }, idempotent: call !== 'add-record', purpose }, json(schema), instead);
    const written = ({ id, name }: Zone, host: string, record: string, ttl: number) => ({ 'domain-name': id, host: hostOf(host.toLowerCase(), { name }, ''), record, ttl: String(ttl) });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const zones = await send('list-zones', { page: String(cursor ?? 1), 'rows-per-page': '100' }, 'list the zones', Zones);
          return untilEmpty(
            zones.map(({ name }) => ({ name: name.toLowerCase(), id: name })),
            cursor,
          );
        },
      }),
      async list(zone, _cursor, keys) {
        const [key] = keys;
        const { name, type } = key && keys.length === 1 ? partsOf(key) : {};
        const narrowed = name && type && name !== zone.name ? { host: hostOf(name, zone, ''), type } : {};
        const records = await send('records', { 'domain-name': zone.id, ...narrowed }, 'list the records', Records);
        return {
          items: records.map(({ id, type, host, record: value, ttl, status, 'geodns-location': location, 'geodns-code': code }) => ({
            id,
            type,
            ttl,
            name: nameOf(host, zone),
            value,
            ...(status === 0 ? { locked: 'is switched off' } : [location, code].some((where) => where && where !== '0') ? { locked: 'is for one region of the world' } : {}),
          })),
        };
      },
      async create(zone, { name, type, value, ttl }) {
        await send('add-record', { 'record-type': type, ...written(zone, name, value, ttl ?? INITIAL_TTL) }, 'create a record', Status);
        return undefined;
      },
      async update(zone, { id, name, value, ttl }, patch) {
        await send('mod-record', { 'record-id': id, ...written(zone, name, patch.value ?? value, patch.ttl ?? ttl) }, 'change a record', Status);
        return undefined;
      },
      async remove(zone, { id }) {
        const gone = { status: 'Success', statusDescription: '' };
        await send('delete-record', { 'domain-name': zone.id, 'record-id': id }, 'remove a record', Status, { match: /^Invalid record-id/, value: gone });
      },
      concurrency: 1,
    });
  },
});
