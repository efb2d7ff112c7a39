/** ConoHa's DNS over records in memory, and exchanges as its pages show them. */
import { type Contract, type FakeRecord, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const PASSWORD = 'c3b2a19f8e7d6c5b';
const TOKEN = 'gAAAAABlLjgzy5f0c1e9d8b7a6f5e4d3c2b1a';
const PAGE = 'https://doc.conoha.jp/reference/api-vps3/api-dns-vps3/';

const show = ({ id, name, type, value, ttl }: FakeRecord): object => ({ uuid: id, name: `${name}.`, type, ttl, created_at: '2023-12-07T00:34:08Z', updated_at: null, data: value });
const find = ({ zone, params }: Visit): FakeRecord => records.find(zone, params['id'] ?? '') ?? refuse(404, { code: 404, error: 'record not found' });
function page(key: string, items: readonly object[], { query, pageSize }: Visit): object {
  const from = Number(query.get('offset') ?? 0);
  return { [key]: items.slice(from, from + pageSize), total_count: items.length };
}
function asked({ json }: Visit): Omit<FakeRecord, 'id'> {
  const { name, type, data, ttl = 3600 } = json();
  if (!holds(type, data) || !name.endsWith('.')) refuse(400, { code: 400, error: 'invalid data' });
  return { name: name.slice(0, -1), type, value: data, ttl };
}

const api = fakeApi({
  guard({ request, params, zone }) {
    if (!request.url.endsWith('/auth/tokens') && request.headers['x-auth-token'] !== TOKEN) refuse(401, { code: 401, error: 'Unauthorized' });
    if (params['zone'] !== undefined && params['zone'] !== zone.id) refuse(404, { code: 404, error: 'domain not found' });
  },
  routes: {
    'POST /v3/auth/tokens'({ json }) {
      const { identity, scope } = json().auth;
      const { user } = identity.password;
      if (user.id !== '4bcb2d1f' || user.password !== PASSWORD || scope.project.id !== '487727e3')
        refuse(401, { error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' } });
      return reply(201, { token: { methods: ['password'], expires_at: '2026-11-23T10:00:00.000000Z' } }, { 'x-subject-token': TOKEN });
    },
    'GET /v1/domains': (visit) =>
      page(
        'domains',
        zonesOf(visit.zone).map(({ id, name }) => ({ uuid: id, name: `${name}.`, project_id: '487727e3', serial: 1701909248, ttl: 3600, email: 'nsadmin1@example.org' })),
        visit,
      ),
    'GET /v1/domains/:zone/records': (visit) => page('records', visit.zone.records.map(show), visit),
    'POST /v1/domains/:zone/records': (visit) => reply(200, show(records.add(visit.zone, asked(visit)))),
    'PUT /v1/domains/:zone/records/:id': (visit) => reply(200, show(records.change(visit.zone, find(visit).id, asked(visit)) ?? refuse(404))),
    'DELETE /v1/domains/:zone/records/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return reply(204);
    },
  },
});

const write = { kind: 'write', name: 'www.example.com', type: 'A', values: ['192.0.2.3'] } as const;

export const contract: Contract = {
  options: { userId: '4bcb2d1f', password: PASSWORD, tenantId: '487727e3' },
  secretOptions: ['password'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'the domains of a tenant',
      page: `${PAGE}dnsaas-get_domains_list-v3/`,
      act: write,
      request: { method: 'GET', path: /^\/v1\/domains$/ },
      reply: {
        status: 200,
        body: '{"domains":[{"uuid":"09494b72-b65b-4297-9efb-187f65a0553e","name":"domain1.com.","project_id":"cf661142-e577-40b5-b3eb-75795cdc0cd7","serial":1701909248,"ttl":3600,"email":"nsadmin1@example.org","created_at":"2023-12-07T00:34:08Z","updated_at":"2023-12-07T00:34:08Z"},{"uuid":"cf661142-e577-40b5-b3eb-75795cdc0cd7","name":"domain2.com.","project_id":"cf661144-e578-39b6-b4eb-75794cdc1cd8","serial":1351800670,"ttl":7200,"email":"nsadmin2@example.org","created_at":"2012-11-01T20:11:08Z","updated_at":"2012-12-01T20:11:08Z"}],"total_count":1}',
      },
      // The name is in none of these.
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'the records of a domain',
      page: `${PAGE}dnsaas-get_records_list-v3/`,
      given: [{ name: 'www.example.com', type: 'A', value: '15.185.172.153', ttl: 3600 }],
      act: { kind: 'read', name: 'www.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v1\/domains\/f+\/records$/ },
      reply: {
        status: 200,
        body: '{"records":[{"uuid":"2e32e609-3a4f-45ba-bdef-e50eacd345ad","name":"www.example.com.","type":"A","ttl":3600,"created_at":"2012-11-02T19:56:26.000000","updated_at":null,"data":"15.185.172.153"}]}',
      },
      ends: 'ok',
    },
    {
      title: 'a record is created',
      page: `${PAGE}dnsaas-create_record-v3/`,
      act: write,
      request: { method: 'POST', path: /^\/v1\/domains\/f+\/records$/, body: { name: 'www.example.com.', type: 'A', data: '192.0.2.3' } },
      reply: {
        status: 200,
        body: '{"id":"2e32e609-3a4f-45ba-bdef-e50eacd345ad","name":"www.example.com.","type":"A","created_at":"2012-11-02T19:56:26.366792","updated_at":null,"domain_id":"89acac79-38e7-497d-807c-a011e1310438","ttl":null,"data":"192.0.2.3","gslb_check":1,"gslb_region":"JP","gslb_weight":250}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a wrong password',
      page: 'https://docs.openstack.org/api-ref/identity/v3/',
      act: write,
      request: { method: 'POST', path: /^\/v3\/auth\/tokens$/ },
      reply: { status: 401, body: '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
