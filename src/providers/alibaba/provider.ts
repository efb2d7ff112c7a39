/**
 * Alibaba Cloud DNS: one record per value, an action per call. https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-overview
 * Longer than others for its signature, its two listings, and "the same already" and "gone already", which it calls errors.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  type HttpRequest,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  onlyName,
  onlyZone,
  optional,
  type Reader,
  recordsById,
  reserved,
  type Secret,
  secret,
  signRequest,
  text,
  untilTotal,
  utcSeconds,
  uuid,
  wrongClock,
  zonesOr,
} from '../../sdk/index.ts';

const PAGE = 500;
const Domains = v.object({ TotalCount: v.nullish(v.number()), Domains: v.object({ Domain: v.array(v.object({ DomainName: v.string(), PunyCode: v.nullish(v.string()) })) }) });
const DomainRecord = v.object({
  RecordId: v.string(),
  RR: v.string(),
  Type: v.string(),
  Value: v.string(),
  TTL: v.nullish(v.number()),
  Line: v.nullish(v.string()),
  Status: v.nullish(v.string()),
  Locked: v.nullish(v.boolean()),
});
const Listing = v.object({ TotalCount: v.nullish(v.number()), DomainRecords: v.object({ Record: v.array(DomainRecord) }) });
const Done = v.object({ RecordId: v.string() });
const Refusal = v.object({ Code: v.string(), Message: v.string() });

type Keys = { readonly accessKeyId: string; readonly accessKeySecret: Secret; readonly securityToken?: Secret | undefined };

/** Version 3 of the vendor's signature. https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature */
export function acs3(request: HttpRequest, { accessKeyId, accessKeySecret, securityToken }: Keys, { now, nonce }: { readonly now: number; readonly nonce: string }): HttpRequest {
  const headers = { 'x-acs-date': utcSeconds(now), 'x-acs-signature-nonce': nonce, ...(securityToken ? { 'x-acs-security-token': securityToken.reveal() } : {}) };
  return signRequest(request, {
    algorithm: 'ACS3-HMAC-SHA256',
    headers,
    bodyHashIn: 'x-acs-content-sha256',
    signed: ['x-acs-action', 'x-acs-version', 'x-acs-content-sha256', ...Object.keys(headers)],
    facts: [],
    key: accessKeySecret.reveal(),
    credential: `Credential=${accessKeyId}`,
    separator: ',',
  });
}

type Held = HeldRecord & { readonly line: string };

export default defineProvider({
  api: 1,
  id: 'alibaba',
  name: 'Alibaba Cloud DNS',
  reference: 'https://www.alibabacloud.com/help/en/dns/api-alidns-2015-01-09-overview',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That a record which is gone already is answered with DomainRecordNotBelongToUser is what other programs expect.',
    'The address for accounts of the international site is what other programs use.',
  ],
  also: ['aliyun', 'alidns', 'alicloud', 'HiChina', 'Wanwang'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 600 } },
  options: {
    accessKeyId: text('AccessKey ID of a RAM user', { example: 'LTAI5tExample' }),
    accessKeySecret: secret('AccessKey secret of that user'),
    securityToken: optional(secret('security token, with temporary credentials of STS only')),
    zone: onlyZone(),
  },
  environment: {
    accessKeyId: ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALICLOUD_ACCESS_KEY'],
    accessKeySecret: ['ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'ALICLOUD_SECRET_KEY'],
    securityToken: ['ALIBABA_CLOUD_SECURITY_TOKEN', 'ALICLOUD_SECURITY_TOKEN'],
  },
  credentials:
    'At https://ram.console.aliyun.com make a user with OpenAPI access and no console log-in, keep its AccessKey, and give it a custom policy that allows alidns:DescribeSubDomainRecords, alidns:DescribeDomainRecords, ' +
    'alidns:AddDomainRecord, alidns:UpdateDomainRecord and alidns:DeleteDomainRecord on acs:alidns:*:*:domain/YOUR-DOMAIN; without the option `zone` also alidns:DescribeDomains on all. ' +
    'Put no condition on the source address: yours changes. The free edition takes no TTL below 600 s. Accounts of the international site that are not known here set endpoint: https://alidns.ap-southeast-1.aliyuncs.com.',
  open({ zone, endpoint, ...keys }, tools) {
    const ask = api(tools, {
      base: 'https://alidns.aliyuncs.com',
      endpoint,
      headers: { 'x-acs-version': '2015-01-09' },
      sign: (request) => acs3(request, keys, { now: tools.clock.now(), nonce: uuid(tools) }),
      words: (body) => (v.is(Refusal, body) ? { code: body.Code, message: body.Message } : undefined),
      meanings: [
        wrongClock(/^(InvalidTimeStamp|IllegalTimestamp)/),
        {
          match: /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken|MissingSecurityToken)/,
          kind: 'auth',
          hint: 'copy AccessKey ID and secret again; is the key still enabled?',
        },
        { match: /^(Forbidden|NoPermission|UnauthorizedOperation)/, kind: 'auth', says: 'the RAM user may not do this', hint: 'give it the actions that `ddns-update providers alibaba` lists' },
        { match: /^(Throttling|ServiceUnavailable|SystemBusy)/, kind: 'throttled', waitSeconds: 60 },
        { match: /^(InvalidDomainName\.NoExist|IncorrectDomainUser|DomainForbidden|DomainIsLocked)/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        {
          match: /^DomainRecordConflict/,
          kind: 'refused',
          says: 'it conflicts with another record of this name',
          hint: 'is there a CNAME or a redirection in the way?',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
      ],
    });
    /** A POST with all in its URL. None does harm when it is sent twice: the same record again is refused as a duplicate. */
    const act = <T>(action: string, query: Readonly<Record<string, string | number | undefined>>, purpose: string, reader: Reader<T>, instead?: Instead<T>): Promise<T> =>
      ask({ method: 'POST', path: '/', query, headers: { 'x-acs-action': action }, purpose, idempotent: true }, reader, instead);
    const held = (zoneName: string, { RecordId, RR, Type, Value, TTL, Line, Status, Locked }: v.InferOutput<typeof DomainRecord>): Held => ({
      id: RecordId,
      type: Type,
      name: nameOf(RR, { name: zoneName }),
      value: Value,
      line: Line ?? 'default',
      ...(TTL ? { ttl: TTL } : {}),
      ...(Locked ? { locked: 'is locked at the provider' } : reserved({ disabled: /^disable$/i.test(Status ?? ''), line: Line, everybody: ['default'] })),
    });
    const same = /^DomainRecordDuplicate/;
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { TotalCount, Domains: found } = await act('DescribeDomains', { PageNumber: cursor ?? 1, PageSize: 100 }, 'list the domains', json(Domains));
          const zones = found.Domain.map(({ DomainName, PunyCode }) => ({ name: (PunyCode || DomainName).toLowerCase(), id: DomainName }));
          return untilTotal(zones, cursor, TotalCount);
        },
      }),
      async list({ id, name }, cursor, keys) {
        const only = onlyName(keys);
        const page = { DomainName: id, PageNumber: cursor ?? 1, PageSize: PAGE };
        const { DomainRecords, TotalCount } =
          only !== undefined
            ? await act('DescribeSubDomainRecords', { ...page, SubDomain: only }, 'list the records of the name', json(Listing))
            : await act('DescribeDomainRecords', page, 'list the records', json(Listing));
        return untilTotal(
          DomainRecords.Record.map((record) => held(name, record)),
          cursor,
          TotalCount,
        );
      },
      async create({ id, name }, { name: host, type, value, ttl }) {
        const record = { DomainName: id, RR: hostOf(host, { name }, '@'), Type: type, Value: value, TTL: ttl, Line: 'default' };
        await act('AddDomainRecord', record, 'create a record', json(Done), { match: same, value: { RecordId: '' } });
        return undefined;
      },
      async update({ name }, record, { value, ttl }) {
        const changed = { RecordId: record.id, RR: hostOf(record.name, { name }, '@'), Type: record.type, Value: value ?? record.value, TTL: ttl ?? record.ttl, Line: record.line };
        await act('UpdateDomainRecord', changed, 'change a record', json(Done), { match: same, value: { RecordId: record.id } });
        return undefined;
      },
      async remove(_zone, { id }) {
        await act('DeleteDomainRecord', { RecordId: id }, 'remove a record', json(Done), { match: /^(DomainRecordNotBelongToUser|InvalidRecordId)/, value: { RecordId: id } });
      },
    });
  },
});
