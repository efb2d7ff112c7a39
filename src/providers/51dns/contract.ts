/** 51DNS over records in memory, as another program knows it. */
import { createHash } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, type Visit } from '../../testing/index.ts';

const KEY = '0f3c1e8a7b6d5c4e';
const SECRET = '9d8c7b6a5f4e3d2c1b0a';
const PAGE = 'https://github.com/NewFuture/DDNS/blob/master/ddns/provider/dnscom.py';

const no = (code: number, message: string) => refuse(200, { code, message });
const fine = (data: object) => ({ code: 0, message: '', data });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  recordID: numberOf(id),
  record: hostOf(name, zone, '@'),
  type,
  value,
  TTL: ttl,
  viewID: 0,
  mx: null,
  state: 1,
  ...extra,
});
const domainId = (zone: FakeZone): number => numberOf(zone.id);
const mine = ({ zone, form }: Visit): FakeZone => (form.get('domainID') === String(domainId(zone)) ? zone : no(6, '域名不存在'));
const byId = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.form.get('recordID') ?? '') ?? no(7, '记录不存在');
function check(type: string | null, value: string | null, ttl: number): { readonly value: string; readonly ttl: number } {
  if (!holds(type, value)) no(8, '记录值错误');
  if (ttl < 1 || ttl > 86_400) no(8, 'TTL错误');
  return { value: value ?? '', ttl };
}

const api = fakeApi({
  guard({ request, form }) {
    const [signed = ''] = (request.body ?? '').split('&hash=');
    const sorted = signed.split('&').sort().join('&');
    if (form.get('apiKey') !== KEY) no(3, 'apiKey错误');
    if (sorted !== signed || form.get('hash') !== createHash('md5').update(`${sorted}${SECRET}`).digest('hex')) no(4, 'hash错误');
  },
  routes: {
    'POST /api/domain/getsingle/': ({ zone, form }) => (form.get('domainID') === zone.name ? fine({ domainID: domainId(zone), domain: zone.name, state: 1 }) : no(6, '域名不存在')),
    'POST /api/record/list/'(visit) {
      const zone = mine(visit);
      const host = visit.form.get('host');
      const some = host === null ? zone.records : records.of(zone, nameOf(host, zone));
      const page = pageOf(some, { page: Number(visit.form.get('page') ?? 1), size: Math.min(Number(visit.form.get('pageSize') ?? 20), 500, visit.pageSize) });
      return fine({ page: page.page, pageCount: page.pages, pageSize: page.size, data: page.items.map((record) => show(zone, record)) });
    },
    'POST /api/record/create/'(visit) {
      const { form } = visit;
      const type = form.get('type') ?? '';
      const record = { name: nameOf(form.get('host') ?? '', mine(visit)), type, ...check(type, form.get('value'), Number(form.get('TTL') ?? 600)) };
      return fine({ recordID: numberOf(records.add(visit.zone, record).id) });
    },
    'POST /api/record/modify/'(visit) {
      const { id, type } = byId(visit);
      records.change(visit.zone, id, check(type, visit.form.get('newvalue'), Number(visit.form.get('newTTL') ?? 600)));
      return fine({ recordID: numberOf(id) });
    },
    'POST /api/record/remove/'(visit) {
      records.remove(visit.zone, byId(visit).id);
      return fine({});
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const post = (action: string, body?: string) => ({ method: 'POST', path: new RegExp(`^/api/${action}/$`), ...(body === undefined ? {} : { body }) }) as const;

export const contract: Contract = {
  options: { apiKey: KEY, apiSecret: SECRET, zone: 'example.com' },
  secretOptions: ['apiSecret'],
  zone: 'example.com',
  api,
  extra: { remark: 'the front door' },
  budget: { one: 3, thousand: 1003 },
  documented: [
    {
      title: 'a new record',
      page: PAGE,
      act: { ...write, ttl: 600 },
      request: post('record/create', 'TTL=600&apiKey='),
      reply: { status: 200, body: '{"code":0,"message":"","data":{"recordID":123}}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: post('record/modify', 'newTTL=600&newvalue=203.0.113.7&recordID=1'),
      reply: { status: 200, body: '{"code":0,"message":"","data":{"recordID":1}}' },
      ends: 'ok',
    },
    { title: 'a digest that is wrong', page: PAGE, act: write, request: post('domain/getsingle'), reply: { status: 200, body: '{"code":4,"message":"hash错误"}' }, ends: 'auth', fake: 'unasked' },
    {
      title: 'a domain that is not there',
      page: PAGE,
      act: write,
      request: post('domain/getsingle'),
      reply: { status: 200, body: '{"code":6,"message":"域名不存在"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
