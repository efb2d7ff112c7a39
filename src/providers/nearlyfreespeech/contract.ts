/** NearlyFreeSpeech.NET's API over records in memory, and exchanges in the form its pages and other programs show. */
import { createHash } from 'node:crypto';
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, fakeApi, holds, records, refuse, type Visit } from '../../testing/index.ts';

const LOGIN = 'me';
const KEY = 'aB3dE5gH7jK9mN1p';
const PAGE = 'https://members.nearlyfreespeech.net/wiki/API/DNS';

const fail = (status: number, error: string, debug: string) => refuse(status, { error, debug });
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

type Asked = { readonly name: string; readonly type: string; readonly data: string; readonly ttl: number };
function asked({ zone, params, form }: Visit): Asked {
  if (params['zone'] !== zone.name) fail(404, 'The requested object was not found.', `Domain ${params['zone']} does not exist.`);
  const [type = '', data = '', ttl] = [form.get('type') ?? '', form.get('data') ?? '', Number(form.get('ttl') ?? 3600)];
  if (data !== '' && !holds(type, data)) fail(400, 'The API request parameters are invalid.', 'data is not an IPv4 address.');
  if (!(ttl >= 180)) fail(400, 'The API request parameters are invalid.', 'ttl is too low.');
  return { name: nameOf(form.get('name') ?? '', zone), type, data, ttl };
}

/** The type of all its answers. */
const OWN = { 'content-type': 'application/x-nfsn-api' };

const api = fakeApi({
  guard({ request }) {
    const [login, unix, salt = '', proof] = (request.headers['x-nfsn-authentication'] ?? '').split(';');
    const text = `${LOGIN};${unix};${salt};${KEY};${new URL(request.url).pathname};${sha1(request.body ?? '')}`;
    if (login !== LOGIN || !/^[0-9A-Za-z]{16}$/.test(salt) || proof !== sha1(text)) fail(401, 'The API request could not be authenticated.', 'The X-NFSN-Authentication header is wrong.');
  },
  routes: {
    'POST /dns/:zone/listRRs'(visit) {
      asked(visit);
      return visit.zone.records.map(({ name, type, value, ttl }) => ({ name: hostOf(name, visit.zone, ''), type, data: value, ttl, scope: 'member' }));
    },
    'POST /dns/:zone/addRR'(visit) {
      const { name, type, data, ttl } = asked(visit);
      if (records.of(visit.zone, name, type).some(({ value }) => value === data)) fail(400, 'The API request parameters are invalid.', 'That record already exists.');
      records.add(visit.zone, { name, type, value: data, ttl });
      return { status: 200, headers: OWN, body: '' };
    },
    'POST /dns/:zone/replaceRR'(visit) {
      const { name, type, data, ttl } = asked(visit);
      records.put(visit.zone, { name, type, ttl, values: [data] });
      return { status: 200, headers: OWN, body: '' };
    },
    'POST /dns/:zone/removeRR'(visit) {
      const { name, type, data } = asked(visit);
      for (const { id, value } of records.of(visit.zone, name, type)) if (value === data) records.remove(visit.zone, id);
      return { status: 200, headers: OWN, body: '' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { login: LOGIN, key: KEY, zone: 'example.com' },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 2, thousand: 1001 },
  documented: [
    {
      title: 'a zone of somebody else',
      page: 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/nfsn',
      act: write,
      request: { method: 'POST', path: /^\/dns\/example\.com\/listRRs$/ },
      reply: { status: 404, headers: OWN, body: '{"error":"The API request was not valid.","debug":"The requested object instance does not exist or cannot be accessed."}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a change that is taken',
      page: 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/nfsn',
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/dns\/example\.com\/replaceRR$/, body: 'name=home&type=A&data=198.51.100.4' },
      reply: { status: 200, headers: OWN, body: '' },
      ends: 'ok',
    },
    {
      title: 'replace an address',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /^\/dns\/example\.com\/replaceRR$/, body: 'name=home&type=A&data=198.51.100.4&ttl=3600' },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'add an address to another one',
      page: PAGE,
      given: [home],
      act: { ...write, values: ['198.51.100.4', '203.0.113.1'] },
      request: { method: 'POST', path: /^\/dns\/example\.com\/addRR$/, body: 'name=home&type=A&data=198.51.100.4&ttl=3600' },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'list the records',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'POST', path: /^\/dns\/example\.com\/listRRs$/ },
      reply: { status: 200, body: '[{"name":"home","type":"A","data":"203.0.113.1","ttl":3600,"scope":"member"}]' },
      ends: 'ok',
    },
    {
      title: 'a proof that is missing',
      page: 'https://members.nearlyfreespeech.net/wiki/API/Introduction',
      act: write,
      request: { method: 'POST', path: /\/listRRs$/ },
      reply: { status: 401, body: '{"error":"The API request could not be authenticated.","debug":"The X-NFSN-Authentication header is not present."}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
