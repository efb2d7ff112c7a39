/** EuroDNS's API over records in memory, as another program uses it. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, numberOf, refuse, reply, type Visit } from '../../testing/index.ts';

const APP = 'my-app';
const KEY = 'W3lZ9aQ7xV1nC5bE8gJ2';
const PAGE = 'https://docapi.eurodns.com/';
const EXAMPLES = 'https://github.com/go-acme/lego/tree/master/providers/dns/eurodns/internal/fixtures';

const fail = (status: number, code: string, title: string) => refuse(status, { errors: [{ code, title }] });
const FORWARDS = {
  urlForwards: [{ id: 2000, forwardType: 'FRAME', host: 'old', url: 'https://example.com', title: '', keywords: '', description: '', updated: true }],
  mailForwards: [{ id: 3000, source: 'me', destination: 'me@example.org', updated: true }],
};

type Line = { readonly id?: number; readonly type: string; readonly host: string; readonly ttl: number; readonly rdata: string; readonly proxy?: string };

function document({ zone, params }: Visit): object {
  if (params['zone'] !== zone.name) fail(404, 'ZONE_NOT_FOUND', 'Zone not found');
  const records = zone.records.map(({ id, name, type, value, ttl, extra }) => ({
    id: numberOf(id),
    type,
    host: hostOf(name, zone, '@'),
    ttl,
    rdata: value,
    updated: false,
    locked: false,
    isDynDns: false,
    ...extra,
  }));
  return { name: zone.name, domainConnect: true, records, ...FORWARDS };
}

function trouble(lines: readonly Line[]): string | undefined {
  const bad = lines.find(({ type, rdata }) => !holds(type, rdata));
  if (bad) return `"${bad.rdata}" is not a valid IP address`;
  const odd = lines.find(({ ttl }) => ![600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000, 604_800].includes(ttl));
  return odd && `"${odd.ttl}" is not a valid TTL`;
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['x-app-id'] !== APP || request.headers['x-api-key'] !== KEY) fail(401, 'INVALID_API_KEY', 'Invalid API Key');
  },
  routes: {
    'GET /dns-zones/:zone': document,
    'POST /dns-zones/:zone/check'(visit) {
      document(visit);
      const sent = visit.json();
      const why = trouble(sent.records);
      return { ...sent, report: { isValid: why === undefined, recordErrors: why === undefined ? [] : [{ messages: [why], record: null, severity: 'ERROR' }], zoneErrors: [] } };
    },
    'PUT /dns-zones/:zone'(visit) {
      document(visit);
      const { zone } = visit;
      const { records, urlForwards, mailForwards } = visit.json() as { readonly records: readonly Line[] } & typeof FORWARDS;
      if (JSON.stringify({ urlForwards, mailForwards }) !== JSON.stringify(FORWARDS)) fail(400, 'FORWARDS_LOST', 'This would drop the forwards');
      if (trouble(records) !== undefined) fail(400, 'INVALID_ZONE', 'Zone is not valid');
      zone.records = records.map(({ id, type, host, ttl, rdata, proxy }) => {
        const old = zone.records.find((record) => numberOf(record.id) === id);
        return { id: old?.id ?? zone.nextId(), name: nameOf(host, zone), type, value: rdata, ttl, ...(proxy ? { extra: { proxy } } : {}) };
      });
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const report = (isValid: boolean, messages: readonly string[]): string =>
  JSON.stringify({ name: 'example.com', domainConnect: true, records: [], report: { isValid, recordErrors: messages.map((message) => ({ messages: [message], severity: 'ERROR' })), zoneErrors: [] } });

export const contract: Contract = {
  options: { app: APP, key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { proxy: 'ON' },
  budget: { one: 6, thousand: 6 },
  documented: [
    {
      title: 'a zone with forwards, and records that nobody locks',
      page: EXAMPLES,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/dns-zones\/example\.com$/ },
      reply: {
        status: 200,
        body: '{"name":"example.com","domainConnect":true,"records":[{"type":"TXT","host":"_acme-challenge","ttl":600,"rdata":"x","updated":null,"locked":null,"isDynDns":null}],"urlForwards":[{"id":2000,"forwardType":"FRAME","host":"string","url":"string","title":"string","keywords":"string","description":"string","updated":true}],"mailForwards":[{"id":3000,"source":"string","destination":"string","updated":true}]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'put the zone with all that was in it',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/dns-zones\/example\.com$/, body: { name: 'example.com', records: [{ type: 'A', host: 'home', ttl: 600, rdata: '198.51.100.4' }], ...FORWARDS } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a zone that would not be valid is not put',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/dns-zones\/example\.com\/check$/ },
      reply: { status: 200, body: report(false, ['"120" is not a valid TTL']) },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a record that the vendor locks',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/dns-zones\/example\.com$/ },
      reply: {
        status: 200,
        body: '{"name":"example.com","domainConnect":true,"records":[{"id":1000,"type":"A","host":"home","ttl":600,"rdata":"203.0.113.1","updated":true,"locked":true,"isDynDns":true,"proxy":"ON"}],"urlForwards":[],"mailForwards":[]}',
      },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/dns-zones\/example\.com$/ },
      reply: { status: 401, body: '{"errors":[{"code":"INVALID_API_KEY","title":"Invalid API Key"}]}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/dns-zones\/example\.com$/ },
      reply: { status: 404, body: '{"errors":[{"code":"ZONE_NOT_FOUND","title":"Zone not found"}]}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
