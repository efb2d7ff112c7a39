/** Dynadot's REST API over records in memory, as other programs use it. */
import { createHmac } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, pageAsked, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = '8T6y7K9m8X7P8j6G8Z9Q7s8W8T8L8n6F';
const SECRET = '5dc8a8b6-1f2e-4d3c-9b8a-7f6e5d4c3b2a';
const PAGE = 'https://www.dynadot.com/domain/api-document';

const fail = (code: number, message: string, description: string) => refuse(code, { code, message, error: { description } });
const own = ({ zone, params }: Visit): void => {
  if (params['domain'] !== zone.name) fail(404, 'Not Found', 'could not find the domain in your account');
};

type Sent = { readonly sub_host?: string; readonly record_type: string; readonly record_value1: string };
const sentIn = (visit: Visit): readonly Sent[] => {
  const { dns_main_list: main = [], dns_sub_list: subs = [] } = visit.json();
  return [...main, ...subs];
};

const api = fakeApi({
  guard({ request }) {
    const { pathname, search } = new URL(request.url);
    const { authorization, 'x-request-id': id = '', 'x-signature': signature } = request.headers;
    if (authorization !== `Bearer ${KEY}`) fail(401, 'Unauthorized', 'invalid API key');
    const signed = createHmac('sha256', SECRET).update(`${KEY}\n${pathname}${search}\n${id}\n${request.body ?? ''}`);
    if (signature !== signed.digest('base64')) fail(401, 'Unauthorized', 'invalid signature');
  },
  routes: {
    'GET /restful/v2/domains'(visit) {
      const { items } = pageAsked(zonesOf(visit.zone), visit, { size: 'page_size', usual: 20, most: 100 });
      return { code: 200, message: 'Success', data: { domain_info_list: items.map(({ name }) => ({ domain_name: name, status: 'active' })) } };
    },
    'GET /restful/v2/domains/:domain/records'(visit) {
      own(visit);
      const shown = visit.zone.records.map(({ name, type, value }) => ({
        ...(name === visit.zone.name ? {} : { sub_host: hostOf(name, visit.zone, '') }),
        record_type: type,
        record_value1: value,
        record_value2: '',
      }));
      const glue = { glue_type: 'DNS', ttl: 300, dns_main_list: shown.filter(({ sub_host }) => !sub_host), dns_sub_list: shown.filter(({ sub_host }) => sub_host) };
      return { code: 200, message: 'Success', data: { glue_info: glue } };
    },
    'POST /restful/v2/domains/:domain/records'(visit) {
      own(visit);
      if (visit.json().add_dns_to_current_setting !== true) fail(400, 'Bad Request', 'this would replace all records');
      for (const { sub_host = '', record_type: type, record_value1: value } of sentIn(visit)) {
        const name = nameOf(sub_host, visit.zone);
        if (!holds(type, value)) fail(400, 'Bad Request', 'invalid ip address');
        if (!records.of(visit.zone, name, type).some((record) => record.value === value)) records.add(visit.zone, { name, type, value, ttl: 60 });
      }
      return { code: 200, message: 'Success' };
    },
    'DELETE /restful/v2/domains/:domain/records'(visit) {
      own(visit);
      for (const { sub_host = '', record_type: type, record_value1: value } of sentIn(visit))
        for (const record of records.of(visit.zone, nameOf(sub_host, visit.zone), type)) if (record.value === value) records.remove(visit.zone, record.id);
      return { code: 200, message: 'Success' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const path = /^\/restful\/v2\/domains\/example\.com\/records$/;
const success = { status: 200, body: '{"code":200,"message":"Success"}' };

export const contract: Contract = {
  options: { key: KEY, secret: SECRET },
  secretOptions: ['key', 'secret'],
  zone: 'example.com',
  api,
  budget: { one: 5, thousand: 23 },
  documented: [
    {
      title: 'add a record to those that are there',
      page: PAGE,
      act: write,
      request: { method: 'POST', path, body: { dns_sub_list: [{ sub_host: 'home', record_type: 'A', record_value1: '198.51.100.4' }], ttl: 300, add_dns_to_current_setting: true } },
      reply: success,
      ends: 'ok',
    },
    {
      title: 'remove the old record after the new one is there',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'DELETE', path, body: { dns_sub_list: [{ sub_host: 'home', record_type: 'A', record_value1: '203.0.113.1' }] } },
      reply: success,
      ends: 'ok',
    },
    {
      title: 'a listing in the older form',
      page: PAGE,
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path },
      reply: {
        status: 200,
        body: '{"code":200,"message":"Success","data":{"dns_main_list":[{"record_type":"a","record_value1":"203.0.113.2"}],"sub_list":[{"sub_host":"home","record_type":"a","record_value1":"203.0.113.1"}],"ttl":"300"}}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'a domain without DNS settings',
      page: PAGE,
      act: write,
      request: { method: 'POST', path },
      reply: { status: 200, body: '{"code":403,"message":"Forbidden","error":{"description":"The domain doesn\'t have main dns."}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/restful\/v2\/domains\?/ },
      reply: { status: 200, body: '{"code":401,"message":"Unauthorized"}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
