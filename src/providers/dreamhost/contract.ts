/** DreamHost's API over records in memory, and exchanges in the form its pages show. */
import { type Contract, type FakeRecord, fakeApi, holds, records, refuse, type Visit } from '../../testing/index.ts';

const KEY = '6SHU5P2HLDAYECUM';
const PAGE = 'https://help.dreamhost.com/hc/en-us/articles/217555707-DNS-API-commands';

const fail = (data: string) => refuse(200, { result: 'error', data });
const ok = (data: unknown): object => ({ result: 'success', data });

const named = ({ zone, query }: Visit): readonly FakeRecord[] => records.of(zone, query.get('record') ?? '', query.get('type') ?? '');
const others = [
  { account_id: '1', zone: 'beside.example', record: 'beside.example', type: 'A', value: '192.0.2.9', comment: '', editable: '0' },
  { account_id: '1', zone: 'beside.example', record: 'www.beside.example', type: 'A', value: '192.0.2.9', comment: '', editable: '0' },
];

const commands: Readonly<Record<string, (visit: Visit) => object>> = {
  'dns-list_records': ({ zone }) => {
    const shown = zone.records.map(({ name, type, value, extra }) => ({ account_id: '1', zone: zone.name, record: name, type, value, comment: '', editable: '1', ...extra }));
    return ok([...others, { account_id: '1', zone: zone.name, record: zone.name, type: 'NS', value: 'ns1.dreamhost.com.', comment: '', editable: '0' }, ...shown]);
  },
  'dns-add_record'(visit) {
    const [name, type, value, comment] = ['record', 'type', 'value', 'comment'].map((key) => visit.query.get(key) ?? '') as [string, string, string, string];
    if (name !== visit.zone.name && !name.endsWith(`.${visit.zone.name}`)) fail('no_such_zone');
    if (!holds(type, value)) fail('invalid_value');
    if (named(visit).some((record) => record.value === value)) fail('record_already_exists_remove_first');
    records.add(visit.zone, { name, type, value, ttl: 60, ...(comment === '' ? {} : { extra: { comment } }) });
    return ok('record_added');
  },
  'dns-remove_record'(visit) {
    const there = named(visit);
    if (there.length === 0) fail('no_such_record');
    const record = there.find(({ value }) => value === visit.query.get('value')) ?? fail('no_such_value');
    records.remove(visit.zone, record.id);
    return ok('record_removed');
  },
};

const api = fakeApi({
  guard({ query }) {
    if (query.get('key') !== KEY) fail('invalid_api_key');
    if (query.get('format') !== 'json' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(query.get('unique_id') ?? '')) fail('no_unique_id');
  },
  routes: { 'GET /': (visit) => commands[visit.query.get('cmd') ?? '']?.(visit) ?? fail('no_such_cmd') },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const error = (data: string): { readonly status: number; readonly body: string } => ({ status: 200, body: JSON.stringify({ result: 'error', data }) });

export const contract: Contract = {
  options: { key: KEY },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  extra: { comment: 'the box in the garage' },
  budget: { one: 4, thousand: 2002 },
  documented: [
    {
      title: 'a listing with records that do not say their zone',
      page: 'https://github.com/AnalogJ/lexicon/tree/master/tests/fixtures/cassettes/dreamhost',
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /cmd=dns-list_records/ },
      reply: {
        status: 200,
        body: '{"result":"success","data":[{"type":"A","record":"example.com"},{"record":"docs.example.com","value":"docs.example.org","type":"CNAME","zone":"example.com"},{"record":"home.example.com","value":"203.0.113.1","type":"A","zone":"example.com"}],"ERRORARRAY":[]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'add a record',
      page: PAGE,
      given: [{ ...home, name: 'example.com' }],
      act: write,
      request: { method: 'GET', path: /^\/\?key=[^&]+&cmd=dns-add_record&record=home\.example\.com&type=A&value=198\.51\.100\.4&unique_id=[0-9a-f-]{36}&format=json$/ },
      reply: { status: 200, body: '{"data":"record_added","result":"success"}' },
      ends: 'ok',
    },
    {
      title: 'remove the old record, after the new one is there',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'GET', path: /^\/\?key=[^&]+&cmd=dns-remove_record&record=home\.example\.com&type=A&value=203\.0\.113\.1&/ },
      reply: { status: 200, body: '{"data":"record_removed","result":"success"}' },
      ends: 'ok',
    },
    {
      title: 'a record that exists already',
      page: PAGE,
      given: [{ ...home, name: 'example.com' }],
      act: write,
      request: { method: 'GET', path: /cmd=dns-add_record/ },
      reply: error('record_already_exists_remove_first'),
      ends: 'ok',
      fake: 'unasked',
    },
    {
      title: 'an old record that is gone already',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'GET', path: /cmd=dns-remove_record/ },
      reply: error('no_such_value'),
      ends: 'ok',
      fake: 'unasked',
    },
    { title: 'a key that is not known', page: PAGE, act: write, request: { method: 'GET', path: /cmd=dns-list_records/ }, reply: error('invalid_api_key'), ends: 'auth', fake: 'unasked' },
    {
      title: 'a zone of somebody else',
      page: PAGE,
      given: [{ ...home, name: 'example.com' }],
      act: write,
      request: { method: 'GET', path: /cmd=dns-add_record/ },
      reply: error('no_such_zone'),
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'too many commands',
      page: 'https://help.dreamhost.com/hc/en-us/articles/217560167-API_overview',
      act: write,
      request: { method: 'GET', path: /cmd=dns-list_records/ },
      reply: error('slow_down_bucko'),
      ends: 'throttled',
      fake: 'unasked',
    },
  ],
};
