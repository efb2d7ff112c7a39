/** Route 53 as a pure fake: its XML over hosted zones in memory, all or nothing as the real one. */
import type { HttpReply, HttpRequest } from '../../sdk/index.ts';

/** One record set as Route 53 holds it. `special`: the elements of a routing policy or an alias, as XML. */
export type HostedSet = { readonly name: string; readonly type: string; readonly ttl?: number; readonly values: readonly string[]; readonly special?: string };
export type Hosted = { readonly id: string; readonly name: string; readonly private?: boolean; sets: readonly HostedSet[] };
export type FakeOptions = { /** How often GetChange says PENDING. */ readonly pendingFor?: number /** Lists no more than that on a page. */; readonly pageSize?: number };

const XMLNS = 'https://route53.amazonaws.com/doc/2013-04-01/';
/** Changes that are still `PENDING`, by how often they will say so. */
type Pending = Map<string, number>;

/** Answers every request over `zones`. */
export function fakeRoute53(zones: readonly Hosted[], { pendingFor = 0, pageSize = 300 }: FakeOptions = {}): (request: HttpRequest) => HttpReply {
  const pending: Pending = new Map();
  return (request) => {
    const url = new URL(request.url);
    const [, action, id, part] = /^.*\/2013-04-01\/(hostedzone|change)(?:\/([^/]+))?(\/rrset\/?)?$/.exec(url.pathname) ?? [];
    if (!/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/route53\/aws4_request, /.test(request.headers['authorization'] ?? '')) {
      return refusal(403, 'MissingAuthenticationToken', 'Missing Authentication Token');
    }
    if (action === 'change') return changeState(pending, id ?? '');
    if (action !== 'hostedzone') return refusal(404, 'InvalidAction', 'The action is not valid.');
    if (id === undefined) return listZones(zones, url.searchParams, pageSize);
    const zone = zones.find((one) => one.id === id);
    if (zone === undefined) return refusal(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
    if (part === undefined) return answer('GetHostedZoneResponse', `${zoneXml(zone)}<DelegationSet><NameServers><NameServer>ns-1.awsdns-00.com</NameServer></NameServers></DelegationSet>`);
    if (request.method === 'GET') return listSets(zone, url.searchParams, pageSize);
    const refused = change(zone, request.body ?? '');
    if (refused !== undefined) return refused;
    const changeId = `C${pending.size + 1}`;
    pending.set(changeId, pendingFor);
    return answer('ChangeResourceRecordSetsResponse', changeXml(changeId, 'PENDING'));
  };
}

function changeState(pending: Pending, id: string): HttpReply {
  const left = pending.get(id);
  if (left === undefined) return refusal(404, 'NoSuchChange', `A change with id ${id} does not exist.`);
  pending.set(id, left - 1);
  return answer('GetChangeResponse', changeXml(id, left > 0 ? 'PENDING' : 'INSYNC'));
}

function listZones(zones: readonly Hosted[], query: URLSearchParams, pageSize: number): HttpReply {
  const limit = Math.min(Number(query.get('maxitems') ?? 100), 100, pageSize);
  const marker = query.get('marker');
  const from = marker === null ? 0 : zones.findIndex(({ id }) => id === marker);
  const next = zones[from + limit];
  const more = next === undefined ? '<IsTruncated>false</IsTruncated>' : `<IsTruncated>true</IsTruncated><NextMarker>${next.id}</NextMarker>`;
  return answer(
    'ListHostedZonesResponse',
    `<HostedZones>${zones
      .slice(from, from + limit)
      .map(zoneXml)
      .join('')}</HostedZones>${more}<MaxItems>${limit}</MaxItems>`,
  );
}

function listSets(zone: Hosted, query: URLSearchParams, pageSize: number): HttpReply {
  const asked = Number(query.get('maxitems') ?? 300);
  if (asked < 1 || asked > 300) return refusal(400, 'InvalidInput', 'maxitems must be from 1 to 300');
  const limit = Math.min(asked, pageSize);
  const start = query.get('name') === null ? '' : position({ name: query.get('name') ?? '', type: query.get('type') ?? '', ...identified(query.get('identifier')) });
  const rest = zone.sets.filter((set) => position(set) >= start).sort((a, b) => (position(a) < position(b) ? -1 : 1));
  const next = rest[limit];
  const identifier = next && /<SetIdentifier>(.*?)<\/SetIdentifier>/.exec(next.special ?? '')?.[1];
  const more =
    next === undefined
      ? '<IsTruncated>false</IsTruncated>'
      : `<IsTruncated>true</IsTruncated><NextRecordName>${escapeName(next.name)}</NextRecordName><NextRecordType>${next.type}</NextRecordType>${identifier ? `<NextRecordIdentifier>${identifier}</NextRecordIdentifier>` : ''}`;
  return answer('ListResourceRecordSetsResponse', `<ResourceRecordSets>${rest.slice(0, limit).map(setXml).join('')}</ResourceRecordSets>${more}<MaxItems>${limit}</MaxItems>`);
}

const identified = (identifier: string | null): { readonly special?: string } => (identifier === null ? {} : { special: `<SetIdentifier>${identifier}</SetIdentifier>` });

/** By name with the labels reversed, then type, then identifier. */
function position({ name, type, special = '' }: Pick<HostedSet, 'name' | 'type' | 'special'>): string {
  const labels = escapeName(plain(name)).slice(0, -1).split('.').reverse().join('.');
  return `${labels}. ${type} ${/<SetIdentifier>(.*?)<\/SetIdentifier>/.exec(special)?.[1] ?? ''}`;
}

type Element = { readonly action: string; readonly set: HostedSet };

/** All or nothing; undefined when all was done. */
function change(zone: Hosted, body: string): HttpReply | undefined {
  const elements = [...body.matchAll(/<Change><Action>(\w+)<\/Action><ResourceRecordSet>(.*?)<\/ResourceRecordSet><\/Change>/gs)].map(
    ([, action = '', inner = '']): Element => ({
      action,
      set: {
        name: plain(one(inner, 'Name')),
        type: one(inner, 'Type'),
        ttl: Number(one(inner, 'TTL')),
        values: [...inner.matchAll(/<Value>(.*?)<\/Value>/g)].map(([, value = '']) => value),
      },
    }),
  );
  const weights = elements.flatMap(({ action, set }) => (action === 'UPSERT' ? [set, set] : [set]));
  const records = weights.reduce((sum, { values }) => sum + values.length, 0);
  const characters = weights.reduce((sum, { values }) => sum + values.join('').length, 0);
  if (elements.length === 0 || records > 1000 || characters > 32_000) return badBatch(`[${records} records with ${characters} characters are not a batch]`);
  let sets = zone.sets;
  for (const { action, set } of elements) {
    const there = sets.find((old) => old.name === set.name && old.type === set.type);
    const label = `[name='${escapeName(set.name)}', type='${set.type}']`;
    if (!(set.name === zone.name || set.name.endsWith(`.${zone.name}`))) return badBatch(`RRSet with DNS name ${set.name}. is not permitted in zone ${zone.name}.`);
    if (set.values.length === 0 || set.values.some((value) => !isAddress(value, set.type))) {
      return badBatch(`Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with '${set.values[0] ?? ''}''`);
    }
    if (action === 'DELETE') {
      if (there === undefined) return badBatch(`Tried to delete resource record set ${label} but it was not found`);
      if (there.special !== undefined || there.ttl !== set.ttl || there.values.join() !== set.values.join()) {
        return badBatch(`Tried to delete resource record set ${label} but the values provided do not match the current values`);
      }
    } else if (sets.some((old) => old.name === set.name && old.type === 'CNAME')) {
      return badBatch(`RRSet of type ${set.type} with DNS name ${set.name}. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}.`);
    } else if (action === 'CREATE' && there !== undefined) return badBatch(`Tried to create resource record set ${label} but it already exists`);
    sets = [...sets.filter((old) => old !== there), ...(action === 'DELETE' ? [] : [set])];
  }
  zone.sets = sets;
  return undefined;
}

const one = (xml: string, tag: string): string => new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '';
const isAddress = (value: string, type: string): boolean => (type === 'A' ? /^\d{1,3}(\.\d{1,3}){3}$/.test(value) : type !== 'AAAA' || /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(value));

/** `*.Example.com.` or its escaped form → `*.example.com`. */
const plain = (name: string): string => name.replace(/\\052/g, '*').replace(/\.$/, '').toLowerCase();
const escapeName = (name: string): string => `${name.replace(/\*/g, '\\052')}.`;

const zoneXml = (zone: Hosted): string =>
  `<HostedZone><Id>/hostedzone/${zone.id}</Id><Name>${zone.name}.</Name><CallerReference>r</CallerReference><Config><PrivateZone>${zone.private ?? false}</PrivateZone></Config><ResourceRecordSetCount>${zone.sets.length}</ResourceRecordSetCount></HostedZone>`;

const setXml = ({ name, type, ttl, values, special = '' }: HostedSet): string =>
  `<ResourceRecordSet><Name>${escapeName(name)}</Name><Type>${type}</Type>${special}${ttl === undefined ? '' : `<TTL>${ttl}</TTL>`}${
    values.length === 0 ? '' : `<ResourceRecords>${values.map((value) => `<ResourceRecord><Value>${value}</Value></ResourceRecord>`).join('')}</ResourceRecords>`
  }</ResourceRecordSet>`;

const changeXml = (id: string, status: string): string => `<ChangeInfo><Id>/change/${id}</Id><Status>${status}</Status><SubmittedAt>2026-11-22T10:00:00Z</SubmittedAt></ChangeInfo>`;

const answer = (root: string, inner: string, status = 200): HttpReply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0"?>\n<${root} xmlns="${XMLNS}">${inner}</${root}>`,
});

/** The dialect of every error since 2013. */
export const refusal = (status: number, code: string, message: string): HttpReply =>
  answer('ErrorResponse', `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId>`, status);

const badBatch = (message: string): HttpReply => refusal(400, 'InvalidChangeBatch', `[${message}]`);

/** The dialect in which a refused batch may be answered too. */
export const olderRefusal = (messages: readonly string[]): HttpReply =>
  answer('InvalidChangeBatch', `<Messages>${messages.map((text) => `<Message>${text}</Message>`).join('')}</Messages><RequestId>r</RequestId>`, 400);
