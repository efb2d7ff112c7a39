/** A vendor's API as a table of routes over records in memory: what every fake of a REST API needs, so that it says only what is peculiar. */
import { parseAddress } from '../core/address.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { Contract, FakeRecord, FakeZone } from './contract.ts';

/** One request as a route sees it. */
export type Visit = {
  readonly zone: FakeZone;
  readonly request: HttpRequest;
  /** Decoded parts of the path that the pattern names. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body as a form. */
  readonly form: URLSearchParams;
  /** The body as JSON; undefined: there is none. Throws Refusal 400 for what is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a fake takes bodies apart in ways as many as there are vendors, and what is wrong with one shows in the suite
  readonly json: () => any;
  /** The vendor lists no more than that on a page. */
  readonly pageSize: number;
};

/** `GET /v2/domains/:domain/records` → the answer: a reply made by `reply` or `text`, or a value that is sent as JSON with status 200. The first pattern that matches. `*` as a last part: the rest. */
export type Routes = Readonly<Record<string, (visit: Visit) => HttpReply | object>>;

/** Thrown by a route: it refuses, and nothing it did to the records stays. */
export class Refusal extends Error {
  readonly reply: HttpReply;
  constructor(answer: HttpReply) {
    super(answer.body);
    this.name = 'Refusal';
    this.reply = answer;
  }
}

export const reply = (status: number, json?: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply =>
  json === undefined ? { status, headers, body: '' } : { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) };
export const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpReply => ({ status, headers: { 'content-type': 'text/plain', ...headers }, body });
/** Throws the refusal. */
export function refuse(status: number, json?: unknown, headers?: Readonly<Record<string, string>>): never {
  throw new Refusal(reply(status, json, headers));
}

/** `guard`: runs first, and refuses who may not. `absent`: the answer where no route matches. */
export function fakeApi({
  guard,
  routes,
  absent = reply(404, { message: 'no such path' }),
}: {
  readonly guard?: (visit: Visit) => void;
  readonly routes: Routes;
  readonly absent?: HttpReply;
}): NonNullable<Contract['api']> {
  const table = Object.entries(routes).map(([pattern, route]) => ({ ...compiled(pattern), route }));
  return (zone, { pageSize }) =>
    (request) => {
      const { pathname, searchParams: query } = new URL(request.url);
      const before = zone.records;
      const json = (): unknown => {
        if (request.body === undefined || request.body === '') return undefined;
        try {
          return JSON.parse(request.body);
        } catch {
          return refuse(400, { message: 'the body is no JSON' });
        }
      };
      const visit = (params: Visit['params']): Visit => ({ zone, request, params, query, form: new URLSearchParams(request.body ?? ''), json, pageSize });
      try {
        guard?.(visit({}));
        for (const { method, path, route } of table) {
          const match = method === request.method ? path.exec(pathname) : null;
          if (!match) continue;
          const params = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, part]) => [name, decodeURIComponent(part ?? '')]));
          const answer = route(visit(params));
          return isReply(answer) ? answer : reply(200, answer);
        }
        return absent;
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        zone.records = before;
        return thrown.reply;
      }
    };
}

const isReply = (answer: object): answer is HttpReply => 'status' in answer && 'headers' in answer && typeof (answer as HttpReply).body === 'string';

function compiled(pattern: string): { readonly method: string; readonly path: RegExp } {
  const [method = '', path = ''] = pattern.split(' ');
  const source = path
    .split('/')
    .map((part) =>
      part === '*'
        ? '.*'
        : part
            .split(/(:\w+)/)
            .map((piece) => (piece.startsWith(':') ? `(?<${piece.slice(1)}>[^/]+?)` : piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
            .join(''),
    )
    .join('/');
  return { method, path: new RegExp(`^${source}$`) };
}

/** One page of `items`: `page` counts from 1. `size` as asked for, but no more than the vendor lists. */
export function pageOf<T>(
  items: readonly T[],
  { page = 1, size }: { readonly page?: number; readonly size: number },
): { readonly items: readonly T[]; readonly page: number; readonly pages: number; readonly total: number; readonly size: number } {
  const pages = Math.max(1, Math.ceil(items.length / size));
  return { items: items.slice((page - 1) * size, page * size), page, pages, total: items.length, size };
}

/** The page that a query asks for by number. `size`: what that parameter is called; `usual` without it, `most` at most. */
export const pageAsked = <T>(
  items: readonly T[],
  { query, pageSize }: Pick<Visit, 'query' | 'pageSize'>,
  { page = 'page', size, usual, most }: { readonly page?: string; readonly size: string; readonly usual: number; readonly most: number },
): ReturnType<typeof pageOf<T>> => pageOf(items, { page: Number(query.get(page) ?? 1), size: Math.min(Number(query.get(size) ?? usual), most, pageSize) });

/** The items that a query asks for from an offset, and how many there are. `size`: what the parameter of their number is called; `usual` without it, `most` at most. */
export function offsetAsked<T>(
  items: readonly T[],
  { query, pageSize }: Pick<Visit, 'query' | 'pageSize'>,
  { offset = 'offset', size, usual, most }: { readonly offset?: string; readonly size: string; readonly usual: number; readonly most: number },
): { readonly items: readonly T[]; readonly total: number } {
  const from = Number(query.get(offset) ?? 0);
  return { items: items.slice(from, from + Math.min(Number(query.get(size) ?? usual), most, pageSize)), total: items.length };
}

/** The zone among seven others of the same account, so that a listing of zones has pages too. */
export const zonesOf = (zone: FakeZone): readonly { readonly id: string; readonly name: string }[] => [
  ...Array.from({ length: 7 }, (_, at) => ({ id: `${at + 1}`.repeat(8), name: `beside-${at + 1}.example` })),
  { id: zone.id, name: zone.name },
];

/** A fake's id as vendors show it whose ids are numbers. */
export const numberOf = (id: string): number => Number.parseInt(id.slice(-8), 16);

/** Can a record of this type hold this? What is neither A nor AAAA can hold anything. */
export const holds = (type: unknown, value: unknown): boolean => (type === 'A' || type === 'AAAA' ? parseAddress(String(value), type === 'A' ? 4 : 6) !== undefined : true);

/** The records a fake changes: every function leaves the old list as it was and puts a new one into the zone. */
export const records = {
  of: (zone: FakeZone, name: string, type?: string): readonly FakeRecord[] => zone.records.filter((record) => record.name === name && (type === undefined || record.type === type)),
  find: (zone: FakeZone, id: string): FakeRecord | undefined => zone.records.find((record) => record.id === id),
  /** By `numberOf` its id. */
  numbered: (zone: FakeZone, number: number | string | undefined): FakeRecord | undefined => zone.records.find((record) => numberOf(record.id) === Number(number)),
  add(zone: FakeZone, record: Omit<FakeRecord, 'id'>): FakeRecord {
    const added = { ...record, id: zone.nextId() };
    zone.records = [...zone.records, added];
    return added;
  },
  /** Undefined: there is no such record. */
  change(zone: FakeZone, id: string, patch: Partial<Omit<FakeRecord, 'id'>>): FakeRecord | undefined {
    zone.records = zone.records.map((record) => (record.id === id ? { ...record, ...patch } : record));
    return records.find(zone, id);
  },
  /** The record says exactly this: what hung on it and is not given is gone. Undefined: there is no such record. */
  rewrite(zone: FakeZone, id: string, { value, ttl, extra }: Pick<FakeRecord, 'value' | 'ttl' | 'extra'>): FakeRecord | undefined {
    zone.records = zone.records.map((record) => (record.id === id ? { id, name: record.name, type: record.type, value, ttl, ...(extra ? { extra } : {}) } : record));
    return records.find(zone, id);
  },
  /** False: there is no such record. */
  remove(zone: FakeZone, id: string): boolean {
    const there = records.find(zone, id) !== undefined;
    zone.records = zone.records.filter((record) => record.id !== id);
    return there;
  },
  /** The set says exactly `values`; what hung on the set stays. */
  put(zone: FakeZone, set: { readonly name: string; readonly type: string; readonly values: readonly string[]; readonly ttl: number; readonly extra?: FakeRecord['extra'] }): readonly FakeRecord[] {
    const [old] = records.of(zone, set.name, set.type);
    const others = zone.records.filter((record) => !(record.name === set.name && record.type === set.type));
    const extra = set.extra ?? old?.extra;
    const made = set.values.map((value): FakeRecord => ({ id: zone.nextId(), name: set.name, type: set.type, value, ttl: set.ttl, ...(extra ? { extra } : {}) }));
    zone.records = [...others, ...made];
    return made;
  },
  /** All sets of the zone, one entry per name and type. */
  sets(zone: FakeZone): readonly { readonly name: string; readonly type: string; readonly values: readonly string[]; readonly ttl: number; readonly extra?: FakeRecord['extra'] }[] {
    const byKey = new Map<string, FakeRecord[]>();
    for (const record of zone.records) byKey.set(`${record.name} ${record.type}`, [...(byKey.get(`${record.name} ${record.type}`) ?? []), record]);
    return [...byKey.values()].flatMap((some) => (some[0] ? [{ ...some[0], values: some.map(({ value }) => value) }] : []));
  },
};
