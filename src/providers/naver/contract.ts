/** NAVER Cloud's Global DNS over records in memory: changes are staged beside them until they are deployed. With exchanges as its pages show them. */
import { hostOf, nameOf } from '../../sdk/index.ts';
import { type Contract, type FakeRecord, type FakeZone, fakeApi, hmacSha256, holds, numberOf, pageOf, records, refuse, reply, type Visit, zonesOf } from '../../testing/index.ts';

const ID = 'ncp_iam_BPAMKR1example';
const SECRET = 'ncp_iam_BPKMKRexampleSecret1234';
const PAGE = 'https://api.ncloud-docs.com/docs/en/networking-globaldns-record';

const no = (status: number, errorCode: string, message: string) => refuse(status, { result: 'FAIL', error: { errorCode, message, devMessage: message } });
const invalid = () => no(400, 'X00007', '유효하지 않은 레코드입니다.');

/** What is staged in a zone, by number: a record as it is to be, or undefined where it is to go. */
type Stage = Map<number, Omit<FakeRecord, 'id'> | undefined>;

function pages(items: readonly object[], { query, pageSize }: Visit): object {
  const page = pageOf(items, { page: Number(query.get('page') ?? 0) + 1, size: Math.min(Number(query.get('size') ?? 10), 100, pageSize) });
  return { content: page.items, page: page.page - 1, size: page.size, totalPages: page.pages, totalElements: page.total, first: page.page === 1, last: page.page >= page.pages };
}

/** Half a base64 signature away from hex. */
const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

const api: NonNullable<Contract['api']> = (zone, limits) => {
  const stage: Stage = new Map();
  const id = numberOf(zone.id);
  const mine = ({ params }: Visit): FakeZone => (Number(params['domain']) === id ? zone : no(404, '300', 'Not Found Exception'));
  const show = (number: number, { name, type, value, ttl }: Omit<FakeRecord, 'id'>, extra: object): object => ({
    id: number,
    host: hostOf(name, zone, '@'),
    domainName: zone.name,
    type,
    content: value,
    ttl,
    aliasId: null,
    lbId: null,
    applyYn: 'Y',
    delYn: 'N',
    defaultYn: 'N',
    ...extra,
  });
  const listed = (): readonly object[] => {
    const live = zone.records.map((record) => {
      const number = numberOf(record.id);
      if (!stage.has(number)) return show(number, record, {});
      const wanted = stage.get(number);
      return wanted ? show(number, wanted, { applyYn: 'N' }) : show(number, record, { applyYn: 'N', delYn: 'Y' });
    });
    const fresh = [...stage].flatMap(([number, wanted]) => (wanted && !records.numbered(zone, number) ? [show(number, wanted, { applyYn: 'N' })] : []));
    return [...live, ...fresh];
  };
  const wanted = ({ host, type, content, ttl }: { host: string; type: string; content: string; ttl: number }): Omit<FakeRecord, 'id'> =>
    holds(type, content) && ttl >= 1 && ttl <= 86_400 ? { name: nameOf(host, zone), type, value: content, ttl } : invalid();
  return fakeApi({
    guard({ request }) {
      const { pathname, search } = new URL(request.url);
      const time = request.headers['x-ncp-apigw-timestamp'];
      const signature = base64(hmacSha256(SECRET, [], `${request.method} ${pathname}${search}\n${time}\n${ID}`));
      if (request.headers['x-ncp-iam-access-key'] !== ID || request.headers['x-ncp-apigw-signature-v2'] !== signature)
        refuse(401, { error: { errorCode: '200', message: 'Authentication Failed', details: 'Invalid authentication information.' } });
    },
    routes: {
      'GET /dns/v1/ncpdns/domain': (visit) =>
        pages(
          zonesOf(zone).map((one) => ({ id: numberOf(one.id), name: one.name, status: 'RUN', completeYn: 'Y' })),
          visit,
        ),
      'PUT /dns/v1/ncpdns/record/apply/:domain'(visit) {
        mine(visit);
        for (const [number, set] of stage) {
          const old = records.numbered(zone, number);
          if (!set) zone.records = zone.records.filter((record) => record !== old);
          else if (old) records.change(zone, old.id, set);
          else zone.records = [...zone.records, { ...set, id: number.toString(16).padStart(32, '0') }];
        }
        stage.clear();
        return reply(200);
      },
      'PUT /dns/v1/ncpdns/record/rollback/:domain'(visit) {
        mine(visit);
        stage.clear();
        return reply(200);
      },
      'GET /dns/v1/ncpdns/record/:domain'(visit) {
        mine(visit);
        return pages(listed(), visit);
      },
      'POST /dns/v1/ncpdns/record/:domain'(visit) {
        mine(visit);
        const sets: readonly Omit<FakeRecord, 'id'>[] = visit.json().map(wanted);
        for (const set of sets) stage.set(numberOf(zone.nextId()), set);
        return reply(200);
      },
      'PUT /dns/v1/ncpdns/record/:domain'(visit) {
        mine(visit);
        const sets: readonly (readonly [number, Omit<FakeRecord, 'id'>])[] = visit
          .json()
          .map((set: { id: number; host: string; type: string; content: string; ttl: number }) => [set.id, records.numbered(zone, set.id) || stage.get(set.id) ? wanted(set) : invalid()]);
        for (const [number, set] of sets) stage.set(number, set);
        return reply(200);
      },
      'DELETE /dns/v1/ncpdns/record/:domain'(visit) {
        mine(visit);
        const numbers: readonly number[] = visit.json();
        if (numbers.some((number) => !records.numbered(zone, number))) invalid();
        for (const number of numbers) stage.set(number, undefined);
        return reply(200);
      },
    },
  })(zone, limits);
};

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 300 } as const;
const write = { kind: 'write', name: 'home.example.com', type: 'A', values: ['203.0.113.7'] } as const;
const failed = (errorCode: string, message: string) => JSON.stringify({ result: 'FAIL', error: { errorCode, message, devMessage: message } });

export const contract: Contract = {
  options: { accessKey: ID, secretKey: SECRET },
  secretOptions: ['secretKey'],
  zone: 'example.com',
  api,
  budget: { one: 5, thousand: 35 },
  // It is read again what became of a change, and nothing is there that was to be.
  weather: { 'empty answer with status 200': ['gibberish', 'unavailable', 'network'] },
  documented: [
    {
      title: 'the records of a zone',
      page: PAGE,
      given: [home],
      act: { kind: 'read', name: 'home.example.com', type: 'A' },
      request: { method: 'GET', path: /^\/dns\/v1\/ncpdns\/record\/\d+\?page=0&size=100/ },
      reply: { status: 200, body: '{"content":[{"id":901,"host":"home","domainName":"example.com","type":"A","content":"198.51.100.1","ttl":300,"applyYn":"Y","delYn":"N"}],"last":true}' },
      ends: 'ok',
    },
    {
      title: 'a new record is staged',
      page: 'https://api.ncloud-docs.com/docs/networking-globaldns-record-createrecord',
      act: { ...write, ttl: 300 },
      request: { method: 'POST', path: /^\/dns\/v1\/ncpdns\/record\/\d+$/, body: [{ host: 'home', type: 'A', content: '203.0.113.7', ttl: 300, aliasId: null, lbId: null }] },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'a changed record is staged',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/dns\/v1\/ncpdns\/record\/\d+$/, body: [{ id: 1, host: 'home', type: 'A', content: '203.0.113.7', ttl: 300 }] },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'a zone is deployed',
      page: PAGE,
      given: [home],
      act: write,
      request: { method: 'PUT', path: /^\/dns\/v1\/ncpdns\/record\/apply\/\d+$/ },
      reply: { status: 200, body: '' },
      ends: 'ok',
    },
    {
      title: 'a record that is not valid',
      page: 'https://api.ncloud-docs.com/docs/networking-globaldns-record-createrecord',
      act: write,
      request: { method: 'POST', path: /^\/dns\/v1\/ncpdns\/record\/\d+$/ },
      reply: { status: 400, body: failed('X00007', '유효하지 않은 레코드입니다.') },
      ends: 'refused',
      fake: 'unasked',
    },
    {
      title: 'a sub-account without permission',
      page: PAGE,
      act: write,
      request: { method: 'GET', path: /\/ncpdns\/record\// },
      reply: { status: 400, body: failed('X00006', 'You do not have permissions.') },
      ends: 'auth',
      fake: 'unasked',
    },
    {
      title: 'a key that is not known',
      page: 'https://api.ncloud-docs.com/docs/en/common-ncpapi',
      act: write,
      request: { method: 'GET', path: /\/ncpdns\/domain/ },
      reply: { status: 401, body: '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Invalid authentication information."}}' },
      ends: 'auth',
      fake: 'unasked',
    },
  ],
};
