/** Netcup's API over records in memory, and exchanges as recorded traffic shows them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, records, reply, type Visit } from '../../testing/index.ts';

const CUSTOMER = '12345';
const KEY = 'bWFkZS11cC1rZXk5ODc2NTQzMjE';
const PASSWORD = 'made-up-password-0f1e2d3c';
const SESSION = 'MzdnNUUyODQxNjl4RXZBbW9IYVRqR2JyU2ZCUm1RSTVCNzM5MT';
const TRAFFIC = 'https://github.com/dns-lexicon/dns-lexicon/tree/main/tests/fixtures/cassettes/netcup';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/netcup';

const answer = (action: string, code: number, short: string, long: string, responsedata: unknown) =>
  reply(200, {
    serverrequestid: 'y5NwTU9M8JZ31bj1TMkxg2E01jdT',
    clientrequestid: '',
    action,
    status: code === 2000 ? 'success' : 'error',
    statuscode: code,
    shortmessage: short,
    longmessage: long,
    responsedata,
  });
const noZone = (action: string) => answer(action, 5031, 'Getting DNS zone failed', 'Can not get DNS records for zone.  Domain not found.', '');
const invalid = (action: string, why: string) => answer(action, 4013, 'Validation Error.', why, '');

const show = (zone: FakeZone, { id, name, type, value }: FakeRecord) => ({
  id: String(numberOf(id)),
  hostname: hostOf(name, zone, '@'),
  type,
  priority: '0',
  destination: value,
  deleterecord: false,
  state: 'unknown',
});
const all = (zone: FakeZone): object => ({ dnsrecords: zone.records.map((record) => show(zone, record)) });

type Row = { readonly id?: string; readonly hostname: string; readonly type: string; readonly destination: string; readonly deleterecord?: boolean };

function update(zone: FakeZone, rows: readonly Row[]) {
  const action = 'updateDnsRecords';
  if (rows.some(({ type, destination }) => !holds(type, destination))) return invalid(action, 'Field: destination. Reason: it is not in a valid format.');
  const ids = rows.map(({ id }) => (id === undefined ? undefined : records.numbered(zone, id)?.id));
  if (rows.some(({ id }, at) => id !== undefined && ids[at] === undefined)) return invalid(action, 'Field: id. Reason: a record of this id is not in the zone.');
  for (const [at, { hostname, type, destination, deleterecord }] of rows.entries()) {
    const id = ids[at];
    if (id === undefined) records.add(zone, { name: nameOf(hostname, zone), type, value: destination, ttl: 60 });
    else if (deleterecord) records.remove(zone, id);
    else records.change(zone, id, { name: nameOf(hostname, zone), type, value: destination });
  }
  return answer(action, 2000, 'DNS records successful updated', 'The given DNS records for this zone were updated.', all(zone));
}

function act({ zone, json, query }: Visit) {
  const { action, param } = json();
  if (!query.has('JSON')) return invalid(action, 'Message is empty.');
  if (param.customernumber !== CUSTOMER || param.apikey !== KEY) return invalid(action, 'Api key missing. JSON decode failed while validating request.');
  if (action === 'login') {
    if (param.apipassword !== PASSWORD) return invalid(action, 'Message is empty.');
    return answer(action, 2000, 'Login successful', 'Session has been created successful.', { apisessionid: SESSION });
  }
  if (param.apisessionid !== SESSION) return answer(action, 4001, 'Api session id in invalid format.', 'The session id is not in a valid format.', '');
  if (action === 'logout') return answer(action, 2000, 'Logout successful', 'Session has been terminated successful.', '');
  if (param.domainname !== zone.name) return noZone(action);
  const about = { name: zone.name, ttl: '86400', serial: '2019042098', refresh: '28800', retry: '7200', expire: '1209600', dnssecstatus: false };
  if (action === 'infoDnsZone') return answer(action, 2000, 'DNS zone found', 'DNS zone was found.', about);
  if (action === 'infoDnsRecords') return answer(action, 2000, 'DNS records found', 'DNS Records for this zone were found.', all(zone));
  return update(zone, param.dnsrecordset.dnsrecords);
}

const api = fakeApi({ routes: { 'POST /run/webservice/servers/endpoint.php': act } });

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const path = /^\/run\/webservice\/servers\/endpoint\.php\?JSON$/;
const head = '"serverrequestid":"3Nj2U1TZ1MSZl8E1G4kx9TEE40w3","clientrequestid":""';

export const contract: Contract = {
  options: { customer: CUSTOMER, key: KEY, password: PASSWORD },
  secretOptions: ['key', 'password'],
  sessions: [SESSION],
  zone: 'example.com',
  api,
  budget: { one: 6, thousand: 7 },
  documented: [
    {
      title: 'log in',
      page: TRAFFIC,
      act: write,
      request: { method: 'POST', path, body: { action: 'login', param: { customernumber: CUSTOMER, apikey: KEY, apipassword: PASSWORD } } },
      reply: {
        status: 200,
        body: `{${head},"action":"login","status":"success","statuscode":2000,"shortmessage":"Login successful","longmessage":"Session has been created successful.","responsedata":{"apisessionid":"${SESSION}"}}`,
      },
      ends: 'ok',
    },
    {
      title: 'create a record',
      page: TRAFFIC,
      act: write,
      request: {
        method: 'POST',
        path,
        body: { action: 'updateDnsRecords', param: { domainname: 'example.com', dnsrecordset: { dnsrecords: [{ hostname: 'home', type: 'A', destination: '198.51.100.4', deleterecord: false }] } } },
      },
      reply: {
        status: 200,
        body: `{${head},"action":"updateDnsRecords","status":"success","statuscode":2000,"shortmessage":"DNS records successful updated","longmessage":"The given DNS records for this zone were updated.","responsedata":{"dnsrecords":[{"id":"11758181","hostname":"home","type":"A","priority":"0","destination":"198.51.100.4","deleterecord":false,"state":"unknown"}]}}`,
      },
      ends: 'ok',
    },
    {
      title: 'change a record',
      page: TRAFFIC,
      given: [home],
      act: write,
      request: { method: 'POST', path, body: { action: 'updateDnsRecords', param: { dnsrecordset: { dnsrecords: [{ id: '1', hostname: 'home', destination: '198.51.100.4' }] } } } },
      reply: {
        status: 200,
        body: `{${head},"action":"updateDnsRecords","status":"success","statuscode":2000,"shortmessage":"DNS records successful updated","longmessage":"The given DNS records for this zone were updated.","responsedata":{"dnsrecords":[{"id":"1","hostname":"home","type":"A","priority":"0","destination":"198.51.100.4","deleterecord":false,"state":"unknown"}]}}`,
      },
      ends: 'ok',
    },
    {
      title: 'a zone that is not there',
      page: TRAFFIC,
      act: write,
      request: { method: 'POST', path, body: { action: 'infoDnsZone', param: { domainname: 'home.example.com' } } },
      reply: {
        status: 200,
        body: `{${head},"action":"infoDnsZone","status":"error","statuscode":5031,"shortmessage":"Getting DNS zone failed","longmessage":"Can not get DNS records for zone.  Domain not found.","responsedata":""}`,
      },
      ends: 'ok',
    },
    {
      title: 'credentials that are not known',
      page: OTHERS,
      act: write,
      request: { method: 'POST', path, body: { action: 'login' } },
      reply: { status: 200, body: `{${head},"action":"login","status":"error","statuscode":4013,"shortmessage":"Validation Error.","longmessage":"Message is empty.","responsedata":""}` },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'too many requests, or a wrong key',
      page: 'https://github.com/nbuchwitz/nc_dnsapi/issues/5',
      act: write,
      request: { method: 'POST', path, body: { action: 'login' } },
      reply: {
        status: 200,
        body: `{${head},"action":"","status":"error","statuscode":4013,"shortmessage":"Validation Error.","longmessage":"More than 180 requests per minute. Please wait and retry later. Please contact our customer service to find out if the limitation of requests can be increased.","responsedata":""}`,
      },
      ends: 'throttled',
      fake: 'unasked',
    },
    {
      title: 'a record that is invalid',
      page: OTHERS,
      act: write,
      request: { method: 'POST', path, body: { action: 'updateDnsRecords' } },
      reply: { status: 200, body: `{${head},"action":"updateDnsRecords","status":"error","statuscode":4013,"shortmessage":"Validation Error.","longmessage":"Message is empty.","responsedata":""}` },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
