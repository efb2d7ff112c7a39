/**
 * Gname: one record per value, forms signed with a digest, success is code 1. https://www.gname.com/domain/api/jiexi/info
 * Longer than others because the kind of a refusal must be guessed from its words.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  looseText,
  nameOf,
  type Reader,
  recordsById,
  reserved,
  secret,
  signedForm,
  text,
  untilTotal,
  wrongClock,
  zonesOr,
} from '../../sdk/index.ts';

const fine = v.literal(1);
const DomainRecord = v.object({
  id: looseText,
  zjt: v.nullish(v.string(), ''),
  lx: v.string(),
  jxz: v.string(),
  mx: v.nullish(looseText),
  ttl: v.nullish(looseNumber),
  xlid: v.nullish(looseText),
  zt: v.nullish(looseText),
});
const Listing = json(v.object({ code: fine, data: v.nullish(v.array(DomainRecord), []), count: v.nullish(looseNumber) }));
const Done = json(v.object({ code: fine }));
const Refusal = v.object({ code: v.number(), msg: v.nullish(v.string()) });

/** What a change would drop if it were not sent again. */
type Held = HeldRecord & { readonly mx: string };

export default defineProvider({
  api: 1,
  id: 'gname',
  name: 'Gname',
  reference: 'https://www.gname.com/domain/api/jiexi/info',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The fields of new and changed records and the pages of a listing are those of another program.',
    'The range of TTLs is not published; where a listing tells none, a changed record keeps its own only if the provider keeps it.',
    'Which words the vendor has for a wrong signature is not published.',
  ],
  also: ['gname.com'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 600 } },
  options: { appId: text('APPID of the API', { example: 'testappid' }), appKey: secret('APPKEY that belongs to it'), zone: text('name of the domain', { example: 'example.com' }) },
  environment: { appId: ['GNAME_APP_ID'], appKey: ['GNAME_APP_KEY'] },
  credentials:
    'The API is for resellers: apply for it at https://www.gname.com/domain/api, sign the agreement, and you are given APPID and APPKEY. They may do everything in the account, register and pay included, and cannot be limited; ' +
    'where the account asks for allowed addresses, allow all: yours changes.',
  open({ appId, appKey, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.gname.com',
      endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      words: (body) => (v.is(Refusal, body) && body.code !== 1 ? { code: body.code, message: body.msg ?? '' } : undefined),
      meanings: [
        wrongClock(/gntime|timestamp|expired|过期/i),
        { match: /gntoken|sign|appid|token|whitelist|ip address|签名/i, kind: 'auth', hint: 'copy APPID and APPKEY again; are all addresses allowed?' },
        { match: /frequen|too many|频繁/i, kind: 'throttled', waitSeconds: 60 },
        { match: /domain.*(not exist|not found|not belong)|conflict/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const act = <T>(
      action: string,
      form: Readonly<Record<string, string | number | undefined>>,
      purpose: string,
      reader: Reader<T>,
      same?: { readonly match: RegExp; readonly value: T },
    ): Promise<T> => {
      const body = signedForm({ ...form, ym: zone, appid: appId, gntime: Math.floor(tools.clock.now() / 1000) }, appKey, (hash) => `gntoken=${hash.toUpperCase()}`);
      return ask({ method: 'POST', path: `/api/resolution/${action}`, body, purpose, idempotent: action !== 'delete' }, reader, same);
    };
    const same = { match: /same host value and the same record value/i, value: { code: 1 } as const };
    const held = (zoneName: string, { id, zjt, lx, jxz, mx, ttl, xlid, zt }: v.InferOutput<typeof DomainRecord>): Held => ({
      id,
      type: lx,
      name: nameOf(zjt, { name: zoneName }),
      value: jxz,
      mx: mx ?? '0',
      ...(ttl ? { ttl } : {}),
      ...reserved({ disabled: zt === '2', line: xlid, everybody: ['0'] }),
    });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, { kind: 'given', zones: [] }),
      async list({ name }, cursor) {
        const { data, count } = await act('list', { page: cursor ?? 1 }, 'list the records', Listing);
        return untilTotal(
          data.map((record) => held(name, record)),
          cursor,
          count ?? data.length,
        );
      },
      async create({ name }, { name: host, type, value, ttl }) {
        await act('add', { lx: type, zj: hostOf(host, { name }, '@'), jlz: value, mx: 0, ttl: ttl ?? 600 }, 'create a record', Done, same);
        return undefined;
      },
      async update({ name }, record, { value, ttl }) {
        const changed = { jxid: record.id, lx: record.type, zj: hostOf(record.name, { name }, '@'), jlz: value ?? record.value, mx: record.mx, ttl: ttl ?? record.ttl };
        await act('edit', changed, 'change a record', Done, same);
        return undefined;
      },
      async remove(_zone, { id }) {
        await act('delete', { jxid: id }, 'remove a record', Done);
      },
      concurrency: 1,
    });
  },
});
