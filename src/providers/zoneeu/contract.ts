/** Zone.eu's API over records in memory. */
import { type Contract, type FakeRecord, fakeApi, holds, numberOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'c3b2a19f8e7d6c5b4a39281706f5e4d3';
const PAGE = 'https://api.zone.eu/v2';

const show = ({ id, name, value }: FakeRecord) => ({ resource_url: `https://api.zone.eu/v2/dns/${numberOf(id)}`, id: String(numberOf(id)), name, destination: value, delete: true, modify: true });
const typeOf = ({ params }: Visit): string => params['type']?.toUpperCase() ?? '';
const find = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? refuse(404);
const check = (visit: Visit): { readonly name: string; readonly value: string } => {
  const { name, destination } = visit.json();
  if (!holds(typeOf(visit), destination)) refuse(422, { destination: ['The destination is not a valid address.'] });
  return { name, value: destination };
};

const api = fakeApi({
  guard({ request, params, zone }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`myname:${KEY}`)}`) refuse(401);
    if (params['zone'] !== undefined && params['zone'] !== zone.name) refuse(404);
  },
  routes: {
    'GET /v2/dns': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ name }) => ({ resource_url: `https://api.zone.eu/v2/dns/${name}`, name, active: true, ipv6: true })),
      ),
    'GET /v2/dns/:zone/:type': (visit) => reply(200, visit.zone.records.filter(({ type }) => type === typeOf(visit)).map(show)),
    'POST /v2/dns/:zone/:type': (visit) => reply(201, [show(records.add(visit.zone, { ...check(visit), type: typeOf(visit), ttl: 60 }))]),
    'PUT /v2/dns/:zone/:type/:id': (visit) => reply(200, [show(records.change(visit.zone, find(visit).id, check(visit)) ?? refuse(404))]),
    'DELETE /v2/dns/:zone/:type/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return reply(204);
    },
  },
});

export const contract: Contract = {
  options: { username: 'myname', key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a listing, as the vendor shows it',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/zoneee/internal/fixtures/get_txt_records.json',
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/v2\/dns\/example\.com\/a$/ },
      reply: { status: 200, body: '[{"resource_url":"string","destination":"203.0.113.1","id":"123","name":"home.example.com","delete":true,"modify":true}]' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'create a record, answered in the same form',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/zoneee/internal/fixtures',
      act: { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] },
      request: { method: 'POST', path: /^\/v2\/dns\/example\.com\/a$/, body: { name: 'home.example.com', destination: '198.51.100.4' } },
      reply: { status: 201, body: '[{"resource_url":"string","destination":"198.51.100.4","id":"123","name":"home.example.com","delete":true,"modify":true}]' },
      ends: 'ok',
    },
    {
      title: 'a wrong key',
      page: PAGE,
      act: { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] },
      request: { method: 'GET', path: /^\/v2\/dns$/ },
      reply: { status: 401, body: '' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain that is not there',
      page: PAGE,
      act: { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] },
      request: { method: 'GET', path: /^\/v2\/dns\/example\.com\/a$/ },
      reply: { status: 404, body: '' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
