/**
 * DNSimple: one record per value, in zones of an account. https://developer.dnsimple.com/v2/zones/records/
 * Longer than most, because the account must be found first, and because many changes go in one call that not every plan allows.
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  Fault,
  type HeldRecord,
  hostOf,
  json,
  nameOf,
  noContent,
  type Operation,
  once,
  onlyHost,
  optional,
  recordsById,
  resetAt,
  secret,
  text,
  untilLast,
  type Zone,
} from '../../sdk/index.ts';

const Accounts = v.object({ data: v.array(v.object({ id: v.number() })) });
const pagination = v.object({ current_page: v.number(), total_pages: v.number() });
const Zones = v.object({ data: v.array(v.object({ name: v.string(), secondary: v.optional(v.boolean()) })), pagination });
const ZoneRecord = v.object({
  id: v.number(),
  type: v.string(),
  name: v.string(),
  content: v.nullish(v.string(), ''),
  ttl: v.nullish(v.number()),
  parent_id: v.nullish(v.number()),
  system_record: v.nullish(v.boolean()),
  regions: v.nullish(v.array(v.string())),
});
const Listing = v.object({ data: v.array(ZoneRecord), pagination });
const One = v.object({ data: ZoneRecord });
const Batch = v.object({ data: v.object({ creates: v.optional(v.array(ZoneRecord), []), updates: v.optional(v.array(ZoneRecord), []) }) });
const Refusal = v.object({ message: v.string(), errors: v.optional(v.unknown()) });

const BATCH = 100;

export default defineProvider({
  api: 1,
  id: 'dnsimple',
  name: 'DNSimple',
  reference: 'https://developer.dnsimple.com/v2/zones/records/',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: [
    'The lowest TTL of 60 s is what other programs use; the vendor names none.',
    'How many changes one batch may hold is not published; 100 are sent. Only the Enterprise plan has batches: with any other, 1000 records take one call each.',
  ],
  // https://developer.dnsimple.com/v2/#rate-limiting
  rate: { requests: 2400, windowSeconds: 3600 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_147_483_647, initial: 3600 }, batch: BATCH },
  options: {
    token: secret('account access token that may change the zone'),
    account: optional(text('number of the account, from the address of its pages; needed where a user token can see several', { pattern: /^\d+$/, must: 'must be a number', example: '1010' })),
  },
  environment: { token: ['DNSIMPLE_TOKEN', 'DNSIMPLE_OAUTH_TOKEN'], account: ['DNSIMPLE_ACCOUNT'] },
  credentials:
    'At https://dnsimple.com/user choose the account, then Account, Automation, API tokens, Add, and limit the token to changing the records of the zones that hold your names where your plan offers that. ' +
    'A token of the account is enough; a user token can change every account of that user. Tokens do not expire.',
  open({ token, account, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.dnsimple.com/v2',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words(body, { status }) {
        if (status < 400) return undefined;
        if (!v.is(Refusal, body)) return {};
        return { message: body.errors === undefined ? body.message : `${body.message} ${JSON.stringify(body.errors)}` };
      },
      meanings: [
        { match: /^Authentication failed/, kind: 'auth', says: 'it does not know this token' },
        { match: /^/, status: 402, kind: 'blocked', hint: 'the account is not subscribed or not in good standing: see its billing page' },
      ],
      retryAfter: resetAt(tools.clock, 'x-ratelimit-reset'),
    });
    const accountId = once(async (): Promise<string> => {
      if (account !== undefined) return account;
      const [first, ...others] = (await ask({ path: '/accounts', purpose: 'list the accounts' }, json(Accounts))).data;
      if (first === undefined || others.length > 0)
        throw new Fault({
          kind: 'auth',
          detail: `this token can see ${first === undefined ? 'no account' : 'several accounts'}`,
          hint: 'name the account with the option account, or use a token of the account',
        });
      return String(first.id);
    });
    const held = (zone: Zone, { id, type, name, content, ttl, parent_id, system_record, regions }: v.InferOutput<typeof ZoneRecord>): HeldRecord => ({
      id: String(id),
      type,
      name: nameOf(name, zone),
      value: content,
      ...(ttl ? { ttl } : {}),
      ...(parent_id || system_record ? { locked: 'is made by DNSimple itself, for an ALIAS or the zone' } : {}),
      ...(regions?.some((region) => region !== 'global') ? { locked: `is answered in some regions only (${regions.join(', ')})` } : {}),
    });
    /** A zone's id holds the account, so that a remembered zone needs no question whose token this is. */
    const at = ({ id }: Zone, path: string): string => `/${id}/${path}`;
    let hasBatches = true;

    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const of = await accountId();
          const { data, pagination } = await ask({ path: `/${of}/zones`, query: { per_page: 100, page: cursor }, purpose: 'list the zones' }, json(Zones));
          return untilLast(
            data.filter(({ secondary }) => secondary !== true).map(({ name }) => ({ name: name.toLowerCase(), id: `${of}/zones/${encodeURIComponent(name)}` })),
            { page: pagination.current_page, pages: pagination.total_pages },
          );
        },
      },
      async list(zone, cursor, keys) {
        const query = { name: onlyHost(keys, zone, ''), per_page: 100, page: cursor };
        const { data, pagination } = await ask({ path: at(zone, 'records'), query, purpose: 'list the records' }, json(Listing));
        return untilLast(
          data.map((record) => held(zone, record)),
          { page: pagination.current_page, pages: pagination.total_pages },
        );
      },
      async create(zone, record) {
        const already = { match: /already exists/, value: undefined };
        const made = await ask({ method: 'POST', path: at(zone, 'records'), json: created(zone, record), purpose: 'create a record' }, json(v.nullish(One)), already);
        return made ? held(zone, made.data) : undefined;
      },
      async update(zone, { id }, { value, ttl }) {
        const { data } = await ask({ method: 'PATCH', path: at(zone, `records/${id}`), json: { content: value, ttl }, idempotent: true, purpose: 'change a record' }, json(One));
        return held(zone, data);
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: at(zone, `records/${id}`), purpose: 'remove a record' }, { ...noContent, absent: () => undefined }),
      batch: {
        size: BATCH,
        async send(zone, operations) {
          const purpose = `change ${operations.length} records`;
          const done = hasBatches
            ? await ask({ method: 'POST', path: at(zone, 'batch'), json: batched(zone, operations), purpose }, json(v.nullish(Batch)), { match: /^/, status: 412, value: undefined })
            : undefined;
          hasBatches = done !== undefined && done !== null;
          // A batch that is refused is taken apart, down to single calls.
          if (!done) throw new Fault({ kind: 'refused', detail: 'the plan of this account has no batches' });
          const { creates, updates } = done.data;
          const shown = { create: [...creates], update: [...updates], remove: [] };
          return operations.map(({ kind }) => {
            const record = shown[kind].shift();
            return record && held(zone, record);
          });
        },
      },
    });
  },
});

const created = (zone: Zone, { name, type, value, ttl }: Extract<Operation<HeldRecord>, { kind: 'create' }>['record']): object => ({ name: hostOf(name, zone, ''), type, content: value, ttl });

const batched = (zone: Zone, operations: readonly Operation<HeldRecord>[]): object => ({
  creates: operations.flatMap((one) => (one.kind === 'create' ? [created(zone, one.record)] : [])),
  updates: operations.flatMap((one) => (one.kind === 'update' ? [{ id: Number(one.record.id), content: one.patch.value, ttl: one.patch.ttl }] : [])),
  deletes: operations.flatMap((one) => (one.kind === 'remove' ? [{ id: Number(one.record.id) }] : [])),
});
