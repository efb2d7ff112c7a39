/** mijn.host: the whole zone in one list. It is read again right before it is put, so that little can happen in between. https://mijn.host/api/doc/ */
import * as v from 'valibot';
import { api, defineProvider, type HeldSet, json, nameOf, onlyZone, type Put, recordSets, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Answer = v.object({ status: v.number(), status_description: v.optional(v.string()) });
const Line = v.looseObject({ type: v.string(), name: v.string(), value: v.string(), ttl: v.optional(v.number()) });
const Lines = v.object({ ...Answer.entries, data: v.object({ records: v.array(Line) }) });
const Domains = v.object({ ...Answer.entries, data: v.object({ domains: v.array(v.object({ domain: v.string() })) }) });
const DEFAULT_TTL = 900;

export default defineProvider({
  api: 1,
  id: 'mijnhost',
  name: 'mijn.host',
  reference: 'https://mijn.host/api/doc/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The API puts a zone as a whole: a change that somebody else makes within the same second is lost.', 'Which TTLs are taken is not documented.'],
  also: ['mijn-host'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 86_400, initial: DEFAULT_TTL }, batch: 1000 },
  options: {
    token: secret('API key of the account'),
    zone: onlyZone(),
  },
  environment: { token: ['MIJNHOST_API_KEY'] },
  credentials: 'At https://mijn.host log in, open Account, API, and make a key. It may do all that the account may; it cannot be limited to DNS or to one domain.',
  open({ token, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://mijn.host/api/v2',
      endpoint,
      headers: { 'api-key': token.reveal() },
      words: (body) => (v.is(Answer, body) && body.status >= 400 ? { code: body.status, message: body.status_description } : undefined),
      meanings: [{ match: /^40[13]/, kind: 'auth', says: 'it does not take this API key' }],
    });
    const of = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/dns`;
    const lines = async (zone: Zone) => (await ask({ path: of(zone), purpose: 'list the records' }, json(Lines))).data.records;
    const isOf =
      (zone: Zone, { name, type }: Pick<HeldSet, 'name' | 'type'>) =>
      (line: v.InferOutput<typeof Line>): boolean =>
        nameOf(line.name, zone) === name && line.type === type;

    const send = async (zone: Zone, puts: readonly Put<HeldSet>[]) => {
      let all = await lines(zone);
      for (const { after, held } of puts) {
        const is = isOf(zone, after);
        const own = after.values.map((value) => ({ type: after.type, name: `${after.name}.`, value, ttl: after.ttl ?? held?.ttl ?? DEFAULT_TTL }));
        all = [...all.filter((line) => !is(line)), ...own];
      }
      // Sent again it would undo what others have changed since.
      await ask({ method: 'PUT', path: of(zone), json: { records: all }, purpose: 'put the zone', idempotent: false }, json(Answer));
      return puts.map(() => undefined);
    };

    return recordSets(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { data } = await ask({ path: '/domains', purpose: 'list the domains' }, json(Domains));
          return { items: data.domains.map(({ domain }) => ({ name: domain.toLowerCase(), id: domain })) };
        },
      }),
      async list(zone) {
        return { items: (await lines(zone)).map(({ name, type, value, ttl }) => ({ name: nameOf(name, zone), type, values: [value], ...(ttl === undefined ? {} : { ttl }) })) };
      },
      put: async (zone, put) => (await send(zone, [put]))[0],
      batch: { limits: [], send },
      concurrency: 1,
    });
  },
});
