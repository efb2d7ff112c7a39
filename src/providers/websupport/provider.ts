/**
 * Websupport, and Active24 on the same API: records of a domain's service. Longer than most, because every request is signed with its time, and
 * domains have to be told from other services. https://rest.websupport.sk/v2/docs
 */
import * as v from 'valibot';
import { api, basic, choice, defineProvider, type HeldRecord, hmac, hostOf, json, nameOf, noContent, optional, recordsById, secret, untilLast, utcSeconds, wrongClock } from '../../sdk/index.ts';

const Services = v.object({
  items: v.array(v.object({ id: v.number(), serviceName: v.nullish(v.string()), name: v.nullish(v.string()) })),
  pager: v.nullish(v.object({ page: v.nullish(v.number()), pagesize: v.nullish(v.number()), items: v.nullish(v.number()) })),
});
const DnsRecord = v.object({ id: v.number(), type: v.nullish(v.string()), name: v.nullish(v.string()), content: v.nullish(v.string()), ttl: v.nullish(v.number()), note: v.nullish(v.string()) });
const Records = v.object({ data: v.array(DnsRecord), currentPage: v.nullish(v.number()), totalPages: v.nullish(v.number()) });
const Refusal = v.object({
  code: v.nullish(v.number()),
  message: v.nullish(v.string()),
  status: v.nullish(v.number()),
  title: v.nullish(v.string()),
  violations: v.nullish(v.array(v.object({ message: v.nullish(v.string()) }))),
});

type Held = HeldRecord & { readonly note?: string };

/** The password of one request, which goes with the API key as the user. `path` is without its query; `unix`: seconds since 1970. */
export const websupportPassword = ({ secret: with_, method, path, unix }: { readonly secret: string; readonly method: string; readonly path: string; readonly unix: number }): string =>
  hmac('sha1', with_, `${method} ${path} ${unix}`).toString('hex');

const HOSTS = { websupport: 'https://rest.websupport.sk', active24: 'https://rest.active24.cz' } as const;

export default defineProvider({
  api: 1,
  id: 'websupport',
  name: 'Websupport',
  reference: 'https://rest.websupport.sk/v2/docs',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The answers are the vendor’s own examples; that a record is changed by PUT is taken from the form of the other calls.',
    'The TTL range of 60 to 86400 s is not documented.',
    'How the second page of a listing is asked for is not known for sure.',
  ],
  also: ['Active24', 'active24.cz', 'websupport.sk', 'websupport.cz', 'websupport.hu'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 600 } },
  options: {
    key: secret('API key (the identifier)'),
    secret: secret('secret that belongs to it'),
    at: optional(choice('whose account it is', ['websupport', 'active24']), 'websupport'),
  },
  environment: { key: ['WEBSUPPORT_API_KEY', 'ACTIVE24_API_KEY'], secret: ['WEBSUPPORT_SECRET', 'ACTIVE24_SECRET'] },
  credentials:
    'At https://admin.websupport.sk/en/auth/apiKey (Active24: https://admin.active24.cz/auth/apiKey) create a standard API key; note its identifier and its secret. ' +
    'It is good for the whole account and is not said to expire.',
  open({ key, secret: apiSecret, at, endpoint }, tools) {
    const ask = api(tools, {
      base: HOSTS[at],
      endpoint,
      headers: { accept: 'application/json', 'accept-language': 'en_us' },
      sign(request) {
        const now = tools.clock.now();
        const password = websupportPassword({ secret: apiSecret.reveal(), method: request.method, path: new URL(request.url).pathname, unix: Math.floor(now / 1000) });
        return {
          ...request,
          headers: { ...request.headers, date: utcSeconds(now), authorization: basic(key.reveal(), password) },
        };
      },
      words(body, { status }) {
        if (status < 400 || !v.is(Refusal, body)) return undefined;
        const violations = (body.violations ?? []).flatMap(({ message }) => message ?? []);
        return { code: body.code ?? body.status ?? status, message: violations.length > 0 ? violations.join('; ') : (body.message ?? body.title ?? '') };
      },
      meanings: [wrongClock(/^401\b.*\b(date|time|expired)\b/i), { match: /^401\b/, kind: 'auth', says: 'it does not know the key, or the secret is wrong' }],
    });
    const of = (service: string, record = ''): string => `/v2/service/${service}/dns/record${record === '' ? '' : `/${record}`}`;
    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { items, pager } = await ask({ path: '/v1/user/self/service', query: { page: cursor }, purpose: 'list the domains' }, json(Services));
          // What else an account holds, such as hosting, may bear the name of a domain too.
          const domains = items.filter(({ serviceName, name }) => name?.includes('.') && /^domain$|dom[ée]n/i.test(serviceName ?? ''));
          const page = pager?.page ?? 1;
          const pages = pager?.pagesize ? Math.ceil((pager.items ?? 0) / pager.pagesize) : 1;
          return untilLast(
            domains.map(({ id, name }) => ({ name: (name ?? '').toLowerCase(), id: String(id) })),
            { page, pages },
          );
        },
      },
      async list(zone, cursor) {
        const { data, currentPage, totalPages } = await ask({ path: of(zone.id), query: { page: cursor }, purpose: 'list the records' }, json(Records));
        const held = data.map(
          ({ id, type, name, content, ttl, note }): Held => ({
            id: String(id),
            name: shownName(name ?? '', zone.name),
            type: type ?? '',
            value: content ?? '',
            ...(ttl ? { ttl } : {}),
            ...(note ? { note } : {}),
          }),
        );
        return untilLast(held, { page: currentPage ?? 1, pages: totalPages ?? 1 });
      },
      async create(zone, { name, type, value, ttl }) {
        await ask({ method: 'POST', path: of(zone.id), json: { type, name: hostOf(name, zone, ''), content: value, ttl }, purpose: 'create a record' }, noContent);
        return undefined;
      },
      async update(zone, { id, name, type, value, ttl, note }, patch) {
        const body = { type, name: hostOf(name.toLowerCase(), zone, ''), content: patch.value ?? value, ttl: patch.ttl ?? ttl, ...(note ? { note } : {}) };
        await ask({ method: 'PUT', path: of(zone.id, id), json: body, purpose: 'change a record' }, noContent);
        return undefined;
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: of(zone.id, id), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
    });
  },
});

/** Names are shown in full, but taken relative to the domain. */
const shownName = (name: string, zone: string): string => (name === zone || name.endsWith(`.${zone}`) ? name : nameOf(name, { name: zone }));
