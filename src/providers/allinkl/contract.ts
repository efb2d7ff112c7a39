/** KAS over records in memory, and exchanges as the tests of another program were recorded with. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, type HttpReply, holds, numberOf, Refusal, records, text, type Visit, zonesOf } from '../../testing/index.ts';

const LOGIN = 'w0123456';
const PASSWORD = 'made-up-password-0f1e2d3c';
const SESSION = '593959ca04f0de9689b586c6a647d15d';
const OTHERS = 'https://github.com/go-acme/lego/tree/master/providers/dns/allinkl/internal/fixtures';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="https://kasapi.kasserver.com/soap/KasApi.php" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns2="http://xml.apache.org/xml-soap" xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/">';
const soap = (status: number, inside: string): HttpReply => ({
  ...text(status, `${HEAD}<SOAP-ENV:Body>${inside}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n`),
  headers: { 'content-type': 'text/xml; charset=utf-8' },
});
const fault = (code: string, actor: string, detail = ''): HttpReply =>
  soap(
    500,
    `<SOAP-ENV:Fault><faultcode>SOAP-ENV:Server</faultcode><faultstring>${code}</faultstring><faultactor>${actor}</faultactor>${detail === '' ? '' : `<detail>${detail}</detail>`}</SOAP-ENV:Fault>`,
  );
const fail = (code: string, detail?: string): never => {
  throw new Refusal(fault(code, 'KasApi', detail));
};

/** A value as KAS writes it. */
function written(tag: string, value: unknown): string {
  if (Array.isArray(value)) return `<${tag} SOAP-ENC:arrayType="ns2:Map[${value.length}]" xsi:type="SOAP-ENC:Array">${value.map((one) => written('item', one)).join('')}</${tag}>`;
  if (typeof value === 'object' && value !== null)
    return `<${tag} xsi:type="ns2:Map">${Object.entries(value)
      .map(([key, one]) => `<item><key xsi:type="xsd:string">${key}</key>${written('value', one)}</item>`)
      .join('')}</${tag}>`;
  if (value === null) return `<${tag} xsi:nil="true"/>`;
  return typeof value === 'number' ? `<${tag} xsi:type="xsd:float">${value}</${tag}>` : `<${tag} xsi:type="xsd:string">${String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;')}</${tag}>`;
}
const done = (info: unknown): HttpReply => {
  const parts = { Request: { KasRequestTime: '1624993260', KasRequestType: null }, Response: { KasFloodDelay: 0.5, ReturnString: 'TRUE', ReturnInfo: info } };
  return soap(200, `<ns1:KasApiResponse>${written('return', parts)}</ns1:KasApiResponse>`);
};
const show = (zone: FakeZone, { id, name, type, value }: FakeRecord): object => ({
  record_zone: zone.name,
  record_name: hostOf(name, zone, ''),
  record_type: type,
  record_data: value,
  record_aux: '0',
  record_id: String(numberOf(id)),
  record_changeable: 'Y',
});

type Params = { readonly zone_host: string; readonly record_id: string; readonly record_name: string; readonly record_type: string; readonly record_data: string };

const paramsOf = ({ request }: Visit) => {
  const inside = /<Params>(.*)<\/Params>/s.exec(request.body ?? '')?.[1] ?? '{}';
  return JSON.parse(inside.replace(/&#(\d+);/g, (_whole, code) => String.fromCodePoint(Number(code))));
};
const named = (zone: FakeZone, { record_id: id }: Params): FakeRecord => records.numbered(zone, id) ?? fail('record_id_not_found', id);
const mine = (zone: FakeZone, { zone_host: host }: Params): FakeZone => (host === `${zone.name}.` ? zone : fail('zone_not_found', host));

const ACTIONS: Readonly<Record<string, (zone: FakeZone, params: Params) => HttpReply>> = {
  get_domains: (zone) => done(zonesOf(zone).map(({ name }) => ({ domain_name: name, domain_path: `/${name}/`, is_active: 'Y' }))),
  get_dns_settings: (zone, params) =>
    done([
      ...mine(zone, params).records.map((record) => show(zone, record)),
      { record_zone: zone.name, record_name: '', record_type: 'NS', record_data: 'ns5.kasserver.com.', record_aux: '0', record_id: '0', record_changeable: 'N' },
    ]),
  add_dns_settings(zone, params) {
    const { record_name: host, record_type: type, record_data: value } = params;
    if (!holds(type, value)) fail('record_data_syntax_incorrect', value);
    return done(String(numberOf(records.add(mine(zone, params), { name: nameOf(host, zone), type, value, ttl: 60 }).id)));
  },
  update_dns_settings(zone, params) {
    const { id, type, value } = named(zone, params);
    if (!holds(type, params.record_data)) fail('record_data_syntax_incorrect', params.record_data);
    if (value === params.record_data) fail('nothing_to_do');
    records.change(zone, id, { value: params.record_data });
    return done('TRUE');
  },
  delete_dns_settings(zone, params) {
    records.remove(zone, named(zone, params).id);
    return done('TRUE');
  },
};

const api = fakeApi({
  routes: {
    'POST /soap/KasAuth.php'(visit) {
      const { kas_login: login, kas_auth_type: type, kas_auth_data: data } = paramsOf(visit);
      if (login !== LOGIN || type !== 'plain' || data !== PASSWORD) return fault('kas_password_incorrect', 'KasAuth');
      return soap(200, `<ns1:KasAuthResponse><return xsi:type="xsd:string">${SESSION}</return></ns1:KasAuthResponse>`);
    },
    'POST /soap/KasApi.php'(visit) {
      const { kas_login: login, kas_auth_type: type, kas_auth_data: data, kas_action: action, KasRequestParams: params } = paramsOf(visit);
      if (login !== LOGIN || type !== 'session' || data !== SESSION) return fault('kas_auth_data_incorrect', 'KasApi');
      return ACTIONS[action]?.(visit.zone, params) ?? fault('unkown_action', 'KasApi');
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const sent = (body: string) => ({ method: 'POST' as const, path: /^\/soap\/KasApi\.php$/, body });
const documented = ({ status, body }: HttpReply) => ({ status, body });

export const contract: Contract = {
  options: { login: LOGIN, password: PASSWORD },
  secretOptions: ['password'],
  sessions: [SESSION],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 1003 },
  documented: [
    {
      title: 'log in',
      page: `${OTHERS}/auth.xml`,
      act: write,
      request: { method: 'POST', path: /^\/soap\/KasAuth\.php$/, body: '<KasAuth xmlns="https://kasserver.com/"><Params>{"kas_login":"w0123456","kas_auth_type":"plain",' },
      reply: documented(soap(200, `<ns1:KasAuthResponse>\n            <return xsi:type="xsd:string">${SESSION}</return>\n        </ns1:KasAuthResponse>`)),
      ends: 'ok',
      // Two texts of XML are never equal to the letter.
      fake: 'unasked',
    },
    {
      title: 'records of a zone',
      page: `${OTHERS}/get_dns_settings.xml`,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: sent('"kas_action":"get_dns_settings","KasRequestParams":{"zone_host":"example.com."}'),
      reply: documented(
        soap(
          200,
          '<ns1:KasApiResponse>\n <return xsi:type="ns2:Map">\n <item>\n <key xsi:type="xsd:string">Response</key>\n <value xsi:type="ns2:Map">\n <item>\n <key xsi:type="xsd:string">KasFloodDelay</key>\n <value xsi:type="xsd:float">0.5</value>\n </item>\n <item>\n <key xsi:type="xsd:string">ReturnInfo</key>\n <value SOAP-ENC:arrayType="ns2:Map[1]" xsi:type="SOAP-ENC:Array">\n <item xsi:type="ns2:Map">\n <item>\n <key xsi:type="xsd:string">record_name</key>\n <value xsi:type="xsd:string"></value>\n </item>\n <item>\n <key xsi:type="xsd:string">record_type</key>\n <value xsi:type="xsd:string">NS</value>\n </item>\n <item>\n <key xsi:type="xsd:string">record_data</key>\n <value xsi:type="xsd:string">ns6.kasserver.com.</value>\n </item>\n <item>\n <key xsi:type="xsd:string">record_aux</key>\n <value xsi:type="xsd:int">0</value>\n </item>\n <item>\n <key xsi:type="xsd:string">record_id</key>\n <value xsi:type="xsd:int">0</value>\n </item>\n <item>\n <key xsi:type="xsd:string">record_changeable</key>\n <value xsi:type="xsd:string">N</value>\n </item>\n </item>\n </value>\n </item>\n </value>\n </item>\n </return>\n </ns1:KasApiResponse>',
        ),
      ),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'create a record',
      page: `${OTHERS}/add_dns_settings.xml`,
      act: write,
      request: sent('"kas_action":"add_dns_settings","KasRequestParams":{"zone_host":"example.com.","record_type":"A","record_name":"home","record_data":"198.51.100.4"'),
      reply: documented(done('57347444')),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'change a record',
      page: 'https://github.com/gitnol/all-inkl-kas-sdk/blob/main/docs/02_domains_dns.md',
      given: [home],
      act: write,
      request: sent('"kas_action":"update_dns_settings","KasRequestParams":{"record_id":"1","record_name":"home","record_data":"198.51.100.4"'),
      reply: documented(done('TRUE')),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a login that is none',
      page: `${OTHERS}/auth_fault.xml`,
      act: write,
      request: { method: 'POST', path: /^\/soap\/KasAuth\.php$/ },
      reply: documented(soap(200, '<SOAP-ENV:Fault><faultcode>SOAP-ENV:Client</faultcode><faultstring>kas_login_syntax_incorrect</faultstring><faultactor>KasAuth</faultactor></SOAP-ENV:Fault>')),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: `${OTHERS}/get_dns_settings-zone_not_found.xml`,
      act: write,
      request: sent('get_dns_settings'),
      reply: documented(fault('zone_not_found', 'KasApi', 'example.com')),
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'calls that come too fast',
      page: `${OTHERS}/flood_protection.xml`,
      given: [home],
      act: write,
      request: sent('update_dns_settings'),
      reply: documented(fault('flood_protection', 'KasApi', '0.0688529014587')),
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
