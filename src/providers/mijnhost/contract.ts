/** mijn.host's API over records in memory, and exchanges as its pages show them. */
import { type Contract, fakeApi, holds, refuse, reply, zonesOf } from '../../testing/index.ts';

const TOKEN = '9f8e7d6c5b4a39281706f5e4d3c2b1a0';
const PAGE = 'https://mijn.host/api/doc/';

const done = (data?: object) => ({ status: 200, status_description: 'Request successful', ...(data ? { data } : {}) });
const absent = (): never => refuse(404, { status: 404, status_description: 'Domain not found' });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['api-key'] !== TOKEN) refuse(401, { status: 401, status_description: 'Invalid API key' });
  },
  routes: {
    'GET /api/v2/domains': ({ zone }) =>
      reply(200, done({ domains: zonesOf(zone).map(({ name }, id) => ({ id, domain: name, renewal_date: '2027-01-01', status: 'Active', status_id: 1, tags: [] })) })),
    'GET /api/v2/domains/:domain/dns': ({ zone, params }) =>
      params['domain'] === zone.name ? reply(200, done({ domain: zone.name, records: zone.records.map(({ name, type, value, ttl }) => ({ type, name: `${name}.`, value, ttl })) })) : absent(),
    'PUT /api/v2/domains/:domain/dns'({ zone, params, json }) {
      if (params['domain'] !== zone.name) absent();
      const given: readonly { readonly name: string; readonly type: string; readonly value: string; readonly ttl: number }[] = json().records;
      if (given.some(({ type, value }) => !holds(type, value))) refuse(400, { status: 400, status_description: 'The value of a record is not valid' });
      zone.records = given.map(({ name, type, value, ttl }) => {
        const same = zone.records.find((record) => `${record.name}.` === name && record.type === type && record.value === value);
        return { ...(same ?? { id: zone.nextId() }), name: name.replace(/\.$/, ''), type, value, ttl };
      });
      return reply(200, done());
    },
  },
});

const write = { kind: 'write', name: 'example.com', type: 'A', values: ['198.51.100.4'] } as const;
const given = [
  { name: 'example.com', type: 'A', value: '135.226.123.12', ttl: 900 },
  { name: 'example.com', type: 'MX', value: '10 mail.example.com.', ttl: 900 },
];

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 4 },
  documented: [
    {
      title: 'the records of a domain',
      page: `${PAGE}api-3563906`,
      given,
      act: { kind: 'read', name: 'example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/v2\/domains\/example\.com\/dns$/ },
      reply: {
        status: 200,
        body: '{"status":200,"status_description":"Request successful","data":{"domain":"example.com","records":[{"type":"A","name":"example.com.","value":"135.226.123.12","ttl":900},{"type":"MX","name":"example.com.","value":"10 mail.example.com.","ttl":900}]}}',
      },
      ends: 'ok',
    },
    {
      title: 'the records of a domain are put',
      page: `${PAGE}api-3563907`,
      given,
      act: write,
      request: { method: 'PUT', path: /^\/api\/v2\/domains\/example\.com\/dns$/, body: '{"type":"A","name":"example.com.","value":"198.51.100.4","ttl":900}' },
      reply: { status: 200, body: '{"status":200,"status_description":"Request successful"}' },
      ends: 'ok',
    },
    {
      title: 'a wrong key',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/v2\/domains$/ },
      reply: { status: 401, body: '{"status":401,"status_description":"Invalid API key"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
