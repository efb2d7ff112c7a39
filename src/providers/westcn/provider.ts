/**
 * West.cn: one record per value, an action per form, answers in GBK whose Chinese words are lost on the way: codes alone are read. https://www.west.cn/CustomerCenter/doc/apiv2.html
 * Longer than others for its two ways to prove who asks and the two generations of its answers.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  digest,
  type HeldRecord,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  looseText,
  nameOf,
  onlyHost,
  optional,
  type Reader,
  recordsById,
  reserved,
  secret,
  text,
  untilTotal,
  zonesOr,
} from '../../sdk/index.ts';

const PAGE = 100;
/** Two generations of the API answer `code` and `body`, or `result` and `data`. */
const Answer = v.union([v.object({ code: looseNumber }), v.object({ result: looseNumber, errcode: v.nullish(looseNumber) })]);
const Done = json(Answer);
const DnsRecord = v.object({
  record_id: looseText,
  hostname: v.string(),
  record_type: v.string(),
  record_value: v.string(),
  record_ttl: v.nullish(looseNumber),
  record_line: v.nullish(v.string()),
  record_mx: v.nullish(looseText),
  pause: v.nullish(looseText),
});
const page = v.object({ total: v.nullish(looseNumber), items: v.nullish(v.array(DnsRecord), []) });
const Listing = json(v.union([v.object({ code: looseNumber, body: page }), v.object({ result: looseNumber, data: page })]));

/** Good for the time it holds, in milliseconds since 1970. */
export const westcnToken = (username: string, apiPassword: string, time: string): string => digest('md5', `${username}${apiPassword}${time}`).toString('hex');

/** What a change would drop if it were not sent again. */
type Held = HeldRecord & { readonly kept: Readonly<Record<string, string>> };

export default defineProvider({
  api: 1,
  id: 'westcn',
  name: 'West.cn',
  reference: 'https://www.west.cn/CustomerCenter/doc/apiv2.html',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'Paths, fields and answers are those that other programs use; the vendor’s own page could not be read.',
    'Its answers are encoded in GBK: their Chinese words are not shown, only its codes.',
    'The range of TTLs is not published.',
  ],
  also: ['west', 'dwest', 'west digital', '西部数码'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 900 } },
  options: {
    zone: text('name of the domain', { example: 'example.com' }),
    domainKey: optional(secret('apidomainkey of the domain; good for this domain alone')),
    username: optional(text('user name, with apiPassword', { example: 'me' })),
    apiPassword: optional(secret('API password of the account, with username')),
  },
  problems: ({ domainKey, username, apiPassword }) =>
    domainKey === undefined && (username === undefined || apiPassword === undefined) ? ['west.cn needs either domainKey, or username and apiPassword together'] : [],
  example: { zone: 'example.com', domainKey: { env: 'WESTCN_DOMAIN_KEY' } },
  environment: { username: ['WESTCN_USERNAME'], apiPassword: ['WESTCN_PASSWORD'] },
  credentials:
    'At https://www.west.cn open the control panel of the domain and copy its apidomainkey into domainKey: it can change this domain alone. ' +
    'A user name with the API password, from https://www.west.cn/manager/API/APIconfig.asp, can change all; that page also has a list of allowed addresses, which must be open, because yours changes.',
  open({ zone, domainKey, username = '', apiPassword, endpoint }, tools) {
    const proof = (): Readonly<Record<string, string>> => {
      if (domainKey) return { apidomainkey: domainKey.reveal() };
      const time = String(tools.clock.now());
      return { username, time, token: westcnToken(username, apiPassword?.reveal() ?? '', time) };
    };
    const ask = api(tools, {
      base: 'https://api.west.cn/API/v2',
      endpoint,
      words(body) {
        const answer = v.safeParse(Answer, body);
        if (!answer.success) return undefined;
        const { output } = answer;
        const code = 'code' in output ? output.code : output.result;
        return code === 200 ? undefined : { code: 'errcode' in output && output.errcode ? `${code}/${output.errcode}` : code };
      },
      meanings: [
        { match: /^(401|403)|\/10000$/, kind: 'auth', says: 'it does not take these credentials, or not from this address', hint: 'copy the key again, and allow all addresses on its API page' },
        { match: /^404\b/, kind: 'refused', says: 'there is no such domain or record', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^429\b/, kind: 'throttled', waitSeconds: 60 },
        { match: /^\d/, kind: 'refused', hint: 'its words are in GBK and cannot be shown; look at the domain in its control panel', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const act = <T>(action: string, form: Readonly<Record<string, string | number | undefined>>, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> =>
      ask({ method: 'POST', path: '/domain/dns/', form: { act: action, domain: zone, ...form, ...proof() }, purpose, idempotent: action !== 'dnsrec.add' }, reader, instead);
    const held = (zoneName: string, { record_id, hostname, record_type, record_value, record_ttl, record_line, record_mx, pause }: v.InferOutput<typeof DnsRecord>): Held => ({
      id: record_id,
      type: record_type,
      name: nameOf(hostname, { name: zoneName }),
      value: record_value,
      ...(record_ttl ? { ttl: record_ttl } : {}),
      kept: { record_line: record_line ?? '', ...(record_mx ? { record_level: record_mx } : {}) },
      ...reserved({ disabled: pause === '1', line: record_line, everybody: ['默认'] }),
    });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, { kind: 'given', zones: [] }),
      async list({ name }, cursor, keys) {
        const found = await act('dnsrec.list', { hostname: onlyHost(keys, { name }, '@'), pageno: cursor ?? 1, limit: PAGE }, 'list the records', Listing);
        const { items, total } = 'body' in found ? found.body : found.data;
        return untilTotal(
          items.map((record) => held(name, record)),
          cursor,
          total,
        );
      },
      async create({ name }, { name: host, type, value, ttl }) {
        const record = { hostname: hostOf(host, { name }, '@'), record_type: type, record_value: value, record_ttl: ttl ?? 900, record_line: '', record_level: 10 };
        await act('dnsrec.add', record, 'create a record', Done);
        return undefined;
      },
      async update({ name }, record, { value, ttl }) {
        const changed = { hostname: hostOf(record.name, { name }, '@'), record_type: record.type, record_value: value ?? record.value, record_ttl: ttl ?? record.ttl, ...record.kept };
        await act('dnsrec.modify', { record_id: record.id, ...changed }, 'change a record', Done);
        return undefined;
      },
      async remove(_zone, { id }) {
        await act('dnsrec.remove', { record_id: id }, 'remove a record', Done, { match: /^404\b/, value: { code: 404 } });
      },
      concurrency: 1,
    });
  },
});
