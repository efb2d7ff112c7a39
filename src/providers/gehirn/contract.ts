/** Gehirn DNS over records in memory, and exchanges as its pages show them. */
import { nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const ID = '5f0c1e9d-8b7a-4f5e-9d3c-2b1a0f9e8d7c';
const SECRET = 'c3b2a19f8e7d6c5b4a39281706f5e4d3';
const PAGE = 'https://support.gehirn.jp/apidocs/dns/records.html';

type Held = ReturnType<typeof records.sets>[number];
/** The id of a set says which it is. */
const idOf = ({ name, type }: Pick<Held, 'name' | 'type'>): string => Buffer.from(`${name} ${type}`).toString('hex');
const show = (set: Held): object => ({
  id: idOf(set),
  name: `${set.name}.`,
  type: set.type,
  enable_alias: false,
  ttl: set.ttl,
  records: set.values.map((value) => ({ [set.type === 'A' || set.type === 'AAAA' ? 'address' : 'data']: value })),
});
const missing = () => refuse(404, { code: 404, description: 'Not Found' });
const find = ({ zone, params }: Visit): Held => records.sets(zone).find((set) => idOf(set) === params['id']) ?? missing();

function put({ zone, json }: Visit): object {
  const { name, type, ttl, records: lines } = json();
  const values: string[] = lines.map(({ address }: { address: string }) => address);
  if (values.length === 0 || values.some((value) => !holds(type, value)) || ttl < 30) refuse(400, { code: 400, description: 'Bad Request' });
  const set = { name: nameOf(name, zone), type, values, ttl };
  records.put(zone, set);
  return show(set);
}

const api = fakeApi({
  guard({ request, params, zone }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${ID}:${SECRET}`)}`) refuse(401, { code: 401, description: 'Unauthorized' });
    if (params['zone'] !== undefined && params['zone'] !== zone.id) missing();
  },
  routes: {
    'GET /dns/v1/zones': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map(({ id, name }) => ({ id, name, deletion_protection: true, current_version_id: `version-${id}` })),
      ),
    'GET /dns/v1/zones/:zone': ({ zone: { id, name } }) => reply(200, { id, name, deletion_protection: true, current_version_id: `version-${id}` }),
    'GET /dns/v1/zones/:zone/versions/:version/records': ({ zone }) => reply(200, records.sets(zone).map(show)),
    'POST /dns/v1/zones/:zone/versions/:version/records'(visit) {
      const { name, type } = visit.json();
      if (records.of(visit.zone, nameOf(name, visit.zone), type).length > 0) refuse(409, { code: 409, description: 'Conflict' });
      return reply(200, put(visit));
    },
    'PUT /dns/v1/zones/:zone/versions/:version/records/:id'(visit) {
      find(visit);
      return reply(200, put(visit));
    },
    'DELETE /dns/v1/zones/:zone/versions/:version/records/:id'(visit) {
      const set = find(visit);
      records.put(visit.zone, { ...set, values: [] });
      return reply(200, show(set));
    },
  },
});

const write = { kind: 'write', name: 'example.com', type: 'A', values: ['192.0.2.10'] } as const;
const shown = '{"id":"RECORD-ID-1","name":"example.com.","type":"A","enable_alias":false,"ttl":3600,"records":[{"address":"192.0.2.10"}]}';
const listing = /^\/dns\/v1\/zones\/[^/]+\/versions\/version-f+\/records$/;

export const contract: Contract = {
  options: { tokenId: ID, tokenSecret: SECRET },
  secretOptions: ['tokenSecret'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a record is created',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: listing, body: { name: 'example.com.', type: 'A', enable_alias: false, ttl: 3600, records: [{ address: '192.0.2.10' }] } },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'a record is changed',
      page: PAGE,
      given: [{ name: 'example.com', type: 'A', value: '203.0.113.1', ttl: 3600 }],
      act: write,
      request: { method: 'PUT', path: /\/records\/\w+$/, body: { name: 'example.com.', ttl: 3600, records: [{ address: '192.0.2.10' }] } },
      reply: { status: 200, body: shown },
      ends: 'ok',
    },
    {
      title: 'an alias is left alone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: listing },
      reply: { status: 200, body: '[{"id":"RECORD-ID-1","name":"example.com.","type":"A","enable_alias":true,"alias_to":"host.example.net."}]' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a wrong secret',
      page: 'https://support.gehirn.jp/apidocs/dns/zones.html',
      act: write,
      request: { method: 'GET', path: /^\/dns\/v1\/zones$/ },
      reply: { status: 401, body: '{"code":401,"description":"Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is gone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: listing },
      reply: { status: 404, body: '{"code":404,"description":"Not Found"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
