/** DNS.LA over records in memory, as other programs know it. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, pageAsked, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const ID = '85068081529119744';
const SECRET = 'f1c9b7a35d2e4f60';
const PAGE = 'https://github.com/netcccyun/dnsmgr/blob/main/app/lib/dns/dnsla.php';

const NUMBERS: Readonly<Record<string, number>> = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 };
const no = (code: number, msg: string) => refuse(200, { code, msg, data: {} });
const fine = (data: object) => ({ code: 200, msg: '', data });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id,
  createdAt: 1_692_856_597,
  updatedAt: 1_692_856_597,
  domainId: zone.id,
  host: hostOf(name, zone, '@'),
  displayHost: hostOf(name, zone, '@'),
  type: NUMBERS[type],
  lineId: '',
  lineName: '',
  data: value,
  displayData: value,
  ttl,
  disable: false,
  system: false,
  ...extra,
});
const asked = ({ zone, json }: Visit): Omit<FakeRecord, 'id'> => {
  const { type: number, host, data, ttl = 600, weight } = json();
  const type = Object.keys(NUMBERS).find((name) => NUMBERS[name] === number) ?? no(400, '记录类型错误');
  if (!holds(type, data)) no(400, '记录值错误');
  if (ttl < 1 || ttl > 86_400) no(400, 'TTL错误');
  return { name: nameOf(host, zone), type, value: data, ttl, extra: { weight } };
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Basic ${btoa(`${ID}:${SECRET}`)}`) refuse(401, { code: 401, msg: '认证失败', data: {} });
  },
  routes: {
    'GET /api/domainList'(visit) {
      const page = pageAsked(zonesOf(visit.zone), visit, { page: 'pageIndex', size: 'pageSize', usual: 10, most: 100 });
      return fine({ total: page.total, results: page.items.map(({ id, name }) => ({ id, domain: `${name}.`, displayDomain: `${name}.`, state: 1 })) });
    },
    'GET /api/recordList'(visit) {
      const { zone, query } = visit;
      if (query.get('domainId') !== zone.id) no(404, '域名不存在');
      const host = query.get('host');
      const page = pageAsked(host === null ? zone.records : records.of(zone, nameOf(host, zone)), visit, { page: 'pageIndex', size: 'pageSize', usual: 10, most: 100 });
      return fine({ total: page.total, results: page.items.map((record) => show(zone, record)) });
    },
    'POST /api/record'(visit) {
      if (visit.json().domainId !== visit.zone.id) no(404, '域名不存在');
      return fine({ id: records.add(visit.zone, asked(visit)).id });
    },
    'PUT /api/record': (visit) => (records.change(visit.zone, visit.json().id, asked(visit)) ? fine({}) : no(404, '记录不存在')),
    'DELETE /api/record': ({ zone, query }) => (records.remove(zone, query.get('id') ?? '') ? fine({}) : no(404, '记录不存在')),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;

export const contract: Contract = {
  options: { apiId: ID, apiSecret: SECRET },
  secretOptions: ['apiSecret'],
  zone: 'example.com',
  api,
  extra: { weight: 5 },
  budget: { one: 3, thousand: 1011 },
  documented: [
    {
      title: 'a new record',
      page: PAGE,
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /^\/api\/record$/, body: { type: 1, host: 'home', data: '203.0.113.7', ttl: 600 } },
      reply: { status: 200, body: '{"code":200,"msg":"","data":{"id":"123"}}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/api\/record$/, body: { type: 1, host: 'home', data: '203.0.113.7', ttl: 600 } },
      reply: { status: 200, body: '{"code":200,"msg":"","data":{}}' },
      ends: 'ok',
    },
    {
      title: 'keys that are not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/api\/domainList/ },
      reply: { status: 401, body: '{"code":401,"msg":"认证失败","data":{}}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a refusal with status 200',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/api\/record$/ },
      reply: { status: 200, body: '{"code":400,"msg":"记录值错误","data":{}}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
