/** Simply.com's API over records in memory, and exchanges as the tests of another program show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, type Visit } from '../../testing/index.ts';

const ACCOUNT = 'S123456';
const KEY = 'Qw3rTy7uI0pAsDfGh';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/simply/internal/fixtures';

const fail = (status: number, message: string) => refuse(status, { status, message });
const mine = ({ zone, params }: Visit): FakeZone => (params['product'] === zone.name ? zone : fail(404, 'Unknown or invalid product reference'));
const named = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.params['id']) ?? fail(404, 'Unknown DNS record');
const done = (more: object = {}): object => ({ status: 200, message: 'success', ...more });
function check({ type, data, ttl }: { readonly type: string; readonly data: string; readonly ttl: number }): void {
  if (!holds(type, data)) fail(400, 'Invalid record data');
  if (ttl < 60 || ttl > 86_400) fail(400, 'Invalid TTL');
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${ACCOUNT}:${KEY}`)}`) fail(400, 'Invalid account authorization');
  },
  routes: {
    'GET /2/my/products/:product/dns/records/': (visit) =>
      done({
        records: mine(visit).records.map(({ id, name, type, value, ttl }) => ({ record_id: numberOf(id), name: hostOf(name, visit.zone, '@'), ttl, data: value, type, priority: 0 })),
      }),
    'POST /2/my/products/:product/dns/records/'(visit) {
      const zone = mine(visit);
      const record = visit.json();
      check(record);
      return done({ record: { id: numberOf(records.add(zone, { name: nameOf(record.name, zone), type: record.type, value: record.data, ttl: record.ttl }).id) } });
    },
    'PUT /2/my/products/:product/dns/records/:id/'(visit) {
      const { id } = named(visit);
      const record = visit.json();
      check(record);
      records.change(visit.zone, id, { name: nameOf(record.name, visit.zone), value: record.data, ttl: record.ttl });
      return done();
    },
    'DELETE /2/my/products/:product/dns/records/:id/'(visit) {
      records.remove(visit.zone, named(visit).id);
      return done();
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const at = (path: string) => new RegExp(`^/2/my/products/example\\.com/dns/records/${path}$`);

export const contract: Contract = {
  options: { account: ACCOUNT, key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'records of a zone',
      page: `${OTHERS}/get_records.json`,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: at('') },
      reply: {
        status: 200,
        body: '{"status":200,"message":"success","records":[{"record_id":1,"name":"home","ttl":3600,"data":"203.0.113.1","type":"A","priority":0}]}',
      },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: `${OTHERS}/add_record.json`,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: at(''), body: { type: 'A', name: 'home', data: '198.51.100.4', ttl: 300 } },
      reply: { status: 200, body: '{"status":200,"message":"success","record":{"id":123456789}}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: `${OTHERS}/success.json`,
      given: [home],
      act: write,
      request: { method: 'PUT', path: at('1/'), body: { type: 'A', name: 'home', data: '198.51.100.4', ttl: 3600 } },
      reply: { status: 200, body: '{"status":200,"message":"success"}' },
      ends: 'ok',
    },
    {
      title: 'a domain that is not there',
      page: `${OTHERS}/bad_zone_error.json`,
      act: write,
      request: { method: 'GET', path: /^\/2\/my\/products\/home\.example\.com\// },
      reply: { status: 404, body: '{"status":404,"message":"Unknown or invalid product reference"}' },
      ends: 'ok',
    },
    {
      title: 'a record that is not there',
      page: `${OTHERS}/invalid_record_id_error.json`,
      given: [home],
      act: write,
      request: { method: 'PUT', path: at('1/') },
      reply: { status: 404, body: '{"status":404,"message":"Unknown DNS record"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: `${OTHERS}/bad_auth_error.json`,
      act: write,
      request: { method: 'GET', path: /^\/2\/my\/products\// },
      reply: { status: 400, body: '{"status":400,"message":"Invalid account authorization"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
