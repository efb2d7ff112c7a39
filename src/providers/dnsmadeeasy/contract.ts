/** DNS Made Easy's API over records in memory, and exchanges in the form its pages show. */
import { createHmac } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '1c1a3c91-4770-4ce7-96f4-54c0eb0e457a';
const SECRET = 'c9b5625f-9834-4ff8-baba-4ed5f32cae55';
const PAGE = 'https://api-docs.dnsmadeeasy.com/';

const fail = (status: number, error: string) => refuse(status, { error: [error] });
const byNumber = ({ zone }: Visit, id: unknown) => records.numbered(zone, String(id)) ?? fail(404, 'The requested record was not found');
const own = ({ zone, params }: Visit): void => {
  if (params['domain'] !== String(numberOf(zone.id))) fail(404, 'The requested domain was not found');
};

function listing(items: readonly object[], { query, pageSize }: Visit): object {
  const page = pageOf(items, { page: Number(query.get('page') ?? 0) + 1, size: pageSize });
  return { data: page.items, page: page.page - 1, totalPages: page.pages, totalRecords: page.total };
}

type Sent = { readonly id?: number; readonly name: string; readonly type: string; readonly value: string; readonly ttl: number; readonly gtdLocation: string; readonly password?: string };

const check = ({ type, value, ttl, gtdLocation }: Sent): void => {
  if (!holds(type, value)) fail(400, 'Invalid IP address');
  if (!(ttl >= 30)) fail(400, 'TTL is too low');
  if (gtdLocation !== 'DEFAULT') fail(400, 'gtdLocation is missing');
};
const show = ({ zone }: Visit, { id, name, type, value, ttl, extra }: (typeof zone)['records'][number]): object => ({
  name: hostOf(name, zone, ''),
  value,
  id: numberOf(id),
  type,
  source: 1,
  failover: false,
  monitor: false,
  sourceId: numberOf(zone.id),
  dynamicDns: false,
  failed: false,
  gtdLocation: 'DEFAULT',
  hardLink: false,
  ttl,
  ...extra,
});
function create(visit: Visit, sent: Sent): object {
  check(sent);
  const name = nameOf(sent.name, visit.zone);
  if (records.of(visit.zone, name, sent.type).some(({ value }) => value === sent.value)) fail(400, 'Record with this type (A), name (home), and value already exists.');
  return show(visit, records.add(visit.zone, { name, type: sent.type, value: sent.value, ttl: sent.ttl }));
}
function change(visit: Visit, sent: Sent, id: unknown = sent.id): void {
  check(sent);
  records.rewrite(visit.zone, byNumber(visit, id).id, { value: sent.value, ttl: sent.ttl, ...(sent.password ? { extra: { password: sent.password } } : {}) });
}

/** Of all its answers, those that say nothing too. */
const OWN = { 'content-type': 'application/json' };

const api = fakeApi({
  guard({ request: { headers } }) {
    const date = headers['x-dnsme-requestdate'] ?? '';
    if (headers['x-dnsme-apikey'] !== KEY) fail(403, 'API key not found');
    if (headers['x-dnsme-hmac'] !== createHmac('sha1', SECRET).update(date).digest('hex') || !/ GMT$/.test(date)) fail(403, 'HMAC is not valid');
  },
  routes: {
    'GET /V2.0/dns/managed/': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ id, name }) => ({ id: numberOf(id), name, gtdEnabled: false })),
        visit,
      ),
    'GET /V2.0/dns/managed/name'(visit) {
      const found = zonesOf(visit.zone).find(({ name }) => name === visit.query.get('domainname')) ?? fail(404, 'The requested domain was not found');
      return { id: numberOf(found.id), name: found.name, gtdEnabled: false };
    },
    'GET /V2.0/dns/managed/:domain/records'(visit) {
      own(visit);
      return listing(
        visit.zone.records.map((record) => show(visit, record)),
        visit,
      );
    },
    'POST /V2.0/dns/managed/:domain/records/'(visit) {
      own(visit);
      return reply(201, create(visit, visit.json()));
    },
    'POST /V2.0/dns/managed/:domain/records/createMulti'(visit) {
      own(visit);
      return reply(
        201,
        (visit.json() as readonly Sent[]).map((sent) => create(visit, sent)),
        OWN,
      );
    },
    'PUT /V2.0/dns/managed/:domain/records/updateMulti'(visit) {
      own(visit);
      for (const sent of visit.json() as readonly Sent[]) change(visit, sent);
      return reply(200, undefined, OWN);
    },
    'PUT /V2.0/dns/managed/:domain/records/:id'(visit) {
      own(visit);
      change(visit, visit.json(), visit.params['id']);
      return reply(200, undefined, OWN);
    },
    'DELETE /V2.0/dns/managed/:domain/records/:id'(visit) {
      own(visit);
      records.remove(visit.zone, byNumber(visit, visit.params['id']).id);
      return reply(200, undefined, OWN);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 1800 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const of = /^\/V2\.0\/dns\/managed\/\d+\/records\/?$/;

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  extra: { password: 'of the record' },
  budget: { one: 3, thousand: 12 },
  documented: [
    {
      title: 'create a record, recorded',
      page: 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/dnsmadeeasy',
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/V2\.0\/dns\/managed\/\d+\/records\/$/, body: { type: 'A', name: 'home', value: '198.51.100.4', ttl: 3600 } },
      reply: {
        status: 201,
        headers: OWN,
        body: '{"name":"home","value":"198.51.100.4","id":10124244,"type":"A","source":1,"dynamicDns":false,"failed":false,"gtdLocation":"DEFAULT","hardLink":false,"ttl":3600,"monitor":false,"sourceId":874984,"failover":false}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 86_400 },
      request: { method: 'POST', path: of, body: { name: 'home', type: 'A', value: '198.51.100.4', gtdLocation: 'DEFAULT', ttl: 86_400 } },
      reply: {
        status: 201,
        body: '{"name":"home","value":"198.51.100.4","id":1119443,"type":"A","source":1,"failover":false,"monitor":false,"sourceId":1119443,"dynamicDns":false,"failed":false,"gtdLocation":"DEFAULT","hardLink":false,"ttl":86400}',
      },
      ends: 'ok',
    },
    {
      title: 'change a record, and send all of it',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/records\/\d+$/, body: { name: 'home', type: 'A', value: '198.51.100.4', gtdLocation: 'DEFAULT', ttl: 1800 } },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'a record for one region only',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: of },
      reply: {
        status: 200,
        body: '{"data":[{"id":1,"type":"A","name":"home","value":"203.0.113.1","ttl":60,"sourceId":123,"gtdLocation":"EUROPE"},{"id":2,"type":"TXT","name":"bar","value":"bbb","ttl":120,"sourceId":123}]}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/dns\/managed\/$/ },
      reply: { status: 403, body: '{"error":["API key not found"]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'too many requests', page: PAGE, act: write, request: { method: 'GET', path: of }, reply: { status: 400, body: '{"error":["Rate limit exceeded"]}' }, ends: 'throttled', fake: 'unasked' },
    {
      title: 'a record that exists already',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: of },
      reply: { status: 400, body: '{"error":["Record with this type (A), name (home), and value already exists."]}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
