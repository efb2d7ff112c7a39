/** DNS.LA: one record per value, types by number, every answer in an envelope with its own code. https://www.dns.la/docs/ApiDoc */
import * as v from 'valibot';
import { api, basic, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, looseText, nameOf, onlyHost, recordsById, reserved, secret, text, untilTotal } from '../../sdk/index.ts';

const PAGE = 100;
const TYPES: Readonly<Record<string, number>> = { A: 1, AAAA: 28 };
const answered = <S extends v.GenericSchema>(data: S) => json(v.object({ code: v.literal(200), data }));
const Domains = answered(v.object({ total: v.nullish(v.number()), results: v.nullish(v.array(v.object({ id: looseText, domain: v.string() })), []) }));
const DomainRecord = v.object({
  id: looseText,
  host: v.string(),
  type: v.number(),
  data: v.string(),
  ttl: v.nullish(v.number()),
  lineId: v.nullish(looseText),
  lineName: v.nullish(v.string()),
  weight: v.nullish(v.number()),
  disable: v.nullish(v.boolean()),
});
const Listing = answered(v.object({ total: v.nullish(v.number()), results: v.nullish(v.array(DomainRecord), []) }));
const Done = json(v.object({ code: v.literal(200) }));
const Refusal = v.object({ code: v.number(), msg: v.nullish(v.string()) });

/** What a change would drop if it were not sent again. */
type Held = HeldRecord & { readonly kept: { readonly lineId?: string; readonly weight?: number } };

export default defineProvider({
  api: 1,
  id: 'dnsla',
  name: 'DNS.LA',
  reference: 'https://www.dns.la/docs/ApiDoc',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: ['Paths, fields and answers are those that other programs use; the vendor’s own page could not be read.', 'The range of TTLs depends on the edition and is not published.'],
  also: ['dns.la'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 600 } },
  options: { apiId: text('API id', { example: '85068081529119744' }), apiSecret: secret('API secret that belongs to it') },
  environment: { apiId: ['DNSLA_API_ID'], apiSecret: ['DNSLA_API_SECRET'] },
  credentials: 'At https://www.dns.la log in and open the API keys of your account. A key may change every domain of the account and cannot be limited. The free edition takes no TTL below 600 s.',
  open({ apiId, apiSecret, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dns.la/api',
      endpoint,
      headers: { authorization: basic(apiId, apiSecret.reveal()) },
      words: (body) => (v.is(Refusal, body) && body.code !== 200 ? { code: body.code, message: body.msg ?? '' } : undefined),
      meanings: [
        { match: /^40[13] /, kind: 'auth', says: 'it does not take these API keys' },
        { match: /^429 /, kind: 'throttled', waitSeconds: 60 },
        { match: /^5\d\d /, kind: 'unavailable' },
        { match: /^(404|6\d\d) |冲突|conflict/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const held = (zoneName: string, { id, host, type, data, ttl, lineId, lineName, weight, disable }: v.InferOutput<typeof DomainRecord>): Held => ({
      id,
      type: Object.keys(TYPES).find((name) => TYPES[name] === type) ?? `TYPE${type}`,
      name: nameOf(host, { name: zoneName }),
      value: data,
      ...(ttl ? { ttl } : {}),
      kept: { ...(lineId ? { lineId } : {}), ...(weight ? { weight } : {}) },
      ...reserved({ disabled: disable === true, line: lineId && (lineName || lineId), everybody: ['0', '默认', 'Default'] }),
    });
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { data } = await ask({ path: '/domainList', query: { pageIndex: cursor ?? 1, pageSize: PAGE }, purpose: 'list the domains' }, Domains);
          const zones = data.results.map(({ id, domain }) => ({ id, name: domain.toLowerCase().replace(/\.$/, '') }));
          return untilTotal(zones, cursor, data.total);
        },
      },
      async list({ id, name }, cursor, keys) {
        const query = { pageIndex: cursor ?? 1, pageSize: PAGE, domainId: id, host: onlyHost(keys, { name }, '@') };
        const { data } = await ask({ path: '/recordList', query, purpose: 'list the records' }, Listing);
        return untilTotal(
          data.results.map((record) => held(name, record)),
          cursor,
          data.total,
        );
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        await ask({ method: 'POST', path: '/record', json: { domainId: id, type: TYPES[type], host: hostOf(host, { name }, '@'), data: value, ttl }, purpose: 'create a record' }, Done);
        return undefined;
      },
      async update({ name }, record, { value, ttl }) {
        const changed = { id: record.id, type: TYPES[record.type], host: hostOf(record.name, { name }, '@'), data: value ?? record.value, ttl: ttl ?? record.ttl, ...record.kept };
        await ask({ method: 'PUT', path: '/record', json: changed, purpose: 'change a record' }, Done);
        return undefined;
      },
      async remove(_zone, { id }) {
        await ask({ method: 'DELETE', path: '/record', query: { id }, purpose: 'remove a record', idempotent: false }, Done, { match: /^404 /, value: { code: 200 } });
      },
    });
  },
});
