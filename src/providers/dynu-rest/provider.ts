/** Dynu's REST API: the address of a domain is part of the domain, those of its hosts are records with ids. https://www.dynu.com/en-US/Resources/API */
import * as v from 'valibot';
import { api, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, recordsById, secret, type Zone } from '../../sdk/index.ts';

const Domains = v.object({ domains: v.array(v.object({ id: v.number(), name: v.string() })) });
const DnsRecord = v.object({
  id: v.number(),
  hostname: v.string(),
  recordType: v.string(),
  ttl: v.nullish(v.number()),
  state: v.nullish(v.boolean()),
  group: v.nullish(v.string()),
  ipv4Address: v.nullish(v.string()),
  ipv6Address: v.nullish(v.string()),
  content: v.nullish(v.string()),
});
const Listing = v.object({ dnsRecords: v.array(DnsRecord) });
const Refusal = v.object({ statusCode: v.number(), type: v.optional(v.string()), message: v.optional(v.string()) });

/** `group`: of Dynu's own, which a change would clear if it were not sent again. */
type Held = HeldRecord & { readonly group?: string | null | undefined };
type Written = Pick<Held, 'name' | 'type' | 'value' | 'group'> & { readonly ttl?: number | undefined };

export default defineProvider({
  api: 1,
  id: 'dynu-rest',
  name: 'Dynu (REST API)',
  vendor: 'Dynu',
  reference: 'https://www.dynu.com/en-US/Resources/API/Documentation',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'That a record is changed by a POST to its own address is what other programs do.',
    'That an answer of 501 stands for a record that exists already, or is missing, was seen by one other program.',
    'Which TTLs are taken is not documented.',
  ],
  also: ['dynu'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: false, values: 'many', ttl: { min: 30, max: 86_400, initial: 120 } },
  options: { token: secret('API key of the account') },
  environment: { token: ['DYNU_API_KEY'] },
  credentials:
    'At https://www.dynu.com/en-US/ControlPanel/APICredentials copy the API key. It may change everything in the account and cannot be limited. ' +
    'For the domain itself, and where one name is enough, provider: dynu with an IP update password can do less harm.',
  open({ token, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dynu.com/v2',
      endpoint,
      headers: { 'api-key': token.reveal() },
      words: (body) => (v.is(Refusal, body) && body.statusCode >= 300 ? { code: body.statusCode, message: `${body.type ?? ''} ${body.message ?? ''}` } : undefined),
      meanings: [
        { match: /^401|Authentication Exception/i, kind: 'auth', says: 'it does not know this API key' },
        // No matter of the server, although its status says so.
        { match: /Argument Exception/i, status: 501, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const of = ({ id }: Zone): string => `/dns/${id}/record`;
    const held = ({ id, hostname, recordType, ttl, state, group, ipv4Address, ipv6Address, content }: v.InferOutput<typeof DnsRecord>): Held => ({
      id: String(id),
      name: hostname,
      type: recordType,
      value: (recordType === 'A' ? ipv4Address : recordType === 'AAAA' ? ipv6Address : undefined) ?? content ?? '',
      group,
      ...(ttl ? { ttl } : {}),
      ...(state === false ? { locked: 'is switched off at Dynu' } : {}),
    });
    /** A record is written as a whole. */
    const put = async (zone: Zone, path: string, { name, type, value, ttl, group }: Written, purpose: string) =>
      held(
        await ask(
          {
            method: 'POST',
            path,
            json: { nodeName: hostOf(name.toLowerCase(), zone, ''), recordType: type, ttl, state: true, group: group ?? '', [type === 'A' ? 'ipv4Address' : 'ipv6Address']: value },
            purpose,
          },
          json(DnsRecord),
        ),
      );
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list() {
          const { domains } = await ask({ path: '/dns', purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ id, name }) => ({ name: name.toLowerCase(), id: String(id) })) };
        },
      },
      list: async (zone) => ({ items: (await ask({ path: of(zone), purpose: 'list the records' }, json(Listing))).dnsRecords.map(held) }),
      create: (zone, record) => put(zone, of(zone), record, 'create a record'),
      update: (zone, record, patch) => put(zone, `${of(zone)}/${record.id}`, { ...record, ...patch }, 'change a record'),
      async remove(zone, { id }) {
        await ask({ method: 'DELETE', path: `${of(zone)}/${id}`, purpose: 'remove a record' }, json(v.object({ statusCode: v.number() })), {
          match: /^(501|404)\b/,
          status: 501,
          value: { statusCode: 200 },
        });
      },
    });
  },
});
