/**
 * Azure DNS: RRsets by resource group, zone, type and name, written only where their ETag is still the one that was read. Longer than most, because of the
 * log-in at another host, three separate clouds, zones of one name in several groups, and what hangs on a set and must be sent again. https://learn.microsoft.com/rest/api/dns/
 */
import * as v from 'valibot';
import {
  allPages,
  api,
  choice,
  defineProvider,
  type HeldSet,
  handedOut,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  nothing,
  onlyId,
  optional,
  orAbsent,
  type Page,
  partsOf,
  recordSets,
  secret,
  text,
  withNamesakes,
  type Zone,
} from '../../sdk/index.ts';

const CLOUDS = {
  public: { login: 'https://login.microsoftonline.com', base: 'https://management.azure.com' },
  usgov: { login: 'https://login.microsoftonline.us', base: 'https://management.usgovcloudapi.net' },
  china: { login: 'https://login.chinacloudapi.cn', base: 'https://management.chinacloudapi.cn' },
} as const;
const VERSION = '2018-05-01';
const PAGE = 100;
const INITIAL_TTL = 3600;

const Token = v.object({ access_token: v.string() });
const Zones = v.object({ value: v.array(v.object({ id: v.string(), name: v.string(), properties: v.optional(v.object({ zoneType: v.optional(v.string()) })) })), nextLink: v.nullish(v.string()) });
const RrSet = v.object({
  name: v.string(),
  type: v.string(),
  etag: v.optional(v.string()),
  properties: v.object({
    TTL: v.optional(v.number()),
    metadata: v.optional(v.record(v.string(), v.string())),
    targetResource: v.optional(v.object({ id: v.nullish(v.string()) })),
    ARecords: v.optional(v.array(v.object({ ipv4Address: v.string() })), []),
    AAAARecords: v.optional(v.array(v.object({ ipv6Address: v.string() })), []),
  }),
});
const RrSets = v.object({ value: v.array(RrSet), nextLink: v.nullish(v.string()) });
const Words = v.object({ code: v.string(), message: v.optional(v.string()) });
const Refusal = v.union([
  v.pipe(
    v.object({ error: Words }),
    v.transform(({ error }) => error),
  ),
  Words,
]);
const NoToken = v.object({ error: v.string(), error_description: v.optional(v.string()) });

type Held = HeldSet & { readonly etag: string | undefined; readonly metadata: Readonly<Record<string, string>> | undefined };

export default defineProvider({
  api: 1,
  id: 'azure',
  name: 'Azure DNS',
  reference: 'https://learn.microsoft.com/rest/api/dns/record-sets/create-or-update?view=rest-dns-2018-05-01',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['Its words for a wrong secret, a missing right and a missing zone are known from use, not from a page.', 'The clouds for US government and China are not tried.'],
  also: ['azuredns', 'Microsoft Azure'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: INITIAL_TTL } },
  options: {
    tenantId: text('directory (tenant) id', { example: '11111111-2222-3333-4444-555555555555' }),
    clientId: text('application (client) id of the app registration', { example: '66666666-7777-8888-9999-000000000000' }),
    clientSecret: secret('value of its client secret, not its id'),
    subscriptionId: text('id of the subscription that holds the zones', { example: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' }),
    zone: optional(text('name of the zone, with resourceGroup, so that the app need not list all', { example: 'example.com' })),
    resourceGroup: optional(text('resource group that holds it', { example: 'dns' })),
    cloud: optional(choice('which of the separate clouds', ['public', 'usgov', 'china']), 'public'),
  },
  problems: ({ zone, resourceGroup }) => ((zone === undefined) === (resourceGroup === undefined) ? [] : ['zone and resourceGroup belong together: the zone, and the group that holds it']),
  environment: {
    tenantId: ['AZURE_TENANT_ID'],
    clientId: ['AZURE_CLIENT_ID'],
    clientSecret: ['AZURE_CLIENT_SECRET'],
    subscriptionId: ['AZURE_SUBSCRIPTION_ID'],
    resourceGroup: ['AZURE_RESOURCE_GROUP'],
    zone: ['AZURE_ZONE_NAME'],
  },
  credentials:
    'At https://portal.azure.com under Microsoft Entra ID, App registrations, make an app and under Certificates & secrets a client secret; note its value, and the day when it expires. ' +
    'On the DNS zone, under Access control (IAM), give the app the role DNS Zone Contributor, or a role of your own with Microsoft.Network/dnsZones/A/*, Microsoft.Network/dnsZones/AAAA/* and ' +
    'Microsoft.Network/dnsZones/recordsets/read; to find zones by itself it needs Reader on the subscription too, unless the account names zone and resourceGroup.',
  open({ tenantId, clientId, clientSecret, subscriptionId, zone, resourceGroup, cloud, endpoint }, tools) {
    const { login, base } = CLOUDS[cloud];
    const tokens = api(tools, {
      base: login,
      endpoint,
      words: (body) => (v.is(NoToken, body) ? { code: body.error, message: body.error_description } : undefined),
      meanings: [
        { match: /AADSTS7000222/, kind: 'auth', says: 'the client secret has expired', hint: 'make a new one under Certificates & secrets of the app registration' },
        { match: /AADSTS7000215/, kind: 'auth', says: 'the client secret is wrong', hint: 'it wants the value of the secret, not its id' },
        { match: /^(invalid_client|unauthorized_client|invalid_request|invalid_grant)/, kind: 'auth', says: 'it does not know this tenant and app' },
      ],
    });
    const token = handedOut(tools, async () => {
      const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret.reveal(), scope: `${base}/.default` };
      const path = `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
      return (await tokens({ method: 'POST', path, form, idempotent: true, confidential: true, purpose: 'log in' }, json(Token))).access_token;
    });
    const ask = api(tools, {
      base,
      endpoint,
      headers: async () => ({ authorization: `Bearer ${await token()}` }),
      words(body) {
        const found = v.safeParse(Refusal, body);
        return found.success ? found.output : undefined;
      },
      meanings: [
        { match: /^(InvalidAuthenticationToken|ExpiredAuthenticationToken|AuthenticationFailed)/, kind: 'auth', says: 'the log-in is not taken: is this the right tenant and cloud?' },
        {
          match: /^(AuthorizationFailed|LinkedAuthorizationFailed)/,
          kind: 'auth',
          says: 'the app lacks a role',
          hint: 'give it DNS Zone Contributor on the zone; without zone and resourceGroup in the account also Reader on the subscription',
        },
        {
          match: /^(ParentResourceNotFound|ResourceGroupNotFound|SubscriptionNotFound)/,
          kind: 'refused',
          says: 'there is no such zone, resource group or subscription',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
      ],
    });
    const group = `/subscriptions/${encodeURIComponent(subscriptionId)}`;
    const of = (within: Zone, path: string): string =>
      `${group}/resourceGroups/${encodeURIComponent(onlyId(within, 'say which with the options zone and resourceGroup'))}/providers/Microsoft.Network/dnsZones/${encodeURIComponent(within.name)}${path}`;
    /** The next page is the same path with what its link asks for. */
    const query = (link: string | number | undefined): Record<string, string | number> =>
      link === undefined ? { 'api-version': VERSION, $top: PAGE } : Object.fromEntries(new URL(String(link)).searchParams);
    const held = (within: Zone, { name, type, etag, properties }: v.InferOutput<typeof RrSet>): Held => ({
      name: nameOf(name, within),
      type: type.split('/').at(-1) ?? '',
      values: [...properties.ARecords.map(({ ipv4Address }) => ipv4Address), ...properties.AAAARecords.map(({ ipv6Address }) => ipv6Address)],
      ...(properties.TTL === undefined ? {} : { ttl: properties.TTL }),
      ...(properties.targetResource?.id ? { locked: 'is an alias of another resource' } : {}),
      etag,
      metadata: properties.metadata,
    });
    const list = async (cursor: string | number | undefined): Promise<Page<Zone>> => {
      const { value, nextLink } = await ask({ path: `${group}/providers/Microsoft.Network/dnszones`, query: query(cursor), purpose: 'list the zones' }, json(Zones));
      const served = value.filter(({ properties }) => properties?.zoneType !== 'Private');
      return { items: served.map(({ id, name }) => ({ name: name.toLowerCase(), id: decodeURIComponent(/\/resourceGroups\/([^/]+)\//i.exec(id)?.[1] ?? '') })), next: nextLink ?? undefined };
    };
    return recordSets<Held>(tools, {
      zones:
        zone !== undefined && resourceGroup !== undefined
          ? { kind: 'given', zones: [{ name: zone.toLowerCase().replace(/\.$/, ''), id: resourceGroup }] }
          : { kind: 'list', list: async () => ({ items: withNamesakes(await allPages('the zones', list)) }) },
      async list(within, cursor) {
        const { value, nextLink } = await ask({ path: of(within, '/recordsets'), query: query(cursor), purpose: 'list the records' }, json(RrSets));
        return { items: value.map((set) => held(within, set)), next: nextLink ?? undefined };
      },
      async get(within, key) {
        const { name, type } = partsOf(key);
        const path = of(within, `/${type}/${encodeURIComponent(hostOf(name, within, '@'))}`);
        const set = await ask({ path, query: { 'api-version': VERSION }, purpose: 'show a record' }, orAbsent(json(RrSet)));
        return set && held(within, set);
      },
      async put(within, { after, held: old }) {
        const { name, type, ttl, values } = after;
        const path = of(within, `/${type}/${encodeURIComponent(hostOf(name, within, '@'))}`);
        // A repeated request would find the ETag it has changed itself.
        const asked = { path, query: { 'api-version': VERSION }, headers: old === undefined ? { 'if-none-match': '*' } : old.etag ? { 'if-match': old.etag } : {}, idempotent: false } as const;
        if (values.length === 0) {
          await ask({ ...asked, method: 'DELETE', purpose: 'remove a record' }, orAbsent(nothing));
          return undefined;
        }
        const addresses = type === 'A' ? { ARecords: values.map((ipv4Address) => ({ ipv4Address })) } : { AAAARecords: values.map((ipv6Address) => ({ ipv6Address })) };
        const properties = { TTL: ttl ?? old?.ttl ?? INITIAL_TTL, ...addresses, ...(old?.metadata ? { metadata: old.metadata } : {}) };
        return held(within, await ask({ ...asked, method: 'PUT', json: { properties }, purpose: 'change a record' }, json(RrSet)));
      },
    });
  },
});
