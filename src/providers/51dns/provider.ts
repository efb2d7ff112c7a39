/**
 * 51DNS, formerly DNS.COM: one record per value, forms signed with a digest. https://www.51dns.com/document/api/index.html
 * Longer than others because the kind of a refusal must be guessed from its words.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  looseText,
  nameOf,
  onlyHost,
  type Page,
  type Reader,
  recordsById,
  reserved,
  secret,
  signedForm,
  text,
  untilEmpty,
  untilLast,
  wrongClock,
} from '../../sdk/index.ts';

const PAGE = 500;
const fine = v.literal(0);
const Domain = json(v.object({ code: fine, data: v.object({ domainID: looseText }) }));
const DomainRecord = v.object({
  recordID: looseText,
  record: v.string(),
  type: v.string(),
  value: v.string(),
  TTL: v.nullish(looseNumber),
  viewID: v.nullish(looseText),
  state: v.nullish(looseNumber),
});
const Listing = json(v.object({ code: fine, data: v.object({ page: v.nullish(looseNumber), pageCount: v.nullish(looseNumber), data: v.nullish(v.array(DomainRecord), []) }) }));
const Done = json(v.object({ code: fine }));
const Refusal = v.object({ code: v.number(), message: v.nullish(v.string()) });

export default defineProvider({
  api: 1,
  id: '51dns',
  name: '51DNS',
  reference: 'https://www.51dns.com/document/api/index.html',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'Paths, fields and answers are those of one other program; the vendor’s own pages could not be read.',
    'The codes of its refusals are not known, so a domain that it refuses to show is taken for one that is not there.',
    'The range of TTLs is not published.',
  ],
  also: ['dns.com', 'dnscom', '51dns.com', '帝恩思'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 600 } },
  options: { apiKey: text('API key', { example: '0f3c1e...' }), apiSecret: secret('API secret that belongs to it'), zone: text('name of the domain', { example: 'example.com' }) },
  environment: { apiKey: ['DNSCOM_API_KEY'], apiSecret: ['DNSCOM_API_SECRET'] },
  credentials: 'At https://www.51dns.com log in and open API in the account settings: apply for the key and keep its secret. It may change every domain of the account and cannot be limited.',
  open({ apiKey, apiSecret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://www.51dns.com/api',
      endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      words: (body) => (v.is(Refusal, body) && body.code !== 0 ? { code: body.code, message: body.message ?? '' } : undefined),
      meanings: [
        wrongClock(/timestamp|时间戳/i),
        { match: /api ?key|hash|sign|secret|签名|密钥|权限|permission/i, kind: 'auth' },
        { match: /frequen|too many|limit|频繁|频率/i, kind: 'throttled', waitSeconds: 60 },
        { match: /conflict|冲突|cname/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const act = <T>(action: string, form: Readonly<Record<string, string | number | undefined>>, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> => {
      // https://www.51dns.com/document/api/70/72.html
      const body = signedForm({ ...form, apiKey, timestamp: Math.floor(tools.clock.now() / 1000) }, apiSecret, (hash) => `hash=${hash}`);
      return ask({ method: 'POST', path: `/${action}/`, body, purpose, idempotent: !/create|remove/.test(action) }, reader, instead);
    };
    const held = (zoneName: string, { recordID, record, type, value, TTL, viewID, state }: v.InferOutput<typeof DomainRecord>): HeldRecord => ({
      id: recordID,
      type,
      name: nameOf(record, { name: zoneName }),
      value,
      ...(TTL ? { ttl: TTL } : {}),
      ...reserved({ disabled: state === 2, line: viewID, everybody: ['0', '1'] }),
    });
    return recordsById(tools, {
      zones: {
        kind: 'walk',
        async find(name) {
          if (name !== zone.toLowerCase()) return undefined;
          const none = { match: /^(?!.*(timestamp|key|hash|sign|secret|permission|frequen|limit|时间戳|签名|密钥|权限|频))/is, value: undefined };
          const found = await act<{ readonly data: { readonly domainID: string } } | undefined>('domain/getsingle', { domainID: name }, 'find the domain', Domain, none);
          return found && { name, id: found.data.domainID };
        },
      },
      async list({ id, name }, cursor, keys): Promise<Page<HeldRecord>> {
        const asked = { domainID: id, host: onlyHost(keys, { name }, '@'), page: cursor ?? 1, pageSize: PAGE };
        const { data } = await act('record/list', asked, 'list the records', Listing);
        const records = data.data.map((record) => held(name, record));
        return data.pageCount == null ? untilEmpty(records, cursor) : untilLast(records, { page: data.page ?? Number(cursor ?? 1), pages: data.pageCount });
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        await act('record/create', { domainID: id, host: hostOf(host, { name }, '@'), type, value, TTL: ttl }, 'create a record', Done);
        return undefined;
      },
      async update({ id }, record, { value, ttl }) {
        await act('record/modify', { domainID: id, recordID: record.id, newvalue: value ?? record.value, newTTL: ttl ?? record.ttl }, 'change a record', Done);
        return undefined;
      },
      async remove({ id }, record) {
        await act('record/remove', { domainID: id, recordID: record.id }, 'remove a record', Done);
      },
      concurrency: 1,
    });
  },
});
