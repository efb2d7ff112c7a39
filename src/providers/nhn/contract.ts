/** NHN Cloud's DNS Plus over records in memory, and exchanges as its guide shows them. */
import { type Contract, type FakeZone, fakeApi, holds, pageAsked, records, refuse, type Visit, zonesOf } from '../../testing/index.ts';

const KEY = 'b7Wq2LkZxTn4example';
const PAGE = 'https://docs.nhncloud.com/en/Network/DNS%20Plus/en/api-guide/';

const header = { isSuccessful: true, resultCode: 0, resultMessage: 'SUCCESS' };
const no = (resultCode: number, resultMessage: string) => refuse(200, { header: { isSuccessful: false, resultCode, resultMessage } });

type Held = ReturnType<typeof records.sets>[number];
const idOf = ({ name, type }: Pick<Held, 'name' | 'type'>): string => Buffer.from(`${name} ${type}`).toString('hex');
/** What is disabled hangs on the set. */
const disabledOf = ({ extra }: Pick<Held, 'extra'>): readonly string[] => (extra?.['disabled'] as readonly string[] | undefined) ?? [];
const show = (set: Held): object => ({
  recordsetId: idOf(set),
  recordsetName: `${set.name}.`,
  recordsetType: set.type,
  recordsetTtl: set.ttl,
  recordsetStatus: 'USE',
  recordList: [...set.values.map((recordContent) => ({ recordDisabled: false, recordContent })), ...disabledOf(set).map((recordContent) => ({ recordDisabled: true, recordContent }))],
});

const mine = ({ zone, params }: Visit): FakeZone => (params['zone'] === zone.id ? zone : no(4_040_001, 'Not found zone.'));
const byId = (zone: FakeZone, id: string | null | undefined): Held => records.sets(zone).find((set) => idOf(set) === id) ?? no(4_040_002, 'Not found recordset.');
function put(zone: FakeZone, name: string, { recordset }: ReturnType<Visit['json']>): object {
  const { recordsetType: type, recordsetTtl: ttl, recordList } = recordset;
  const values = (disabled: boolean): readonly string[] =>
    recordList.flatMap((record: { recordDisabled: boolean; recordContent: string }) => (record.recordDisabled === disabled ? [record.recordContent] : []));
  if (!values(false).every((value) => holds(type, value))) no(4_000_001, 'Invalid recordContent.');
  if (!Number.isInteger(ttl) || ttl < 10 || ttl > 2_147_483_647) no(4_000_002, 'Invalid recordsetTtl.');
  records.put(zone, { name, type, values: values(false), ttl, extra: { disabled: values(true) } });
  return { header, recordset: show(byId(zone, idOf({ name, type }))) };
}

const BASE = '/dnsplus/v1.0/appkeys/:key/zones';
const api = fakeApi({
  guard({ request }) {
    if (!new URL(request.url).pathname.startsWith(`/dnsplus/v1.0/appkeys/${KEY}/`)) no(4_010_001, 'Invalid appKey. ');
  },
  routes: {
    [`GET ${BASE}`](visit) {
      const page = pageAsked(zonesOf(visit.zone), visit, { size: 'limit', usual: 50, most: 3000 });
      return { header, totalCount: page.total, zoneList: page.items.map(({ id, name }) => ({ zoneId: id, zoneName: `${name}.`, zoneStatus: 'USE' })) };
    },
    [`GET ${BASE}/:zone/recordsets`](visit) {
      const types = visit.query.get('recordsetTypeList')?.split(',');
      const part = visit.query.get('searchRecordsetName') ?? '';
      const sets = records.sets(mine(visit)).filter(({ name, type }) => (types?.includes(type) ?? true) && `${name}.`.includes(part));
      const page = pageAsked(sets, visit, { size: 'limit', usual: 50, most: 3000 });
      return { header, totalCount: page.total, recordsetList: page.items.map(show) };
    },
    [`POST ${BASE}/:zone/recordsets`](visit) {
      const { recordset } = visit.json();
      const name = recordset.recordsetName.replace(/\.$/, '');
      if (records.of(mine(visit), name, recordset.recordsetType).length > 0) no(4_090_001, 'Duplicated recordset.');
      return put(visit.zone, name, { recordset });
    },
    [`PUT ${BASE}/:zone/recordsets/:id`]: (visit) => put(mine(visit), byId(visit.zone, visit.params['id']).name, visit.json()),
    [`DELETE ${BASE}/:zone/recordsets`](visit) {
      records.put(mine(visit), { ...byId(visit.zone, visit.query.get('recordsetIdList')), values: [] });
      return { header };
    },
  },
});

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const recordset = { recordsetType: 'A', recordsetTtl: 300, recordList: [{ recordDisabled: false, recordContent: '203.0.113.7' }] };
const failed = (resultCode: number, resultMessage: string) => ({ status: 200, body: JSON.stringify({ header: { isSuccessful: false, resultCode, resultMessage } }) });
const done = { status: 200, body: JSON.stringify({ header, recordset: { recordsetId: 'S', recordsetName: 'home.example.com.', ...recordset } }) };

export const contract: Contract = {
  options: { appKey: KEY },
  secretOptions: ['appKey'],
  zone: 'example.com',
  api,
  extra: { disabled: ['192.0.2.200'] },
  budget: { one: 3, thousand: 1002 },
  documented: [
    {
      title: 'a new set',
      page: PAGE,
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /\/zones\/f+\/recordsets$/, body: { recordset: { recordsetName: 'home.example.com.', ...recordset } } },
      reply: done,
      ends: 'ok',
    },
    { title: 'a changed set', page: PAGE, given: [home], act: write, request: { method: 'PUT', path: /\/zones\/f+\/recordsets\/[0-9a-f]+$/, body: { recordset } }, reply: done, ends: 'ok' },
    {
      title: 'an app key that is not known',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/zones\?/ },
      reply: failed(4_010_001, 'Invalid appKey. '),
      ends: 'auth',
      fake: 'unasked',
    },
    { title: 'a zone that is not there', page: PAGE, act: write, request: { method: 'GET', path: /\/recordsets\?/ }, reply: failed(4_040_001, 'Not found zone.'), ends: 'refused', fake: 'unasked' },
  ],
};
