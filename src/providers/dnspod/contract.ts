/** DNSPod's old API over records in memory, and exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '7676f344eaeaea9074c123451234512d';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/dnspod';
const PAGE = 'https://github.com/DNSPod/dnspod-api-doc/blob/master/source/records.rst';

const no = (code: number, message: string) => refuse(200, { status: { code: String(code), message, created_at: '2015-01-18 17:23:58' } });
const fine = (answer: object) => ({ status: { code: '1', message: 'Action completed successful', created_at: '2015-01-18 17:23:58' }, ...answer });
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({
  id: String(numberOf(id)),
  name: hostOf(name, zone, '@'),
  line: '默认',
  line_id: '0',
  type,
  ttl: String(ttl),
  value,
  weight: null,
  mx: '0',
  enabled: '1',
  status: 'enabled',
  monitor_status: '',
  remark: '',
  updated_on: '2016-08-12 17:07:05',
  use_aqb: 'no',
  ...extra,
});

const mine = ({ zone, form }: Visit): FakeZone => (form.get('domain') === zone.name ? zone : no(6, 'Domain ID is invalid'));
const byId = (visit: Visit): FakeRecord => records.numbered(mine(visit), visit.form.get('record_id') ?? '') ?? no(8, 'Record ID is invalid');
const window = <T>(items: readonly T[], { form, pageSize }: Visit): readonly T[] => {
  const from = Number(form.get('offset') ?? 0);
  return items.slice(from, from + Math.min(Number(form.get('length') ?? 3000), 3000, pageSize));
};

/** The record that a write asks for, unless it may not be. A weight that is not sent is dropped. */
function asked(visit: Visit): Omit<FakeRecord, 'id'> {
  const { form } = visit;
  const zone = mine(visit);
  const record = { name: nameOf(form.get('sub_domain') ?? '@', zone), type: form.get('record_type') ?? '', value: form.get('value') ?? '', ttl: Number(form.get('ttl') ?? 600) };
  if (form.get('record_line_id') !== '0') no(26, 'Record line is invalid');
  if (!holds(record.type, record.value)) no(34, 'Record value is invalid');
  if (record.ttl < 1 || record.ttl > 604_800) no(32, 'TTL is out of range');
  return { ...record, extra: { weight: form.get('weight') } };
}

const api = fakeApi({
  guard({ form }) {
    if (form.get('login_token') !== `13490,${TOKEN}`) no(-1, 'Login fail, please check login info');
  },
  routes: {
    'POST /Domain.List'(visit) {
      const zones = zonesOf(visit.zone);
      const shown = window(zones, visit).map(({ name }, at) => ({ id: at + 1, name, punycode: name, status: 'enable', ttl: '600' }));
      return fine({ info: { domain_total: zones.length }, domains: shown });
    },
    'POST /Record.List'(visit) {
      const zone = mine(visit);
      const host = visit.form.get('sub_domain');
      const some = host === null ? zone.records : records.of(zone, nameOf(host, zone));
      const counts = { sub_domains: String(some.length), record_total: String(some.length) };
      return fine({ domain: { id: 9_842_292, name: zone.name }, info: counts, records: window(some, visit).map((record) => show(zone, record)) });
    },
    'POST /Record.Create'(visit) {
      const record = asked(visit);
      if (records.of(visit.zone, record.name, record.type).some(({ value }) => value === record.value)) no(104, 'Record already exists');
      const { id } = records.add(visit.zone, record);
      return fine({ record: { id: String(numberOf(id)), name: visit.form.get('sub_domain'), status: 'enable' } });
    },
    'POST /Record.Modify'(visit) {
      const { id } = byId(visit);
      const { value } = records.change(visit.zone, id, asked(visit)) ?? no(8, 'Record ID is invalid');
      return fine({ record: { id: numberOf(id), name: visit.form.get('sub_domain'), value, status: 'enable' } });
    },
    'POST /Record.Remove'(visit) {
      records.remove(visit.zone, byId(visit).id);
      return fine({});
    },
  },
});

/** What all answers are said to be. */
const HTML = { 'content-type': 'text/html;charset=UTF-8' };
const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const failed = (code: number, message: string) => ({ status: 200, body: JSON.stringify({ status: { code: String(code), message } }) });
const listed = { method: 'POST', path: /^\/Record\.List$/, body: 'domain=example.com' } as const;

export const contract: Contract = {
  options: { token: TOKEN, tokenId: '13490', mail: 'me@example.com' },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { weight: '20' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a new record, answered as a web page that is none',
      page: RECORDED,
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /^\/Record\.Create$/, body: 'sub_domain=home&record_type=A' },
      reply: {
        status: 200,
        headers: HTML,
        body: '{"status":{"code":"1","message":"Action completed successful","created_at":"2016-05-11 02:57:15"},"record":{"id":"189592919","name":"home","status":"enabled","weight":null}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a domain of somebody else, answered as a web page that is none',
      page: RECORDED,
      act: write,
      request: { method: 'POST', path: /^\/Record\.List$/ },
      reply: { status: 200, headers: HTML, body: '{"status":{"code":"13","message":"Domain is not exists","created_at":"2016-05-11 02:55:55"}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'the records of a name',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /^\/Record\.List$/, body: 'sub_domain=home' },
      reply: {
        status: 200,
        body: '{"status":{"code":"1","message":"Action completed successful"},"records":[{"id":"7","name":"home","type":"A","value":"198.51.100.1","ttl":"600","line":"默认","enabled":"1"}]}',
      },
      ends: 'ok',
    },
    { title: 'no records', page: PAGE, act: { kind: 'read', name: 'home.example.com', type: 'A' }, request: listed, reply: failed(10, 'No records'), ends: 'ok', fake: 'unasked' },
    {
      title: 'a new record',
      page: PAGE,
      act: { ...write, ttl: 600 },
      request: { method: 'POST', path: /^\/Record\.Create$/, body: 'sub_domain=home&record_type=A' },
      reply: { status: 200, body: '{"status":{"code":"1","message":"Action completed successful","created_at":"2015-01-19 22:17:47"},"record":{"id":"16894439","name":"home","status":"enable"}}' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/Record\.Modify$/, body: 'value=203.0.113.7' },
      reply: {
        status: 200,
        body: '{"status":{"code":"1","message":"Action completed successful","created_at":"2015-01-18 16:53:23"},"record":{"id":16894439,"name":"home","value":"3.2.2.2","status":"enable"}}',
      },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://github.com/DNSPod/dnspod-api-doc/blob/master/source/info.rst',
      act: write,
      request: { method: 'POST', path: /^\/Domain\.List$/ },
      reply: failed(-1, 'Login fail'),
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'a domain that is not there', page: PAGE, act: write, request: listed, reply: failed(6, 'Domain ID is invalid'), ends: 'refused', fake: 'unasked' },
    { title: 'too many calls', page: PAGE, act: write, request: listed, reply: failed(-2, 'API usage is limited'), ends: 'throttled', fake: 'unasked' },
  ],
};
