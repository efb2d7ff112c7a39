/** Linode (Akamai Cloud): one record per value, in domains with ids. https://techdocs.akamai.com/linode-api/reference/get-domain-records */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, nameOf, recordsById, secret, untilLast, type Zone } from '../../sdk/index.ts';

const paged = <S extends v.GenericSchema>(of: S) => v.object({ data: v.array(of), page: v.number(), pages: v.number() });
const Domains = paged(v.object({ id: v.number(), domain: v.string() }));
const DomainRecord = v.object({ id: v.number(), type: v.string(), name: v.nullish(v.string(), ''), target: v.nullish(v.string(), ''), ttl_sec: v.nullish(v.number(), 0) });
const Listing = paged(DomainRecord);
const Refusal = v.object({ errors: v.array(v.object({ reason: v.string(), field: v.nullish(v.string()) })) });

const PAGE = { page_size: 500 };
/** Names that are nothing must not be sent: that is how the zone itself is written. */
const named = (host: string): { readonly name?: string } => (host === '' ? {} : { name: host });

export default defineProvider({
  api: 1,
  id: 'linode',
  name: 'Linode',
  reference: 'https://techdocs.akamai.com/linode-api/reference/get-domain-records',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['Akamai Cloud', 'Akamai Connected Cloud', 'linode4'],
  unverified: ['The words of refusals are what other programs show; what they mean is taken from their status.', 'The name servers take changes over every few minutes, so a check by DNS comes late.'],
  // https://techdocs.akamai.com/linode-api/reference/rate-limits
  rate: { requests: 1600, windowSeconds: 60 },
  can: {
    families: [4, 6],
    readable: true,
    wildcard: true,
    apex: true,
    values: 'many',
    ttl: { min: 300, max: 2_419_200, initial: 86_400, steps: [300, 3600, 7200, 14_400, 28_800, 57_600, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_419_200] },
  },
  options: { token: secret('personal access token with the scope Domains: Read/Write') },
  environment: { token: ['LINODE_TOKEN', 'LINODE_CLI_TOKEN'] },
  credentials:
    'At https://cloud.linode.com/profile/tokens choose Create a Personal Access Token, set every access to No Access and then Domains to Read/Write. ' +
    'Choose "Never" as its expiry, or note the day. A restricted user who was granted single domains only makes a token that can change no others.',
  open({ token, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.linode.com/v4',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body) => (v.is(Refusal, body) ? { message: body.errors.map(({ reason, field }) => (field ? `${field}: ${reason}` : reason)).join('; ') } : undefined),
      meanings: [
        { match: /Invalid (OAuth )?Token/i, kind: 'auth', says: 'it does not know this token, or it has expired' },
        { match: /not authorized to use this endpoint/i, kind: 'auth', says: 'the token lacks the scope Domains: Read/Write' },
      ],
    });
    const held = (zone: Zone, { id, type, name, target, ttl_sec }: v.InferOutput<typeof DomainRecord>): HeldRecord => ({
      id: String(id),
      type,
      name: nameOf(name, zone),
      value: target,
      // 0: as the domain says.
      ...(ttl_sec === 0 ? {} : { ttl: ttl_sec }),
    });
    const of = ({ id }: Zone): string => `/domains/${id}/records`;
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { data, ...at } = await ask({ path: '/domains', query: { ...PAGE, page: cursor }, purpose: 'list the domains' }, json(Domains));
          return untilLast(
            data.map(({ id, domain }) => ({ name: domain.toLowerCase(), id: String(id) })),
            at,
          );
        },
      },
      async list(zone, cursor) {
        const { data, ...at } = await ask({ path: of(zone), query: { ...PAGE, page: cursor }, purpose: 'list the records' }, json(Listing));
        return untilLast(
          data.map((record) => held(zone, record)),
          at,
        );
      },
      async create(zone, { name, type, value, ttl }) {
        const body = { type, ...named(hostOf(name, zone, '')), target: value, ttl_sec: ttl };
        return held(zone, await ask({ method: 'POST', path: of(zone), json: body, purpose: 'create a record' }, json(DomainRecord)));
      },
      async update(zone, { id }, { value, ttl }) {
        const body = { target: value, ttl_sec: ttl };
        return held(zone, await ask({ method: 'PUT', path: `${of(zone)}/${id}`, json: body, purpose: 'change a record' }, json(DomainRecord)));
      },
      async remove(zone, { id }) {
        await ask({ method: 'DELETE', path: `${of(zone)}/${id}`, purpose: 'remove a record' }, { ...json(v.object({})), absent: () => ({}) });
      },
    });
  },
});
