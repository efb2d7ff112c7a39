/** Regfish: records by id, whatever the domain. https://regfish.readme.io/reference/dns-api */
import * as v from 'valibot';
import { anyJson, api, defineProvider, type HeldRecord, json, recordsById, secret, text, zonesOr } from '../../sdk/index.ts';

const DnsRecord = v.object({ id: v.number(), name: v.string(), type: v.string(), data: v.string(), ttl: v.nullish(v.number()), annotation: v.nullish(v.string()) });
const Records = v.object({ response: v.array(DnsRecord) });
const One = v.object({ response: DnsRecord });
const Refusal = v.union([v.object({ message: v.string() }), v.object({ error: v.string() })]);

type Held = HeldRecord & { readonly annotation?: string };

export default defineProvider({
  api: 1,
  id: 'regfish',
  name: 'Regfish',
  reference: 'https://regfish.readme.io/reference/dns-api',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The form of errors is not documented.', 'No range of TTLs is published, so any is sent.', 'Listing the domains of an account is not documented, so the config names the domain.'],
  also: ['regfish.de'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 300 } },
  options: { key: secret('API key'), zone: text('name of the domain', { example: 'example.com' }) },
  environment: { key: ['REGFISH_API_KEY'] },
  credentials:
    'At https://dash.regfish.com open My account, Security, API keys and create a key. It is good for all domains of the account and is not said to expire. ' +
    'Where that is too much power, the dynamic DNS token of one domain will do: see regfish-dyndns.',
  open({ key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.regfish.de',
      endpoint,
      headers: { 'x-api-key': key.reveal() },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: status, message: 'message' in body ? body.message : body.error } : undefined),
    });
    const held = ({ id, name, type, data, ttl, annotation }: v.InferOutput<typeof DnsRecord>): Held => ({
      id: String(id),
      name: name.toLowerCase().replace(/\.$/, ''),
      type,
      value: data,
      ...(ttl ? { ttl } : {}),
      ...(annotation ? { annotation } : {}),
    });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, { kind: 'given', zones: [] }),
      async list({ id }) {
        const { response } = await ask({ path: `/dns/${encodeURIComponent(id)}/rr`, purpose: 'list the records' }, json(Records));
        return { items: response.map(held) };
      },
      async create(_, { name, type, value, ttl }) {
        return held((await ask({ method: 'POST', path: '/dns/rr', json: { name: `${name}.`, type, data: value, ttl }, purpose: 'create a record' }, json(One))).response);
      },
      async update(_, { id, name, type, value, ttl, annotation }, patch) {
        const body = { name: `${name}.`, type, data: patch.value ?? value, ttl: patch.ttl ?? ttl, ...(annotation ? { annotation } : {}) };
        return held((await ask({ method: 'PATCH', path: `/dns/rr/${id}`, json: body, purpose: 'change a record', idempotent: true }, json(One))).response);
      },
      remove: (_, { id }) => ask({ method: 'DELETE', path: `/dns/rr/${id}`, purpose: 'remove a record' }, { ...anyJson, absent: () => undefined }),
    });
  },
});
