/** Porkbun: one record per value; every call is a POST with the keys in its body, and says in the answer whether it went well. https://porkbun.com/api/json/v3/documentation */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, onlyZone, type Reader, recordsById, secret, type Zone, zonesOr } from '../../sdk/index.ts';

const Done = v.object({ status: v.literal('SUCCESS') });
const Domains = v.object({ ...Done.entries, domains: v.array(v.object({ domain: v.string() })) });
const digits = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const DnsRecord = v.object({ id: digits, name: v.string(), type: v.string(), content: v.nullish(v.string(), ''), ttl: v.nullish(digits), notes: v.nullish(v.string()) });
const DnsRecords = v.object({ ...Done.entries, records: v.array(DnsRecord) });
const Refusal = v.object({ status: v.literal('ERROR'), message: v.optional(v.string()) });

type Held = HeldRecord & { readonly notes: string | undefined };

export default defineProvider({
  api: 1,
  id: 'porkbun',
  name: 'Porkbun',
  reference: 'https://porkbun.com/api/json/v3/documentation',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The lowest TTL of 600 s is what the documentation names; some users report that less is taken and 600 s stored.',
    'About one request a second is what users report to be allowed; above it Porkbun answers with a web page and the status 503.',
  ],
  rate: { spacingMs: 1100, concurrent: 1 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 600, max: 2_147_483_647, initial: 600 } },
  options: {
    key: secret('API key, pk1_...'),
    secret: secret('secret key, sk1_...'),
    zone: onlyZone(),
  },
  environment: { key: ['PORKBUN_API_KEY'], secret: ['PORKBUN_SECRET_API_KEY'] },
  credentials:
    'At https://porkbun.com/account/api name a key and choose Create API Key; both parts are shown only then. They are good for every domain of the account for which API ACCESS is switched on ' +
    '(Domain Management, Details of the domain), so switch it on for those alone that hold your names.',
  open({ key, secret, zone, endpoint }, tools) {
    const post = api(tools, {
      base: 'https://api.porkbun.com/api/json/v3',
      endpoint,
      words: (body) => (v.is(Refusal, body) ? { message: body.message } : undefined),
      meanings: [
        { match: /^Invalid API key/i, kind: 'auth', says: 'it does not know these keys, or API access is not switched on for this domain', hint: 'see API ACCESS in the details of the domain' },
        {
          match: /not opted in/i,
          kind: 'refused',
          says: 'API access is not switched on for this domain',
          hint: 'switch on API ACCESS in the details of the domain',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        },
        { match: /unable to (edit|delete) the DNS record/i, kind: 'conflict', says: 'the record is gone, or says this already' },
      ],
    });
    const ask = <T>(path: string, purpose: string, reader: Reader<T>, body: object = {}, idempotent = true): Promise<T> =>
      post({ method: 'POST', path, json: { apikey: key.reveal(), secretapikey: secret.reveal(), ...body }, purpose, idempotent }, reader);
    const held = ({ name, id, type, content, ttl, notes }: v.InferOutput<typeof DnsRecord>): Held => ({
      id,
      name,
      type,
      value: content,
      notes: notes || undefined,
      ...(ttl ? { ttl: Number(ttl) } : {}),
    });
    const at = (call: string, { id }: Zone): string => `/dns/${call}/${encodeURIComponent(id)}`;
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        // Pages of up to 1000, from an offset.
        async list(start = 0) {
          const { domains } = await ask('/domain/listAll', 'list the domains', json(Domains), { start: String(start) });
          return { items: domains.map(({ domain }) => ({ name: domain.toLowerCase(), id: domain })), next: domains.length === 0 ? undefined : Number(start) + domains.length };
        },
      }),
      list: async (zone) => ({ items: (await ask(at('retrieve', zone), 'list the records', json(DnsRecords))).records.map(held) }),
      async create(zone, { name, type, value, ttl }) {
        await ask(at('create', zone), 'create a record', json(Done), { name: hostOf(name, zone, ''), type, content: value, ...(ttl === undefined ? {} : { ttl: String(ttl) }) }, false);
        return undefined;
      },
      async update(zone, { id, name, type, value, ttl, notes }, patch) {
        const seconds = patch.ttl ?? ttl;
        const body = { name: hostOf(name, zone, ''), type, content: patch.value ?? value, ttl: seconds === undefined ? undefined : String(seconds), notes };
        // The same edit again is refused.
        await ask(`${at('edit', zone)}/${id}`, 'change a record', json(Done), body, false);
        return undefined;
      },
      async remove(zone, { id }) {
        await ask(`${at('delete', zone)}/${id}`, 'remove a record', json(Done), {}, false);
      },
    });
  },
});
