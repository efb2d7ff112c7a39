/** Rainyun over records in memory, as other programs know it. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, pageOf, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'bN4vXq8ZsLw2TgHj6yRk';
const PAGE = 'https://github.com/go-acme/lego/tree/master/providers/dns/rainyun';
const OTHER = 'https://github.com/jeessy2/ddns-go/blob/master/dns/rainyun.go';

const no = (status: number, code: number, message: string) => refuse(status, { code, message });
const done = { code: 200, data: 'ok' };
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  record_id: numberOf(id),
  host: hostOf(name, zone, '@'),
  type,
  value,
  ttl,
  line: 'DEFAULT',
  level: 10,
  ...extra,
});
const mine = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.id ? zone : no(404, 404, '产品不存在'));
/** What a write asks for; what is not sent is dropped. */
const asked = (visit: Visit): Omit<FakeRecord, 'id'> => {
  const { host, line, level, ttl, type, value } = visit.json();
  if (line !== 'DEFAULT' || !holds(type, value)) no(400, 30_001, '参数错误');
  if (ttl < 1 || ttl > 86_400) no(400, 30_002, 'TTL 错误');
  return { name: nameOf(host, mine(visit)), type, value, ttl, extra: { level } };
};
const byId = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.json().record_id) ?? no(404, 404, '记录不存在');

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-api-key'] !== KEY) no(403, 30_039, '密钥认证错误或已失效');
  },
  routes: {
    'GET /product/domain'({ zone, query, pageSize }) {
      const { page, perPage } = JSON.parse(query.get('options') ?? '{}');
      const shown = pageOf(zonesOf(zone), { page, size: Math.min(perPage, 100, pageSize) });
      return { code: 200, data: { TotalRecords: shown.total, Records: shown.items.map(({ id, name }) => ({ id, domain: name })) } };
    },
    'GET /product/domain/:domain/dns'(visit) {
      const page = pageAsked(mine(visit).records, visit, { page: 'page_no', size: 'limit', usual: 20, most: 100 });
      return { code: 200, data: { TotalRecords: page.total, Records: page.items.map((record) => show(visit.zone, record)) } };
    },
    'POST /product/domain/:domain/dns'(visit) {
      records.add(visit.zone, asked(visit));
      return done;
    },
    'PATCH /product/domain/:domain/dns'(visit) {
      records.change(visit.zone, byId(visit).id, asked(visit));
      return done;
    },
    'DELETE /product/domain/:domain/dns'(visit) {
      records.remove(visit.zone, byId(visit).id);
      return done;
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const path = /^\/product\/domain\/f+\/dns/;

export const contract: Contract = {
  options: { apiKey: KEY },
  secretOptions: ['apiKey'],
  zone: 'example.com',
  api,
  extra: { level: 7 },
  budget: { one: 3, thousand: 1011 },
  documented: [
    {
      title: 'the records of a domain',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path },
      reply: {
        status: 200,
        body: '{"code":0,"data":{"TotalRecords":2,"Records":[{"record_id":1,"host":"_acme-challenge.foo.example.com","type":"TXT","TTL":120,"value":"foo","line":"DEFAULT"},{"record_id":2,"host":"_acme-challenge.bar.example.com","type":"TXT","TTL":300,"value":"bar","line":"DEFAULT"}]}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a new record',
      page: OTHER,
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path, body: { host: 'home', line: 'DEFAULT', level: 10, ttl: 600, type: 'A', value: '203.0.113.7', record_id: 0 } },
      reply: { status: 200, body: '{"code":200,"data":"ok"}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: OTHER,
      given: [home],
      act: write,
      request: { method: 'PATCH', path, body: { host: 'home', line: 'DEFAULT', level: 10, ttl: 600, type: 'A', value: '203.0.113.7', record_id: 1 } },
      reply: { status: 200, body: '{"code":200,"data":"ok"}' },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path },
      reply: { status: 200, body: '{"code":30039,"message":"密钥认证错误或已失效"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
