/** Hostinger's API over records in memory, and exchanges in the form its pages show. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'bK3vQ9sT7xW1zA5cE8gJ2mP4rU6yB0dF';
const PAGE = 'https://developers.hostinger.com/#tag/dns-zone';

const ID = { correlation_id: '26a91bd9-f8c8-4a83-9df9-83e23d696fe3' };
const invalid = (field: string, message: string) => refuse(422, { message, errors: { [field]: [message] }, ...ID });
const own = ({ zone, params }: Visit): void => {
  if (params['domain'] !== zone.name) refuse(404, { message: 'Domain not found', ...ID });
};

type Sent = { readonly name: string; readonly type: string; readonly ttl?: number; readonly records: readonly { readonly content: string }[] };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { message: 'Unauthenticated', ...ID });
  },
  routes: {
    'GET /api/domains/v1/portfolio': ({ zone }) => [
      { id: 1, domain: null, type: 'free_domain', status: 'pending' },
      ...zonesOf(zone).map(({ name }, at) => ({ id: at + 2, domain: name, type: 'domain', status: 'active' })),
    ],
    'GET /api/dns/v1/zones/:domain'(visit) {
      own(visit);
      const { zone } = visit;
      return records.sets(zone).map(({ name, type, values, ttl }) => ({ name: hostOf(name, zone, '@'), type, ttl, records: values.map((content) => ({ content, is_disabled: false })) }));
    },
    'PUT /api/dns/v1/zones/:domain'(visit) {
      own(visit);
      const { zone } = visit;
      const { overwrite, zone: sets } = visit.json() as { readonly overwrite: boolean; readonly zone: readonly Sent[] };
      for (const { name, type, ttl = 14_400, records: some } of sets) {
        if (some.length === 0) invalid('zone.0.records', 'The records field is required.');
        if (!some.every(({ content }) => holds(type, content))) invalid('zone.0.records.0.content', 'The content must be a valid IPv4 address.');
        const set = { name: nameOf(name, zone), type, ttl, values: some.map(({ content }) => content) };
        if (overwrite) records.put(zone, set);
        else for (const value of set.values) records.add(zone, { ...set, value });
      }
      return { message: 'Request accepted' };
    },
    'DELETE /api/dns/v1/zones/:domain'(visit) {
      own(visit);
      for (const { name, type } of visit.json().filters as readonly Sent[]) records.put(visit.zone, { name: nameOf(name, visit.zone), type, ttl: 0, values: [] });
      return { message: 'Request accepted' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 12 },
  documented: [
    {
      title: 'replace a record set',
      page: `${PAGE}/PUT/api/dns/v1/zones/{domain}`,
      given: [home],
      act: write,
      request: {
        method: 'PUT',
        path: /^\/api\/dns\/v1\/zones\/example\.com$/,
        body: { overwrite: true, zone: [{ name: 'home', type: 'A', ttl: 300, records: [{ content: '203.0.113.7' }] }] },
      },
      reply: { status: 200, body: '{"message":"Request accepted"}' },
      ends: 'ok',
    },
    {
      title: 'list the records',
      page: `${PAGE}/GET/api/dns/v1/zones/{domain}`,
      given: [{ ...home, value: '203.0.113.7' }],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/api\/dns\/v1\/zones\/example\.com$/ },
      reply: { status: 200, body: '[{"name":"home","records":[{"content":"203.0.113.7","is_disabled":false}],"ttl":300,"type":"A"}]' },
      ends: 'ok',
    },
    {
      title: 'a set with a disabled record',
      page: `${PAGE}/GET/api/dns/v1/zones/{domain}`,
      given: [home],
      act: write,
      request: { method: 'GET', path: /^\/api\/dns\/v1\/zones\/example\.com$/ },
      reply: { status: 200, body: '[{"name":"home","records":[{"content":"203.0.113.8","is_disabled":true},{"content":"203.0.113.1","is_disabled":false}],"ttl":300,"type":"A"}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/portfolio$/ },
      reply: { status: 401, body: '{"message":"Unauthenticated","correlation_id":"26a91bd9-f8c8-4a83-9df9-83e23d696fe3"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'something that is not valid',
      page: PAGE,
      act: write,
      request: { method: 'PUT', path: /\/zones\/example\.com$/ },
      reply: {
        status: 422,
        body: '{"message":"The name field is required. (and 1 more error)","errors":{"field_1":["The field_1 field is required.","The field_1 must be a number."]},"correlation_id":"26a91bd9-f8c8-4a83-9df9-83e23d696fe3"}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: PAGE,
      act: write,
      request: { method: 'PUT', path: /\/zones\/example\.com$/ },
      reply: { status: 429, body: '{"message":"Too Many Attempts.","correlation_id":"26a91bd9-f8c8-4a83-9df9-83e23d696fe3"}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
