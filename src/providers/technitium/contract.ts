/** Technitium's API over records in memory, and exchanges as its page shows them. */
import { type Contract, type FakeRecord, type FakeZone, fakeApi, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '932b2a3495852c15af01598f62563ae534460388b6a370bfbbb8bb6094b698e9';
const PAGE = 'https://github.com/TechnitiumSoftware/DnsServer/blob/master/APIDOCS.md';

const error = (errorMessage: string) => refuse(200, { status: 'error', errorMessage });
const ok = (response: object): object => ({ response, status: 'ok' });
const show = ({ name, type, value, ttl, extra }: FakeRecord): object => ({
  disabled: false,
  name,
  type,
  ttl,
  rData: type === 'A' || type === 'AAAA' ? { ipAddress: value } : { value },
  dnssecStatus: 'Unknown',
  lastUsedOn: '0001-01-01T00:00:00',
  ...extra,
});

function inside({ zone, form }: Visit): FakeZone {
  return form.get('zone') === zone.name ? zone : error(`No such zone was found: ${form.get('zone')}`);
}
const find = (zone: FakeZone, { form }: Visit): FakeRecord =>
  records.of(zone, form.get('domain') ?? '', form.get('type') ?? '').find(({ value }) => value === form.get('ipAddress')) ?? error('Cannot update record: no such record exists.');
function address({ form }: Visit, key: string): string {
  const text = form.get(key) ?? error(`Parameter '${key}' missing.`);
  return form.get('type') === 'A' && !/^\d+\.\d+\.\d+\.\d+$/.test(text) ? error('An invalid IP address was specified.') : text;
}

const api = fakeApi({
  guard({ form, request }) {
    if (form.get('token') !== TOKEN || request.headers['authorization'] !== `Bearer ${TOKEN}`) refuse(200, { status: 'invalid-token', errorMessage: 'Invalid token or session expired.' });
  },
  routes: {
    'POST /api/zones/list': ({ zone }) =>
      ok({
        zones: [
          ...zonesOf(zone).map(({ name }) => ({ name, type: 'Primary', internal: false, dnssecStatus: 'Unsigned', disabled: false })),
          { name: `copy.${zone.name}`, type: 'Secondary', internal: false, disabled: false },
          { name: 'localhost', type: 'Primary', internal: true, disabled: false },
        ],
      }),
    'POST /api/zones/records/get'(visit) {
      const zone = inside(visit);
      const some = visit.form.get('listZone') === 'true' ? zone.records : records.of(zone, visit.form.get('domain') ?? '');
      return ok({ zone: { name: zone.name, type: 'Primary', internal: false, disabled: false }, records: some.map(show) });
    },
    'POST /api/zones/records/add'(visit) {
      const zone = inside(visit);
      const [name, type, value] = [visit.form.get('domain') ?? '', visit.form.get('type') ?? '', address(visit, 'ipAddress')];
      if (records.of(zone, name, type).some((one) => one.value === value)) error('Cannot add record: the specified record already exists.');
      return ok({ zone: { name: zone.name }, addedRecord: show(records.add(zone, { name, type, value, ttl: Number(visit.form.get('ttl') ?? 3600) })) });
    },
    'POST /api/zones/records/update'(visit) {
      const zone = inside(visit);
      const { id } = find(zone, visit);
      const comments = visit.form.get('comments');
      // Comments that are not sent are dropped.
      const changed = records.change(zone, id, { value: address(visit, 'newIpAddress'), ttl: Number(visit.form.get('ttl') ?? 3600), extra: comments === null ? {} : { comments } });
      return ok({ zone: { name: zone.name }, updatedRecord: show(changed as FakeRecord) });
    },
    'POST /api/zones/records/delete'(visit) {
      const zone = inside(visit);
      records.remove(zone, find(zone, visit).id);
      return { status: 'ok' };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;
const shown = '{"disabled":false,"name":"home.example.com","type":"A","ttl":300,"rData":{"ipAddress":"198.51.100.4"},"dnssecStatus":"Unknown","lastUsedOn":"0001-01-01T00:00:00"}';

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  extra: { comments: 'the box in the hall' },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'add a record',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /\/api\/zones\/records\/add$/, body: 'zone=example.com&domain=home.example.com&type=A&ipAddress=198.51.100.4&ttl=300' },
      reply: { status: 200, body: `{"response":{"zone":{"name":"example.com"},"addedRecord":${shown}},"status":"ok"}` },
      ends: 'ok',
    },
    {
      title: 'update a record',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/api\/zones\/records\/update$/, body: 'ipAddress=203.0.113.1&newIpAddress=198.51.100.4&ttl=300' },
      reply: { status: 200, body: `{"response":{"zone":{"name":"example.com"},"updatedRecord":${shown}},"status":"ok"}` },
      ends: 'ok',
    },
    {
      title: 'a token that is not known, said with status 200',
      page: PAGE,
      act: write,
      request: { method: 'POST', path: /\/api\/zones\/list$/ },
      reply: { status: 200, body: '{"status":"invalid-token","errorMessage":"Invalid token or session expired."}' },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'an error, said with status 200',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'POST', path: /\/api\/zones\/records\/update$/ },
      reply: { status: 200, body: '{"status":"error","errorMessage":"Cannot update record: no such record exists.","stackTrace":"at DnsServerCore","innerErrorMessage":""}' },
      ends: 'refused',
      fake: 'unasked',
    },
  ],
};
