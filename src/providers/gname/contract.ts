/** Gname over records in memory, with answers as its pages show them. */
import { createHash } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, type Visit } from '../../testing/index.ts';

const ID = 'testappid';
const KEY = 'e3b98a4da31a127d4bde6e43033f66ba';
const PAGE = 'https://www.gname.com/domain/api/jiexi/info';
const BULK = 'https://www.gname.com/domain/api/jiexi/pladd';
const SAME = 'Sorry,Existence of the same host value and the same record value.';

const no = (msg: string) => refuse(200, { code: -1, msg });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id: String(numberOf(id)),
  ym: zone.name,
  zjt: hostOf(name, zone, '@'),
  zt: '1',
  lx: type,
  jxz: value,
  ttl: String(ttl),
  mx: '0',
  gxsj: '1597405520',
  xlid: '0',
  ...extra,
});
/** What a write asks for; what is not sent is dropped. */
function asked({ zone, form }: Visit): Omit<FakeRecord, 'id'> {
  const record = { name: nameOf(form.get('zj') ?? '', zone), type: form.get('lx') ?? '', value: form.get('jlz') ?? '', ttl: Number(form.get('ttl') ?? 600) };
  if (!holds(record.type, record.value)) no('Sorry,the record value is invalid.');
  if (record.ttl < 60 || record.ttl > 86_400) no('Sorry,the TTL is invalid.');
  const others = records.of(zone, record.name, record.type).filter(({ id, value }) => value === record.value && String(numberOf(id)) !== form.get('jxid'));
  if (others.length > 0) no(SAME);
  return { ...record, extra: { mx: form.get('mx') ?? '0' } };
}
const byId = ({ zone, form }: Visit): FakeRecord => records.numbered(zone, form.get('jxid') ?? '') ?? no('Failed to find record, request parameter error');

const api = fakeApi({
  guard({ request, form, zone }) {
    const [signed = ''] = (request.body ?? '').split('&gntoken=');
    const sorted = signed.split('&').sort().join('&');
    if (form.get('appid') !== ID) no('appid error');
    if (form.get('gntoken') !== createHash('md5').update(`${sorted}${KEY}`).digest('hex').toUpperCase()) no('gntoken error');
    if (form.get('ym') !== zone.name) no('Sorry,domain does not exist.');
  },
  routes: {
    'POST /api/resolution/list'({ zone, form, pageSize }) {
      const page = pageOf(zone.records, { page: Number(form.get('page') ?? 1), size: Math.min(500, pageSize) });
      return { code: 1, msg: 'OK', data: page.items.map((record) => show(zone, record)), count: page.total, page: page.page, pagesize: page.size };
    },
    'POST /api/resolution/add': (visit) => ({ code: 1, msg: 'OK', data: numberOf(records.add(visit.zone, asked(visit)).id) }),
    'POST /api/resolution/edit'(visit) {
      const { id } = byId(visit);
      records.change(visit.zone, id, asked(visit));
      return { code: 1, msg: 'OK', data: String(numberOf(id)) };
    },
    'POST /api/resolution/delete'(visit) {
      records.remove(visit.zone, byId(visit).id);
      return { code: 1, msg: 'Delete record successful' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const post = (action: string, body?: string) => ({ method: 'POST', path: new RegExp(`^/api/resolution/${action}$`), ...(body === undefined ? {} : { body }) }) as const;

export const contract: Contract = {
  options: { appId: ID, appKey: KEY, zone: 'example.com' },
  secretOptions: ['appKey'],
  zone: 'example.com',
  api,
  extra: { mx: '5' },
  budget: { one: 2, thousand: 1002 },
  documented: [
    {
      title: 'a record as the vendor shows it',
      page: PAGE,
      act: { kind: 'read', name: 'cccc.example.com', type: 'A' },
      request: post('list'),
      reply: { status: 200, body: '{"code":1,"msg":"OK","data":[{"id":"196","ym":"example.com","zjt":"cccc","zt":"1","lx":"A","jxz":"127.0.0.2","mx":"0","gxsj":"1597405520","xlid":"0"}]}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a new record',
      page: 'https://github.com/r6c/gname/blob/main/provider.go',
      act: { ...write, ttl: 600 },
      request: post('add', 'jlz=203.0.113.7&lx=A&mx=0&ttl=600&ym=example.com&zj=home&gntoken='),
      reply: { status: 200, body: '{"code":1,"msg":"OK","data":123}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: 'https://github.com/r6c/gname/blob/main/provider.go',
      given: [home],
      act: write,
      request: post('edit', 'jlz=203.0.113.7&jxid=1&lx=A&mx=0&ttl=600'),
      reply: { status: 200, body: '{"code":1,"msg":"OK","data":"1"}' },
      ends: 'ok',
    },
    { title: 'a record that is there already', page: BULK, act: write, request: post('add'), reply: { status: 200, body: JSON.stringify({ code: -1, msg: SAME }) }, ends: 'ok', fake: 'unasked' },
    { title: 'a signature that is wrong', page: PAGE, act: write, request: post('list'), reply: { status: 200, body: '{"code":-1,"msg":"gntoken error"}' }, ends: 'auth', fake: 'unasked' },
    {
      title: 'another refusal',
      page: 'https://www.gname.com/domain/api/jiexi/nslxdel',
      act: write,
      request: post('add'),
      reply: { status: 200, body: '{"code":-1,"msg":"Failed to add record, request parameter error"}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
