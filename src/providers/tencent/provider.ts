/**
 * Tencent Cloud DNSPod, API 3.0: one record per value, an action per call, errors with status 200. https://cloud.tencent.com/document/api/1427
 * Longer than others for its signature, and because "none", "the same already" and "gone already" are errors to it.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  derivedKey,
  fromOffset,
  type HeldRecord,
  type HttpRequest,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  onlyHost,
  onlyZone,
  optional,
  type Reader,
  recordsById,
  reserved,
  type Secret,
  secret,
  signRequest,
  text,
  utcSeconds,
  wrongClock,
  zonesOr,
} from '../../sdk/index.ts';

const PAGE = 3000;
const answered = <Entries extends v.ObjectEntries>(entries: Entries) => json(v.object({ Response: v.object(entries) }));
const Domains = answered({ DomainList: v.array(v.object({ Name: v.string(), Punycode: v.nullish(v.string()) })), DomainCountInfo: v.nullish(v.object({ DomainTotal: v.nullish(v.number()) })) });
const DomainRecord = v.object({
  RecordId: v.number(),
  Name: v.string(),
  Type: v.string(),
  Value: v.string(),
  TTL: v.nullish(v.number()),
  Line: v.string(),
  LineId: v.string(),
  Status: v.nullish(v.string()),
  Weight: v.nullish(v.number()),
  Remark: v.nullish(v.string()),
});
const Listing = answered({ RecordCountInfo: v.nullish(v.object({ TotalCount: v.nullish(v.number()) })), RecordList: v.array(DomainRecord) });
const Done = answered({ RequestId: v.string() });
const fine = { Response: { RequestId: '' } };
const Refusal = v.object({ Response: v.object({ Error: v.object({ Code: v.string(), Message: v.string() }) }) });

type Keys = { readonly secretId: string; readonly secretKey: Secret; readonly token?: Secret | undefined };

/** TC3-HMAC-SHA256 over the body and `signed` headers. https://cloud.tencent.com/document/api/1427/56189 */
export function tc3(
  request: HttpRequest,
  { secretId, secretKey, token }: Keys,
  { now, signed = ['content-type', 'x-tc-action'] }: { readonly now: number; readonly signed?: readonly string[] },
): HttpRequest {
  const timestamp = String(Math.floor(now / 1000));
  const day = utcSeconds(now).slice(0, 10);
  const scope = `${day}/dnspod/tc3_request`;
  return signRequest(request, {
    algorithm: 'TC3-HMAC-SHA256',
    headers: { 'x-tc-timestamp': timestamp, ...(token ? { 'x-tc-token': token.reveal() } : {}) },
    signed,
    facts: [timestamp, scope],
    key: derivedKey('sha256', `TC3${secretKey.reveal()}`, [day, 'dnspod', 'tc3_request']),
    credential: `Credential=${secretId}/${scope}`,
    value: (text) => text.toLowerCase(),
  });
}

/** What a change would drop if it were not sent again. */
type Held = HeldRecord & { readonly kept: { readonly RecordLine: string; readonly RecordLineId: string; readonly Weight?: number; readonly Remark?: string } };

export default defineProvider({
  api: 1,
  id: 'tencent',
  name: 'Tencent Cloud DNSPod',
  reference: 'https://cloud.tencent.com/document/api/1427',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['Which code says that a record is gone already is not published; two that may are taken for it.'],
  also: ['dnspod', 'tencentcloud', 'qcloud'],
  vendor: 'Tencent',
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 604_800, initial: 600 } },
  options: {
    secretId: text('SecretId of an API key', { example: 'AKIDexample' }),
    secretKey: secret('SecretKey that belongs to it'),
    token: optional(secret('session token, with temporary credentials only')),
    zone: onlyZone(),
  },
  environment: { secretId: ['TENCENTCLOUD_SECRET_ID'], secretKey: ['TENCENTCLOUD_SECRET_KEY'], token: ['TENCENTCLOUD_SESSION_TOKEN'] },
  credentials:
    'At https://console.cloud.tencent.com/cam make a sub-user with programmatic access only, and a custom policy for it that allows dnspod:DescribeRecordList, dnspod:CreateRecord, dnspod:ModifyRecord and dnspod:DeleteRecord on your domain; ' +
    'without the option `zone` also dnspod:DescribeDomainList. Do not limit the key to source addresses: yours changes. The free plan takes no TTL below 600 s. ' +
    'International accounts set endpoint: https://dnspod.intl.tencentcloudapi.com.',
  open({ zone, endpoint, ...keys }, tools) {
    const ask = api(tools, {
      base: 'https://dnspod.tencentcloudapi.com',
      endpoint,
      headers: { 'x-tc-version': '2021-03-23' },
      sign: (request) => tc3(request, keys, { now: tools.clock.now() }),
      words: (body) => (v.is(Refusal, body) ? { code: body.Response.Error.Code, message: body.Response.Error.Message } : undefined),
      meanings: [
        wrongClock(/^AuthFailure\.SignatureExpire/),
        { match: /^(AuthFailure|FailedOperation\.(NotDomainOwner|LoginFailed)|InvalidParameter\.(LoginAreaLimited|UserAreaLimited))/, kind: 'auth' },
        { match: /^(UnauthorizedOperation|OperationDenied)/, kind: 'auth', says: 'the key may not do this', hint: 'give it the actions that `ddns-update providers tencent` lists' },
        { match: /^(RequestLimitExceeded|LimitExceeded\.FailedLoginLimitExceeded)/, kind: 'throttled', waitSeconds: 60 },
        { match: /^(InternalError|FailedOperation\.UnknowError|ResourceUnavailable)/, kind: 'unavailable' },
        {
          match: /^(InvalidParameterValue\.DomainNotExists|InvalidParameter\.DomainInvalid|ResourceNotFound\.NoDataOfDomain|FailedOperation\.Domain)/,
          kind: 'refused',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
        {
          match: /^InvalidParameter\.(CnameConflict|RecordConflict|DomainRecordConflict)|conflict/i,
          kind: 'refused',
          hint: 'is there a CNAME or a redirection in the way?',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
      ],
    });
    // None does harm when it is sent twice: the same record again is refused as existing.
    const act = <T>(action: string, body: object, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> =>
      ask({ method: 'POST', path: '/', json: body, headers: { 'x-tc-action': action }, purpose, idempotent: true }, reader, instead);
    const held = (zoneName: string, { RecordId, Name, Type, Value, TTL, Line, LineId, Status, Weight, Remark }: v.InferOutput<typeof DomainRecord>): Held => ({
      id: String(RecordId),
      type: Type,
      name: nameOf(Name, { name: zoneName }),
      value: Value,
      ...(TTL ? { ttl: TTL } : {}),
      kept: { RecordLine: Line, RecordLineId: LineId, ...(typeof Weight === 'number' ? { Weight } : {}), ...(Remark ? { Remark } : {}) },
      ...reserved({ disabled: Status === 'DISABLE', line: LineId === '0' ? undefined : Line, everybody: [] }),
    });
    const same = { match: /^InvalidParameter\.DomainRecordExist/, value: fine };
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const none = { match: /^ResourceNotFound\.NoDataOfDomain/, value: { Response: { DomainList: [], DomainCountInfo: { DomainTotal: 0 } } } };
          const { Response } = await act('DescribeDomainList', { Type: 'ALL', Offset: cursor ?? 0, Limit: PAGE }, 'list the domains', Domains, none);
          const zones = Response.DomainList.map(({ Name, Punycode }) => ({ name: (Punycode || Name).toLowerCase(), id: Name }));
          return fromOffset(zones, cursor, Response.DomainCountInfo?.DomainTotal);
        },
      }),
      async list({ id, name }, cursor, keys) {
        const none = { match: /^ResourceNotFound\.NoDataOfRecord/, value: { Response: { RecordCountInfo: { TotalCount: 0 }, RecordList: [] } } };
        const asked = { Domain: id, Offset: cursor ?? 0, Limit: PAGE, Subdomain: onlyHost(keys, { name }, '@') };
        const { Response } = await act('DescribeRecordList', asked, 'list the records', Listing, none);
        return fromOffset(
          Response.RecordList.map((record) => held(name, record)),
          cursor,
          Response.RecordCountInfo?.TotalCount,
        );
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        // The id of the line is the same in every language; its name is not.
        const record = { Domain: id, SubDomain: hostOf(host, { name }, '@'), RecordType: type, RecordLine: '默认', RecordLineId: '0', Value: value, TTL: ttl };
        await act('CreateRecord', record, 'create a record', Done, same);
        return undefined;
      },
      async update({ id, name }, record, { value, ttl }) {
        const changed = { SubDomain: hostOf(record.name, { name }, '@'), RecordType: record.type, Value: value ?? record.value, TTL: ttl ?? record.ttl, ...record.kept };
        await act('ModifyRecord', { Domain: id, RecordId: Number(record.id), ...changed }, 'change a record', Done, same);
        return undefined;
      },
      async remove({ id }, record) {
        await act('DeleteRecord', { Domain: id, RecordId: Number(record.id) }, 'remove a record', Done, {
          match: /^(ResourceNotFound\.NoDataOfRecord|InvalidParameter\.RecordIdInvalid)/,
          value: fine,
        });
      },
    });
  },
});
