/**
 * PowerDNS Authoritative Server: RRsets, any number of them in one PATCH that is all or nothing. Longer than most, because a set may hold records that are
 * switched off, and a zone may be a copy of another server's. https://doc.powerdns.com/authoritative/http-api/
 */
import * as v from 'valibot';
import {
  apart,
  api,
  beside,
  defineProvider,
  Fault,
  type HeldSet,
  json,
  LOOK_AGAIN_SECONDS,
  manySets,
  noContent,
  onlyZone,
  optional,
  type Put,
  recordSets,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const INITIAL_TTL = 3600;
/** Keeps the body far below `webserver-max-bodysize`, 2 MB by default. */
const SETS_IN_ONE_CALL = 5000;

const Zones = v.array(v.object({ id: v.string(), name: v.string() }));
const RrSet = v.object({ name: v.string(), type: v.string(), ttl: v.optional(v.number()), records: v.array(v.object({ content: v.string(), disabled: v.optional(v.boolean()) })) });
const Contents = v.object({ kind: v.optional(v.string()), rrsets: v.array(RrSet) });
const Refusal = v.object({ error: v.string() });

type Held = HeldSet & ReturnType<typeof apart>;

export default defineProvider({
  api: 1,
  id: 'powerdns',
  name: 'PowerDNS',
  reference: 'https://doc.powerdns.com/authoritative/http-api/zone.html',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['pdns', 'PowerDNS Authoritative Server'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: SETS_IN_ONE_CALL },
  options: {
    apiKey: secret('the api-key of pdns.conf'),
    server: optional(text('name of the server in the API', { example: 'localhost' }), 'localhost'),
    zone: onlyZone(),
  },
  environment: { apiKey: ['PDNS_API_KEY'] },
  example: { endpoint: 'http://127.0.0.1:8081', apiKey: { env: 'PDNS_API_KEY' } },
  credentials:
    'In pdns.conf set api=yes, api-key=..., webserver=yes and webserver-allow-from to the address of this machine, and give the server as endpoint. The key may do everything with every zone: ' +
    'where that is too much, use RFC 2136 with a TSIG key instead. Set SOA-EDIT-API to DEFAULT for the zone, or its secondaries will not notice changes.',
  open({ apiKey, server, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: `http://127.0.0.1:8081/api/v1/servers/${encodeURIComponent(server)}`,
      endpoint,
      // Without `accept` refusals come as text.
      headers: { 'x-api-key': apiKey.reveal(), accept: 'application/json' },
      words: (body) => (v.is(Refusal, body) ? { message: body.error } : undefined),
      meanings: [
        { match: /^Unauthorized/, status: 401, kind: 'auth', says: 'the API key is not the one of its pdns.conf' },
        { match: /^(Not Found|Could not find domain)/, kind: 'refused', says: 'it has no such zone or server', lookAgainSeconds: LOOK_AGAIN_SECONDS },
        { match: /Conflicts with (pre-existing|another) RRset/, kind: 'refused', hint: 'a CNAME of the same name stands in the way: remove it', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const at = ({ id }: Zone): string => `/zones/${encodeURIComponent(id.replace(/\.?$/, '.'))}`;
    const held = ({ name, type, ttl, records }: v.InferOutput<typeof RrSet>): Held => ({
      name,
      type,
      ...apart(records),
      ...(ttl === undefined ? {} : { ttl }),
    });
    /** Comments that are not sent are kept. */
    const rrset = ({ after, held: old }: Put<Held>): object => {
      const { name, type, values, ttl = old?.ttl ?? INITIAL_TTL } = after;
      const records = beside(values, old?.asleep);
      return { name: `${name}.`, type, ttl, changetype: records.length === 0 ? 'DELETE' : 'REPLACE', records };
    };
    const patch = (within: Zone, puts: readonly Put<Held>[]): Promise<void> =>
      ask({ method: 'PATCH', path: at(within), json: { rrsets: puts.map(rrset) }, idempotent: true, purpose: 'change the zone' }, noContent);
    return recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          // Their DNSSEC state takes long to find out.
          const zones = await ask({ path: '/zones', query: { dnssec: 'false' }, purpose: 'list the zones' }, json(Zones));
          return { items: zones.map(({ id, name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id })) };
        },
      }),
      // Always the whole zone: asked for one set, servers up to 4.7 leave out disabled records, which a new value would then wipe out.
      async list(within) {
        const { kind, rrsets } = await ask({ path: at(within), purpose: 'show the zone' }, json(Contents));
        if (/^(Slave|Secondary|Consumer)$/.test(kind ?? ''))
          throw new Fault({ kind: 'refused', detail: `${within.name} is a copy of another server's zone here (${kind}): it must be changed there`, lookAgainSeconds: LOOK_AGAIN_SECONDS });
        // A set of nothing but comments has no records.
        return { items: rrsets.filter(({ records }) => records.length > 0).map(held) };
      },
      ...manySets<Held>([{ most: SETS_IN_ONE_CALL, of: () => 1 }], patch),
    });
  },
});
