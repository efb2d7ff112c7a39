/** Beget's API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { type Contract, type FakeRecord, fakeApi, holds, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const PASSWORD = 'c3b2a19f8e7d6c5b';
const PAGE = 'https://beget.com/en/kb/api/dns-administration-functions';
const TAKEN = ['A', 'MX', 'TXT'];

const done = (result: unknown) => reply(200, { status: 'success', answer: { status: 'success', result } });
const fail = (error_code: string, error_text: string) => refuse(200, { status: 'success', answer: { status: 'error', errors: [{ error_code, error_text }] } });
const input = ({ form }: Visit) => JSON.parse(form.get('input_data') ?? '{}');

const api = fakeApi({
  guard({ form }) {
    if (form.get('login') !== 'myname' || form.get('passwd') !== PASSWORD) refuse(200, { status: 'error', error_text: 'Access denied', error_code: 'AUTH_ERROR' });
  },
  routes: {
    'POST /api/domain/getList': ({ zone }) => done(zonesOf(zone).map(({ id, name }) => ({ id, fqdn: name, auto_renew: '0' }))),
    'POST /api/dns/getData'(visit) {
      const { fqdn } = input(visit);
      const own = visit.zone.records.filter(({ name }) => name === fqdn);
      const under = fqdn === visit.zone.name || fqdn.endsWith(`.${visit.zone.name}`);
      const lines = (type: string, key: string): object => {
        const some = own.filter((record) => record.type === type);
        return some.length === 0 ? {} : { [type]: some.map(({ value, ttl }) => ({ ttl, [key]: value })) };
      };
      const shown = { ...lines('A', 'address'), ...lines('AAAA', 'address'), ...lines('TXT', 'txtdata'), DNS: [{ value: 'ns1.beget.com' }], DNS_IP: [{ value: '' }] };
      const isAlias = own.some(({ type }) => type === 'CNAME');
      return done({ is_under_control: under, is_beget_dns: under, is_subdomain: fqdn !== visit.zone.name, fqdn, ...(own.length === 0 ? {} : { records: shown }), set_type: isAlias ? 3 : 1 });
    },
    'POST /api/dns/changeRecords'(visit) {
      const { zone } = visit;
      const { fqdn, records: wanted } = input(visit);
      if (fqdn !== zone.name && !fqdn.endsWith(`.${zone.name}`)) fail('METHOD_FAILED', 'The domain is not yours');
      const own = records.of(zone, fqdn).filter(({ type }) => TAKEN.includes(type));
      const made = Object.entries(wanted as Readonly<Record<string, readonly { readonly value: string }[]>>).flatMap(([type, some]) =>
        some.map(({ value }): FakeRecord => {
          if (!holds(type, value)) fail('INVALID_DATA', 'Invalid value of a record');
          return own.find((record) => record.type === type && record.value === value) ?? { id: zone.nextId(), name: fqdn, type, value, ttl: 60 };
        }),
      );
      // Those that stay keep their place.
      const kept = zone.records.filter((record) => !own.includes(record) || made.includes(record));
      zone.records = [...kept, ...made.filter((record) => !kept.includes(record))];
      return done(true);
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const getData = { method: 'POST', path: /^\/api\/dns\/getData$/ } as const;

export const contract: Contract = {
  options: { username: 'myname', password: PASSWORD },
  secretOptions: ['password'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 2001 },
  documented: [
    {
      title: 'the records of a name, as the API shows them',
      page: PAGE,
      act: { ...write, name: 'example.com' },
      request: getData,
      reply: {
        status: 200,
        body: '{"status":"success","answer":{"status":"success","result":{"is_under_control":true,"is_beget_dns":true,"is_subdomain":false,"fqdn":"example.com","records":{"MX":[{"ttl":300,"exchange":"mx2.beget.com.","preference":20},{"ttl":300,"exchange":"mx1.beget.com.","preference":10}],"TXT":[{"ttl":300,"txtdata":"v=spf1 redirect=beget.com"}],"A":[{"ttl":300,"address":"1.2.3.4"}],"DNS":[{"value":"ns1.beget.pro"},{"value":"ns2.beget.pro"}],"DNS_IP":[{"value":""},{"value":""}]},"set_type":1}}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'the records of a name, as the page shows them',
      page: PAGE,
      act: { ...write, name: 'example.com' },
      request: getData,
      reply: {
        status: 200,
        body: '{"status":"success","answer":{"status":"success","result":{"is_under_control":1,"is_beget_dns":1,"is_subdomain":0,"fqdn":"beget.de","records":{"DNS":[{"value":"ns1.beget.de","priority":10}],"DNS_IP":[{"value":null,"priority":10}],"A":[{"value":"91.106.201.65","priority":"0"}],"MX":[{"value":"mx1.beget.de","priority":"10"}],"TXT":[{"value":"","priority":0}]},"set_type":1}}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a name without records',
      page: PAGE,
      act: { kind: 'read', name: 'none.example.com', type: 'A' },
      request: getData,
      reply: {
        status: 200,
        body: '{"status":"success","answer":{"status":"success","result":{"is_under_control":true,"is_beget_dns":true,"is_subdomain":true,"fqdn":"none.example.com","set_type":1}}}',
      },
      ends: 'ok',
    },
    {
      title: 'what stands beside the address is sent back',
      page: PAGE,
      given: [
        { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 },
        { name: 'home.example.com', type: 'TXT', value: 'TXT record', ttl: 60 },
      ],
      act: write,
      request: { method: 'POST', path: /^\/api\/dns\/changeRecords$/, body: new URLSearchParams({ x: '"TXT":[{"priority":0,"value":"TXT record"}]' }).toString().slice(2) },
      reply: {
        status: 200,
        body: '{"status":"success","answer":{"status":"success","result":{"A":[{"priority":10,"value":"127.0.0.1"}],"MX":[{"priority":10,"value":"mx1.beget.ru"}],"TXT":[{"priority":10,"value":"TXT record"}]}}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a value that is refused inside of a success',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/api\/dns\/changeRecords$/ },
      reply: { status: 200, body: '{"status":"success","answer":{"status":"error","errors":[{"error_code":"INVALID_DATA","error_text":"Login length cannot be greater than 12 characters"}]}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a wrong password',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /^\/api\/domain\/getList$/ },
      reply: { status: 200, body: '{"status":"error","error_text":"Access denied","error_code":"AUTH_ERROR"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
