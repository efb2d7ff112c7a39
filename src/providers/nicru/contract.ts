/** NIC.RU's DNS-master over records in memory, and exchanges as recorded traffic shows them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, Refusal, records, refuse, reply, text, type Visit, zonesOf } from '../../testing/index.ts';

const PASSWORD = 'c3b2a19f8e7d6c5b';
const SECRET = '5f0c1e9d8b7a6f5e4d3c2b1a';
const TOKEN = 'gAAAAABlLjgzy4a39281706f5e4d3';
const PAGE = 'https://www.nic.ru/help/api-dns-hostinga_3643.html';

const xml = (inner: string) => text(200, `<?xml version="1.0" encoding="UTF-8" ?>\n<response>${inner}</response>\n`, { 'content-type': 'text/xml' });
const done = (data = '') => xml(`<status>success</status>${data === '' ? '' : `<data>${data}</data>`}`);
const fail = (code: number, message: string): never => {
  throw new Refusal(xml(`<status>fail</status><errors><error code="${code}">${message}</error></errors>`));
};
const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): string => {
  const host = hostOf(name, zone, '@');
  const tag = type.toLowerCase();
  const content = type === 'TXT' ? `<string>${value}</string>` : type === 'CNAME' ? `<name>${value}</name>` : value;
  return `<rr id="${numberOf(id)}"><name>${host}</name><idn-name>${host}</idn-name><ttl>${ttl}</ttl><type>${type}</type><${tag}>${content}</${tag}></rr>`;
};
const zoneTag = (zone: FakeZone, inner: string): string => `<zone admin="123/NIC-REG" has-changes="true" id="228095" idn-name="${zone.name}" name="${zone.name}" service="testservice">${inner}</zone>`;
const part = (body: string, tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(body)?.[1];
const find = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? fail(4103, 'Record not found');

const api = fakeApi({
  guard({ request, params, zone }) {
    if (!request.url.endsWith('/oauth/token') && request.headers['authorization'] !== `Bearer ${TOKEN}`) fail(4097, 'Access token expired or not found');
    if (params['zone'] !== undefined && params['zone'] !== zone.name) fail(4021, 'Zone not found');
  },
  routes: {
    'POST /oauth/token'({ form }) {
      const right = { grant_type: 'password', username: '371/NIC-D', password: PASSWORD, scope: '.+:/dns-master/.+', client_id: 'app', client_secret: SECRET };
      if (Object.entries(right).some(([key, value]) => form.get(key) !== value)) refuse(401, { error: 'invalid_grant', error_description: 'wrong user or password' });
      return reply(200, { access_token: TOKEN, expires_in: 14_400, token_type: 'Bearer' });
    },
    'GET /dns-master/services/testservice/zones': ({ zone }) =>
      done(
        zonesOf(zone)
          .map(({ name }) => `<zone admin="123/NIC-REG" enable="true" has-changes="false" has-primary="true" id="227645" idn-name="${name}" name="${name}" payer="123/NIC-REG" service="testservice"/>`)
          .join('\n'),
      ),
    'GET /dns-master/services/testservice/zones/:zone/records': ({ zone }) => done(zoneTag(zone, zone.records.map((record) => show(zone, record)).join(''))),
    'PUT /dns-master/services/testservice/zones/:zone/records'({ zone, request: { body = '' } }) {
      const type = part(body, 'type') ?? '';
      const value = part(body, type.toLowerCase()) ?? '';
      if (!holds(type, value)) fail(4108, 'Invalid address');
      return done(zoneTag(zone, show(zone, records.add(zone, { name: nameOf(part(body, 'name') ?? '', zone), type, value, ttl: Number(part(body, 'ttl') ?? 3600) }))));
    },
    'DELETE /dns-master/services/testservice/zones/:zone/records/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return done();
    },
    'POST /dns-master/services/testservice/zones/:zone/commit': () => done(),
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const listing = { method: 'GET', path: /\/zones\/example\.com\/records$/ } as const;
const HEAD = '<?xml version="1.0" encoding="UTF-8" ?>\n<response>\n    ';

export const contract: Contract = {
  options: { username: '371/NIC-D', password: PASSWORD, clientId: 'app', clientSecret: SECRET, service: 'testservice' },
  secretOptions: ['password', 'clientSecret'],
  sessions: [TOKEN],
  zone: 'example.com',
  api,
  budget: { one: 6, thousand: 2004 },
  documented: [
    {
      title: 'a zone without addresses',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: listing,
      reply: {
        status: 200,
        body: `${HEAD}<status>success</status>\n    <data>\n        <zone admin="123/NIC-REG" has-changes="true" id="228095" idn-name="test.ru" name="test.ru" service="myservice">\n            <rr id="210074">\n                <name>@</name>\n                <idn-name>@</idn-name>\n                <type>SOA</type>\n                <soa>\n                    <mname>\n                        <name>ns3-l2.nic.ru.</name>\n                    </mname>\n                    <serial>2011112002</serial>\n                </soa>\n            </rr>\n            <rr id="210075">\n                <name>@</name>\n                <idn-name>@</idn-name>\n                <type>NS</type>\n                <ns>\n                    <name>ns3-l2.nic.ru.</name>\n                </ns>\n            </rr>\n        </zone>\n    </data>\n</response>\n`,
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a record is created',
      page: PAGE,
      act: { ...write, ttl: 3600 },
      request: { method: 'PUT', path: listing.path, body: '<rr><name>home</name><ttl>3600</ttl><type>A</type><a>198.51.100.4</a></rr>' },
      reply: {
        status: 200,
        body: `${HEAD}<status>success</status>\n    <data>\n        <zone admin="123/NIC-REG" has-changes="true" id="228095" idn-name="test.ru" name="test.ru" service="testservice">\n            <rr id="210076"><name>@</name><idn-name>@</idn-name><type>NS</type><ns><name>ns4-l2.nic.ru.</name><idn-name>ns4-l2.nic.ru.</idn-name></ns></rr>\n        </zone>\n    </data>\n</response>\n`,
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'the zone is published',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/zones\/example\.com\/commit$/ },
      reply: { status: 200, body: `${HEAD}<status>success</status>\n</response>\n` },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a log-in that has ended',
      page: PAGE,
      act: write,
      request: listing,
      reply: { status: 200, body: `${HEAD}<status>fail</status>\n    <errors>\n        <error code="4097">Access token expired or not found</error>\n    </errors>\n</response>\n` },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
