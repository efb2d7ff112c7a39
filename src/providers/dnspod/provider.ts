/**
 * DNSPod's old API with tokens: one record per value, forms, errors with status 200. https://docs.dnspod.com/api/
 * Longer than others for the many numbers that its refusals are called by.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  fromOffset,
  type HeldRecord,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  looseText,
  nameOf,
  onlyHost,
  onlyZone,
  optional,
  type Reader,
  recordsById,
  reserved,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const PAGE = 3000;
const Domains = v.object({
  domains: v.array(v.object({ id: v.nullish(looseText), name: v.string(), punycode: v.nullish(v.string()) })),
  info: v.nullish(v.object({ domain_total: v.nullish(looseNumber) })),
});
const DomainRecord = v.object({
  id: looseText,
  name: v.string(),
  type: v.string(),
  value: v.string(),
  ttl: v.nullish(looseNumber),
  line: v.nullish(v.string()),
  line_id: v.nullish(looseText),
  enabled: v.nullish(looseText),
  weight: v.nullish(looseText),
});
const Listing = v.object({ records: v.optional(v.array(DomainRecord), []), info: v.nullish(v.object({ record_total: v.nullish(looseNumber) })) });
const Answer = v.object({ status: v.object({ code: looseText, message: v.nullish(v.string()) }) });

/** What a change would drop if it were not sent again. */
type Held = HeldRecord & { readonly kept: Readonly<Record<string, string>> };

export default defineProvider({
  api: 1,
  id: 'dnspod',
  name: 'DNSPod (old API with tokens)',
  reference: 'https://docs.dnspod.com/api/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['That a record which exists already is answered with code 104 is what other programs expect.'],
  also: ['dnspod.cn', 'dnspod.com', 'dnsapi.cn'],
  vendor: 'Tencent',
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 604_800, initial: 600 } },
  options: {
    token: secret('API token; where tokenId is left out: ID,TOKEN'),
    tokenId: optional(text('number of that token', { example: '13490' })),
    mail: optional(text('mail address for the user agent: DNSPod wants one there and may block programs that send none', { example: 'me@example.com' })),
    zone: onlyZone(),
  },
  environment: { token: ['DNSPOD_API_KEY'] },
  credentials:
    'At https://console.dnspod.cn/account/token/token make a token and note its ID and the token, which is shown once. It may do everything in the account and does not expire, so prefer the provider `tencent`, whose keys can be limited. ' +
    'Switch off the protection by log-in area: your address changes. Many changes in a short time count as abuse and close the API to you for about an hour. Accounts of dnspod.com set endpoint: https://api.dnspod.com.',
  open({ token, tokenId, mail, zone, endpoint }, tools) {
    const login = tokenId === undefined ? token.reveal() : `${tokenId},${token.reveal()}`;
    const ask = api(tools, {
      base: 'https://dnsapi.cn',
      endpoint,
      headers: mail === undefined ? {} : { 'user-agent': `${tools.userAgent.replace(/ .*/, '')} (${mail})` },
      words: (body) => (v.is(Answer, body) && String(body.status.code) !== '1' ? { code: body.status.code, message: body.status.message ?? '' } : undefined),
      meanings: [
        { match: /^(-1|10004|50|52) /, kind: 'auth', says: 'it does not take this token', hint: 'write it as ID,TOKEN, or the ID into tokenId' },
        { match: /^(-7|54) /, kind: 'auth', says: 'the account may not use this call' },
        { match: /^85 /, kind: 'auth', says: 'the account is protected by log-in area, and this address is outside of it', hint: 'switch that protection off: your address changes' },
        { match: /^(-2|-8) /, kind: 'throttled', says: 'too many calls or failed log-ins: the API is closed to this account for a while', waitSeconds: 3600 },
        { match: /^(83|-15) /, kind: 'blocked', says: 'the account or the domain is locked' },
        { match: /^(-99|3) /, kind: 'unavailable' },
        { match: /^(21|31) /, kind: 'refused', hint: 'is the domain locked, or a CNAME or redirection in the way?', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^(6|7|9|13) /, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const act = <T>(action: string, form: Readonly<Record<string, string | number | undefined>>, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> =>
      ask(
        { method: 'POST', path: `/${action}`, form: { login_token: login, format: 'json', lang: 'en', error_on_empty: 'no', ...form }, purpose, idempotent: action.endsWith('List') },
        reader,
        instead,
      );
    /** The sites differ in which of the two they must have. */
    const of = ({ id, name }: Zone) => ({ domain: name, domain_id: /^\d+$/.test(id) ? id : undefined });
    const done: Reader<unknown> = json(Answer);
    const held = (zoneName: string, { id, type, name, value, ttl, line, line_id, enabled, weight }: v.InferOutput<typeof DomainRecord>): Held => ({
      id,
      type,
      name: nameOf(name, { name: zoneName }),
      value,
      ...(ttl ? { ttl } : {}),
      kept: { record_line: line ?? '默认', ...(line_id ? { record_line_id: line_id } : {}), ...(weight ? { weight } : {}) },
      ...reserved({ disabled: enabled === '0', line: line_id === '0' ? undefined : line, everybody: ['默认', 'Default', 'default'] }),
    });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { domains, info } = await act('Domain.List', { offset: cursor ?? 0, length: PAGE }, 'list the domains', json(Domains), {
            match: /^9 /,
            value: { domains: [], info: { domain_total: 0 } },
          });
          const zones = domains.map(({ id, name, punycode }) => ({ name: (punycode || name).toLowerCase(), id: id ?? name }));
          return fromOffset(zones, cursor, info?.domain_total);
        },
      }),
      async list(zone, cursor, keys) {
        const asked = { ...of(zone), offset: cursor ?? 0, length: PAGE, sub_domain: onlyHost(keys, zone, '@') };
        const { records, info } = await act('Record.List', asked, 'list the records', json(Listing), { match: /^10 /, value: { records: [], info: { record_total: 0 } } });
        return fromOffset(
          records.map((record) => held(zone.name, record)),
          cursor,
          // Below 3000 records all are shown at once, says the vendor's page.
          info?.record_total ?? records.length,
        );
      },
      async create(zone, { name, type, value, ttl }) {
        const record = { ...of(zone), sub_domain: hostOf(name, zone, '@'), record_type: type, record_line: '默认', record_line_id: '0', value, ttl };
        await act('Record.Create', record, 'create a record', done, { match: /^104 /, value: undefined });
        return undefined;
      },
      async update(zone, record, { value, ttl }) {
        const changed = { sub_domain: hostOf(record.name, zone, '@'), record_type: record.type, value: value ?? record.value, ttl: ttl ?? record.ttl, ...record.kept };
        await act('Record.Modify', { ...of(zone), record_id: record.id, ...changed }, 'change a record', done);
        return undefined;
      },
      async remove(zone, record) {
        await act('Record.Remove', { ...of(zone), record_id: record.id }, 'remove a record', done, { match: /^8 /, value: undefined });
      },
      // Many at once look like abuse to it.
      concurrency: 1,
    });
  },
});
