/** Reg.ru's API over records in memory, and answers as it gives them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const USERNAME = 'me@example.com';
const PASSWORD = 'kE7-horse-staple';
const PAGE = 'https://www.reg.ru/reseller/api2doc';

const REST = { charset: 'utf-8', messagestore: null };
const fail = (error_code: string, error_text: string) => refuse(200, { ...REST, result: 'error', error_code, error_text, error_params: { command_name: 'zone/nop' } });
const failInside = (error_code: string, error_text: string) => refuse(200, { ...REST, result: 'success', answer: { domains: [{ result: 'error', error_code, error_text }] } });
const done = ({ zone }: Visit, more: object = {}): object => ({ ...REST, result: 'success', answer: { domains: [{ dname: zone.name, result: 'success', service_id: 12345, ...more }] } });

type Input = { readonly domains: readonly { readonly dname: string }[]; readonly subdomain: string; readonly ipaddr: string; readonly record_type: string; readonly content: string };
function input({ zone, form }: Visit): Input {
  const sent = JSON.parse(form.get('input_data') ?? '{}') as Input;
  if (sent.domains[0]?.dname !== zone.name) failInside('NO_DOMAIN', 'domain_name not given or empty');
  return sent;
}
const add = (type: string) => (visit: Visit) => {
  const { subdomain, ipaddr } = input(visit);
  const name = nameOf(subdomain, visit.zone);
  if (!holds(type, ipaddr)) failInside('INVALID_IP', 'ipaddr is invalid');
  records.add(visit.zone, { name, type, value: ipaddr, ttl: 60 });
  return done(visit);
};

const api = fakeApi({
  guard({ form }) {
    if (form.get('username') !== USERNAME || form.get('password') !== PASSWORD) fail('PASSWORD_AUTH_FAILED', 'Username/password Incorrect');
    if (form.get('input_format') !== 'json' || form.get('output_format') !== 'json') fail('INVALID_INPUT_FORMAT', 'json is expected');
  },
  routes: {
    'POST /api/regru2/service/get_list': ({ zone }) => ({ ...REST, result: 'success', answer: { services: zonesOf(zone).map(({ name }) => ({ dname: name, servtype: 'domain', state: 'A' })) } }),
    'POST /api/regru2/zone/get_resource_records'(visit) {
      input(visit);
      const rrs = visit.zone.records.map(({ name, type, value }) => ({ content: value, prio: 0, rectype: type, state: 'A', subname: hostOf(name, visit.zone, '@') }));
      return done(visit, { rrs, soa: { minimum_ttl: '10m', ttl: '10m' } });
    },
    'POST /api/regru2/zone/add_alias': add('A'),
    'POST /api/regru2/zone/add_aaaa': add('AAAA'),
    'POST /api/regru2/zone/remove_record'(visit) {
      const { subdomain, record_type, content } = input(visit);
      for (const { id, value } of records.of(visit.zone, nameOf(subdomain, visit.zone), record_type)) if (value === content) records.remove(visit.zone, id);
      return done(visit);
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const said = (body: object): { readonly status: number; readonly body: string } => ({ status: 200, body: JSON.stringify({ charset: 'utf-8', messagestore: null, ...body }) });
const inside = encodeURIComponent('{"domains":[{"dname":"example.com"}],"subdomain":"home",');

export const contract: Contract = {
  options: { username: USERNAME, password: PASSWORD },
  secretOptions: ['password'],
  zone: 'example.com',
  api,
  budget: { one: 4, thousand: 2002 },
  documented: [
    {
      title: 'add an address',
      page: `${PAGE}#zone_add_alias`,
      act: write,
      request: { method: 'POST', path: /^\/api\/regru2\/zone\/add_alias$/, body: inside },
      reply: said({ result: 'success', answer: { domains: [{ dname: 'example.com', result: 'success', service_id: 12345 }] } }),
      ends: 'ok',
    },
    {
      title: 'remove the old address after the new one is there',
      page: `${PAGE}#zone_remove_record`,
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/api\/regru2\/zone\/remove_record$/, body: inside },
      reply: said({ result: 'success', answer: { domains: [{ dname: 'example.com', result: 'success', service_id: 12345 }] } }),
      ends: 'ok',
    },
    {
      title: 'list the records',
      page: `${PAGE}#zone_get_resource_records`,
      given: [{ ...home, name: 'example.com' }],
      act: { kind: 'read', name: 'example.com', type: 'A' },
      request: { method: 'POST', path: /^\/api\/regru2\/zone\/get_resource_records$/ },
      reply: said({
        result: 'success',
        answer: {
          domains: [
            {
              dname: 'example.com',
              result: 'success',
              rrs: [
                { content: '111.222.111.222', prio: '0', rectype: 'A', state: 'A', subname: '@' },
                { content: 'ns1.reg.ru.', prio: 0, rectype: 'NS', state: 'A', subname: '@' },
              ],
              service_id: '12345',
              soa: { minimum_ttl: '12h', ttl: '1d' },
            },
          ],
        },
      }),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a refusal inside of a success',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/zone\/add_alias$/ },
      reply: said({ result: 'success', answer: { domains: [{ error_code: 'NO_DOMAIN', error_text: 'domain_name not given or empty', result: 'error' }] } }),
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a log-in that is not known',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/service\/get_list$/ },
      reply: said({ result: 'error', error_code: 'NO_AUTH', error_params: { command_name: 'nop/zone/add_txt' }, error_text: 'No authorization mechanism selected' }),
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'an address that may not use the API',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/service\/get_list$/ },
      reply: said({ result: 'error', error_code: 'ACCESS_DENIED_FROM_IP', error_params: { command_name: 'zone/get_resource_records' }, error_text: 'Access to API from this IP denied' }),
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
