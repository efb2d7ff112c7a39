/**
 * Beget: one call puts all A, MX and TXT records of a name, so that those beside the addresses are read and sent back; names with records of other
 * types are left alone, because the call would lose them. Longer than most for that. https://beget.com/en/kb/api/dns-administration-functions
 */
import * as v from 'valibot';
import { api, defineProvider, Fault, type HeldSet, json, onlyZone, parseName, partsOf, recordSets, secret, text, zonesOr } from '../../sdk/index.ts';

const said = v.object({ error_code: v.nullish(v.string()), error_text: v.nullish(v.string()) });
const Refusal = v.object({ ...said.entries, status: v.optional(v.string()), answer: v.optional(v.object({ ...said.entries, status: v.optional(v.string()), errors: v.optional(v.array(said), []) })) });
const answering = <S extends v.GenericSchema>(result: S) => v.object({ status: v.literal('success'), answer: v.object({ status: v.literal('success'), result }) });
const Domains = answering(v.array(v.object({ fqdn: v.string() })));
/** The page calls every content `value`; the API itself has a word for each type. */
const Line = v.object({
  value: v.nullish(v.string()),
  address: v.optional(v.string()),
  exchange: v.optional(v.string()),
  txtdata: v.optional(v.string()),
  priority: v.nullish(v.union([v.number(), v.string()])),
  preference: v.optional(v.number()),
});
const flag = v.optional(v.union([v.boolean(), v.number()]));
const Name = answering(v.object({ is_under_control: flag, is_beget_dns: flag, set_type: v.optional(v.number()), records: v.optional(v.record(v.string(), v.array(Line)), {}) }));

/** A record as it is sent. */
type Sent = { readonly priority: number; readonly value: string };
type Held = HeldSet & { readonly mx: readonly Sent[]; readonly txt: readonly Sent[] };
/** What the call takes, and what is said of the name's servers. */
const KEPT = ['A', 'MX', 'TXT', 'DNS', 'DNS_IP'];

export default defineProvider({
  api: 1,
  id: 'beget',
  name: 'Beget',
  reference: 'https://beget.com/en/kb/api/dns-administration-functions',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The pages show the log-in in the address of a request; here it is sent in its body, which other programs do too.',
    'AAAA records are not among those that the page names, so that only IPv4 is offered.',
    'Whether the TTL of records changes when they are written is not documented.',
    'The list of domains is taken to come at once.',
  ],
  can: { families: [4], readable: true, wildcard: false, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    username: text('user name of the account', { example: 'myname' }),
    password: secret('password for the API'),
    zone: onlyZone(),
  },
  environment: { username: ['BEGET_USERNAME'], password: ['BEGET_PASSWORD'] },
  credentials: 'At https://cp.beget.com/settings/access/api allow the API for managing DNS and domains, nothing else, and set a password of its own for it; user name is that of the account.',
  open({ username, password, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.beget.com/api',
      endpoint,
      words(body) {
        if (!v.is(Refusal, body)) return undefined;
        if (body.status === 'error') return { code: body.error_code ?? '', message: body.error_text ?? '' };
        if (body.answer?.status !== 'error') return undefined;
        const [first = body.answer] = body.answer.errors ?? [];
        return { code: first.error_code ?? '', message: first.error_text ?? '' };
      },
      meanings: [
        { match: /^AUTH_ERROR/, kind: 'auth', says: 'user name and password do not belong together, or this part of the API is not allowed' },
        { match: /^LIMIT_ERROR/, kind: 'throttled', waitSeconds: 60 },
      ],
    });
    const post = (path: string, input: object, purpose: string) => {
      const form = { login: username, passwd: password.reveal(), input_format: 'json', output_format: 'json', input_data: JSON.stringify(input) };
      return { method: 'POST', path, form, purpose, idempotent: true } as const;
    };
    const lines = (some: readonly v.InferOutput<typeof Line>[] = []): readonly Sent[] =>
      some.flatMap(({ value, address, exchange, txtdata, priority, preference }) => {
        const content = address ?? exchange?.replace(/\.$/, '') ?? txtdata ?? value;
        return content ? [{ priority: Number(preference ?? priority ?? 0), value: content }] : [];
      });
    return recordSets<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { answer } = await ask(post('/domain/getList', {}, 'list the domains'), json(Domains));
          const names = answer.result.map(({ fqdn }) => parseName(fqdn));
          return { items: names.flatMap((name) => (typeof name === 'string' ? [{ name, id: name }] : [])) };
        },
      }),
      async get(_zone, key) {
        const { name, type } = partsOf(key);
        const { is_under_control, is_beget_dns, set_type = 1, records = {} } = (await ask(post('/dns/getData', { fqdn: name }, 'show the records of a name'), json(Name))).answer.result;
        if (is_under_control === false || is_under_control === 0) throw new Fault({ kind: 'refused', detail: `${name}: Beget does not manage this name` });
        const others = Object.entries(records).flatMap(([one, some]) => (KEPT.includes(one) || lines(some).length === 0 ? [] : [one]));
        const why =
          is_beget_dns === false || is_beget_dns === 0
            ? 'is not served by the name servers of Beget'
            : set_type !== 1
              ? 'has name servers or a CNAME of its own'
              : others.length > 0
                ? `has ${others.join(' and ')} records beside it, which the API would lose`
                : undefined;
        const values = lines(records[type]).map(({ value }) => value);
        if (values.length === 0 && records['MX'] === undefined && records['TXT'] === undefined && why === undefined) return undefined;
        return { name, type, values, mx: lines(records['MX']), txt: lines(records['TXT']), ...(why === undefined ? {} : { locked: why }) };
      },
      async put(_zone, { after: { name, values }, held }) {
        const a = values.map((value, at) => ({ priority: 10 * (at + 1), value }));
        const records = Object.fromEntries(Object.entries({ A: a, MX: held?.mx ?? [], TXT: held?.txt ?? [] }).filter(([, some]) => some.length > 0));
        await ask(post('/dns/changeRecords', { fqdn: name, records }, 'change the records of a name'), json(answering(v.unknown())));
        return undefined;
      },
    });
  },
});
