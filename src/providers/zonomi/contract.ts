/** Zonomi's API over records in memory, and answers as it gives them. */
import { type Contract, fakeApi, holds, Refusal, records, text, type Visit } from '../../testing/index.ts';

const KEY = '3141592653589793238462643383279502884197';
const PAGE = 'https://zonomi.com/app/dns/dyndns.jsp';

const HEAD = `<?xml version ="1.0"  ?><!DOCTYPE html [<!ENTITY nbsp '&#160;'><!ENTITY trade '&#8482;'><!ENTITY copy '&#169;'>]>`;
const xml = (status: number, body: string) => text(status, HEAD + body, { 'content-type': 'text/xml;charset=UTF-8' });
function fail(status: number, why: string): never {
  throw new Refusal(xml(status, `\n<error>ERROR: ${why}</error>`));
}
const result = (actions: string): string => `<dnsapi_result><is_ok>OK:</is_ok>
    <result_counts
            added="0"
            changed="0"
            unchanged="0"
            deleted="0"/>
    <actions>
${actions}</actions></dnsapi_result>`;

type Action = { readonly action: string; readonly name: string; readonly type: string; readonly value: string; readonly ttl: number };

function perform({ zone }: Visit, { action, name, type, value, ttl }: Action): string {
  const bare = name.replace(/^\*\*\./, '');
  if (bare !== zone.name && !bare.endsWith(`.${zone.name}`)) fail(500, `No zone found for ${bare}`);
  const values = value === '' ? [] : value.split(',');
  if (!values.every((one) => holds(type, one))) fail(500, `Invalid IP address ${value}`);
  if (action === 'SET') records.put(zone, { name, type, ttl, values });
  if (action === 'DELETE') for (const record of records.of(zone, name, type)) if (record.value === value) records.remove(zone, record.id);
  const shown = zone.records.filter((record) => (name.startsWith('**.') ? record.name === bare || record.name.endsWith(`.${bare}`) : record.name === name && record.type === type));
  const lines = shown.map(
    (one) => `            <record
                    name="${one.name}"
                    type="${one.type}"
                    content="${one.value}"
                    ttl="${one.ttl} seconds"
                    prio="0"/>`,
  );
  return `        <action action="${action}" host="${name}" type="${type}">\n${lines.join('\n')}\t</action>`;
}

const api = fakeApi({
  guard({ query }) {
    if (query.get('api_key') !== KEY) fail(401, 'Invalid api_key');
  },
  routes: {
    'GET /app/dns/dyndns.jsp'(visit) {
      const { query } = visit;
      const numbers = query.has('action') ? [''] : Array.from({ length: 99 }, (_, at) => `[${at + 1}]`).filter((at) => query.has(`action${at}`));
      const actions = numbers.map((at): Action => {
        const of = (key: string): string => query.get(`${key}${at}`) ?? '';
        return { action: of('action'), name: of('name'), type: of('type'), value: of('value'), ttl: Number(of('ttl') || 3600) };
      });
      return xml(200, result(actions.map((action) => perform(visit, action)).join('\n')));
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const shown = (name: string, value: string): string => `        <action
                action="QUERY"
                host="**.example.com">
            <record
                    name="${name}"
                    type="A"
                    content="${value}"
                    ttl="3600 seconds"
                    prio="0"/>	</action>`;

export const contract: Contract = {
  options: { key: KEY, zone: 'example.com' },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 2, thousand: 68 },
  documented: [
    {
      title: 'the records of a zone, one attribute a line',
      page: 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/zonomi',
      given: [home],
      act: write,
      request: { method: 'GET', path: /action=QUERY/ },
      reply: {
        status: 200,
        headers: { 'content-type': 'text/xml;charset=UTF-8' },
        body: '<?xml version ="1.0"  ?><!DOCTYPE html [<!ENTITY nbsp \'&#160;\'><!ENTITY copy \'&#169;\'>]><dnsapi_result><is_ok>OK:</is_ok>\n<result_counts \n added="0"\n changed="0"\n unchanged="0"\n deleted="0"/>\n<actions>\n\n<action \n action="QUERY"\n host="example.com, home.example.com">\n<record \n name="example.com"\n type="SOA"\n content="ns1.example.net. hostmaster.example.net. 548 10800 3600 604800 3600"\n ttl="86400 seconds"\n prio="0"/>\t\n<record \n name="home.example.com"\n type="A"\n content="203.0.113.1"\n ttl="300 seconds"\n prio="0"/>\t</action></actions></dnsapi_result>',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'set an address',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'GET', path: /^\/app\/dns\/dyndns\.jsp\?api_key=\d+&action=SET&name=home\.example\.com&type=A&value=198\.51\.100\.4&ttl=300$/ },
      reply: { status: 200, body: HEAD + result(shown('home.example.com', '198.51.100.4')) },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'list all names of a zone',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/app\/dns\/dyndns\.jsp\?api_key=\d+&action=QUERY&name=\*\*\.example\.com$/ },
      reply: { status: 200, body: HEAD + result(shown('home.example.com', '203.0.113.1')) },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a zone that is not there',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /action=QUERY/ },
      reply: { status: 500, body: `${HEAD}\n<error>ERROR: No zone found for example.com</error>` },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /action=QUERY/ },
      reply: { status: 200, body: `${HEAD}\n<error>ERROR: Invalid api_key</error>` },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
