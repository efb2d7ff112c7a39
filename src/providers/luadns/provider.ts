/** LuaDNS: records, written as whole sets in one call. https://www.luadns.com/api.html */
import * as v from 'valibot';
import { api, basic, defineProvider, type HeldRecord, headed, inSets, json, type Page, type Put, recordSets, replacing, type SetOfRecords, secret, text, type Zone } from '../../sdk/index.ts';

const PAGE = 500;
const Zones = v.array(v.object({ id: v.number(), name: v.string() }));
const DnsRecord = v.object({ id: v.number(), name: v.string(), type: v.string(), content: v.string(), ttl: v.number(), generated: v.optional(v.boolean()) });
const Refusal = v.union([v.object({ message: v.string() }), v.array(v.object({ fieldNames: v.optional(v.array(v.string())), message: v.string() }))]);

type Held = SetOfRecords<HeldRecord>;
type Headers = Readonly<Record<string, string>>;

/** Where the vendor does not say how many pages there are, a full one may not be the last. */
function paged<T>(items: readonly T[], headers: Headers, cursor: string | number | undefined): Page<T> {
  const page = Number(cursor ?? 1);
  const pages = headers['x-pages-count'];
  return { items, next: (pages === undefined ? items.length >= PAGE : page < Number(pages)) ? page + 1 : undefined };
}

export default defineProvider({
  api: 1,
  id: 'luadns',
  name: 'LuaDNS',
  reference: 'https://www.luadns.com/api.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The lowest TTL is said to be 300 s for free accounts; what others may have is not published.', 'How many records one call may hold is not published: 500 are sent at most.'],
  // https://www.luadns.com/api.html: 1200 requests in 5 minutes.
  rate: { requests: 1200, windowSeconds: 300, concurrent: 4 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 604_800, initial: 3600 }, batch: PAGE },
  options: {
    email: text('e-mail address of the account', { example: 'you@example.com' }),
    token: secret('API token'),
  },
  environment: { email: ['LUADNS_API_USERNAME'], token: ['LUADNS_API_TOKEN'] },
  credentials:
    'In the settings of your account at https://www.luadns.com switch on API access and make a token; limit it to the zone that holds your names where the form offers that. ' +
    'Do not use this for a zone that is written from a Git repository: the next push puts its own addresses back.',
  open({ email, token, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.luadns.com/v1',
      endpoint,
      headers: { accept: 'application/json', authorization: basic(email, token.reveal()) },
      words: (body, { status }) =>
        status >= 400 && v.is(Refusal, body)
          ? {
              code: status,
              message: [body]
                .flat()
                .map((one) => `${'fieldNames' in one ? `${one.fieldNames?.join(', ')}: ` : ''}${one.message}`)
                .join('; '),
            }
          : undefined,
      meanings: [
        { match: /^401 /, kind: 'auth', says: 'it does not take this e-mail address and token', hint: 'is API access switched on in the settings of the account?' },
        { match: /^403 /, kind: 'auth', says: 'the token may not do this' },
      ],
    });
    const of = ({ id }: Zone): string => `/zones/${encodeURIComponent(id)}/records`;
    const held = (records: readonly v.InferOutput<typeof DnsRecord>[]): readonly Held[] =>
      inSets(records.map(({ id, content: value, generated, ...record }): HeldRecord => ({ ...record, id: String(id), value, ...(generated ? { locked: 'is made by LuaDNS itself' } : {}) })));
    const send = async (zone: Zone, puts: readonly Put<Held>[]) => {
      const body = puts.flatMap(({ after: { name, type, values, ttl }, held: old }) => values.map((content) => ({ name: `${name}.`, type, content, ttl: ttl ?? old?.ttl ?? 3600 })));
      const shown = held(await ask({ method: 'PATCH', path: of(zone), json: body, idempotent: true, purpose: `change ${puts.length} record sets` }, json(v.array(DnsRecord))));
      return puts.map(({ after: { name, type } }) => shown.find((set) => set.name.toLowerCase() === `${name}.` && set.type === type));
    };
    return recordSets<Held>(tools, {
      concurrency: 1,
      zones: {
        kind: 'list',
        async list(cursor) {
          const { value, headers } = await ask({ path: '/zones', query: { limit: PAGE, page: cursor }, purpose: 'list the zones' }, headed(json(Zones)));
          const { items, next } = paged(value, headers, cursor);
          return { items: items.map(({ id, name }) => ({ id: String(id), name: name.toLowerCase() })), next };
        },
      },
      async list(zone, cursor) {
        const { value, headers } = await ask({ path: of(zone), query: { limit: PAGE, page: cursor }, purpose: 'list the records' }, headed(json(v.array(DnsRecord))));
        return { items: held(value), next: paged(value, headers, cursor).next };
      },
      ...replacing<Held, HeldRecord>({
        most: PAGE,
        send,
        recordsOf: ({ records }) => records,
        remove: (zone, { id }) => ask({ method: 'DELETE', path: `${of(zone)}/${id}`, purpose: 'remove a record' }, { ...json(v.object({ id: v.number() })), absent: () => undefined }),
      }),
    });
  },
});
