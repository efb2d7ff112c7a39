/**
 * Rainyun: one record per value, named in the body and not in the path. https://www.rainyun.com
 * Longer than others because the programs that know it disagree about codes and fields: both are read.
 */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, looseText, nameOf, recordsById, reserved, secret, untilTotal, type Zone } from '../../sdk/index.ts';

const PAGE = 100;
const FINE = [0, 200];
const total = v.nullish(v.number());
const answered = <S extends v.GenericSchema>(record: S) => json(v.object({ code: v.picklist(FINE), data: v.object({ TotalRecords: total, Records: v.nullish(v.array(record), []) }) }));
const Domains = answered(v.object({ id: looseText, domain: v.string() }));
const DomainRecord = v.object({
  record_id: v.number(),
  host: v.string(),
  type: v.string(),
  value: v.string(),
  ttl: v.nullish(v.number()),
  TTL: v.nullish(v.number()),
  line: v.nullish(v.string()),
  level: v.nullish(v.number()),
});
const Listing = answered(DomainRecord);
const Done = json(v.object({ code: v.picklist(FINE) }));
const Refusal = v.object({ code: v.number(), message: v.nullish(v.string()) });

/** What a change must say again. */
type Held = HeldRecord & { readonly kept: { readonly record_id: number; readonly host: string; readonly line: string; readonly level: number } };

export default defineProvider({
  api: 1,
  id: 'rainyun',
  name: 'Rainyun',
  reference: 'https://s.apifox.cn/a4595cc8-44c5-4678-a2a3-eed7738dab03/api-153559362',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'Paths, fields and answers are those that other programs use; the vendor’s own page could not be read.',
    'Other programs disagree whether a success has the code 0 or 200: both are taken for one.',
    'The range of TTLs is not published.',
  ],
  also: ['raindns', 'RainDNS', '雨云'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 600 } },
  options: { apiKey: secret('API key of the account') },
  environment: { apiKey: ['RAINYUN_API_KEY'] },
  credentials: 'At https://app.rainyun.com open the account settings, API keys, and make one. It may do everything in the account and cannot be limited.',
  open({ apiKey, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.v2.rainyun.com',
      endpoint,
      headers: { 'x-api-key': apiKey.reveal() },
      words: (body) => (v.is(Refusal, body) && !FINE.includes(body.code) ? { code: body.code, message: body.message ?? '' } : undefined),
      meanings: [
        { match: /^(30039|401|403) /, kind: 'auth', says: 'it does not take this API key' },
        { match: /^429 /, kind: 'throttled', waitSeconds: 60 },
        { match: /^5\d\d /, kind: 'unavailable' },
        { match: /^404 |冲突|conflict/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const of = ({ id }: Zone): string => `/product/domain/${encodeURIComponent(id)}/dns`;
    const held = (zone: Zone, { record_id, host, type, value, ttl, TTL, line, level }: v.InferOutput<typeof DomainRecord>): Held => {
      const seconds = ttl ?? TTL;
      return {
        id: String(record_id),
        type,
        // Some answers show the full name.
        name: nameOf(host.endsWith(`.${zone.name}`) ? `${host}.` : host, zone),
        value,
        ...(seconds ? { ttl: seconds } : {}),
        kept: { record_id, host, line: line ?? 'DEFAULT', level: level ?? 10 },
        ...reserved({ disabled: false, line, everybody: ['DEFAULT', 'default'] }),
      };
    };
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const options = JSON.stringify({ columnFilters: { 'domains.Domain': '' }, sort: [], page: Number(cursor ?? 1), perPage: PAGE });
          const { data } = await ask({ path: '/product/domain', query: { options }, purpose: 'list the domains' }, Domains);
          const zones = data.Records.map(({ id, domain }) => ({ id, name: domain.toLowerCase() }));
          return untilTotal(zones, cursor, data.TotalRecords);
        },
      },
      async list(zone, cursor) {
        const { data } = await ask({ path: of(zone), query: { limit: PAGE, page_no: cursor ?? 1 }, purpose: 'list the records' }, Listing);
        return untilTotal(
          data.Records.map((record) => held(zone, record)),
          cursor,
          data.TotalRecords,
        );
      },
      async create(zone, { name, type, value, ttl }) {
        const record = { host: hostOf(name, zone, '@'), line: 'DEFAULT', level: 10, ttl: ttl ?? 600, type, value, record_id: 0 };
        await ask({ method: 'POST', path: of(zone), json: record, purpose: 'create a record' }, Done);
        return undefined;
      },
      async update(zone, record, { value, ttl }) {
        const changed = { ...record.kept, type: record.type, value: value ?? record.value, ttl: ttl ?? record.ttl ?? 600 };
        await ask({ method: 'PATCH', path: of(zone), json: changed, purpose: 'change a record', idempotent: true }, Done);
        return undefined;
      },
      async remove(zone, { kept }) {
        await ask({ method: 'DELETE', path: of(zone), json: { record_id: kept.record_id }, purpose: 'remove a record', idempotent: false }, Done, { match: /^404 /, value: { code: 200 } });
      },
    });
  },
});
