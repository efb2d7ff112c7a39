/**
 * Volcengine (TrafficRoute DNS): one record per value, an action per call. https://www.volcengine.com/docs/6758/155089
 * Longer than others for its signature and the envelope around every answer.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  derivedKey,
  type HeldRecord,
  type HttpRequest,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  looseText,
  nameOf,
  onlyHost,
  optional,
  type Reader,
  recordsById,
  reserved,
  type Secret,
  secret,
  signRequest,
  text,
  untilTotal,
  utcCompact,
  wrongClock,
} from '../../sdk/index.ts';

const PAGE = 500;
const answered = <Entries extends v.ObjectEntries>(entries: Entries) => json(v.object({ Result: v.object(entries) }));
const Zones = answered({ Zones: v.nullish(v.array(v.object({ ZID: looseText, ZoneName: v.string() })), []), Total: v.nullish(v.number()) });
const DomainRecord = v.object({
  RecordID: looseText,
  Host: v.string(),
  Type: v.string(),
  Value: v.string(),
  TTL: v.nullish(v.number()),
  Line: v.nullish(v.string()),
  Enable: v.nullish(v.boolean()),
});
const Listing = answered({ Records: v.nullish(v.array(DomainRecord), []), TotalCount: v.nullish(v.number()) });
const Done = json(v.object({ ResponseMetadata: v.object({ RequestId: v.string() }) }));
const fine = { ResponseMetadata: { RequestId: '' } };
const Refusal = v.object({ ResponseMetadata: v.object({ Error: v.object({ Code: v.string(), Message: v.string() }) }) });

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: Secret; readonly region: string };

/** https://www.volcengine.com/docs/6369/67269 */
export function volcengineSignature(request: HttpRequest, { accessKeyId, secretAccessKey, region }: Keys, now: number): HttpRequest {
  const date = utcCompact(now);
  const parts = [date.slice(0, 8), region, 'DNS', 'request'];
  return signRequest(request, {
    algorithm: 'HMAC-SHA256',
    headers: { 'x-date': date },
    bodyHashIn: 'x-content-sha256',
    signed: ['content-type', 'x-content-sha256', 'x-date'],
    facts: [date, parts.join('/')],
    key: derivedKey('sha256', secretAccessKey.reveal(), parts),
    credential: `Credential=${accessKeyId}/${parts.join('/')}`,
  });
}

type Held = HeldRecord & { readonly line: string };

export default defineProvider({
  api: 1,
  id: 'volcengine',
  name: 'Volcengine DNS',
  reference: 'https://www.volcengine.com/docs/6758/155089',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The codes for credentials that are refused are those of the vendor’s other services.', 'Which region accounts of BytePlus sign for is not confirmed.'],
  also: ['TrafficRoute', 'trafficroute', 'BytePlus', 'ByteDance'],
  // The vendor’s pages allow 10 writes a second.
  rate: { concurrent: 2, spacingMs: 100 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 600 } },
  options: {
    accessKeyId: text('access key ID of an IAM user', { example: 'AKLTexample' }),
    secretAccessKey: secret('secret access key that belongs to it'),
    region: optional(text('region in the signature', { example: 'cn-north-1' }), 'cn-north-1'),
  },
  environment: { accessKeyId: ['VOLC_ACCESSKEY', 'VOLCENGINE_ACCESS_KEY'], secretAccessKey: ['VOLC_SECRETKEY', 'VOLCENGINE_SECRET_KEY'] },
  credentials:
    'At https://console.volcengine.com/iam make a user with programmatic access only, and a custom policy for it that allows DNS:ListZones, DNS:ListRecords, DNS:CreateRecord, DNS:UpdateRecord and DNS:DeleteRecord; then make an access key for it. ' +
    'Do not limit it to source addresses: yours changes. The free edition takes no TTL below 600 s. BytePlus accounts set endpoint: https://open.byteplusapi.com.',
  open({ endpoint, ...keys }, tools) {
    const ask = api(tools, {
      base: 'https://open.volcengineapi.com',
      endpoint,
      headers: { 'content-type': 'application/json' },
      sign: (request) => volcengineSignature(request, keys, tools.clock.now()),
      words: (body) => (v.is(Refusal, body) ? { code: body.ResponseMetadata.Error.Code, message: body.ResponseMetadata.Error.Message } : undefined),
      meanings: [
        wrongClock(/^(RequestExpired|InvalidTimestamp|SignatureExpired)/),
        {
          match: /^(InvalidCredential|InvalidAccessKey|SignatureDoesNotMatch|InvalidAuthorization|MissingSignature|InvalidSecurityToken)/,
          kind: 'auth',
          hint: 'copy access key ID and secret again; is the key still enabled?',
        },
        { match: /^(AccessDenied|ErrMissingAccountParameter)/, kind: 'auth', says: 'the user may not do this', hint: 'give it the actions that `ddns-update providers volcengine` lists' },
        { match: /^(FlowLimitExceeded|AccountFlowLimitExceeded|RequestLimit)/, kind: 'throttled', waitSeconds: 60 },
        { match: /^(ErrInternalServer|InternalError|InternalServiceError)/, kind: 'unavailable' },
        { match: /^(ErrZoneNotFound|ErrZoneInactive)/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /conflict/i, kind: 'refused', hint: 'is there a CNAME in the way?', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const read = <T>(action: string, query: Readonly<Record<string, string | number | undefined>>, purpose: string, reader: Reader<T>): Promise<T> =>
      ask({ path: '/', query: { Action: action, ...query, Version: '2018-08-01' }, purpose }, reader);
    // None does harm when it is sent twice: the same record again is refused as a duplicate.
    const act = <T>(action: string, body: object, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> =>
      ask({ method: 'POST', path: '/', query: { Action: action, Version: '2018-08-01' }, json: body, purpose, idempotent: true }, reader, instead);
    const held = (zoneName: string, { RecordID, Host, Type, Value, TTL, Line, Enable }: v.InferOutput<typeof DomainRecord>): Held => ({
      id: RecordID,
      type: Type,
      name: nameOf(Host, { name: zoneName }),
      value: Value,
      line: Line ?? 'default',
      ...(TTL ? { ttl: TTL } : {}),
      ...reserved({ disabled: Enable === false, line: Line?.toLowerCase(), everybody: ['default'] }),
    });
    const same = { match: /^ErrDBDuplicated/, value: fine };
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { Result } = await read('ListZones', { PageNumber: cursor, PageSize: 100 }, 'list the zones', Zones);
          const zones = Result.Zones.map(({ ZID, ZoneName }) => ({ id: ZID, name: ZoneName.toLowerCase().replace(/\.$/, '') }));
          return untilTotal(zones, cursor, Result.Total);
        },
      },
      async list({ id, name }, cursor, keys) {
        const only = onlyHost(keys, { name }, '@');
        const narrow = only === undefined ? {} : { Host: only, SearchMode: 'exact' };
        const { Result } = await read('ListRecords', { ZID: id, ...narrow, PageNumber: cursor, PageSize: PAGE }, 'list the records', Listing);
        return untilTotal(
          Result.Records.map((record) => held(name, record)),
          cursor,
          Result.TotalCount,
        );
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        const record = { ZID: Number(id), Host: hostOf(host, { name }, '@'), Type: type, Value: value, TTL: ttl, Line: 'default' };
        await act('CreateRecord', record, 'create a record', Done, same);
        return undefined;
      },
      async update({ name }, record, { value, ttl }) {
        // What is left out stays as it is.
        const changed = { RecordID: record.id, Host: hostOf(record.name, { name }, '@'), Line: record.line, Type: record.type, Value: value ?? record.value, TTL: ttl ?? record.ttl };
        await act('UpdateRecord', changed, 'change a record', Done, same);
        return undefined;
      },
      async remove(_zone, { id }) {
        await act('DeleteRecord', { RecordID: id }, 'remove a record', Done, { match: /^ErrDBNotFound/, value: fine });
      },
    });
  },
});
