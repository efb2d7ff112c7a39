/** Hetzner's DNS over records in memory, and exchanges as its pages and recorded traffic show them. Every change is carried out at once, but said to be only begun. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b3a2f1e';
const RECORDED = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/hetzner';
const ERRORS = 'https://docs.hetzner.cloud/reference/cloud#description/errors';

const says = (status: number, code: string, message: string, details: object | null = null) => refuse(status, { error: { code, message, details } });
const wrong = (field: string, why: string) => says(422, 'invalid_input', `invalid input in field '${field}'`, { fields: [{ name: field, messages: [why] }] });

const action = (id: number, status: 'running' | 'success', command = 'set_rrset_records'): object => ({
  id,
  status,
  command,
  progress: status === 'success' ? 100 : 0,
  started: '2026-01-13T14:19:04Z',
  finished: status === 'success' ? '2026-01-13T14:19:12Z' : null,
  error: null,
  resources: [{ id: 53_091, type: 'zone' }],
});
const begun = (zone: FakeZone, command: string): object => ({ action: action(numberOf(zone.nextId()), 'running', command) });

type Held = ReturnType<typeof records.sets>[number];
const show = (zone: FakeZone, { name, type, values, ttl, extra }: Held): object => ({
  id: `${hostOf(name, zone, '@')}/${type}`,
  name: hostOf(name, zone, '@'),
  type,
  ttl,
  labels: {},
  protection: { change: false },
  records: values.map((value) => ({ value, ...extra })),
  zone: numberOf(zone.id),
});

function listing(key: string, items: readonly object[], visit: Visit, most: number): object {
  const { items: some, page, pages, total, size } = pageAsked(items, visit, { size: 'per_page', usual: 25, most });
  return {
    [key]: some,
    meta: { pagination: { page, per_page: size, previous_page: page > 1 ? page - 1 : null, next_page: page < pages ? page + 1 : null, last_page: pages, total_entries: total } },
  };
}

function checked({ zone, params }: Visit): FakeZone {
  return [zone.name, String(numberOf(zone.id))].includes(params['zone'] ?? '') ? zone : says(404, 'not_found', 'Zone not found');
}
function find(visit: Visit): Held {
  const zone = checked(visit);
  const set = records.sets(zone).find(({ name, type }) => name === nameOf(visit.params['host'] ?? '', zone) && type === visit.params['type']);
  return set ?? says(404, 'not_found', 'RRSet not found');
}
type Sent = readonly { readonly value: string; readonly comment?: string }[];
function put(zone: FakeZone, { name, type, ttl }: Pick<Held, 'name' | 'type' | 'ttl'>, sent: Sent): void {
  if (sent.length === 0 || sent.length > 50) wrong('records', 'must have from 1 to 50 entries');
  if (!sent.every(({ value }) => holds(type, value))) wrong('records', 'invalid value');
  if (ttl < 60) wrong('ttl', 'must be at least 60');
  records.put(zone, { name, type, values: [], ttl });
  for (const { value, comment } of sent) records.add(zone, { name, type, value, ttl, ...(comment === undefined ? {} : { extra: { comment } }) });
}

const at = '/v1/zones/:zone/rrsets';
const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) says(401, 'unauthorized', 'the token you have provided is invalid');
  },
  routes: {
    'GET /v1/zones': (visit) =>
      listing(
        'zones',
        zonesOf(visit.zone).map(({ id, name }) => ({ id: numberOf(id), name, mode: 'primary', ttl: 3600, labels: {}, status: 'ok' })),
        visit,
        50,
      ),
    'GET /v1/zones/actions': (visit) =>
      listing(
        'actions',
        visit.query.getAll('id').map((id) => action(Number(id), 'success')),
        visit,
        50,
      ),
    'GET /v1/zones/actions/:id': ({ params }) => ({ action: action(Number(params['id']), 'success') }),
    [`GET ${at}`](visit) {
      const types = visit.query.getAll('type');
      const sets = records.sets(checked(visit)).filter(({ type }) => types.length === 0 || types.includes(type));
      return listing(
        'rrsets',
        sets.map((set) => show(visit.zone, set)),
        visit,
        100,
      );
    },
    [`POST ${at}`](visit) {
      const zone = checked(visit);
      const { name: host, type, ttl = 3600, records: sent } = visit.json();
      const name = nameOf(host, zone);
      if (records.of(zone, name, type).length > 0) says(409, 'uniqueness_error', 'RRSet already exists');
      put(zone, { name, type, ttl }, sent);
      return reply(201, { ...begun(zone, 'create_rrset'), rrset: show(zone, records.sets(zone).find((set) => set.name === name && set.type === type) as Held) });
    },
    [`GET ${at}/:host/:type`]: (visit) => ({ rrset: show(visit.zone, find(visit)) }),
    [`DELETE ${at}/:host/:type`](visit) {
      records.put(visit.zone, { ...find(visit), values: [] });
      return reply(201, begun(visit.zone, 'delete_rrset'));
    },
    [`POST ${at}/:host/:type/actions/set_records`](visit) {
      put(visit.zone, find(visit), visit.json().records);
      return reply(201, begun(visit.zone, 'set_rrset_records'));
    },
    [`POST ${at}/:host/:type/actions/change_ttl`](visit) {
      const { name, type } = find(visit);
      const { ttl } = visit.json();
      if (ttl < 60) wrong('ttl', 'must be at least 60');
      for (const { id } of records.of(visit.zone, name, type)) records.change(visit.zone, id, { ttl });
      return reply(201, begun(visit.zone, 'change_rrset_ttl'));
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the cellar' },
  budget: { one: 4, thousand: 1051 },
  documented: [
    {
      title: 'a record that is not there',
      page: 'https://docs.hetzner.cloud/reference/cloud#zone-rrsets-get-an-rrset',
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /\/v1\/zones\/\d+\/rrsets\/home\/A$/ },
      reply: { status: 404, body: '{"error":{"code":"not_found","message":"RRSet not found","details":null}}' },
      ends: 'ok',
    },
    {
      title: 'begin a new set',
      page: 'https://docs.hetzner.cloud/reference/cloud#zone-rrsets-create-an-rrset',
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/v1\/zones\/\d+\/rrsets$/, body: { name: 'home', type: 'A', ttl: 3600, records: [{ value: '198.51.100.4' }] } },
      reply: {
        status: 201,
        body: '{"rrset":{"id":"home/A","name":"home","type":"A","ttl":3600,"labels":{},"protection":{"change":false},"records":[{"value":"198.51.100.4"}],"zone":42},"action":{"id":604989101983488,"status":"running","command":"create_rrset","progress":0,"started":"2026-01-13T14:19:04Z","finished":null,"error":null,"resources":[{"id":42,"type":"zone"}]}}',
      },
      ends: 'ok',
    },
    {
      title: 'begin a new value',
      page: 'https://docs.hetzner.cloud/reference/cloud#zone-rrset-actions-set-records-of-an-rrset',
      given: [{ name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600, extra: { comment: 'the box in the cellar' } }],
      act: write,
      request: {
        method: 'POST',
        path: /\/v1\/zones\/\d+\/rrsets\/home\/A\/actions\/set_records$/,
        body: { records: [{ value: '198.51.100.4', comment: 'the box in the cellar' }] },
      },
      reply: {
        status: 201,
        body: '{"action":{"id":604989101983488,"status":"running","command":"set_rrset_records","progress":0,"started":"2026-01-13T14:19:04Z","finished":null,"error":null,"resources":[{"id":53091,"type":"zone"}]}}',
      },
      ends: 'ok',
    },
    {
      title: 'what was begun is done',
      page: RECORDED,
      given: [{ name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 }],
      act: write,
      request: { method: 'GET', path: /\/v1\/zones\/actions\/\d+$/ },
      reply: {
        status: 200,
        body: '{"action":{"id":604989101983488,"status":"success","command":"add_rrset_records","progress":100,"started":"2026-01-13T14:19:04Z","finished":"2026-01-13T14:19:12Z","error":null,"resources":[{"id":53091,"type":"zone"}]}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'what was begun has failed',
      page: 'https://docs.hetzner.cloud/reference/cloud#tag/actions',
      given: [{ name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 }],
      act: write,
      request: { method: 'GET', path: /\/v1\/zones\/actions\/\d+$/ },
      reply: { status: 200, body: '{"action":{"id":53,"status":"error","command":"set_rrset_records","progress":100,"error":{"code":"action_failed","message":"Action failed"}}}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
    {
      title: 'a token that is not known',
      page: RECORDED,
      act: write,
      request: { method: 'GET', path: /\/v1\/zones/ },
      reply: { status: 401, body: '{"error":{"code":"unauthorized","details":null,"message":"the token you have provided is invalid"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a token that may only read',
      page: ERRORS,
      act: write,
      request: { method: 'POST', path: /\/rrsets$/ },
      reply: { status: 401, body: '{"error":{"code":"token_readonly","details":null,"message":"the token is only allowed to perform GET requests"}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is busy with another change until the patience ends',
      page: ERRORS,
      act: write,
      request: { method: 'POST', path: /\/rrsets$/ },
      reply: { status: 423, body: '{"error":{"code":"locked","details":null,"message":"the item you are trying to access is locked"}}' },
      ends: 'unavailable',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: ERRORS,
      act: write,
      request: { method: 'POST', path: /\/rrsets$/ },
      reply: { status: 429, headers: { 'ratelimit-limit': '3600', 'ratelimit-remaining': '0' }, body: '{"error":{"code":"rate_limit_exceeded","message":"rate limit exceeded","details":null}}' },
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
