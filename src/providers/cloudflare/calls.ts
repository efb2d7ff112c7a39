/** The calls to Cloudflare's API that are needed, through the official SDK over our own network. Imported only when there is something to read or write. */
import { BaseRecords, type RecordBatchParams, type RecordCreateParams, type RecordEditParams } from 'cloudflare/resources/dns/records';
import { BaseZones } from 'cloudflare/resources/zones/zones';
import { createClient } from 'cloudflare/tree-shakable';
import * as v from 'valibot';
import {
  asFetch,
  attempt,
  type Failure,
  Fault,
  faultIn,
  type HeldRecord,
  type NewRecord,
  type Operation,
  type Page,
  type Patch,
  parseName,
  partsOf,
  type RecordKey,
  type Secret,
  type Tools,
  type Zone,
} from '../../sdk/index.ts';
import { GONE, hasCode, IDENTICAL, refusal } from './refusal.ts';

/** `proxied`: Cloudflare answers for it with addresses of its own, and with a TTL of its own. */
export type CloudflareRecord = HeldRecord & { readonly proxied: boolean };
export type Settings = { readonly token: Secret; readonly endpoint: string; readonly proxied: boolean; readonly zone: string | undefined; readonly zoneId: string | undefined };

/** `ttl: 1` is Cloudflare's word for "automatic". */
const AUTOMATIC = 1;
/** What "automatic" means for a record that is not proxied. https://developers.cloudflare.com/dns/manage-dns-records/reference/ttl/ */
const AUTOMATIC_SECONDS = 300;
/** The API allows millions; a page of this many is some 2 MB. */
const RECORDS_PER_PAGE = 5000;
const ZONES_PER_PAGE = 50;

const ZoneForm = v.object({ id: v.pipe(v.string(), v.nonEmpty()), name: v.string(), status: v.optional(v.string()) });
const RecordForm = v.object({
  id: v.pipe(v.string(), v.nonEmpty()),
  name: v.string(),
  type: v.string(),
  content: v.optional(v.string(), ''),
  ttl: v.number(),
  proxied: v.optional(v.boolean(), false),
  meta: v.optional(v.nullable(v.looseObject({ read_only: v.optional(v.boolean()) }))),
});
const Paging = v.object({ total_count: v.optional(v.number()), total_pages: v.optional(v.number()), per_page: v.optional(v.number()) });
const BatchForm = v.object({ patches: v.optional(v.nullable(v.array(RecordForm))), posts: v.optional(v.nullable(v.array(RecordForm))) });

export function openCalls({ token, endpoint, proxied, zone: onlyZone, zoneId }: Settings, tools: Tools) {
  const client = createClient({
    resources: [BaseZones, BaseRecords],
    apiToken: token.reveal(),
    apiKey: null,
    apiEmail: null,
    userServiceKey: null,
    baseURL: endpoint.replace(/\/+$/, ''),
    maxRetries: 0,
    // Our Net has its own deadlines; the SDK's must not be the first to end.
    timeout: 120_000,
    logLevel: 'off',
    defaultHeaders: { 'user-agent': tools.userAgent },
    fetch: asFetch(tools, { check: (reply, request) => refusal(reply, request, tools), headers: ['authorization', 'content-type', 'accept', 'user-agent'], contentType: 'application/json' }),
  });

  /** Runs one SDK call; what went wrong in it comes out as our Fault, with what can be learned about the token. */
  const ask = async <T>(zone: Zone | undefined, work: () => PromiseLike<T>): Promise<T> => {
    try {
      return await work();
    } catch (thrown) {
      const fault = faultIn(thrown);
      if (fault === undefined) throw thrown;
      throw fault.failure.kind === 'auth' ? new Fault(await explain(fault.failure, zone), { cause: fault }) : fault;
    }
  };

  let verified: Promise<string | undefined> | undefined;
  /** Asks once what is wrong with the token. https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/ */
  const explain = async (failure: Failure, zone: Zone | undefined): Promise<Failure> => {
    verified ??= attempt(async () => shaped('check the token', v.object({ result: v.object({ status: v.string() }) }), await client.get('/user/tokens/verify')).result.status).then((asked) =>
      asked.kind === 'ok' ? asked.value : undefined,
    );
    const status = await verified;
    if (status === 'active') {
      const where = zone ? `for the zone ${zone.name}` : 'for this zone';
      return {
        ...failure,
        detail: `${failure.detail}; the token itself is valid, so it lacks a permission`,
        hint: `give the token Zone > DNS > Edit and Zone > Zone > Read ${where} at https://dash.cloudflare.com/profile/api-tokens`,
      };
    }
    if (status !== undefined) return { ...failure, detail: `${failure.detail}; Cloudflare says that the token is ${status.replace(/[^a-z ]/gi, '').slice(0, 20)}` };
    return failure;
  };

  const recordPath = (zone: Zone) => ({ zone_id: zone.id });
  const held = (record: v.InferOutput<typeof RecordForm>): CloudflareRecord => {
    // A proxied record has no TTL of its own to compare or to keep; an automatic one is what resolvers are told.
    const ttl = record.proxied ? undefined : record.ttl === AUTOMATIC ? AUTOMATIC_SECONDS : record.ttl;
    return {
      id: record.id,
      name: record.name,
      type: record.type,
      value: record.content,
      proxied: record.proxied,
      ...(ttl === undefined ? {} : { ttl }),
      ...(record.meta?.read_only ? { locked: 'is made by another Cloudflare product and is read-only' } : {}),
    };
  };
  const creation = ({ name, type, value, ttl }: NewRecord) => ({ name, type, content: value, ttl: proxied ? AUTOMATIC : (ttl ?? AUTOMATIC), proxied });
  // Only what changes is sent: PATCH keeps the rest. The SDK's types ask for more than the API does.
  const patching = (record: CloudflareRecord, { value, ttl }: Patch) => ({ content: value ?? record.value, ...(ttl === undefined || record.proxied ? {} : { ttl }) });

  return {
    async zones(cursor: string | number | undefined): Promise<Page<Zone>> {
      if (zoneId !== undefined) {
        const { id, name } = shaped('show the zone', ZoneForm, await ask(undefined, () => client.zones.get({ zone_id: zoneId })));
        return { items: [{ id, name: zoneName(name) }] };
      }
      const number = Number(cursor ?? 1);
      const page = await ask(undefined, () => client.zones.list({ status: 'active', per_page: ZONES_PER_PAGE, page: number, ...(onlyZone === undefined ? {} : { name: onlyZone }) }));
      const items = shaped('list the zones', v.array(ZoneForm), page.result);
      return { ...following(page.result_info, number, items.length, ZONES_PER_PAGE), items: items.map(({ id, name }) => ({ id, name: zoneName(name) })) };
    },

    async list(zone: Zone, cursor: string | number | undefined, keys: readonly RecordKey[]): Promise<Page<CloudflareRecord>> {
      const number = Number(cursor ?? 1);
      const [key] = keys;
      const filter = key !== undefined && keys.length === 1 ? { type: partsOf(key).type, name: { exact: partsOf(key).name } } : {};
      const page = await ask(zone, () => client.dns.records.list({ ...recordPath(zone), ...filter, per_page: RECORDS_PER_PAGE, page: number }));
      const records = shaped('list the records', v.array(RecordForm), page.result);
      return { ...following(page.result_info, number, records.length, RECORDS_PER_PAGE), items: records.map(held) };
    },

    async create(zone: Zone, record: NewRecord): Promise<CloudflareRecord | undefined> {
      const answer = await attempt(() => ask(zone, () => client.dns.records.create({ ...recordPath(zone), ...creation(record) } as RecordCreateParams)));
      if (answer.kind === 'ok') return held(shaped('create a record', RecordForm, answer.value));
      if (hasCode(answer.failure, IDENTICAL)) return undefined;
      throw new Fault(answer.failure);
    },

    async update(zone: Zone, record: CloudflareRecord, patch: Patch): Promise<CloudflareRecord | undefined> {
      const params = { ...recordPath(zone), ...patching(record, patch) } as RecordEditParams;
      return held(shaped('change a record', RecordForm, await ask(zone, () => client.dns.records.edit(record.id, params))));
    },

    async remove(zone: Zone, record: CloudflareRecord): Promise<void> {
      const answer = await attempt(() => ask(zone, () => client.dns.records.delete(record.id, recordPath(zone))));
      if (answer.kind === 'failed' && !hasCode(answer.failure, GONE)) throw new Fault(answer.failure);
    },

    /** One database transaction: if one operation is refused, none is done. https://developers.cloudflare.com/dns/manage-dns-records/how-to/batch-record-changes/ */
    async batch(zone: Zone, operations: readonly Operation<CloudflareRecord>[]): Promise<readonly (CloudflareRecord | undefined)[]> {
      const deletes = operations.flatMap((one) => (one.kind === 'remove' ? [{ id: one.record.id }] : []));
      const patches = operations.flatMap((one) => (one.kind === 'update' ? [{ id: one.record.id, ...patching(one.record, one.patch) }] : []));
      const posts = operations.flatMap((one) => (one.kind === 'create' ? [creation(one.record)] : []));
      const body = { ...(deletes.length ? { deletes } : {}), ...(patches.length ? { patches } : {}), ...(posts.length ? { posts } : {}) };
      const answer = shaped('change records in a batch', BatchForm, await ask(zone, () => client.dns.records.batch({ ...recordPath(zone), ...body } as unknown as RecordBatchParams)));
      const patched = new Map((answer.patches ?? []).map((record) => [record.id, held(record)]));
      const posted = new Map((answer.posts ?? []).map((record) => [`${record.name} ${record.type} ${record.content}`, held(record)]));
      return operations.map((one) => {
        if (one.kind === 'remove') return undefined;
        if (one.kind === 'update') return patched.get(one.record.id);
        return posted.get(`${one.record.name} ${one.record.type} ${one.record.value}`);
      });
    },
  };
}

/** In the one form names have here: a zone may be shown in the letters it was entered with. */
export function zoneName(text: string): string {
  const name = parseName(text);
  return typeof name === 'string' ? name : text.toLowerCase();
}

/** Where the next page begins, by what the listing says of itself; a full page without a word about more is followed too. */
function following(info: unknown, page: number, got: number, asked: number): { readonly next?: number; readonly total?: number } {
  const told = v.safeParse(Paging, info);
  const { total_pages: pages, total_count: total, per_page: size = got } = told.success ? told.output : {};
  // By the number of pages it tells; else by the number of records; else a full page may not be the last.
  const more = pages !== undefined ? page < pages : total !== undefined && got > 0 ? (page - 1) * size + got < total : got >= asked;
  return { ...(more ? { next: page + 1 } : {}), ...(total === undefined ? {} : { total }) };
}

function shaped<S extends v.GenericSchema>(purpose: string, schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const path = parsed.issues[0].path?.map(({ key }) => String(key)).join('.');
  throw new Fault({
    kind: 'gibberish',
    phase: 'reply',
    detail: `Cloudflare was asked to ${purpose}, but the answer has not the form of its API${path ? `: ${path} is missing or of another kind` : ''}`,
  });
}
