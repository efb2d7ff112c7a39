/**
 * Baidu AI Cloud DNS: one record per value; a success has no body, only the vendor's own header. https://intl.cloud.baidu.com/en/doc/DNS/s/El4s7lssr-intl-en
 * Longer than others for its signature and the tokens that make a call safe to repeat.
 */
import * as v from 'valibot';
import {
  api,
  canonicalQuery,
  defineProvider,
  type HeldRecord,
  type HttpRequest,
  hmac,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  looseText,
  nameOf,
  onlyHost,
  onlyZone,
  percentEncode,
  type Reader,
  recordsById,
  reserved,
  type Secret,
  secret,
  text,
  utcSeconds,
  uuid,
  wrongClock,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const PAGE = 1000;
const page = { isTruncated: v.nullish(v.boolean()), nextMarker: v.nullish(v.string()) };
const Zones = v.object({ zones: v.array(v.object({ name: v.string() })), ...page });
const DnsRecord = v.object({
  id: looseText,
  rr: v.string(),
  status: v.nullish(v.string()),
  type: v.string(),
  value: v.string(),
  ttl: v.nullish(v.number()),
  line: v.nullish(v.string()),
  description: v.nullish(v.string()),
});
const Listing = v.object({ records: v.array(DnsRecord), ...page });
const Refusal = v.object({ code: v.string(), message: v.string() });
const next = ({ isTruncated, nextMarker }: { readonly isTruncated?: boolean | null | undefined; readonly nextMarker?: string | null | undefined }): string | undefined =>
  isTruncated ? (nextMarker ?? undefined) : undefined;

/** Every answer of the vendor's has its header, and those to changes nothing else. */
const done: Reader<unknown> = { read: (reply) => (reply.headers['x-bce-request-id'] === undefined ? json(v.object({})).read(reply) : { kind: 'read', value: undefined }) };

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: Secret };

/** Good for half an hour; only the host is signed of the headers. https://cloud.baidu.com/doc/Reference/s/njwvz1yfu */
export function bceAuth(request: HttpRequest, { accessKeyId, secretAccessKey }: Keys, now: number): HttpRequest {
  const { host, pathname, searchParams } = new URL(request.url);
  const prefix = `bce-auth-v1/${accessKeyId}/${utcSeconds(now)}/1800`;
  const key = hmac('sha256', secretAccessKey.reveal(), prefix).toString('hex');
  const signature = hmac('sha256', key, [request.method, pathname, canonicalQuery(searchParams), `host:${percentEncode(host)}`].join('\n')).toString('hex');
  return { ...request, headers: { ...request.headers, authorization: `${prefix}/host/${signature}` } };
}

type Held = HeldRecord & { readonly kept: { readonly description?: string } };

export default defineProvider({
  api: 1,
  id: 'baidu',
  name: 'Baidu AI Cloud DNS',
  reference: 'https://intl.cloud.baidu.com/en/doc/DNS/s/El4s7lssr-intl-en',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The highest TTL of 86400 s is a guess: the vendor names none.', 'Which words the vendor has for a record that exists already is not published.'],
  also: ['baiducloud', 'baidubce', 'bcd'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 300 } },
  options: {
    accessKeyId: text('access key ID of an IAM sub-user', { example: 'ALTAKexample' }),
    secretAccessKey: secret('secret access key that belongs to it'),
    zone: onlyZone(),
  },
  environment: { accessKeyId: ['BAIDUCLOUD_ACCESS_KEY_ID'], secretAccessKey: ['BAIDUCLOUD_SECRET_ACCESS_KEY'] },
  credentials:
    'At https://console.bce.baidu.com/iam make a sub-user with programmatic access only, give it the policy DNSFullControlAccessPolicy or a custom one for your domain, and make an access key for it. ' +
    'The account must have passed the real-name check. The basic edition takes no TTL below 300 s.',
  open({ zone, endpoint, ...keys }, tools) {
    const ask = api(tools, {
      base: 'https://dns.baidubce.com',
      endpoint,
      sign: (request) => bceAuth(request, keys, tools.clock.now()),
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? body : undefined),
      meanings: [
        wrongClock(/^(RequestExpired|InvalidHTTPAuthHeader .*time)/i),
        { match: /^(InvalidAccessKeyId|SignatureDoesNotMatch|InvalidHTTPAuthHeader)/, kind: 'auth', says: 'it does not take this access key', hint: 'copy access key ID and secret again' },
        { match: /^AccessDenied/, kind: 'auth', says: 'the sub-user may not do this', hint: 'give it a policy for DNS with your domain' },
        { match: /^QualifyNotPass/, kind: 'blocked', says: 'the account has not passed the real-name check' },
        { match: /^(RequestRateLimit|TooManyRequests|ServiceQuotaExceeded)/i, kind: 'throttled', waitSeconds: 60 },
        { match: /^(NoSuchZone|NoSuchObject|ZoneNotExist)/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /conflict/i, kind: 'refused', hint: 'is there a CNAME in the way?', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const of = ({ id }: Zone, record?: HeldRecord): string => `/v1/dns/zone/${encodeURIComponent(id)}/record${record ? `/${encodeURIComponent(record.id)}` : ''}`;
    // The same token makes the same request once, however often it is sent.
    const once = () => ({ query: { clientToken: uuid(tools) }, idempotent: true });
    const held = (zoneName: string, { id, rr, status, type, value, ttl, line, description }: v.InferOutput<typeof DnsRecord>): Held => ({
      id,
      type,
      name: nameOf(rr, { name: zoneName }),
      value,
      ...(ttl ? { ttl } : {}),
      kept: description ? { description } : {},
      ...reserved({ disabled: /pause|disable|stop/i.test(status ?? ''), line, everybody: ['default'] }),
    });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const found = await ask({ path: '/v1/dns/zone', query: { marker: cursor, maxKeys: PAGE }, purpose: 'list the zones' }, json(Zones));
          return { items: found.zones.map(({ name }) => ({ name: name.toLowerCase(), id: name })), next: next(found) };
        },
      }),
      async list(zone, cursor, keys) {
        const query = { rr: onlyHost(keys, zone, '@'), marker: cursor, maxKeys: PAGE };
        const found = await ask({ path: of(zone), query, purpose: 'list the records' }, json(Listing));
        return { items: found.records.map((record) => held(zone.name, record)), next: next(found) };
      },
      async create(zone, { name, type, value, ttl }) {
        const record = { rr: hostOf(name, zone, '@'), type, value, ttl, line: 'default' };
        await ask({ ...once(), method: 'POST', path: of(zone), json: record, purpose: 'create a record' }, done);
        return undefined;
      },
      async update(zone, record, { value, ttl }) {
        const changed = { rr: hostOf(record.name, zone, '@'), type: record.type, value: value ?? record.value, ttl: ttl ?? record.ttl, ...record.kept };
        await ask({ ...once(), method: 'PUT', path: of(zone, record), json: changed, purpose: 'change a record' }, done);
        return undefined;
      },
      async remove(zone, record) {
        await ask({ ...once(), method: 'DELETE', path: of(zone, record), purpose: 'remove a record' }, { ...done, absent: () => undefined });
      },
    });
  },
});
