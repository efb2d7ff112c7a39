/** Domeneshop's API over records in memory, and exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = 'kTq8Zr2mVb5nXc7L';
const SECRET = 'b7Yd3fGh6jKl9pQw2eRt5uIo8aSd1zXcVbNm4qWeRtYu';
const PAGE = 'https://api.domeneshop.no/docs/';

const number = (id: string): number => numberOf(id);
const notFound = () => refuse(404, { code: 'domain:not-found', help: 'The domain or record was not found.' });
const mine = ({ zone, params }: Visit): FakeZone => (params['domain'] === String(number(zone.id)) ? zone : notFound());
const named = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.params['id']) ?? notFound();
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({ id: number(id), host: hostOf(name, zone, '@'), ttl, type, data: value });
function check({ type, ttl, data }: { readonly type: string; readonly ttl: number; readonly data: string }): void {
  if (!holds(type, data)) refuse(400, { code: 'dns:invalid-data', help: 'The data is not valid for this type.' });
  if (ttl < 60 || ttl > 604_800) refuse(400, { code: 'dns:invalid-ttl', help: 'The TTL must be a multiple of 60, from 60 to 604800.' });
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${TOKEN}:${SECRET}`)}`) refuse(401, { code: 'authentication:failed', help: 'See https://api.domeneshop.no/docs/' });
  },
  routes: {
    'GET /v0/domains': ({ zone }) => zonesOf(zone).map(({ id, name }) => ({ id: number(id), domain: name, status: 'active', services: { dns: true, registrar: true } })),
    'GET /v0/domains/:domain/dns'(visit) {
      const zone = mine(visit);
      const [host, type] = [visit.query.get('host'), visit.query.get('type')];
      return zone.records.filter((record) => (host === null || record.name === nameOf(host, zone)) && (type === null || record.type === type)).map((record) => show(zone, record));
    },
    'POST /v0/domains/:domain/dns'(visit) {
      const zone = mine(visit);
      const record = visit.json();
      check(record);
      const name = nameOf(record.host, zone);
      if (records.of(zone, name, record.type).some(({ value }) => value === record.data)) refuse(409, { code: 'dns:collision', help: 'There is such a record already.' });
      return reply(201, { id: number(records.add(zone, { name, type: record.type, value: record.data, ttl: record.ttl }).id) });
    },
    'PUT /v0/domains/:domain/dns/:id'(visit) {
      const { id } = named(visit);
      const record = visit.json();
      check(record);
      records.change(visit.zone, id, { value: record.data, ttl: record.ttl });
      return reply(204);
    },
    'DELETE /v0/domains/:domain/dns/:id'(visit) {
      records.remove(visit.zone, named(visit).id);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN, secret: SECRET },
  secretOptions: ['secret'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'records of a name and type',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v0\/domains\/\d+\/dns\?host=home&type=A$/ },
      reply: { status: 200, body: '[{"id":1,"host":"home","ttl":300,"type":"A","data":"203.0.113.1"}]' },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/v0\/domains\/\d+\/dns$/, body: { host: 'home', type: 'A', ttl: 300, data: '198.51.100.4' } },
      reply: { status: 201, body: '{"id":34}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/v0\/domains\/\d+\/dns\/1$/, body: { host: 'home', type: 'A', ttl: 300, data: '198.51.100.4' } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'the same record exists',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/dns$/ },
      reply: { status: 409, body: '' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/v0\/domains$/ },
      reply: { status: 401, body: '{"code":"authentication:failed","help":"See https://api.domeneshop.no/docs/"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
