/** Porkbun's API over records in memory, and exchanges as recorded traffic shows them. */
import { nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'pk1_5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const SECRET = 'sk1_0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const RECORDED = 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/porkbun';

const says = (message: string) => refuse(400, { status: 'ERROR', message });
const checked = ({ zone, params }: Visit): FakeZone => (params['domain'] === zone.name ? zone : says('Invalid domain.'));
const show = ({ id, name, type, value, ttl, extra }: FakeRecord): object => ({ id: String(numberOf(id)), name, type, content: value, ttl: String(ttl), prio: '0', notes: null, ...extra });
const find = (visit: Visit, otherwise: string): FakeRecord => records.numbered(checked(visit), visit.params['id']) ?? says(otherwise);
const EDIT = 'Edit error: We were unable to edit the DNS record.';
/** Less than 600 is taken, and becomes 600. */
const seconds = (ttl: string | undefined): number => Math.max(600, Number(ttl ?? 600));

const api = fakeApi({
  guard({ json }) {
    const { apikey, secretapikey } = json() ?? {};
    if (apikey !== KEY || secretapikey !== SECRET) says('Invalid API key. (002)');
  },
  routes: {
    'POST /api/json/v3/domain/listAll'({ zone, json, pageSize }) {
      const start = Number(json().start ?? 0);
      const domains = zonesOf(zone).slice(start, start + Math.min(1000, pageSize));
      return { status: 'SUCCESS', domains: domains.map(({ name }) => ({ domain: name, status: 'ACTIVE', tld: 'com' })) };
    },
    'POST /api/json/v3/dns/retrieve/:domain': (visit) => ({ status: 'SUCCESS', cloudflare: 'disabled', records: checked(visit).records.map(show) }),
    'POST /api/json/v3/dns/create/:domain'(visit) {
      const { name, type, content, ttl } = visit.json();
      if (!holds(type, content)) says('Create error: We were unable to create the DNS record.');
      return { status: 'SUCCESS', id: numberOf(records.add(checked(visit), { name: nameOf(name, visit.zone), type, value: content, ttl: seconds(ttl) }).id) };
    },
    'POST /api/json/v3/dns/edit/:domain/:id'(visit) {
      const record = find(visit, EDIT);
      const { content, ttl, notes = record.extra?.['notes'] } = visit.json();
      if (!holds(record.type, content) || (content === record.value && seconds(ttl) === record.ttl)) says(EDIT);
      records.change(visit.zone, record.id, { value: content, ttl: seconds(ttl), ...(notes ? { extra: { notes } } : {}) });
      return { status: 'SUCCESS' };
    },
    'POST /api/json/v3/dns/delete/:domain/:id'(visit) {
      records.remove(visit.zone, find(visit, 'Delete error: We were unable to delete the DNS record.').id);
      return { status: 'SUCCESS' };
    },
  },
});

const home = { name: 'localhost.example.com', type: 'A', value: '203.0.113.1', ttl: 900 } as const;
const write = { kind: 'write', name: 'localhost.example.com', type: 'A', values: ['127.0.0.1'] } as const;
const keys = { apikey: KEY, secretapikey: SECRET };

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  extra: { notes: 'the box in the cellar' },
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'create a record',
      page: RECORDED,
      act: { ...write, ttl: 3600 },
      request: { method: 'POST', path: /\/api\/json\/v3\/dns\/create\/example\.com$/, body: { ...keys, type: 'A', content: '127.0.0.1', name: 'localhost', ttl: '3600' } },
      reply: { status: 200, body: '{"status":"SUCCESS","id":236272619}' },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: 'https://porkbun.com/api/json/v3/documentation',
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/dns\/edit\/example\.com\/\d+$/, body: { ...keys, name: 'localhost', type: 'A', content: '127.0.0.1', ttl: '900' } },
      reply: { status: 200, body: '{"status":"SUCCESS"}' },
      ends: 'ok',
    },
    {
      title: 'the records of a zone',
      page: RECORDED,
      given: [{ name: 'example.com', type: 'A', value: '8.8.8.8', ttl: 600 }],
      act: { kind: 'read', name: 'example.com', type: 'A' },
      request: { method: 'POST', path: /\/dns\/retrieve\/example\.com$/ },
      reply: {
        status: 200,
        body: '{"status":"SUCCESS","cloudflare":"disabled","records":[{"id":"236096065","name":"example.com","type":"A","content":"8.8.8.8","ttl":"600","prio":"0"},{"id":"230514990","name":"example.com","type":"ALIAS","content":"pixie.porkbun.com","ttl":"600","prio":null}]}',
      },
      ends: 'ok',
    },
    {
      title: 'keys that are not known',
      page: 'https://porkbun.com/api/json/v3/documentation',
      act: write,
      request: { method: 'POST', path: /\/domain\/listAll$/ },
      reply: { status: 400, body: '{"status":"ERROR","message":"Invalid API key. (002)"}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a domain of nobody',
      page: RECORDED,
      act: write,
      request: { method: 'POST', path: /\/dns\/retrieve\/example\.com$/ },
      reply: { status: 400, body: '{"status":"ERROR","message":"Invalid domain."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a record that is gone, or says so already',
      page: RECORDED,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/dns\/edit\/example\.com\/\d+$/ },
      reply: { status: 400, body: '{"status":"ERROR","message":"Edit error: We were unable to edit the DNS record."}' },
      ends: 'conflict',
      fake: 'unasked',
    },
    {
      title: 'too many requests',
      page: 'https://porkbun.com/api/json/v3/documentation',
      act: write,
      request: { method: 'POST', path: /\/dns\/create\/example\.com$/ },
      reply: {
        status: 503,
        headers: { 'content-type': 'text/html' },
        body: '<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center><hr><center>openresty</center></body></html>',
      },
      ends: 'unavailable',
      fake: 'unasked',
    },
  ],
};
