/** West.cn over records in memory, as other programs know it. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageOf, records, refuse, type Visit } from '../../testing/index.ts';

const KEY = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const PAGE = 'https://github.com/netcccyun/dnsmgr/blob/main/app/lib/dns/west.php';

const no = (code: number, msg: string) => refuse(200, { code, msg, clientid: 'c', body: {} });
const fine = (body: object) => ({ code: 200, msg: 'success', clientid: 'c', body });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  record_id: numberOf(id),
  hostname: hostOf(name, zone, '@'),
  record_type: type,
  record_value: value,
  record_line: '',
  record_ttl: ttl,
  record_mx: 10,
  pause: 0,
  ...extra,
});
/** What a write asks for; what is not sent is dropped. */
function asked({ zone, form }: Visit): Omit<FakeRecord, 'id'> {
  const record = { name: nameOf(form.get('hostname') ?? '', zone), type: form.get('record_type') ?? '', value: form.get('record_value') ?? '', ttl: Number(form.get('record_ttl')) };
  if (!holds(record.type, record.value) || form.get('record_line') !== '') no(500, 'record_value');
  if (record.ttl < 60 || record.ttl > 86_400) no(500, 'record_ttl');
  return { ...record, extra: { record_mx: Number(form.get('record_level') ?? 10) } };
}
const byId = ({ zone, form }: Visit): FakeRecord => records.numbered(zone, form.get('record_id') ?? '') ?? no(404, 'record');

const actions: Readonly<Record<string, (visit: Visit) => object>> = {
  'dnsrec.list'({ zone, form, pageSize }) {
    const host = form.get('hostname');
    const some = host === null ? zone.records : records.of(zone, nameOf(host, zone));
    const page = pageOf(some, { page: Number(form.get('pageno') ?? 1), size: Math.min(Number(form.get('limit') ?? 20), 100, pageSize) });
    return fine({ total: page.total, pageno: page.page, limit: page.size, pagecount: page.pages, items: page.items.map((record) => show(zone, record)) });
  },
  'dnsrec.add': (visit) => fine({ record_id: numberOf(records.add(visit.zone, asked(visit)).id) }),
  'dnsrec.modify'(visit) {
    const { id } = byId(visit);
    records.change(visit.zone, id, asked(visit));
    return fine({ success: [numberOf(id)] });
  },
  'dnsrec.remove'(visit) {
    const { id } = byId(visit);
    records.remove(visit.zone, id);
    return fine({ success: [numberOf(id)] });
  },
};

const api = fakeApi({
  guard({ form, zone }) {
    if (form.get('apidomainkey') !== KEY) no(401, 'apidomainkey');
    if (form.get('domain') !== zone.name) no(404, 'domain');
  },
  routes: { 'POST /API/v2/domain/dns/': (visit) => (actions[visit.form.get('act') ?? ''] ?? (() => no(500, 'act')))(visit) },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 900 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const post = (body: string) => ({ method: 'POST', path: /^\/API\/v2\/domain\/dns\/$/, body }) as const;

export const contract: Contract = {
  options: { zone: 'example.com', domainKey: KEY },
  secretOptions: ['domainKey'],
  zone: 'example.com',
  api,
  extra: { record_mx: 5 },
  budget: { one: 2, thousand: 1010 },
  documented: [
    {
      title: 'a new record',
      page: PAGE,
      act: { ...write, ttl: 900 },
      request: post('act=dnsrec.add&domain=example.com&hostname=home&record_type=A&record_value=203.0.113.7&record_ttl=900'),
      reply: { status: 200, body: '{"code":200,"msg":"success","body":{"record_id":123}}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: post('act=dnsrec.modify&domain=example.com&record_id=1&hostname=home&record_type=A&record_value=203.0.113.7'),
      reply: { status: 200, body: '{"code":200,"msg":"success","body":{"success":[1]}}' },
      ends: 'ok',
    },
    {
      title: 'an answer of the other generation',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/westcn',
      act: write,
      request: post('act=dnsrec.add'),
      reply: { status: 200, body: '{"result":200,"clientid":"54565465","data":{"id":123}}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: post('act=dnsrec.list'),
      reply: { status: 200, body: '{"code":401,"msg":"\ufffd\ufffd\ufffd\ufffd"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'credentials that are not complete',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/westcn',
      act: write,
      request: post('act=dnsrec.list'),
      reply: { status: 200, body: '{"result":500,"clientid":"54565465","msg":"\ufffd\ufffd\ufffd\ufffd","errcode":10000}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a refusal in words that cannot be read',
      page: 'https://github.com/go-acme/lego/tree/master/providers/dns/westcn',
      act: write,
      request: post('act=dnsrec.add'),
      reply: { status: 200, body: '{"result":500,"clientid":"54565465","msg":"\ufffd\ufffd\ufffd\ufffd","errcode":20001}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
