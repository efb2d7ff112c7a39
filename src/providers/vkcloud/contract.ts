/** VK Cloud's DNS over records in memory, and exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const PASSWORD = 'c3b2a19f8e7d6c5b';
const TOKEN = 'gAAAAABlLjgzy5f0c1e9d8b7a6f5e4d3c2b1a';
const PAGE = 'https://cloud.vk.com/docs/ru/tools-for-using-services/api/api-spec/api-dns';

const typeOf = ({ params }: Visit): string => params['type']?.toUpperCase() ?? '';
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({
  uuid: id,
  name: hostOf(name, zone, '@'),
  dns: `/v2/dns/${zone.id}`,
  [type === 'A' ? 'ipv4' : type === 'AAAA' ? 'ipv6' : 'content']: value,
  ttl,
});
const find = ({ zone, params }: Visit): FakeRecord => records.find(zone, params['id'] ?? '') ?? refuse(404, { error: 'not found' });
function asked(visit: Visit): Omit<FakeRecord, 'id'> {
  const { name, ipv4, ipv6, ttl = 86_400 } = visit.json();
  const value = typeOf(visit) === 'A' ? ipv4 : ipv6;
  if (!holds(typeOf(visit), value)) refuse(400, { error: 'the address is not valid' });
  return { name: nameOf(name, visit.zone), type: typeOf(visit), value, ttl };
}

const api = fakeApi({
  guard({ request, params, zone }) {
    if (!request.url.endsWith('/auth/tokens') && request.headers['x-auth-token'] !== TOKEN) refuse(401, { error: 'no token' });
    if (params['zone'] !== undefined && params['zone'] !== zone.id) refuse(404, { error: 'not found' });
  },
  routes: {
    'POST /identity/v3/auth/tokens'({ json }) {
      const { identity, scope } = json().auth;
      const { user } = identity.password;
      if (user.name !== 'ddns@example.com' || user.password !== PASSWORD || user.domain.name !== 'users' || scope.project.id !== 'b5b7ffd4')
        refuse(401, { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } });
      return reply(201, { token: { methods: ['password'], expires_at: '2026-11-23T10:00:00.000000Z' } }, { 'x-subject-token': TOKEN });
    },
    'GET /public-dns/v2/dns/': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ id, name }) => ({ uuid: id, tenant: 'b5b7ffd4', soa_primary_dns: 'ns1.mcs.mail.ru.', soa_ttl: 3600, zone: `${name}.`, status: 'active' })),
      ),
    'GET /public-dns/v2/dns/:zone/:type/': (visit) =>
      reply(
        200,
        visit.zone.records.filter(({ type }) => type === typeOf(visit)).map((record) => show(visit.zone, record)),
      ),
    'POST /public-dns/v2/dns/:zone/:type/'(visit) {
      const record = asked(visit);
      if (records.of(visit.zone, record.name, record.type).some(({ value }) => value === record.value)) refuse(409, { error: 'the record exists' });
      return reply(201, show(visit.zone, records.add(visit.zone, record)));
    },
    'PUT /public-dns/v2/dns/:zone/:type/:id': (visit) => reply(200, show(visit.zone, records.change(visit.zone, find(visit).id, asked(visit)) ?? refuse(404))),
    'DELETE /public-dns/v2/dns/:zone/:type/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return reply(202);
    },
  },
});

const write = { kind: 'write', name: 'google-dns-servers.example.com', type: 'A', values: ['8.8.8.8'] } as const;
const given = [{ name: write.name, type: 'A', value: '8.8.4.4', ttl: 60 }] as const;
const listing = { method: 'GET', path: /^\/public-dns\/v2\/dns\/f+\/a\/$/ } as const;

export const contract: Contract = {
  options: { username: 'ddns@example.com', password: PASSWORD, project: 'b5b7ffd4' },
  secretOptions: ['password'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'a record is created',
      page: PAGE,
      act: { ...write, ttl: 60 },
      request: { method: 'POST', path: listing.path, body: { name: 'google-dns-servers', ipv4: '8.8.8.8', ttl: 60 } },
      reply: {
        status: 201,
        body: '{"uuid":"631519fb-f2d3-43e0-ae9c-8f18adcf3b1a","name":"google-dns-servers","dns":"/v2/dns/a5ef043e-b517-4c45-a727-e8298f5d47d6","ipv4":"8.8.8.8","ttl":60}',
      },
      ends: 'ok',
    },
    {
      title: 'a record is changed',
      page: PAGE,
      given,
      act: write,
      request: { method: 'PUT', path: /^\/public-dns\/v2\/dns\/f+\/a\/\w+$/, body: { name: 'google-dns-servers', ipv4: '8.8.8.8', ttl: 60 } },
      reply: {
        status: 200,
        body: '{"uuid":"631519fb-f2d3-43e0-ae9c-8f18adcf3b1a","name":"google-dns-servers","dns":"/v2/dns/ff1b847e-730b-40c9-a458-d5b153fd0fc9","ipv4":"8.8.8.8","ttl":60}',
      },
      ends: 'ok',
    },
    {
      title: 'the AAAA records of a zone',
      page: PAGE,
      given: [{ name: 'example.com', type: 'AAAA', value: '2001:db8::1', ttl: 86_400 }],
      act: { kind: 'read', name: 'example.com', type: 'AAAA' },
      request: { method: 'GET', path: /\/aaaa\/$/ },
      reply: {
        status: 200,
        body: '[{"uuid":"00e52f77-2694-46de-b6e0-a37370bef2c5","name":"@","dns":"/v2/dns/a5ef043e-b517-4c45-a727-e8298f5d47d6","ipv6":"2001:0DB8:AA10:0001:0000:0000:0000:00FB","ttl":86400}]',
      },
      ends: 'ok',
    },
    { title: 'a record that exists', page: PAGE, act: write, request: { method: 'POST', path: listing.path }, reply: { status: 409, body: '' }, ends: 'refused', fake: 'unasked' },
    { title: 'a zone that is gone', page: PAGE, act: write, request: listing, reply: { status: 404, body: '' }, ends: 'refused', fake: 'unasked' },
    {
      title: 'a wrong password',
      page: 'https://docs.openstack.org/api-ref/identity/v3/',
      act: write,
      request: { method: 'POST', path: /^\/identity\/v3\/auth\/tokens$/ },
      reply: { status: 401, body: '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
