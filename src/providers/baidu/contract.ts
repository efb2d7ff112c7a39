/** Baidu AI Cloud DNS over records in memory, and exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, type HttpReply, hmacSha256, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const ID = 'ALTAKgLpkx3example';
const SECRET = 'd1c3f1d5b1f04e6c8a7e2b9f0a4c6e8d';
const PAGE = 'https://intl.cloud.baidu.com/en/doc/DNS/s/El4s7lssr-intl-en';
const ERRORS = 'https://intl.cloud.baidu.com/en/doc/DNS/s/lkk5elv58-intl-en';

const HEADERS = { 'x-bce-request-id': '1214cca7-4ad5-451d-9215-71cb844c0a50' };
const no = (status: number, code: string, message: string) => refuse(status, { code, message, requestId: 'R' }, HEADERS);
const done: HttpReply = { status: 200, headers: HEADERS, body: '' };
const show = (zone: FakeZone, { id, name, type, value, ttl, extra }: FakeRecord): object => ({ id, rr: hostOf(name, zone, '@'), status: 'running', type, value, ttl, line: 'default', ...extra });

/** From the marker on, no more than a thousand. */
function window<T>(items: readonly T[], { query, pageSize }: Visit): { readonly shown: readonly T[]; readonly isTruncated: boolean; readonly nextMarker?: string } {
  const from = Number(query.get('marker') ?? 0);
  const to = from + Math.min(Number(query.get('maxKeys') ?? 1000), 1000, pageSize);
  return { shown: items.slice(from, to), isTruncated: to < items.length, ...(to < items.length ? { nextMarker: String(to) } : {}) };
}

const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.name ? zone : no(404, 'NoSuchObject', 'zone not exist'));
/** The record that a write asks for, unless it may not be; a description that is not sent is dropped. */
function asked(visit: Visit): Omit<FakeRecord, 'id'> {
  const { rr, type, value, ttl = 300, description } = visit.json();
  if (!visit.query.has('clientToken')) no(400, 'BadRequest', 'clientToken is missing');
  if (!holds(type, value)) no(400, 'InvalidParameter', 'value is invalid');
  if (!Number.isInteger(ttl) || ttl < 1) no(400, 'InvalidParameter', 'ttl is invalid');
  return { name: nameOf(rr, mine(visit)), type, value, ttl, extra: { description } };
}

const api = fakeApi({
  guard({ request }) {
    const { host, pathname, search } = new URL(request.url);
    const [version, id, date, expires, headers, signature] = (request.headers['authorization'] ?? '').split('/');
    if (id !== ID) no(403, 'InvalidAccessKeyId', 'The Access Key ID you provided does not exist in our records.');
    const query = search.slice(1).replaceAll('*', '%2A').split('&').sort().join('&');
    const key = hmacSha256(SECRET, [], [version, id, date, expires].join('/'));
    if (headers !== 'host' || signature !== hmacSha256(key, [], [request.method, pathname, query, `host:${encodeURIComponent(host)}`].join('\n')))
      no(400, 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.');
  },
  routes: {
    'GET /v1/dns/zone'(visit) {
      const { shown, ...rest } = window(zonesOf(visit.zone), visit);
      return reply(200, { ...rest, zones: shown.map(({ id, name }) => ({ id, name, status: 'running', productVersion: 'free' })) }, HEADERS);
    },
    'GET /v1/dns/zone/:zone/record'(visit) {
      const rr = visit.query.get('rr');
      const zone = mine(visit);
      const { shown, ...rest } = window(rr === null ? zone.records : records.of(zone, nameOf(rr, zone)), visit);
      return reply(200, { ...rest, records: shown.map((record) => show(zone, record)) }, HEADERS);
    },
    'POST /v1/dns/zone/:zone/record'(visit) {
      const record = asked(visit);
      // The same token again, or the same record: it is there once.
      if (!records.of(visit.zone, record.name, record.type).some(({ value }) => value === record.value)) records.add(visit.zone, record);
      return done;
    },
    'PUT /v1/dns/zone/:zone/record/:id': (visit) => (records.change(mine(visit), visit.params['id'] ?? '', asked(visit)) ? done : no(404, 'NoSuchObject', 'record not exist')),
    'DELETE /v1/dns/zone/:zone/record/:id': (visit) => (records.remove(mine(visit), visit.params['id'] ?? '') ? done : no(404, 'NoSuchObject', 'record not exist')),
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const listed = { method: 'GET', path: /^\/v1\/dns\/zone\/example\.com\/record\?rr=home/ } as const;
const failed = (status: number, code: string, message: string) => ({ status, headers: HEADERS, body: JSON.stringify({ code, message, requestId: 'c4abab14-ebc4-4eb0-85d2-03c4d51eed18' }) });

export const contract: Contract = {
  options: { accessKeyId: ID, secretAccessKey: SECRET },
  secretOptions: ['secretAccessKey'],
  zone: 'example.com',
  api,
  extra: { description: 'the front door' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a new record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/v1\/dns\/zone\/example\.com\/record\?clientToken=/, body: { rr: 'home', type: 'A', value: '203.0.113.7', ttl: 300, line: 'default' } },
      reply: { status: 200, headers: HEADERS, body: '' },
      ends: 'ok',
    },
    {
      title: 'a change of a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/v1\/dns\/zone\/example\.com\/record\/\w+\?clientToken=/, body: { rr: 'home', type: 'A', value: '203.0.113.7', ttl: 300 } },
      reply: { status: 200, headers: HEADERS, body: '' },
      ends: 'ok',
    },
    {
      title: 'a key that is not known',
      page: ERRORS,
      act: write,
      request: listed,
      reply: failed(403, 'InvalidAccessKeyId', 'The Access Key ID you provided does not exist in our records.'),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'an account without the real-name check',
      page: ERRORS,
      act: write,
      request: listed,
      reply: failed(403, 'QualifyNotPass', 'The User has not pass qualify.'),
      ends: 'blocked',
      fake: 'unasked',
    },
    { title: 'a zone that is not there', page: ERRORS, act: write, request: listed, reply: failed(404, 'NoSuchObject', 'account not exist'), ends: 'refused', fake: 'unasked' },
  ],
};
