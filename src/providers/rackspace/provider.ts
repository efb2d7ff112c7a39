/**
 * Rackspace Cloud DNS: records by id, changed many at a time by jobs that are asked for until they are done. Longer than most, because it
 * needs a log-in, a second host and those jobs. https://docs.rackspace.com/docs/cloud-dns/v1/api-reference
 */
import * as v from 'valibot';
import {
  type Ask,
  api,
  byKind,
  defineProvider,
  Fault,
  fromOffset,
  type HeldRecord,
  inTurn,
  json,
  LOOK_AGAIN_SECONDS,
  looseText,
  type NewRecord,
  once,
  onlyZone,
  recordsById,
  secret,
  text,
  until,
  zoneNamedOr,
} from '../../sdk/index.ts';

const Access = v.object({ access: v.object({ token: v.object({ id: v.string(), tenant: v.object({ id: v.string() }) }) }) });
const Domains = v.object({ domains: v.array(v.object({ id: looseText, name: v.string() })), totalEntries: v.nullish(v.number()) });
const DnsRecord = v.object({ id: v.string(), name: v.string(), type: v.string(), data: v.string(), ttl: v.nullish(v.number()), comment: v.nullish(v.string()) });
const Records = v.object({ records: v.array(DnsRecord), totalEntries: v.nullish(v.number()) });
const Job = v.object({ status: v.string(), jobId: v.nullish(v.string()), callbackUrl: v.nullish(v.string()), error: v.nullish(v.unknown()) });
const Trouble = v.object({ message: v.string(), code: v.nullish(v.number()), details: v.nullish(v.string()) });
/** Some hosts wrap it into one word: `{"unauthorized":{...}}`. */
const Refusal = v.union([
  Trouble,
  v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform(Object.values),
    v.tuple([Trouble]),
    v.transform(([only]) => only),
  ),
]);

type Held = HeldRecord & { readonly comment?: string };
type Written = { readonly id?: string; readonly name: string; readonly type?: string; readonly data: string; readonly ttl?: number | undefined; readonly comment?: string };

const sayIn = (body: unknown): string | undefined => {
  const said = v.safeParse(Refusal, body);
  return said.success ? `${said.output.message} ${said.output.details ?? ''}`.trim() : undefined;
};

export default defineProvider({
  api: 1,
  id: 'rackspace',
  name: 'Rackspace Cloud DNS',
  reference: 'https://docs.rackspace.com/docs/cloud-dns/v1/api-reference',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['That a job for many records changes none of them when one is refused is not documented.', 'How many requests a minute are allowed is not known here.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 2_147_483_647, initial: 3600 }, batch: 100 },
  options: {
    username: text('user name of the account', { example: 'me' }),
    key: secret('API key of that user'),
    zone: onlyZone(),
  },
  environment: { username: ['RACKSPACE_USER'], key: ['RACKSPACE_API_KEY'] },
  credentials:
    'At https://manage.rackspace.com open Account, User Management and make a user whose only product role is Cloud DNS, creator; its API key is on the page of that user. ' +
    'It is not said to expire and cannot be limited to one domain.',
  open({ username, key, zone, endpoint }, tools) {
    const words = (body: unknown, { status }: { readonly status: number }) => {
      const said = status >= 400 ? sayIn(body) : undefined;
      return said === undefined ? undefined : { code: status, message: said };
    };
    const identify = api(tools, { base: 'https://identity.api.rackspacecloud.com/v2.0', endpoint, words });
    const login = once(async () => {
      const auth = { 'RAX-KSKEY:apiKeyCredentials': { username, apiKey: key.reveal() } };
      const { token } = (await identify({ method: 'POST', path: '/tokens', json: { auth }, purpose: 'log in', idempotent: true, confidential: true }, json(Access))).access;
      tools.learn?.(token.id);
      return { token: token.id, tenant: token.tenant.id };
    });
    const askAt = api(tools, {
      base: 'https://dns.api.rackspacecloud.com/v1.0',
      endpoint,
      headers: async () => ({ accept: 'application/json', 'x-auth-token': (await login()).token }),
      words,
      meanings: [
        { match: /^413 .*limit/i, status: 413, kind: 'throttled', waitSeconds: 60 },
        { match: /not found/i, status: 404, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const ask: Ask = async (request, reader, instead) => askAt({ ...request, path: `/${(await login()).tenant}${request.path}` }, reader, instead);

    /** Begins a job and waits for its end. What goes wrong after it has begun may come to be all the same. */
    const job = async (zoneName: string, request: Parameters<Ask>[0], isFine: (why: string) => boolean = () => false): Promise<void> => {
      let state: v.InferOutput<typeof Job> = { status: 'RUNNING' };
      await inTurn(zoneName, [
        async () => {
          state = await ask(request, json(Job));
        },
        async () => {
          const id = state.jobId ?? state.callbackUrl?.split('/').at(-1) ?? '';
          state = await until(tools, { everyMs: 1000, mostMs: 30_000, purpose: `${request.purpose} in ${zoneName}` }, async () => {
            if (isEnded(state)) return state;
            const now = await ask({ path: `/status/${encodeURIComponent(id)}`, query: { showDetails: 'true' }, purpose: 'see what became of it' }, json(Job));
            return isEnded(now) ? now : undefined;
          });
        },
      ]);
      if (state.status === 'COMPLETED') return;
      const why = sayIn(state.error) ?? 'no reason was given';
      if (!isFine(why)) throw new Fault({ kind: 'refused', detail: `${zoneName}: the provider could not ${request.purpose}: ${tools.redact?.(why).slice(0, 200) ?? ''}` });
    };
    const of = (id: string): string => `/domains/${encodeURIComponent(id)}/records`;
    const changed = ({ id, name, value, ttl, comment }: Held, patch: { readonly value?: string; readonly ttl?: number }): Written => ({
      id,
      name,
      data: patch.value ?? value,
      ttl: patch.ttl ?? ttl,
      ...(comment ? { comment } : {}),
    });
    const create = (id: string, records: readonly Written[]) => ({ method: 'POST' as const, path: of(id), json: { records }, purpose: 'create records' });
    const update = (id: string, records: readonly Written[]) => ({ method: 'PUT' as const, path: of(id), json: { records }, purpose: 'change records' });
    const remove = (zone: { readonly id: string; readonly name: string }, ids: readonly string[]) =>
      job(zone.name, { method: 'DELETE', path: `${of(zone.id)}?${ids.map((one) => `id=${encodeURIComponent(one)}`).join('&')}`, purpose: 'remove records' }, (why) => /not found/i.test(why));

    return recordsById<Held>(tools, {
      zones: zoneNamedOr(
        zone,
        async (name) => {
          const { domains } = await ask({ path: '/domains', query: { name }, purpose: 'look for the domain' }, json(Domains));
          const found = domains.find((domain) => domain.name.toLowerCase() === name);
          return found && { name, id: found.id };
        },
        {
          kind: 'list',
          async list(cursor) {
            const { domains, totalEntries } = await ask({ path: '/domains', query: { limit: 100, offset: cursor ?? 0 }, purpose: 'list the domains' }, json(Domains));
            const items = domains.map(({ id, name }) => ({ name: name.toLowerCase(), id }));
            return fromOffset(items, cursor, totalEntries ?? domains.length);
          },
        },
      ),
      async list({ id }, cursor) {
        const { records, totalEntries } = await ask({ path: of(id), query: { limit: 100, offset: cursor ?? 0 }, purpose: 'list the records' }, json(Records));
        const held = records.map(({ data, ttl, comment, ...record }): Held => ({ ...record, value: data, ...(ttl ? { ttl } : {}), ...(comment ? { comment } : {}) }));
        return fromOffset(held, cursor, totalEntries ?? records.length);
      },
      async create({ id, name }, record) {
        await job(name, create(id, [newRecord(record)]));
        return undefined;
      },
      async update({ id, name }, record, patch) {
        await job(name, update(id, [changed(record, patch)]));
        return undefined;
      },
      remove: (zone, { id }) => remove(zone, [id]),
      batch: {
        size: 100,
        async send(zone, operations) {
          const { created, updated, removed } = byKind(operations);
          const fresh = created.map(newRecord);
          const other = updated.map(({ record, patch }) => changed(record, patch));
          const gone = removed.map(({ id }) => id);
          await inTurn(zone.name, [
            fresh.length > 0 && (() => job(zone.name, create(zone.id, fresh))),
            other.length > 0 && (() => job(zone.name, update(zone.id, other))),
            gone.length > 0 && (() => remove(zone, gone)),
          ]);
          return operations.map(() => undefined);
        },
      },
      concurrency: 1,
    });
  },
});

const newRecord = ({ name, type, value, ttl }: NewRecord): Written => ({ name, type, data: value, ttl });
const isEnded = ({ status }: { readonly status: string }): boolean => status === 'COMPLETED' || status === 'ERROR';
