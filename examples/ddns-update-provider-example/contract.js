/**
 * Harbour's API as a pure fake over records in memory, and exchanges copied from its pages. Adapter and fake are both held to the exchanges,
 * so that they cannot agree on an invention.
 */
import { fakeApi, records, refuse, reply, zonesOf } from 'ddns-update/testing';

const TOKEN = 'hbr_0123456789abcdef';
const PAGE = 'https://harbour-dns.example/docs/api';

/** @typedef {import('ddns-update/testing').FakeZone} FakeZone */
/** @typedef {import('ddns-update/testing').Visit} Visit */

/** @type {(zone: FakeZone, name: string) => string} */
const hostIn = (zone, name) => (name === zone.name ? '@' : name.slice(0, -zone.name.length - 1));
/** @type {(zone: FakeZone, host?: string) => string} */
const nameIn = (zone, host = '@') => (host === '@' ? zone.name : `${host}.${zone.name}`);

/** A set's revision: whatever differs when anything of the set does. Here it is made of its records' ids. @type {(zone: FakeZone, name: string, type?: string) => number} */
const revisionOf = (zone, name, type) => records.of(zone, name, type).reduce((sum, { id }) => sum + Number.parseInt(id, 16), 0);
/** @type {(zone: FakeZone, set: { name: string, type: string, values: readonly string[], ttl: number, extra?: object }) => object} */
const show = (zone, { name, type, values, ttl, extra }) => ({ host: hostIn(zone, name), type, values, ttl, revision: revisionOf(zone, name, type), note: null, ...extra });

/** A cursor is the place to go on from. @type {(key: string, items: readonly object[], visit: Visit) => object} */
const listing = (key, items, { query, pageSize }) => {
  const from = Number(query.get('after') ?? 0);
  const to = from + Math.min(Number(query.get('limit') ?? 50), pageSize);
  return { [key]: items.slice(from, to), next: to < items.length ? String(to) : null };
};

/** @type {(visit: Visit, name: string) => void} */
const checkRevision = ({ zone, params, request }, name) => {
  const there = revisionOf(zone, name, params.type);
  if (request.headers['if-match'] !== `"${there}"`) refuse(412, { error: 'revision', message: `the set is at revision ${there}` });
};

/** @type {(visit: Visit) => FakeZone} */
const known = ({ zone, params }) => (params.zone === zone.name ? zone : refuse(404, { error: 'no_such_zone' }));

const api = fakeApi({
  guard({ request }) {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) refuse(401, { error: 'bad_token', message: 'This token does not exist.' });
  },
  routes: {
    'GET /v1/zones': (visit) =>
      listing(
        'zones',
        zonesOf(visit.zone).map(({ name }) => ({ name })),
        visit,
      ),
    'GET /v1/zones/:zone/sets': (visit) =>
      listing(
        'sets',
        records.sets(known(visit)).map((set) => show(visit.zone, set)),
        visit,
      ),
    'PUT /v1/zones/:zone/sets/:host/:type'(visit) {
      const zone = known(visit);
      const { type = '' } = visit.params;
      const name = nameIn(zone, visit.params.host);
      checkRevision(visit, name);
      const { values, ttl = 300, note } = visit.json();
      if (ttl < 60 || ttl > 86_400) refuse(422, { error: 'bad_ttl' });
      if (type === 'A' && !values.every((/** @type {string} */ value) => /^\d+\.\d+\.\d+\.\d+$/.test(value))) refuse(422, { error: 'bad_value' });
      records.put(zone, { name, type, values, ttl, ...(note ? { extra: { note } } : {}) });
      return show(zone, { name, type, values, ttl, extra: { note: note ?? null } });
    },
    'DELETE /v1/zones/:zone/sets/:host/:type'(visit) {
      const zone = known(visit);
      const name = nameIn(zone, visit.params.host);
      checkRevision(visit, name);
      zone.records = zone.records.filter((record) => record.name !== name || record.type !== visit.params.type);
      return reply(204);
    },
  },
});

const home = /** @type {const} */ ({ name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 900 });
const write = /** @type {const} */ ({ kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] });
const put = /** @type {const} */ ({ method: 'PUT', path: /\/v1\/zones\/example\.com\/sets\/home\/A$/ });

/** @type {import('ddns-update/testing').Contract} */
export const contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { note: 'put here by hand' },
  // Zones, record sets, one change; a thousand changes are a thousand requests, because Harbour takes one set at a time.
  budget: { one: 3, thousand: 1007 },
  documented: [
    {
      title: 'a set is made',
      page: PAGE,
      act: { ...write, ttl: 900 },
      request: { ...put, body: { values: ['198.51.100.4'], ttl: 900 } },
      reply: { status: 200, body: '{"host":"home","type":"A","values":["198.51.100.4"],"ttl":900,"revision":1,"note":null}' },
      ends: 'ok',
    },
    {
      title: 'a set gets another address, and keeps its TTL',
      page: PAGE,
      given: [home],
      act: write,
      request: { ...put, body: { values: ['198.51.100.4'], ttl: 900 } },
      reply: { status: 200, body: '{"host":"home","type":"A","values":["198.51.100.4"],"ttl":900,"revision":2,"note":null}' },
      ends: 'ok',
    },
    {
      title: 'somebody else was faster',
      page: PAGE,
      given: [home],
      act: write,
      request: put,
      reply: { status: 412, body: '{"error":"revision","message":"the set is at revision 3"}' },
      ends: 'conflict',
      fake: 'unasked',
    },
    {
      title: 'a token that does not exist',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/v1\/zones/ },
      reply: { status: 401, body: '{"error":"bad_token","message":"This token does not exist."}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
