/**
 * TransIP: entries without ids, known by name, TTL and type. Longer than most, because only an entry that is alone with these can be changed in place, and the
 * log-in is signed with RSA over its own body. https://api.transip.nl/rest/docs.html#domains-dns
 */
import { sign as signWith } from 'node:crypto';
import * as v from 'valibot';
import {
  api,
  defineProvider,
  type HeldRecord,
  handedOut,
  hostOf,
  inTurn,
  json,
  LOOK_AGAIN_SECONDS,
  nameOf,
  noContent,
  onlyZone,
  privateKey,
  randomHex,
  recordsById,
  resetAt,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const INITIAL_TTL = 300;

const Domains = v.object({ domains: v.array(v.object({ name: v.string() })) });
const Entry = v.object({ name: v.string(), expire: v.number(), type: v.string(), content: v.string() });
const Entries = v.object({ dnsEntries: v.array(Entry) });
const Token = v.object({ token: v.string() });
const Refusal = v.object({ error: v.string() });

/** `alone`: no other entry has its name, TTL and type, so that these say which one is meant. */
type Held = HeldRecord & { readonly ttl: number; readonly alone: boolean };

export default defineProvider({
  api: 1,
  id: 'transip',
  name: 'TransIP',
  reference: 'https://api.transip.nl/rest/docs.html#domains-dns',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['That it takes the TTLs 60, 300, 3600 and 86400 s and no others is what its control panel offers.', 'What it says while a zone is being changed is not known.'],
  rate: { requests: 1000, windowSeconds: 900 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: INITIAL_TTL, steps: [60, 300, 3600, 86_400] } },
  options: {
    login: text('user name at TransIP', { example: 'alice' }),
    privateKey: secret('private key (PEM) of a key pair of the API'),
    zone: onlyZone(),
  },
  environment: { login: ['TRANSIP_ACCOUNT_NAME'], privateKey: ['TRANSIP_PRIVATE_KEY'] },
  credentials:
    'At https://www.transip.nl/cp/account/api/ switch the API on and add a key pair without "Only accept IP addresses from my whitelist": your address changes. The private key is shown once: put it into a file and give ' +
    'it as { file: PATH }. A key may do everything with the account, also order and cancel; nothing smaller is offered.',
  open({ login, privateKey: pem, zone, endpoint }, tools) {
    const where = { base: 'https://api.transip.nl/v6', endpoint, words: (body: unknown) => (v.is(Refusal, body) ? { message: body.error } : undefined) };
    const enter = api(tools, {
      ...where,
      meanings: [
        { match: /whitelist/i, kind: 'auth', says: 'this key may be used from listed addresses only', hint: 'make a key pair without the whitelist: your address changes' },
        { match: /signature|login|key|user/i, kind: 'auth', says: 'user name and private key do not belong together, or the API is switched off' },
      ],
      // A nonce is good for one attempt.
      sign(request) {
        const nonce = randomHex(tools, 32);
        const body = JSON.stringify({ login, nonce, read_only: false, expiration_time: '30 minutes', label: `ddns-update ${nonce.slice(0, 12)}`, global_key: true });
        const signature = signWith('sha512', Buffer.from(body), privateKey(pem, 'privateKey')).toString('base64');
        return { ...request, body, headers: { ...request.headers, 'content-type': 'application/json', signature } };
      },
    });
    const token = handedOut(tools, async () => (await enter({ method: 'POST', path: '/auth', confidential: true, purpose: 'log in' }, json(Token))).token);
    const ask = api(tools, {
      ...where,
      headers: async () => ({ authorization: `Bearer ${await token()}` }),
      meanings: [{ match: /^Domain with name/, kind: 'refused', says: 'it has no such domain in this account', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
      retryAfter: resetAt(tools.clock, 'x-rate-limit-reset'),
    });
    const of = ({ id }: Zone): string => `/domains/${encodeURIComponent(id)}/dns`;
    const entry = (within: Zone, { name, type, value, ttl }: Pick<Held, 'name' | 'type' | 'value' | 'ttl'>) => ({ dnsEntry: { name: hostOf(name, within, '@'), expire: ttl, type, content: value } });
    const add = (within: Zone, record: Pick<Held, 'name' | 'type' | 'value' | 'ttl'>) => async (): Promise<void> => {
      await ask({ method: 'POST', path: of(within), json: entry(within, record), purpose: 'add an entry' }, json(v.array(v.unknown())));
    };
    const take = (within: Zone, record: Held) => async (): Promise<void> =>
      ask({ method: 'DELETE', path: of(within), json: entry(within, record), purpose: 'remove an entry' }, { ...noContent, absent: () => undefined });
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { domains } = await ask({ path: '/domains', purpose: 'list the domains' }, json(Domains));
          return { items: domains.map(({ name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(within) {
        const { dnsEntries } = await ask({ path: of(within), purpose: 'list the entries' }, json(Entries));
        const counts = new Map<string, number>();
        const mark = ({ name, expire, type }: v.InferOutput<typeof Entry>): string => `${name} ${expire} ${type}`;
        for (const one of dnsEntries) counts.set(mark(one), (counts.get(mark(one)) ?? 0) + 1);
        return {
          items: dnsEntries.map((one) => ({
            id: `${mark(one)} ${one.content}`,
            name: nameOf(one.name, within),
            type: one.type,
            value: one.content,
            ttl: one.expire,
            alone: counts.get(mark(one)) === 1,
          })),
        };
      },
      async create(within, { ttl = INITIAL_TTL, ...record }) {
        await add(within, { ...record, ttl })();
        return undefined;
      },
      async update(within, record, { value = record.value, ttl = record.ttl }) {
        const now = { ...record, value, ttl };
        if (record.alone && ttl === record.ttl) await ask({ method: 'PATCH', path: of(within), json: entry(within, now), idempotent: true, purpose: 'change an entry' }, noContent);
        else await inTurn(`${record.name} ${record.type}`, [add(within, now), take(within, record)]);
        return undefined;
      },
      remove: (within, record) => take(within, record)(),
      concurrency: 1,
    });
  },
});
