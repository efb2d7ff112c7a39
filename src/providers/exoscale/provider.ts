/**
 * Exoscale: one record per value. Longer than most, because every change is an operation that is carried out later, and requests have a signature of a form of its
 * own. https://openapi-v2.exoscale.com/group/endpoint-dns
 */
import * as v from 'valibot';
import {
  api,
  type Begun,
  beginnings,
  defineProvider,
  type HeldRecord,
  hmac,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  orAbsent,
  type Reader,
  recordsById,
  type Sign,
  secret,
  text,
  wrongClock,
} from '../../sdk/index.ts';

/** How long a signed request is good for, seconds. */
const GOOD_FOR = 600;

const Domains = v.object({ 'dns-domains': v.optional(v.array(v.object({ id: v.string(), 'unicode-name': v.string() })), []) });
const DnsRecord = v.object({ id: v.string(), name: v.optional(v.string(), ''), type: v.string(), content: v.optional(v.string(), ''), ttl: v.nullish(v.number()) });
const Records = v.object({ 'dns-domain-records': v.optional(v.array(DnsRecord), []) });
const Operation = v.object({ id: v.string(), state: v.picklist(['pending', 'success', 'failure', 'timeout']), reason: v.nullish(v.string()), message: v.nullish(v.string()) });
const Refusal = v.object({ message: v.string() });

type Signed = { readonly method: string; readonly url: string; readonly body?: string | undefined };

/** The header `authorization`. `expires`: Unix seconds. https://openapi-v2.exoscale.com/topic/topic-api-request-signature */
export function authorization({ key, secret: of }: { readonly key: string; readonly secret: string }, { method, url, body = '' }: Signed, expires: number): string {
  const { pathname, searchParams } = new URL(url);
  const names = [...new Set(searchParams.keys())].sort();
  const text = [`${method} ${pathname}`, body, names.map((name) => searchParams.get(name)).join(''), '', expires].join('\n');
  const parts = [`credential=${key}`, ...(names.length === 0 ? [] : [`signed-query-args=${names.join(';')}`]), `expires=${expires}`, `signature=${hmac('sha256', of, text).toString('base64')}`];
  return `EXO2-HMAC-SHA256 ${parts.join(',')}`;
}

export default defineProvider({
  api: 1,
  id: 'exoscale',
  name: 'Exoscale',
  reference: 'https://openapi-v2.exoscale.com/group/endpoint-dns',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['The range of its TTLs is not published.', 'Its words for a wrong key or a name in use are not known.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 3600 } },
  options: {
    apiKey: text('API key', { pattern: /^\S+$/, must: 'must be one word', example: 'EXO0123456789abcdef01234567' }),
    apiSecret: secret('its secret'),
  },
  environment: { apiKey: ['EXOSCALE_API_KEY'], apiSecret: ['EXOSCALE_API_SECRET'] },
  credentials:
    'At https://portal.exoscale.com under IAM, Roles make a role whose policy denies everything but the service class dns; under IAM, API keys make a key with that role. The secret is shown once. The key does not expire.',
  open({ apiKey, apiSecret, endpoint }, tools) {
    const sign: Sign = (request) => {
      const expires = Math.floor(tools.clock.now() / 1000) + GOOD_FOR;
      return { ...request, headers: { ...request.headers, authorization: authorization({ key: apiKey, secret: apiSecret.reveal() }, request, expires) } };
    };
    const ask = api(tools, {
      // Any of its zones knows all domains.
      base: 'https://api-ch-gva-2.exoscale.com/v2',
      endpoint,
      sign,
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { message: body.message } : undefined),
      meanings: [wrongClock(/expire/i), { match: /CNAME/, kind: 'refused', hint: 'a CNAME of the same name stands in the way: remove it', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    const stateOf = ({ state, reason, message }: v.InferOutput<typeof Operation>): Begun => {
      if (state === 'pending') return { kind: 'running' };
      return state === 'success' ? { kind: 'done' } : { kind: 'failed', why: message ?? reason ?? `the operation ended as ${state}` };
    };
    const { note, awaited } = beginnings<string>(tools, async ([id = '']) => {
      const state = await ask({ path: `/operation/${encodeURIComponent(id)}`, purpose: 'say what became of a change' }, json(Operation));
      return new Map([[id, stateOf(state)]]);
    });
    type Request = Parameters<typeof ask>[0];
    const begin = async (record: Parameters<typeof note>[0], request: Request, reader: Reader<v.InferOutput<typeof Operation> | undefined> = json(Operation)): Promise<undefined> => {
      const operation = await ask(request, reader);
      if (operation) note(record, operation.id, stateOf(operation));
      return undefined;
    };
    const of = (domain: string, path = ''): string => `/dns-domain/${encodeURIComponent(domain)}/record${path}`;
    return awaited(
      recordsById<HeldRecord>(tools, {
        zones: {
          kind: 'list',
          async list() {
            const domains = (await ask({ path: '/dns-domain', purpose: 'list the domains' }, json(Domains)))['dns-domains'];
            return { items: domains.map(({ id, 'unicode-name': name }) => ({ name: new URL(`http://${name}`).hostname, id })) };
          },
        },
        async list(within) {
          const records = (await ask({ path: of(within.id), purpose: 'list the records' }, json(Records)))['dns-domain-records'];
          return { items: records.map(({ id, name, type, content, ttl }) => ({ id, name: nameOf(name, within), type, value: content, ...(ttl ? { ttl } : {}) })) };
        },
        create: (within, { name, type, value, ttl }) =>
          begin({ name, type }, { method: 'POST', path: of(within.id), json: { name: hostOf(name, within, ''), type, content: value, ttl }, purpose: 'create a record' }),
        update: (within, record, { value, ttl }) => begin(record, { method: 'PUT', path: of(within.id, `/${record.id}`), json: { content: value, ttl }, purpose: 'change a record' }),
        remove: (within, record) => begin(record, { method: 'DELETE', path: of(within.id, `/${record.id}`), purpose: 'remove a record' }, orAbsent(json(Operation))),
      }),
    );
  },
});
