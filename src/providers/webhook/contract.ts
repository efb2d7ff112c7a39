/** A webhook over records in memory, as external-dns runs its own providers, and exchanges as its tests and its published description show them. */
import { type Contract, type FakeZone, fakeApi, records, refuse, reply } from '../../testing/index.ts';

const TOKEN = 'in-front-of-the-webhook-stands-a-proxy';
const TYPE = { 'content-type': 'application/external.dns.webhook+json;version=1' };
const DESCRIPTION = 'https://github.com/kubernetes-sigs/external-dns/blob/master/api/webhook.yaml';
const TESTS = 'https://github.com/kubernetes-sigs/external-dns/blob/master/provider/webhook/webhook_test.go';

type Shown = { readonly dnsName: string; readonly recordType: string; readonly targets?: readonly string[]; readonly recordTTL?: number; readonly [more: string]: unknown };
type Changes = { readonly create?: readonly Shown[]; readonly updateOld?: readonly Shown[]; readonly updateNew?: readonly Shown[]; readonly delete?: readonly Shown[] };

const endpoints = (zone: FakeZone): readonly Shown[] =>
  records.sets(zone).map(({ name, type, values, ttl, extra }) => ({ dnsName: name, targets: values, recordType: type, recordTTL: ttl, ...extra }));

/** Without a default of its own a provider takes 300 s. */
function put(zone: FakeZone, { dnsName, recordType, targets = [], recordTTL = 300, ...extra }: Shown): void {
  if (targets.length === 0) refuse(500);
  records.put(zone, { name: dnsName, type: recordType, values: targets, ttl: recordTTL, ...(Object.keys(extra).length > 0 ? { extra } : {}) });
}

const isThere = (zone: FakeZone, { dnsName, recordType, targets = [] }: Shown): boolean => {
  const values = records.of(zone, dnsName, recordType).map(({ value }) => value);
  return values.length === targets.length && targets.every((target) => values.includes(target));
};

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(401, { message: 'who are you?' });
    if (request.method === 'POST' && request.headers['content-type'] !== TYPE['content-type']) refuse(415);
    if (request.method === 'GET' && request.headers['accept'] !== TYPE['content-type']) refuse(406);
  },
  absent: reply(404),
  routes: {
    'GET /': ({ zone }) => reply(200, { include: [zone.name] }, TYPE),
    'GET /records': ({ zone }) => reply(200, endpoints(zone), TYPE),
    // What external-dns's own provider for Cloudflare does here: it adds the settings that were left out.
    'POST /adjustendpoints': ({ json }) =>
      reply(
        200,
        json().map((endpoint: Shown) => ({ recordTTL: 300, ...endpoint })),
        TYPE,
      ),
    'POST /records'({ zone, json }) {
      const { create = [], updateOld = [], updateNew = [], delete: gone = [] }: Changes = json();
      if ([...updateOld, ...gone].some((endpoint) => !isThere(zone, endpoint)) || create.some(({ dnsName, recordType }) => records.of(zone, dnsName, recordType).length > 0)) refuse(500);
      if (updateOld.length !== updateNew.length) refuse(400);
      for (const { dnsName, recordType } of gone) zone.records = zone.records.filter((record) => record.name !== dnsName || record.type !== recordType);
      for (const endpoint of [...create, ...updateNew]) put(zone, endpoint);
      return reply(204);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const read = { kind: 'read', name: 'home.example.com', type: 'A' } as const;
const apply = { method: 'POST', path: /^\/records$/ } as const;

export const contract: Contract = {
  options: { server: 'http://localhost:8888', token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { labels: { owner: 'default', resource: 'ingress/default/home' }, providerSpecific: [{ name: 'external-dns.alpha.kubernetes.io/cloudflare-proxied', value: 'false' }] },
  // Domains, records, adjustments, changes, and the records once more.
  budget: { one: 5, thousand: 5 },
  // What cannot be read again after it was taken must not be called undone, as it would be by these statuses' own meaning.
  weather: {
    '401': ['auth', 'gibberish'],
    '403': ['auth', 'gibberish'],
    '429 with Retry-After: 120': ['throttled', 'gibberish'],
    '429 with Retry-After: 2': ['throttled', 'gibberish'],
  },
  documented: [
    {
      title: 'the domains it serves',
      page: TESTS,
      act: read,
      request: { method: 'GET', path: /^\/$/ },
      reply: { status: 200, headers: TYPE, body: '{"include":["example.com"],"exclude":["foo.example.com"]}' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'domains as the published description has them',
      page: DESCRIPTION,
      act: read,
      request: { method: 'GET', path: /^\/$/ },
      reply: { status: 200, headers: TYPE, body: '{"filters":["foo.example.org"]}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a server that is something else',
      page: TESTS,
      act: read,
      request: { method: 'GET', path: /^\/$/ },
      reply: { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' },
      ends: 'gibberish',
      fake: 'unasked',
    },
    {
      title: 'the records',
      page: TESTS,
      given: [home],
      act: read,
      request: { method: 'GET', path: /^\/records$/ },
      reply: { status: 200, headers: TYPE, body: '[{"dnsName":"home.example.com","targets":["203.0.113.1"],"recordType":"A","recordTTL":60}]' },
      ends: 'ok',
    },
    {
      title: 'no records at all, as Go writes a list that was never made',
      page: 'https://github.com/kubernetes-sigs/external-dns/blob/master/provider/webhook/api/httpapi.go',
      act: read,
      request: { method: 'GET', path: /^\/records$/ },
      reply: { status: 200, headers: TYPE, body: 'null\n' },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a record is made, in the words of the published description',
      page: DESCRIPTION,
      act: { ...write, ttl: 60 },
      request: { ...apply, body: { create: [{ dnsName: 'home.example.com', targets: ['198.51.100.4'], recordType: 'A', recordTTL: 60 }] } },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'a record is changed: the old one and the new one',
      page: DESCRIPTION,
      given: [home],
      act: write,
      request: {
        ...apply,
        body: {
          updateOld: [{ dnsName: 'home.example.com', targets: ['203.0.113.1'], recordType: 'A', recordTTL: 60 }],
          updateNew: [{ dnsName: 'home.example.com', targets: ['198.51.100.4'], recordType: 'A', recordTTL: 60 }],
        },
      },
      reply: { status: 204, body: '' },
      ends: 'ok',
    },
    {
      title: 'the listing fails',
      page: DESCRIPTION,
      act: write,
      request: { method: 'GET', path: /^\/records$/ },
      reply: { status: 500, body: '' },
      ends: 'unavailable',
      fake: 'unasked',
    },
  ],
};
