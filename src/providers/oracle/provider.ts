/**
 * Oracle Cloud Infrastructure DNS: records changed by lists of operations, each set under the condition that it still is what was read. Longer than most, because
 * of its HTTP signatures, and because it lists records but is written set by set. https://docs.oracle.com/en-us/iaas/api/#/en/dns/20180115/
 */
import { type KeyObject, sign as signWith } from 'node:crypto';
import * as v from 'valibot';
import {
  allPages,
  api,
  defineProvider,
  digest,
  type HeldRecord,
  headed,
  inSets,
  json,
  LOOK_AGAIN_SECONDS,
  manySets,
  onlyZone,
  optional,
  type Page,
  type Put,
  partsOf,
  privateKey,
  recordSets,
  type Sign,
  secret,
  text,
  wrongClock,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const SETS_IN_ONE_CALL = 300;
const INITIAL_TTL = 300;

const Zones = v.array(v.object({ name: v.string(), zoneType: v.optional(v.string()) }));
const DnsRecord = v.object({ domain: v.string(), rtype: v.string(), rdata: v.string(), ttl: v.optional(v.number()), recordHash: v.optional(v.string()), isProtected: v.optional(v.boolean()) });
const Records = v.object({ items: v.array(DnsRecord) });
const Refusal = v.object({ code: v.string(), message: v.optional(v.string()) });

type Held = ReturnType<typeof inSets<HeldRecord>>[number];
type Signed = { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string | undefined };

/** What is signed, and the headers that go with it. `date`: as in RFC 9110. https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm */
export function signingString({ method, url, headers, body }: Signed, date: string): { readonly text: string; readonly names: string; readonly headers: Readonly<Record<string, string>> } {
  const { host, pathname, search } = new URL(url);
  const about = { 'x-date': date, '(request-target)': `${method.toLowerCase()} ${pathname}${search}`, host };
  const content: Record<string, string> =
    body === undefined
      ? {}
      : { 'content-length': String(Buffer.byteLength(body)), 'content-type': headers['content-type'] ?? 'application/json', 'x-content-sha256': digest('sha256', body).toString('base64') };
  const lines = Object.entries({ ...about, ...content });
  const { 'content-length': _sent, ...added } = content;
  return { text: lines.map(([name, value]) => `${name}: ${value}`).join('\n'), names: lines.map(([name]) => name).join(' '), headers: { 'x-date': date, ...added } };
}

export default defineProvider({
  api: 1,
  id: 'oracle',
  name: 'Oracle Cloud Infrastructure DNS',
  reference: 'https://docs.oracle.com/en-us/iaas/api/#/en/dns/20180115/Records/PatchZoneRecords',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    `How many operations one request may hold is not published: ${SETS_IN_ONE_CALL} sets are sent at a time.`,
    'Which status it gives where somebody else changed a record in between is not known.',
    'The range of its TTLs is not published, but for the advice to stay at 30 s or more.',
  ],
  also: ['OCI', 'Oracle Cloud', 'oraclecloud'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 30, max: 604_800, initial: INITIAL_TTL }, batch: SETS_IN_ONE_CALL },
  options: {
    tenancy: text('OCID of the tenancy', { example: 'ocid1.tenancy.oc1..aaaa' }),
    user: text('OCID of the user', { example: 'ocid1.user.oc1..aaaa' }),
    fingerprint: text('fingerprint of the API key', { example: '20:3b:97:13:55:1c:5b:0d:d3:37:d8:50:4e:c5:3a:34' }),
    privateKey: secret('private API key (PEM, without a passphrase)'),
    region: text('name of the region', { pattern: /^[a-z0-9-]+$/, must: 'must be a name such as us-ashburn-1', example: 'us-ashburn-1' }),
    compartment: optional(text('OCID of the compartment that holds the zones; default: the tenancy itself', { example: 'ocid1.compartment.oc1..aaaa' })),
    zone: onlyZone(),
  },
  environment: {
    tenancy: ['OCI_CLI_TENANCY', 'OCI_TENANCY_OCID'],
    user: ['OCI_CLI_USER', 'OCI_USER_OCID'],
    fingerprint: ['OCI_CLI_FINGERPRINT', 'OCI_PUBKEY_FINGERPRINT'],
    privateKey: ['OCI_CLI_KEY_CONTENT', 'OCI_PRIVKEY'],
    region: ['OCI_CLI_REGION', 'OCI_REGION'],
    compartment: ['OCI_COMPARTMENT_OCID'],
  },
  credentials:
    'In the console under Identity make a user in a group of its own, and for that user under API Keys a key pair; it does not expire. Give the group a policy with two statements: ' +
    "Allow group GROUP to use dns-records in compartment C where target.dns-zone.name = 'example.com', and Allow group GROUP to read dns-zones in compartment C. " +
    'Leave network sources out of the policy: your address changes.',
  open({ tenancy, user, fingerprint, privateKey: pem, region, compartment, zone, endpoint }, tools) {
    const sign: Sign = (request) => {
      const { text: signed, names, headers } = signingString(request, new Date(tools.clock.now()).toUTCString());
      const key: KeyObject = privateKey(pem, 'privateKey');
      const parts = { version: '1', keyId: `${tenancy}/${user}/${fingerprint}`, algorithm: 'rsa-sha256', headers: names, signature: signWith('sha256', Buffer.from(signed), key).toString('base64') };
      const authorization = `Signature ${Object.entries(parts)
        .map(([name, value]) => `${name}="${value}"`)
        .join(',')}`;
      return { ...request, headers: { ...request.headers, ...headers, authorization } };
    };
    const ask = api(tools, {
      base: `https://dns.${region}.oraclecloud.com/20180115`,
      endpoint,
      sign,
      words: (body) => (v.is(Refusal, body) ? body : undefined),
      meanings: [
        wrongClock(/clock skew/i),
        { match: /^NotAuthenticated/, kind: 'auth', says: 'it does not know this key: tenancy, user, fingerprint and private key must belong together' },
        {
          match: /^NotAuthorizedOrNotFound/,
          kind: 'refused',
          says: 'the zone is not there, or the user lacks a right: it does not say which',
          hint: 'is the compartment right, and may the group use dns-records and read dns-zones there?',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
        { match: /REQUIRE|PROHIBIT|precondition/i, status: 400, kind: 'conflict' },
        { match: /^IncorrectState/, kind: 'conflict', says: 'the zone is being changed' },
      ],
    });
    const of = ({ id }: Zone, path = ''): string => `/zones/${encodeURIComponent(id)}/records${path}`;
    const records = async (path: string, cursor?: string | number): Promise<Page<HeldRecord>> => {
      const { value, headers } = await ask({ path, query: { page: cursor }, purpose: 'list the records' }, headed(json(Records)));
      const items = value.items.map(({ domain, rtype, rdata, ttl, isProtected }) => ({
        id: `${domain} ${rtype} ${rdata}`,
        name: domain,
        type: rtype,
        value: rdata,
        ...(ttl === undefined ? {} : { ttl }),
        ...(isProtected ? { locked: 'is protected by Oracle' } : {}),
      }));
      return { items, next: headers['opc-next-page'] };
    };
    const operations = ({ after: { name, type, ttl, values }, held }: Put<Held>): readonly object[] => {
      const item = { domain: name, rtype: type };
      const old = held?.values ?? [];
      return [
        ...(old.length === 0 ? [{ operation: 'PROHIBIT', ...item }] : old.map((rdata) => ({ operation: 'REQUIRE', ...item, rdata }))),
        ...old.map((rdata) => ({ operation: 'REMOVE', ...item, rdata })),
        ...values.map((rdata) => ({ operation: 'ADD', ...item, rdata, ttl: ttl ?? held?.ttl ?? INITIAL_TTL })),
      ];
    };
    const change = async (within: Zone, puts: readonly Put<Held>[]): Promise<void> => {
      await ask({ method: 'PATCH', path: of(within), json: { items: puts.flatMap(operations) }, purpose: 'change records' }, json(Records));
    };
    return recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const query = { compartmentId: compartment ?? tenancy, scope: 'GLOBAL', page: cursor };
          const { value, headers } = await ask({ path: '/zones', query, purpose: 'list the zones' }, headed(json(Zones)));
          const own = value.filter(({ zoneType }) => zoneType !== 'SECONDARY');
          return { items: own.map(({ name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id: name })), next: headers['opc-next-page'] };
        },
      }),
      // A set may lie on two pages.
      list: async (within) => ({ items: inSets(await allPages(`the zone ${within.name}`, (cursor) => records(of(within), cursor))) }),
      async get(within, key) {
        const { name, type } = partsOf(key);
        return inSets(await allPages(`${name} ${type}`, (cursor) => records(of(within, `/${encodeURIComponent(name)}/${type}`), cursor)))[0];
      },
      ...manySets<Held>([{ most: SETS_IN_ONE_CALL, of: () => 1 }], change),
    });
  },
});
