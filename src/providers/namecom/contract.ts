/** Name.com's API over records in memory, and exchanges as recorded traffic shows them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const USERNAME = 'myname';
const TOKEN = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/namecom';
const PAGE = 'https://docs.name.com/api/dns';

const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => {
  const host = hostOf(name, zone, '');
  return { id: numberOf(id), domainName: zone.name, ...(host === '' ? {} : { host }), fqdn: `${name}.`, type, answer: value, ttl };
};

function listing(key: string, items: readonly object[], visit: Visit): object {
  const { items: some, page, pages } = pageAsked(items, visit, { size: 'perPage', usual: 250, most: 1000 });
  return { ...(some.length === 0 ? {} : { [key]: some }), ...(page < pages ? { nextPage: page + 1, lastPage: pages } : {}) };
}

const notFound = () => refuse(404, { message: 'Not Found' });
const checked = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : notFound());
const find = (visit: Visit): FakeRecord => records.numbered(checked(visit), visit.params['id']) ?? notFound();
const wrong = (what: string) => refuse(400, { message: 'Invalid Argument', details: `Parameter Value Error - ${what}` });
type Sent = { readonly host?: string; readonly type: string; readonly answer: string; readonly ttl?: number };
function check(zone: FakeZone, { host = '', type, answer, ttl = 300 }: Sent, own?: string): Omit<FakeRecord, 'id'> {
  const name = nameOf(host, zone);
  if (!holds(type, answer)) wrong('Invalid Answer');
  if (ttl < 300) wrong('Invalid TTL');
  if (records.of(zone, name, type).some(({ id, value }) => value === answer && id !== own)) wrong('Duplicate Record');
  return { name, type, value: answer, ttl };
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${USERNAME}:${TOKEN}`)}`) refuse(401, { message: 'Unauthorized' });
  },
  absent: reply(404, { message: 'Not Found' }),
  routes: {
    'GET /core/v1/domains': (visit) =>
      listing(
        'domains',
        zonesOf(visit.zone).map(({ name }) => ({ domainName: name, locked: true, autorenewEnabled: true })),
        visit,
      ),
    'GET /core/v1/domains/:domain/records': (visit) =>
      listing(
        'records',
        checked(visit).records.map((record) => show(visit.zone, record)),
        visit,
      ),
    'POST /core/v1/domains/:domain/records': (visit) => show(visit.zone, records.add(checked(visit), check(visit.zone, visit.json()))),
    'PUT /core/v1/domains/:domain/records/:id'(visit) {
      const { id } = find(visit);
      return show(visit.zone, records.change(visit.zone, id, check(visit.zone, visit.json(), id)) ?? notFound());
    },
    'DELETE /core/v1/domains/:domain/records/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return {};
    },
  },
});

const home = { name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'localhost.example.com', type: 'A', values: ['127.0.0.1'] } as const;
const shown = '{"id":178073536,"domainName":"example.com","host":"localhost","fqdn":"localhost.example.com.","type":"A","answer":"127.0.0.1","ttl":3600}\n';

export const contract: Contract = {
  options: { username: USERNAME, token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'create a record',
      page: RECORDED,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/domains\/example\.com\/records$/, body: { type: 'A', host: 'localhost', answer: '127.0.0.1', ttl: 3600 } },
      reply: { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: shown },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: RECORDED,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /\/domains\/example\.com\/records\/\d+$/, body: { type: 'A', host: 'localhost', answer: '127.0.0.1', ttl: 3600 } },
      reply: { status: 200, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: shown },
      ends: 'ok',
    },
    {
      title: 'the very same record is there already',
      page: RECORDED,
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 400, body: '{"message":"Invalid Argument","details":"Parameter Value Error - Duplicate Record"}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a zone without records',
      page: RECORDED,
      act: { kind: 'read', name: 'localhost.example.com', type: 'A' },
      request: { method: 'GET', path: /\/domains\/example\.com\/records\?/ },
      reply: { status: 200, body: '{}' },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/core\/v1\/domains\?/ },
      reply: { status: 401, body: '{"message":"Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of another account',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/domains\/example\.com\/records\?/ },
      reply: { status: 404, body: '{"message":"Not Found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
