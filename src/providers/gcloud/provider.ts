/**
 * Google Cloud DNS: RRsets, changed in all-or-nothing batches that name exactly what they replace. Longer than most, because a service account's key signs for
 * a token at another host, and a project may hold several zones of one name. https://cloud.google.com/dns/docs/reference/rest/v1
 */
import * as v from 'valibot';
import {
  allPages,
  api,
  defineProvider,
  type ExactSet,
  exactly,
  Fault,
  type HeldSet,
  handedOut,
  json,
  jsonWebToken,
  keyFile,
  LOOK_AGAIN_SECONDS,
  manySets,
  onlyId,
  optional,
  type Page,
  type Put,
  partsOf,
  privateKey,
  recordSets,
  Secret,
  secret,
  text,
  withNamesakes,
  type Zone,
} from '../../sdk/index.ts';

/** https://cloud.google.com/dns/quotas#limits */
const SETS_IN_ONE_CALL = 1000;
const BYTES_IN_ONE_CALL = 100_000;
const PAGE = 1000;
const INITIAL_TTL = 300;
const TOKEN_URL = 'https://oauth2.googleapis.com/token';

const Key = v.object({
  client_email: v.string(),
  private_key: v.string(),
  private_key_id: v.optional(v.string()),
  project_id: v.optional(v.string()),
  token_uri: v.optional(v.pipe(v.string(), v.url()), TOKEN_URL),
});
const Token = v.object({ access_token: v.string() });
const ManagedZones = v.object({
  managedZones: v.optional(v.array(v.object({ name: v.string(), dnsName: v.string(), visibility: v.optional(v.string()) })), []),
  nextPageToken: v.optional(v.string()),
});
const RrSet = v.object({ name: v.string(), type: v.string(), ttl: v.optional(v.number()), rrdatas: v.optional(v.array(v.string()), []), routingPolicy: v.optional(v.unknown()) });
const RrSets = v.object({ rrsets: v.optional(v.array(RrSet), []), nextPageToken: v.optional(v.string()) });
const Accepted = v.object({ id: v.string(), status: v.string() });
const Refusal = v.object({ error: v.object({ message: v.string(), status: v.optional(v.string()), errors: v.optional(v.array(v.object({ reason: v.optional(v.string()) }))) }) });
const NoToken = v.object({ error: v.string(), error_description: v.optional(v.string()) });

export default defineProvider({
  api: 1,
  id: 'gcloud',
  name: 'Google Cloud DNS',
  reference: 'https://cloud.google.com/dns/docs/reference/rest/v1',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['That a role can be granted on one managed zone alone is not tried.'],
  also: ['GCP', 'Google Cloud Platform', 'clouddns'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: SETS_IN_ONE_CALL },
  options: {
    key: secret('key of a service account: the whole JSON file'),
    project: optional(text('id of the project that holds the zones; default: that of the key', { example: 'my-project-123' })),
    zone: optional(text('DNS name of the zone, with managedZone, so that the key need not list all', { example: 'example.com' })),
    managedZone: optional(text('name of the managed zone that holds it', { example: 'example-com' })),
  },
  problems: ({ zone, managedZone }) => ((zone === undefined) === (managedZone === undefined) ? [] : ['zone and managedZone belong together: the DNS name, and what the managed zone is called']),
  environment: { key: ['GCE_SERVICE_ACCOUNT'], project: ['GCE_PROJECT', 'GOOGLE_CLOUD_PROJECT'] },
  credentials:
    'At https://console.cloud.google.com/iam-admin/roles make a role with dns.changes.create, dns.changes.get, dns.managedZones.list, dns.resourceRecordSets.create, .delete, .get, .list and .update; ' +
    'at https://console.cloud.google.com/iam-admin/serviceaccounts make a service account with that role, and under Keys a JSON key for it. Give the file as { file: PATH }. ' +
    'The key does not expire by itself.',
  open({ key, project, zone, managedZone, endpoint }, tools) {
    const { client_email, private_key, private_key_id, project_id, token_uri } = keyFile(key, Key, 'service account key of Google Cloud');
    const projectId = project ?? project_id;
    if (projectId === undefined) throw new Fault({ kind: 'config', detail: `${tools.account}: the key names no project, so the option project must` });
    const tokens = api(tools, {
      base: new URL(token_uri).origin,
      endpoint,
      words: (body) => (v.is(NoToken, body) ? { code: body.error, message: body.error_description } : undefined),
      meanings: [
        { match: /^invalid_grant.*(iat|exp|timeframe|short-lived)/i, kind: 'auth', says: 'the clock of this machine is wrong, or the key was taken back (invalid_grant)' },
        { match: /^(invalid_grant|invalid_client|unauthorized_client)/, kind: 'auth', says: 'it does not know this key: it was deleted, or its service account was' },
      ],
    });
    const token = handedOut(tools, async () => {
      const now = Math.floor(tools.clock.now() / 1000);
      const assertion = jsonWebToken('RS256', privateKey(new Secret(private_key), 'private_key'), {
        ...(private_key_id === undefined ? {} : { header: { kid: private_key_id } }),
        claims: { iss: client_email, scope: 'https://www.googleapis.com/auth/ndev.clouddns.readwrite', aud: token_uri, iat: now, exp: now + 3600 },
      });
      // Whoever reads it within the hour can log in with it.
      tools.learn?.(assertion);
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
      return (await tokens({ method: 'POST', path: new URL(token_uri).pathname, form, idempotent: true, confidential: true, purpose: 'log in' }, json(Token))).access_token;
    });
    const ask = api(tools, {
      base: 'https://dns.googleapis.com/dns/v1',
      endpoint,
      headers: async () => ({ authorization: `Bearer ${await token()}` }),
      words: (body) => (v.is(Refusal, body) ? { code: body.error.errors?.[0]?.reason ?? body.error.status, message: body.error.message } : undefined),
      meanings: [
        { match: /^(rateLimitExceeded|userRateLimitExceeded|quotaExceeded)/, kind: 'throttled', waitSeconds: 60 },
        {
          match: /^(accessNotConfigured|SERVICE_DISABLED)/,
          kind: 'auth',
          says: 'the Cloud DNS API is not enabled in this project',
          hint: 'enable it at https://console.cloud.google.com/apis/library/dns.googleapis.com',
        },
        {
          match: /^forbidden/,
          kind: 'auth',
          says: 'the service account lacks a right',
          hint: 'give it a role with dns.changes.create, dns.managedZones.list and dns.resourceRecordSets.* in this project',
        },
        { match: /^notFound/, kind: 'refused', says: 'there is no such project or managed zone', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const zones = `/projects/${encodeURIComponent(projectId)}/managedZones`;
    const of = (within: Zone, path: string): string => `${zones}/${encodeURIComponent(onlyId(within, 'say which with the options zone and managedZone'))}${path}`;
    const list = async (cursor: string | number | undefined): Promise<Page<Zone>> => {
      const { managedZones, nextPageToken } = await ask({ path: zones, query: { pageToken: cursor }, purpose: 'list the managed zones' }, json(ManagedZones));
      const served = managedZones.filter(({ visibility }) => visibility !== 'private');
      return { items: served.map(({ name, dnsName }) => ({ name: dnsName.toLowerCase().replace(/\.$/, ''), id: name })), next: nextPageToken };
    };
    const held = ({ name, type, ttl, rrdatas, routingPolicy }: v.InferOutput<typeof RrSet>): HeldSet => ({
      name,
      type,
      values: rrdatas,
      ...(ttl === undefined ? {} : { ttl }),
      ...(routingPolicy === undefined ? {} : { locked: 'is answered by a routing policy' }),
    });
    /** Deletions must be exactly what is there, so nobody else's change is overwritten. */
    const change = async (within: Zone, puts: readonly Put<HeldSet>[]): Promise<void> => {
      const { deletions, additions } = exactly(puts, INITIAL_TTL);
      const written = ({ values, ...set }: ExactSet) => ({ ...set, rrdatas: values });
      await ask({ method: 'POST', path: of(within, '/changes'), json: { deletions: deletions.map(written), additions: additions.map(written) }, purpose: 'change records' }, json(Accepted));
    };
    return recordSets(tools, {
      zones:
        zone !== undefined && managedZone !== undefined
          ? { kind: 'given', zones: [{ name: zone.toLowerCase().replace(/\.$/, ''), id: managedZone }] }
          : { kind: 'list', list: async () => ({ items: withNamesakes(await allPages('the managed zones', list)) }) },
      async list(within, cursor) {
        const { rrsets, nextPageToken } = await ask({ path: of(within, '/rrsets'), query: { maxResults: PAGE, pageToken: cursor }, purpose: 'list the records' }, json(RrSets));
        return { items: rrsets.map(held), next: nextPageToken };
      },
      async get(within, key) {
        const { name, type } = partsOf(key);
        const { rrsets } = await ask({ path: of(within, '/rrsets'), query: { name: `${name}.`, type }, purpose: 'show a record' }, json(RrSets));
        const [one] = rrsets;
        return one && held(one);
      },
      ...manySets<HeldSet>(
        [
          { most: SETS_IN_ONE_CALL, of: () => 1 },
          { most: BYTES_IN_ONE_CALL, of: ({ after, held: old }) => [...after.values, ...(old?.values ?? [])].join('').length },
        ],
        change,
      ),
    });
  },
});
