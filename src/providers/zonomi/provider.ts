/** Zonomi, and RimuHosting on the same API: actions by full name, several in one GET, answered in XML. https://zonomi.com/app/dns/dyndns.jsp */
import { api, choice, defineProvider, type HeldSet, inSets, LOOK_AGAIN_SECONDS, manySets, optional, type Put, type Reader, recordSets, secret, text, zonesOr } from '../../sdk/index.ts';

const HOSTS = { zonomi: 'https://zonomi.com/app/dns', rimuhosting: 'https://rimuhosting.com/dns' } as const;

type Shown = { readonly name: string; readonly type: string; readonly value: string; readonly ttl: number };
type Action = { readonly action: 'SET' | 'QUERY' | 'DELETE'; readonly name: string; readonly type?: string; readonly value?: string; readonly ttl?: number };

/** The records of an answer that says OK and is whole. */
const records: Reader<readonly Shown[]> = {
  read({ body }) {
    if (!/<is_ok>OK:/.test(body) || !/<\/dnsapi_result>\s*$/.test(body)) return { kind: 'gibberish', why: 'is not one that the API gives' };
    const value = [...body.matchAll(/<record\s([^>]*)>/g)].map(([, attributes = '']) => {
      const of = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
      return { name: of('name').toLowerCase(), type: of('type'), value: of('content'), ttl: Number.parseInt(of('ttl'), 10) };
    });
    return { kind: 'read', value };
  },
};

/** One action is written plainly, several are numbered from 1. */
const parameters = (actions: readonly Action[]): Readonly<Record<string, string>> =>
  Object.fromEntries(actions.flatMap((action, at) => Object.entries(action).map(([name, value]) => [actions.length === 1 ? name : `${name}[${at + 1}]`, String(value)])));

const actionsOf = ({ after: { name, type, values, ttl: wanted }, held }: Put<HeldSet>): readonly Action[] => {
  const ttl = wanted ?? held?.ttl;
  if (values.length > 0) return [{ action: 'SET', name, type, value: values.join(','), ...(ttl === undefined ? {} : { ttl }) }];
  return (held?.values ?? []).map((value) => ({ action: 'DELETE', name, type, value }));
};

/** Of a change in a request line, with the numbers of its parameters. */
const lengthOf = (put: Put<HeldSet>): number => new URLSearchParams(parameters(actionsOf(put))).toString().length + 40;

export default defineProvider({
  api: 1,
  id: 'zonomi',
  name: 'Zonomi',
  reference: 'https://zonomi.com/app/dns/dyndns.jsp',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That IPv6 addresses are taken is not known for sure.',
    'That several addresses of a name are written with commas is what an old copy of the page says.',
    'That a call for many names changes none of them when it is refused is not documented.',
    'No range of TTLs is published, so any is sent.',
  ],
  also: ['RimuHosting', 'rimuhosting.com'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 3600 }, batch: 15 },
  options: {
    key: secret('API key'),
    zone: text('name of the domain', { example: 'example.com' }),
    at: optional(choice('whose account it is', ['zonomi', 'rimuhosting']), 'zonomi'),
  },
  environment: { key: ['ZONOMI_API_KEY', 'RIMUHOSTING_API_KEY'] },
  credentials:
    'Log in and open https://zonomi.com/app/cp/apikeys.jsp (RimuHosting: https://rimuhosting.com/cp/apikeys.jsp); of the keys there take the one that is limited to DNS. It is not said to expire. ' +
    'The domain must be there already.',
  open({ key, zone, at, endpoint }, tools) {
    const ask = api(tools, {
      base: HOSTS[at],
      endpoint,
      words(body) {
        const said = typeof body === 'string' ? /<error>\s*(?:ERROR:\s*)?([^<]*)<\/error>/.exec(body)?.[1] : undefined;
        return said === undefined ? undefined : { message: said.trim() };
      },
      // Refusals come with a status of their own or with 500.
      meanings: [undefined, 500].flatMap((status) => [
        { match: /no zone found/i, kind: 'refused' as const, lookAgainSeconds: LOOK_AGAIN_SECONDS, ...(status ? { status } : {}) },
        { match: /(api.?key|authenticat|not logged in|permission denied)/i, kind: 'auth' as const, says: 'it does not know this key, or the key may not do this', ...(status ? { status } : {}) },
      ]),
    });
    const perform = (actions: readonly Action[], purpose: string) => ask({ path: '/dyndns.jsp', query: { api_key: key.reveal(), ...parameters(actions) }, purpose }, records);
    return recordSets(tools, {
      zones: zonesOr(zone, { kind: 'given', zones: [] }),
      async list({ name: zone }) {
        const shown = await perform([{ action: 'QUERY', name: `**.${zone}` }], 'list the records');
        return { items: inSets(shown.map(({ name, type, value, ttl }, at) => ({ id: String(at), name, type, value, ...(ttl > 0 ? { ttl } : {}) }))) };
      },
      // Request lines longer than about 2 kB are refused by some servers.
      ...manySets(
        [
          { most: 1800, of: lengthOf },
          { most: 15, of: () => 1 },
        ],
        (_, puts) => perform(puts.flatMap(actionsOf), 'change records'),
      ),
      concurrency: 1,
    });
  },
});
