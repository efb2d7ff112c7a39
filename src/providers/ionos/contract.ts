/** IONOS' API over records in memory, and exchanges as its pages and the tests of other programs show them. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, records, refuse, text, zonesOf } from '../../testing/index.ts';

const PREFIX = '1d6ca576716247008df7208bbe28fc44';
const SECRET = 'wxMZoMCaf4QyXKbTCD2oO7-Nj5r_1FJ0z';
const PAGE = 'https://developer.hosting.ionos.com/docs/dns';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/ionos/internal';

const mine = (zone: FakeZone, id: string | undefined): FakeZone => (id === zone.id ? zone : refuse(404, [{ code: 'ZONE_NOT_FOUND', message: 'Zone not found' }]));
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id,
  name,
  rootName: zone.name,
  type,
  content: value,
  changeDate: '2026-11-22T12:00:00.000Z',
  ttl,
  disabled: false,
  ...extra,
});

type Sent = { readonly name: string; readonly type: string; readonly content: string; readonly ttl?: number; readonly disabled?: boolean };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-api-key'] !== `${PREFIX}.${SECRET}`) refuse(401, [{ code: 'UNAUTHORIZED', message: 'The customer is not authorized to do this operation.' }]);
  },
  routes: {
    'GET /dns/v1/zones': ({ zone }) => zonesOf(zone).map(({ id, name }) => ({ name, id, type: 'NATIVE' })),
    'GET /dns/v1/zones/:zone'({ zone, params, query }) {
      mine(zone, params['zone']);
      const [name, type] = [query.get('recordName'), query.get('recordType')];
      const found = zone.records.filter((record) => (name === null || record.name === name) && (type === null || record.type === type));
      return { id: zone.id, name: zone.name, type: 'NATIVE', records: found.map((record) => show(zone, record)) };
    },
    'PATCH /dns/v1/zones/:zone'({ zone, params, json }) {
      mine(zone, params['zone']);
      const sent: readonly Sent[] = json();
      const bad = sent.find(({ name, type, content, ttl = 3600 }) => !name.endsWith(zone.name) || !holds(type, content) || ttl < 60 || ttl > 86_400);
      if (bad) refuse(400, [{ code: 'INVALID_RECORD', message: 'Record is invalid.', parameters: { invalidFields: ['content'], errorRecord: bad } }]);
      for (const { name, type, ttl = 3600 } of sent) {
        const values = sent.filter((one) => one.name === name && one.type === type).map(({ content }) => content);
        records.put(zone, { name, type, values, ttl });
      }
      return text(200, '');
    },
    'DELETE /dns/v1/zones/:zone/records/:id'({ zone, params }) {
      mine(zone, params['zone']);
      return records.remove(zone, params['id'] ?? '') ? text(200, '') : refuse(404, [{ code: 'RECORD_NOT_FOUND', message: 'Record not found' }]);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const sent = (ttl: number) => ({
  method: 'PATCH' as const,
  path: /\/dns\/v1\/zones\/[^/]+$/,
  body: [{ name: 'home.example.com', type: 'A', content: '198.51.100.4', ttl, prio: 0, disabled: false }],
});

export const contract: Contract = {
  options: { prefix: PREFIX, secret: SECRET },
  secretOptions: ['secret'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 5 },
  documented: [
    {
      title: 'records of a zone',
      page: OTHERS,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/dns\/v1\/zones\/[^/?]+\?recordName=home\.example\.com&recordType=A$/ },
      reply: {
        status: 200,
        body: '{"id":"11af3414-ebba-11e9-8df5-66fbe8a334b4","name":"example.com","type":"NATIVE","records":[{"id":"22af3414-abbe-9e11-5df5-66fbe8e334b4","name":"home.example.com","rootName":"example.com","type":"A","content":"203.0.113.1","changeDate":"2021-01-01T00:00:00.000Z","ttl":3600,"disabled":false}]}',
      },
      ends: 'ok',
    },
    { title: 'create a record', page: OTHERS, act: { ...write, ttl: 300 }, request: sent(300), reply: { status: 200, body: '' }, ends: 'ok' },
    { title: 'change a record', page: OTHERS, given: [home], act: write, request: sent(3600), reply: { status: 200, body: '' }, ends: 'ok' },
    {
      title: 'a key that is not known',
      page: OTHERS,
      act: write,
      request: { method: 'GET', path: /\/dns\/v1\/zones$/ },
      reply: { status: 401, body: '[{"code":"UNAUTHORIZED","message":"The customer is not authorized to do this operation."}]' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a record that is invalid',
      page: PAGE,
      act: write,
      request: sent(3600),
      reply: { status: 400, body: '[{"code":"INVALID_RECORD","message":"Record is invalid.","parameters":{"invalidFields":["name"],"errorRecord":{"name":"home"}}}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/dns\/v1\/zones\/./ },
      reply: { status: 404, body: '[{"code":"ZONE_NOT_FOUND","message":"Zone not found"}]' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
