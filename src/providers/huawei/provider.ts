/**
 * Huawei Cloud DNS: record sets by line, changed sets in one atomic call. https://support.huaweicloud.com/intl/en-us/api-dns/dns_api_65003.html
 * Longer than others for its signature, and because sets are created, changed and removed by calls of their own beside the one for many.
 */
import * as v from 'valibot';
import {
  allPages,
  api,
  defineProvider,
  fromOffset,
  type HeldSet,
  type HttpRequest,
  json,
  LOOK_AGAIN_SECONDS,
  onlyName,
  orAbsent,
  type Put,
  recordSets,
  reserved,
  type Secret,
  secret,
  signRequest,
  text,
  utcCompact,
  wrongClock,
  type Zone,
} from '../../sdk/index.ts';

const PAGE = 500;
/** Sets in one call; the vendor's page names no limit. */
const BATCH = 50;
const Metadata = v.nullish(v.object({ total_count: v.nullish(v.number()) }));
const PublicZones = v.object({ zones: v.array(v.object({ id: v.string(), name: v.string() })), metadata: Metadata });
const RecordSet = v.object({
  id: v.string(),
  name: v.string(),
  type: v.string(),
  ttl: v.nullish(v.number()),
  records: v.nullish(v.array(v.string()), []),
  status: v.nullish(v.string()),
  line: v.nullish(v.string()),
  weight: v.nullish(v.number()),
  description: v.nullish(v.string()),
});
const Listing = v.object({ recordsets: v.array(RecordSet), metadata: Metadata });
const Done = v.object({ id: v.string() });
const Refusal = v.union([v.object({ code: v.string(), message: v.string() }), v.object({ error_code: v.string(), error_msg: v.string() })]);

/** https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html */
export function sdkHmac(request: HttpRequest, { accessKey, secretKey }: { readonly accessKey: string; readonly secretKey: Secret }, now: number): HttpRequest {
  const date = utcCompact(now);
  return signRequest(request, {
    algorithm: 'SDK-HMAC-SHA256',
    headers: { 'x-sdk-date': date },
    signed: ['content-type', 'x-sdk-date'],
    facts: [date],
    key: secretKey.reveal(),
    credential: `Access=${accessKey}`,
    path: new URL(request.url).pathname.replace(/\/?$/, '/'),
  });
}

/** What a change might drop if it were not sent again. */
type Held = HeldSet & { readonly id: string; readonly kept: { readonly weight?: number; readonly description?: string } };

export default defineProvider({
  api: 1,
  id: 'huawei',
  name: 'Huawei Cloud DNS',
  reference: 'https://support.huaweicloud.com/intl/en-us/api-dns/dns_api_65003.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['How many sets one call may change is not published; 50 are sent.', 'A change is taken for done when the provider has accepted it; it is carried out a moment later.'],
  also: ['huaweicloud', 'huaweidns', 'HUAWEI CLOUD'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 300 }, batch: BATCH },
  options: {
    accessKey: text('access key (AK) of an IAM user', { example: 'AKexample' }),
    secretKey: secret('secret access key (SK) that belongs to it'),
  },
  environment: { accessKey: ['HUAWEICLOUD_ACCESS_KEY_ID', 'HUAWEICLOUD_SDK_AK'], secretKey: ['HUAWEICLOUD_SECRET_ACCESS_KEY', 'HUAWEICLOUD_SDK_SK'] },
  credentials:
    'At https://console.huaweicloud.com/iam make a user with programmatic access only, and a custom policy for it that allows dns:zone:list, dns:recordset:list, dns:recordset:create, dns:recordset:update and dns:recordset:delete; ' +
    'its access key is shown once. Allow all source addresses: yours changes. Other regions set endpoint, such as https://dns.ap-southeast-1.myhuaweicloud.com.',
  open({ accessKey, secretKey, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://dns.myhuaweicloud.com',
      endpoint,
      headers: { 'content-type': 'application/json' },
      sign: (request) => sdkHmac(request, { accessKey, secretKey }, tools.clock.now()),
      words: (body, { status }) => {
        if (status < 400 || !v.is(Refusal, body)) return undefined;
        return 'code' in body ? body : { code: body.error_code, message: body.error_msg };
      },
      meanings: [
        wrongClock(/^APIGW\.0301 .*(expire|timestamp|date)/i),
        { match: /^(DNS\.0005|APIGW\.0301)/, kind: 'auth', says: 'it does not take this access key', hint: 'copy access key and secret again; is the key still enabled?' },
        { match: /^DNS\.0013/, kind: 'auth', says: 'the user may not do this', hint: 'give it the actions that `ddns-update providers huawei` lists' },
        { match: /^(DNS\.0014|APIGW\.0308)/, kind: 'throttled', waitSeconds: 60 },
        { match: /^DNS\.0312/, kind: 'conflict' },
        { match: /^DNS\.(0301|0302|1206)/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /^DNS\.0335/, kind: 'refused', hint: 'is there a CNAME in the way?', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const held = ({ id, name, type, ttl, records, status, line, weight, description }: v.InferOutput<typeof RecordSet>): Held => ({
      id,
      name,
      type,
      values: records,
      ...(ttl ? { ttl } : {}),
      kept: { ...(typeof weight === 'number' ? { weight } : {}), ...(description ? { description } : {}) },
      ...reserved({ disabled: status === 'DISABLE', line, everybody: ['default_view'] }),
    });
    /** Of several sets of one name and type none can be told to be ours. */
    const weighed = (sets: readonly Held[]): readonly Held[] =>
      sets.map((set) => (sets.some((other) => other !== set && other.name === set.name && other.type === set.type) ? { locked: 'is one of several of this name', ...set } : set));
    const of = ({ id }: Zone): string => `/v2.1/zones/${id}/recordsets`;
    const changed = ({ after, held }: Put<Held>) => ({ ttl: after.ttl ?? held?.ttl, records: after.values, ...held?.kept });
    return recordSets<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { zones, metadata } = await ask({ path: '/v2/zones', query: { type: 'public', limit: PAGE, offset: cursor }, purpose: 'list the zones' }, json(PublicZones));
          const found = zones.map(({ id, name }) => ({ id, name: name.toLowerCase().replace(/\.$/, '') }));
          return fromOffset(found, cursor, metadata?.total_count);
        },
      },
      async list(zone, _cursor, keys) {
        const only = onlyName(keys);
        const narrow = only === undefined ? {} : { name: `${only}.`, search_mode: 'equal' };
        const sets = await allPages(`the zone ${zone.name}`, async (from) => {
          const { recordsets, metadata } = await ask({ path: of(zone), query: { ...narrow, limit: PAGE, offset: from }, purpose: 'list the record sets' }, json(Listing));
          return fromOffset(recordsets.map(held), from, metadata?.total_count);
        });
        // Namesakes may lie on two pages.
        return { items: weighed(sets) };
      },
      async put(zone, put) {
        const { after, held } = put;
        const path = held ? `${of(zone)}/${held.id}` : of(zone);
        const named = { name: `${after.name}.`, type: after.type, ...changed(put) };
        if (after.values.length === 0) {
          if (held) await ask({ method: 'DELETE', path, purpose: 'remove a record set' }, orAbsent(json(Done)));
        } else if (held) await ask({ method: 'PUT', path, json: named, purpose: 'change a record set' }, json(Done));
        else await ask({ method: 'POST', path, json: { ...named, line: 'default_view' }, purpose: 'create a record set' }, json(Done));
        return undefined;
      },
      batch: {
        // What is created or removed stands alone: only changes go together.
        limits: [{ most: BATCH, of: ({ after, held }) => (held && after.values.length > 0 ? 1 : BATCH + 1) }],
        async send(zone, puts) {
          const recordsets = puts.map((put) => ({ id: put.held?.id, ...changed(put) }));
          await ask({ method: 'PUT', path: of(zone), json: { recordsets }, purpose: 'change record sets' }, json(Listing));
          return puts.map(() => undefined);
        },
      },
    });
  },
});
