/** VK Cloud: one record per value, listed type by type, with a log-in at its Keystone. https://cloud.vk.com/docs/ru/tools-for-using-services/api/api-spec/api-dns */
import * as v from 'valibot';
import {
  anyJson,
  api,
  defineProvider,
  type HeldRecord,
  hostOf,
  json,
  keystone,
  LOOK_AGAIN_SECONDS,
  nameOf,
  type RecordType,
  recordsById,
  secret,
  text,
  typeByType,
  type Zone,
} from '../../sdk/index.ts';

const Zones = v.array(v.object({ uuid: v.string(), zone: v.string() }));
const Line = v.object({ uuid: v.string(), name: v.string(), ipv4: v.optional(v.string()), ipv6: v.optional(v.string()), ttl: v.optional(v.number()) });

export default defineProvider({
  api: 1,
  id: 'vkcloud',
  name: 'VK Cloud',
  reference: 'https://cloud.vk.com/docs/ru/tools-for-using-services/api/api-spec/api-dns',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The pages show no listing in parts; all of it is taken to come at once.',
    'Which TTLs are taken is not documented; 60 and 86400 s are shown.',
    'What is answered when a record is removed, beside its status, is not documented.',
  ],
  also: ['VK Cloud Solutions', 'mcs.mail.ru'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 } },
  options: {
    username: text('e-mail address of the user', { example: 'ddns@example.com' }),
    password: secret('password of that user'),
    project: text('id of the project that holds the zone', { example: 'b5b7ffd4ef6b4f1c8d2e3a4b5c6d7e8f' }),
    domain: v.optional(text('domain of the user', { example: 'users' }), 'users'),
  },
  environment: { username: ['VK_CLOUD_USERNAME', 'OS_USERNAME'], password: ['VK_CLOUD_PASSWORD', 'OS_PASSWORD'], project: ['VK_CLOUD_PROJECT_ID', 'OS_PROJECT_ID'], domain: ['VK_CLOUD_DOMAIN_NAME'] },
  credentials:
    'At https://msk.cloud.vk.com/app/ open the settings of the project, API access, switch the access on (two-factor authentication must be on for that), and copy the project id from there; user name and password are those of the account. Invite a user of its own ' +
    'with the role of a network administrator to the one project that holds the zone: it can do less harm.',
  open({ username, password, project, domain, endpoint }, tools) {
    const token = keystone(tools, { base: 'https://infra.mail.ru/identity/v3', endpoint, user: { name: username, domain: { name: domain } }, password, project: { id: project } });
    const ask = api(tools, {
      base: 'https://mcs.mail.ru/public-dns/v2/dns',
      endpoint,
      headers: async () => ({ 'x-auth-token': await token() }),
      words: (_body, { status }) => (status === 409 ? { code: 409, message: '' } : undefined),
      meanings: [{ match: /^409/, kind: 'refused', says: 'such a record, or a CNAME of that name, exists', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    const of = ({ id }: Zone, type: string): string => `/${encodeURIComponent(id)}/${type.toLowerCase()}/`;
    const held = (zone: Zone, type: string, { uuid, name, ipv4, ipv6, ttl }: v.InferOutput<typeof Line>): HeldRecord => ({
      id: uuid,
      type,
      name: nameOf(name, zone),
      value: ipv4 ?? ipv6 ?? '',
      ...(ttl === undefined ? {} : { ttl }),
    });
    const body = (zone: Zone, { name, type, value, ttl }: { readonly name: string; readonly type: string; readonly value: string; readonly ttl?: number | undefined }) => ({
      name: hostOf(name, zone, '@'),
      [type === 'A' ? 'ipv4' : 'ipv6']: value,
      ttl,
    });
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list() {
          const zones = await ask({ path: '/', purpose: 'list the zones' }, json(Zones));
          return { items: zones.map(({ uuid, zone }) => ({ name: zone.toLowerCase().replace(/\.$/, ''), id: uuid })) };
        },
      },
      list: (zone, cursor, keys) =>
        typeByType(keys, cursor, async (type: RecordType) => (await ask({ path: of(zone, type), purpose: `list the ${type} records` }, json(v.array(Line)))).map((line) => held(zone, type, line))),
      create: async (zone, record) => held(zone, record.type, await ask({ method: 'POST', path: of(zone, record.type), json: body(zone, record), purpose: 'create a record' }, json(Line))),
      async update(zone, record, patch) {
        const path = `${of(zone, record.type)}${encodeURIComponent(record.id)}`;
        return held(zone, record.type, await ask({ method: 'PUT', path, json: body(zone, { ...record, ...patch }), purpose: 'change a record' }, json(Line)));
      },
      remove: (zone, { id, type }) => ask({ method: 'DELETE', path: `${of(zone, type)}${encodeURIComponent(id)}`, purpose: 'remove a record' }, { ...anyJson, absent: () => undefined }),
    });
  },
});
