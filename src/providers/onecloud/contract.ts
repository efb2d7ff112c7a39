/** 1cloud.ru's API over records in memory. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, holds, numberOf, Refusal, records, refuse, reply, text, type Visit, zonesOf } from '../../testing/index.ts';

const TOKEN = '2a50a831e55d096d0cc27a2874a8acfcc7ae5d8b1a367b26';
const PAGE = 'https://1cloud.ru/api/dns';

const show = (zone: FakeZone, { id, name, type, value, ttl }: FakeRecord): object => ({
  ID: numberOf(id),
  TypeRecord: type,
  IP: type === 'A' || type === 'AAAA' ? value : null,
  HostName: name === zone.name ? '@' : `${name}.`,
  Text: type === 'TXT' ? value : null,
  MnemonicName: type === 'CNAME' ? hostOf(name, zone, '@') : null,
  TTL: ttl,
  State: 'Active',
});
const showZone = ({ id, name }: Pick<FakeZone, 'id' | 'name'>, lines: readonly object[]): object => ({
  ID: numberOf(id),
  Name: name,
  TechName: name,
  State: 'Active',
  IsDelegate: 'true',
  LinkedRecords: lines,
});
const find = ({ zone, params }: Visit): FakeRecord => records.numbered(zone, params['id']) ?? refuse(404, { Message: 'Record not found' });
const typeOf = ({ params }: Visit): string => params['type']?.toUpperCase() ?? '';
function asked(visit: Visit): Pick<FakeRecord, 'name' | 'value'> {
  const { DomainId, Name, IP } = visit.json();
  if (Number(DomainId) !== numberOf(visit.zone.id)) refuse(404, { Message: 'Domain not found' });
  if (!holds(typeOf(visit), IP)) refuse(400, { Message: 'The request is invalid.', ModelState: { IP: ['The address is not valid'] } });
  return { name: nameOf(Name, visit.zone), value: IP };
}

const api = fakeApi({
  guard({ request }) {
    if (request.headers['authorization'] !== `Bearer ${TOKEN}`) throw new Refusal(text(401, 'Invalid API key'));
  },
  routes: {
    'GET /dns': ({ zone }) =>
      reply(
        200,
        zonesOf(zone).map((one) => showZone(one, [])),
      ),
    'POST /dns/record:type': (visit) => reply(200, show(visit.zone, records.add(visit.zone, { ...asked(visit), type: typeOf(visit), ttl: 3600 }))),
    'PUT /dns/record:type/:id': (visit) => reply(200, show(visit.zone, records.change(visit.zone, find(visit).id, asked(visit)) ?? refuse(404))),
    'GET /dns/:zone': ({ zone, params }) =>
      Number(params['zone']) === numberOf(zone.id)
        ? reply(
            200,
            showZone(
              zone,
              zone.records.map((record) => show(zone, record)),
            ),
          )
        : refuse(404, { Message: 'Domain not found' }),
    'DELETE /dns/:zone/:id'(visit) {
      records.remove(visit.zone, find(visit).id);
      return reply(200, { status: { code: '1' } });
    },
  },
});

const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['198.51.100.4'] } as const;

export const contract: Contract = {
  options: { token: TOKEN },
  secretOptions: ['token'],
  zone: 'example.com',
  api,
  budget: { one: 3, thousand: 1002 },
  documented: [
    { title: 'a key that is not known', page: PAGE, act: write, request: { method: 'GET', path: /^\/dns$/ }, reply: { status: 401, body: 'Invalid API key' }, ends: 'auth', fake: 'unasked' },
    {
      title: 'a domain that is gone',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /^\/dns\/\d+$/ },
      reply: { status: 400, body: '{"Message":"error-message","ModelState":{}}' },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'hosts are relative, in full, or the domain itself',
      page: PAGE,
      act: { ...write, name: 'example.com' },
      request: { method: 'GET', path: /^\/dns\/\d+$/ },
      reply: {
        status: 200,
        body: '{"ID":1,"Name":"example.com","LinkedRecords":[{"ID":7,"TypeRecord":"A","HostName":"@","IP":"198.51.100.4"},{"ID":8,"TypeRecord":"TXT","Text":"\\"text\\" ","HostName":"_acme-challenge.example.com."}]}',
      },
      ends: 'ok',
      fake: 'unasked',
    },
  ],
};
