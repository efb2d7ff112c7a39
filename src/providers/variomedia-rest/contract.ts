/** Variomedia's customer API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, pageAsked, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '5f0c1e9d8b7a6f5e4d3c2b1a0f9e8d7c';
const PAGE = 'https://api.variomedia.de/docs/dns-records.html';
const HOST = 'https://api.variomedia.de';

const error = (status: number, id: string, title: string) => refuse(status, { errors: [{ status: String(status), title, id }] });
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({
  id: String(numberOf(id)),
  type: 'dns-record',
  links: { self: `${HOST}/dns-records/${numberOf(id)}` },
  attributes: { record_type: type, fqdn: name, fqdn_ace: name, name: hostOf(name, zone, ''), name_ace: hostOf(name, zone, ''), domain: zone.name, data: value, ttl },
});

function listing(items: readonly object[], visit: Visit): object {
  const page = pageAsked(items, visit, { page: 'page[number]', size: 'page[size]', usual: 1000, most: 1000 });
  const next = new URL(visit.request.url);
  next.searchParams.set('page[number]', String(page.page + 1));
  return { data: page.items, links: { self: visit.request.url, ...(page.page < page.pages ? { next: next.href } : {}) } };
}

const job = (status: string, id: number): object => ({ id: String(id), type: 'queue-job', attributes: { job_type: 'dns-record', status } });

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `token ${TOKEN}`) error(401, 'unauthorized', 'The server could not verify that you are authorized to access the URL requested.');
  },
  routes: {
    'GET /domains': (visit) =>
      listing(
        zonesOf(visit.zone).map(({ name }) => ({ id: name, type: 'domain', attributes: {} })),
        visit,
      ),
    'GET /dns-records'(visit) {
      const { zone, query } = visit;
      return listing(query.get('filter[domain]') === zone.name ? zone.records.map((record) => show(zone, record)) : [], visit);
    },
    'POST /dns-records'({ zone, json }) {
      const { record_type: type, name, domain, data: value, ttl = 3600 } = json().data.attributes;
      if (domain !== zone.name) error(404, 'not-found', 'The domain was not found.');
      if (!holds(type, value)) error(422, 'invalid', 'data is not valid for this type of record');
      if (ttl < 300 || ttl > 86_400) error(422, 'invalid', 'ttl is out of range');
      const { id } = records.add(zone, { name: nameOf(name, zone), type, value, ttl });
      const links = { 'queue-job': `${HOST}/queue-jobs/${numberOf(id)}`, 'dns-record': `${HOST}/dns-records/${numberOf(id)}` };
      return reply(202, { data: { ...job('pending', numberOf(id)), links }, links: { self: `${HOST}/dns-records` } });
    },
    'DELETE /dns-records/:id'({ zone, params }) {
      const { id } = records.numbered(zone, params['id']) ?? error(404, 'not-found', 'The record was not found.');
      records.remove(zone, id);
      return reply(202, { data: { ...job('pending', numberOf(id)), links: { 'queue-job': `${HOST}/queue-jobs/${numberOf(id)}` } }, links: { self: `${HOST}/dns-records/${numberOf(id)}` } });
    },
    'GET /queue-jobs/:id': ({ params }) => reply(200, { data: job('done', Number(params['id'])), links: { self: `${HOST}/queue-jobs/${params['id']}` } }),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 800 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 6, thousand: 4002 },
  documented: [
    {
      title: 'a record is created',
      page: PAGE,
      act: { ...write, ttl: 800 },
      request: {
        method: 'POST',
        path: /^\/dns-records$/,
        body: { data: { type: 'dns-record', attributes: { record_type: 'A', name: 'home', domain: 'example.com', data: '198.51.100.4', ttl: 800 } } },
      },
      reply: {
        status: 202,
        body: '{"data":{"type":"queue-job","id":"18181818","attributes":{"status":"pending"},"links":{"queue-job":"https://api.variomedia.de/queue-jobs/18181818","dns-record":"https://api.variomedia.de/dns-records/19191919"}},"links":{"self":"https://api.variomedia.de/dns-records"}}',
      },
      ends: 'ok',
    },
    {
      title: 'the job is done',
      page: 'https://api.variomedia.de/docs/job-queue.html',
      act: write,
      request: { method: 'GET', path: /^\/queue-jobs\/\d+$/ },
      reply: {
        status: 200,
        body: '{"data":{"id":"171717","type":"queue-job","links":{"self":"https://api.variomedia.de/queue-jobs/171717","object":"https://api.variomedia.de/dns-records/212121"},"attributes":{"job_type":"dns-record","status":"done"},"relationships":{"owner":{"data":{"id":"505050","type":"customer"}}}},"links":{"self":"https://api.variomedia.de/queue-jobs/171717"}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'an old record is removed',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'DELETE', path: /^\/dns-records\/\d+$/ },
      reply: {
        status: 202,
        body: '{"data":{"id":"303030","type":"queue-job","attributes":{"status":"pending"},"links":{"queue-job":"https://api.variomedia.de/queue-jobs/303030"}},"links":{"self":"https://api.variomedia.de/dns-records/212121"}}',
      },
      ends: 'ok',
    },
    {
      title: 'a token that is not known',
      page: 'https://api.variomedia.de/docs/',
      act: write,
      request: { method: 'GET', path: /^\/domains$/ },
      reply: {
        status: 401,
        body: '{"errors":[{"status":"401","title":"The server could not verify that you are authorized to access the URL requested.","id":"unauthorized"}],"links":{"self":"https://api.variomedia.de/dns-records"}}',
      },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
