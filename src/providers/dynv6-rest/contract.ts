/** dynv6's REST API over records in memory; answers are formed as its own description says, the list of zones is recorded. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, reply, zonesOf } from '../../testing/index.ts';

const TOKEN = 'c3b2a19f8e7d6c5b4a39281706f5e4';
const PAGE = 'https://dynv6.github.io/api-spec/';

const show = (zone: FakeZone, { id, name, type, value }: FakeRecord): object => ({ id: numberOf(id), zoneID: numberOf(zone.id), type, name: hostOf(name, zone, ''), data: value });
const showZone = ({ id, name }: Pick<FakeZone, 'id' | 'name'>): object => ({
  name,
  ipv4address: '203.0.113.200',
  ipv6prefix: '',
  id: numberOf(id),
  createdAt: '2024-11-27T14:24:02+01:00',
  updatedAt: '2024-11-27T14:24:02+01:00',
});
const check = ({ type, data }: { readonly type: string; readonly data: unknown }): void => {
  if (!holds(type, data)) refuse(422, { error: { name: 'ValidationError', message: 'validation failed', fields: [{ name: 'data', message: 'is no valid address' }] } });
};

const api = fakeApi({
  guard({ request, zone, params }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401);
    if (params['zone'] !== undefined && Number(params['zone']) !== numberOf(zone.id)) refuse(404);
  },
  routes: {
    'GET /api/v2/zones': ({ zone }) => reply(200, zonesOf(zone).map(showZone)),
    'GET /api/v2/zones/:zone/records': ({ zone }) =>
      reply(
        200,
        zone.records.map((record) => show(zone, record)),
      ),
    'POST /api/v2/zones/:zone/records'({ zone, json }) {
      const { name, type, data } = json();
      check({ type, data });
      return reply(200, show(zone, records.add(zone, { name: nameOf(name, zone), type, value: data, ttl: 60 })));
    },
    'PATCH /api/v2/zones/:zone/records/:id'({ zone, params, json }) {
      const { type, data } = json();
      const { id } = records.numbered(zone, params['id']) ?? refuse(404);
      check({ type, data });
      return reply(200, show(zone, records.change(zone, id, { value: data }) ?? refuse(404)));
    },
    'DELETE /api/v2/zones/:zone/records/:id'({ zone, params }) {
      records.remove(zone, (records.numbered(zone, params['id']) ?? refuse(404)).id);
      return reply(204);
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'the zones of an account',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/v2\/zones$/ },
      reply: {
        status: 200,
        body: '[{"name":"hackme.example","ipv4address":"203.0.113.246","ipv6prefix":"","id":4507942,"createdAt":"2024-11-27T14:24:02+01:00","updatedAt":"2024-11-27T14:24:02+01:00"}]',
      },
      // The name is in none of these.
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a record is created',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/api\/v2\/zones\/\d+\/records$/, body: { name: 'home', type: 'A', data: '198.51.100.4' } },
      reply: { status: 200, body: '{"type":"A","name":"home","data":"198.51.100.4","id":6001,"zoneID":4507942}' },
      ends: 'ok',
    },
    {
      title: 'a record is changed',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PATCH', path: /^\/api\/v2\/zones\/\d+\/records\/\d+$/, body: { data: '198.51.100.4' } },
      reply: { status: 200, body: '{"type":"A","name":"home","data":"198.51.100.4","id":6001,"zoneID":4507942}' },
      ends: 'ok',
    },
    {
      title: 'a record that follows the prefix of its zone is left alone',
      page: PAGE,
      act: { ...write, name: 'nas.example.com', type: 'AAAA', values: ['2001:db8::7'] },
      request: { method: 'GET', path: /\/records$/ },
      reply: { status: 200, body: '[{"type":"AAAA","name":"nas","data":"02:00:5e:10:00:01","expandedData":"2001:db8::5eff:fe10:1","id":6002,"zoneID":4507942}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a value that is refused',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/records$/ },
      reply: { status: 422, body: '{"error":{"name":"ValidationError","message":"validation failed","fields":[{"name":"data","message":"is invalid"}]}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    { title: 'a token that is not known', page: PAGE, act: write, request: { method: 'GET', path: /^\/api\/v2\/zones$/ }, reply: { status: 401, body: '' }, ends: 'auth', fake: 'unasked' },
    { title: 'a zone that is gone', page: PAGE, act: write, request: { method: 'GET', path: /\/records$/ }, reply: { status: 404, body: '' }, ends: 'refused', fake: 'unasked' },
  ],
};
