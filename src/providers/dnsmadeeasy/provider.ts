/**
 * DNS Made Easy: records by id, created and updated many at a time, every request signed with its own time. Longer than most, because the
 * signature and the calls for many come on top of the ordinary ones. https://api-docs.dnsmadeeasy.com/
 */
import * as v from 'valibot';
import {
  api,
  byKind,
  defineProvider,
  type HeldRecord,
  hmac,
  hostOf,
  inTurn,
  json,
  LOOK_AGAIN_SECONDS,
  markedNothing,
  type NewRecord,
  nameOf,
  onlyZone,
  orAbsent,
  recordsById,
  rereading,
  reserved,
  secret,
  wrongClock,
  zoneNamedOr,
} from '../../sdk/index.ts';

const paged = <const S extends v.GenericSchema>(item: S) => v.object({ data: v.array(item), page: v.nullish(v.number()), totalPages: v.nullish(v.number()) });
const Domain = v.object({ id: v.number(), name: v.string() });
const Domains = paged(Domain);
/** All of it is sent back with an update, so what we do not know is kept too. */
const Record = v.looseObject({
  id: v.number(),
  name: v.string(),
  type: v.string(),
  value: v.string(),
  ttl: v.nullish(v.number()),
  gtdLocation: v.nullish(v.string()),
  failover: v.nullish(v.boolean()),
  source: v.nullish(v.number()),
});
const Refusal = v.object({ error: v.union([v.string(), v.array(v.string())]) });

type Held = HeldRecord & { readonly shown: v.InferOutput<typeof Record> };

/** Headers that prove who asks. `date` as in HTTP: `Fri, 02 Jan 2026 03:04:05 GMT`. */
export const dnsMadeEasyHeaders = ({ key, secret: with_, date }: { readonly key: string; readonly secret: string; readonly date: string }): Readonly<Record<string, string>> => ({
  'x-dnsme-apikey': key,
  'x-dnsme-requestdate': date,
  'x-dnsme-hmac': hmac('sha1', with_, date).toString('hex'),
});

export default defineProvider({
  api: 1,
  id: 'dnsmadeeasy',
  name: 'DNS Made Easy',
  reference: 'https://api-docs.dnsmadeeasy.com/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The lowest TTL of 30 s is what other programs use.',
    'How many records one call takes is not published; 100 are sent.',
    'That a refused call for many records changes none of them is not documented.',
    'How far the clock may be off is not published: other programs say less than a minute.',
  ],
  also: ['DNSMadeEasy', 'Tiggee'],
  rate: { requests: 150, windowSeconds: 300 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 30, max: 2_147_483_647, initial: 1800 }, batch: 100 },
  options: {
    key: secret('API key'),
    secret: secret('secret key that belongs to it'),
    zone: onlyZone(),
  },
  environment: { key: ['DNSMADEEASY_API_KEY', 'DME_API_KEY'], secret: ['DNSMADEEASY_API_SECRET', 'DME_SECRET_KEY'] },
  credentials:
    'At https://cp.dnsmadeeasy.com open Config, Account Settings and choose "Generate New API Credentials". They are good for all domains of that user and are not said to expire: ' +
    'a user of its own, who may change only the domains in question, keeps them small.',
  open({ key, secret: apiSecret, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dnsmadeeasy.com/V2.0',
      endpoint,
      headers: { accept: 'application/json' },
      sign: (request) => ({
        ...request,
        headers: { ...request.headers, ...dnsMadeEasyHeaders({ key: key.reveal(), secret: apiSecret.reveal(), date: new Date(tools.clock.now()).toUTCString() }) },
      }),
      words: (body, { status }) => (v.is(Refusal, body) ? { code: status, message: [body.error].flat().join('; ') } : undefined),
      meanings: [
        { match: /rate limit/i, kind: 'throttled', waitSeconds: 300 },
        wrongClock(/request ?date|time ?stamp/i),
        { match: /(api key|hmac|signature)/i, kind: 'auth', says: 'it does not know the key, or the secret is wrong' },
        { match: /currently being|pending/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const held = (zoneName: string, shown: v.InferOutput<typeof Record>): Held => ({
      id: String(shown.id),
      name: nameOf(shown.name, { name: zoneName }),
      type: shown.type,
      value: shown.value,
      ...(shown.ttl ? { ttl: shown.ttl } : {}),
      shown,
      ...reserved({ disabled: false, line: shown.gtdLocation, everybody: ['DEFAULT'] }),
      ...(shown.source === 0 ? { locked: 'comes from a template' } : {}),
      ...(shown.failover ? { locked: 'is switched by DNS failover' } : {}),
    });
    const next = ({ page, totalPages }: { readonly page?: number | null | undefined; readonly totalPages?: number | null | undefined }) =>
      (page ?? 0) + 1 < (totalPages ?? 1) ? (page ?? 0) + 1 : undefined;
    const of = (id: string): string => `/dns/managed/${id}/records`;
    /** Its answers say that they are JSON, those that say nothing too. */
    const taken = markedNothing();
    const remove = (id: string, record: string) => ask({ method: 'DELETE', path: `${of(id)}/${record}`, purpose: 'remove a record' }, { ...taken, absent: () => undefined });
    // A change is answered with 200 and nothing else.
    return rereading(
      recordsById<Held>(tools, {
        zones: zoneNamedOr(
          zone,
          async (name) => {
            const found = await ask({ path: '/dns/managed/name', query: { domainname: name }, purpose: 'look for the domain' }, orAbsent(json(Domain)));
            return found && { name, id: String(found.id) };
          },
          {
            kind: 'list',
            async list(cursor) {
              const page = await ask({ path: '/dns/managed/', query: { page: cursor }, purpose: 'list the domains' }, json(Domains));
              return { items: page.data.map(({ id, name }) => ({ name: name.toLowerCase(), id: String(id) })), next: next(page) };
            },
          },
        ),
        async list({ id, name }, cursor) {
          const page = await ask({ path: of(id), query: { page: cursor }, purpose: 'list the records' }, json(paged(Record)));
          return { items: page.data.map((record) => held(name, record)), next: next(page) };
        },
        async create({ id, name }, record) {
          return held(name, await ask({ method: 'POST', path: `${of(id)}/`, json: newRecord(record, name), purpose: 'create a record' }, json(Record)));
        },
        async update({ id }, { id: at, shown }, patch) {
          await ask({ method: 'PUT', path: `${of(id)}/${at}`, json: { ...shown, ...patch }, purpose: 'change a record' }, taken);
          return undefined;
        },
        remove: ({ id }, record) => remove(id, record.id),
        batch: {
          size: 100,
          async send({ id, name }, operations) {
            const { created, updated, removed } = byKind(operations);
            const fresh = created.map((record) => newRecord(record, name));
            const changed = updated.map(({ record, patch }) => ({ ...record.shown, ...patch }));
            await inTurn(name, [
              fresh.length > 0 && (() => ask({ method: 'POST', path: `${of(id)}/createMulti`, json: fresh, purpose: 'create records' }, taken)),
              changed.length > 0 && (() => ask({ method: 'PUT', path: `${of(id)}/updateMulti`, json: changed, purpose: 'change records' }, taken)),
              ...removed.map((record) => () => remove(id, record.id)),
            ]);
            return operations.map(() => undefined);
          },
        },
        concurrency: 2,
      }),
      taken.isDoubtful,
    );
  },
});

const newRecord = ({ name, type, value, ttl = 1800 }: NewRecord, zone: string) => ({
  name: hostOf(name, { name: zone }, ''),
  type,
  value,
  ttl,
  gtdLocation: 'DEFAULT',
});
