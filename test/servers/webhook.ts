/** A webhook of external-dns over records in memory: what it holds, what it was asked, and how it misbehaves when told to. */
import type { HttpReply, HttpRequest } from '../../src/testing/index.ts';

export type Shown = { readonly dnsName: string; readonly recordType: string; readonly targets: readonly string[]; readonly [more: string]: unknown };
type Posted = { readonly create?: readonly Shown[]; readonly updateOld?: readonly Shown[]; readonly updateNew?: readonly Shown[]; readonly delete?: readonly Shown[] };

export type Webhook = {
  records: readonly Shown[];
  filter: object;
  /** `METHOD /path`, in order. */
  readonly asked: string[];
  /** Bodies of `POST /records`. */
  readonly posted: Posted[];
  /** Names that it cannot change; it stops at the first, with 500. */
  readonly cannot: Set<string>;
  /** It says 204 and does nothing. */
  dryRun: boolean;
  /** How it reads changes: with Go's indifference to capitals, or with none of it. `strict`: what it does not find is a mistake. */
  reads: 'both' | 'capital' | 'strict';
  /** Listings that still show what was there before. */
  late: number;
  readonly adjust: { with: (endpoint: Shown) => Shown | undefined };
  readonly answer: (request: Pick<HttpRequest, 'method' | 'url' | 'body'>) => HttpReply;
};

const TYPE = { 'content-type': 'application/external.dns.webhook+json;version=1' };
const json = (body: unknown): HttpReply => ({ status: 200, headers: TYPE, body: JSON.stringify(body) });
const empty = (status: number): HttpReply => ({ status, headers: {}, body: '' });

export function webhook(records: readonly Shown[] = []): Webhook {
  let before: readonly Shown[] = records;
  const same = (a: Shown, b: Shown): boolean => a.dnsName === b.dnsName && a.recordType === b.recordType && a['setIdentifier'] === b['setIdentifier'];
  const self: Webhook = {
    records,
    filter: {},
    asked: [],
    posted: [],
    cannot: new Set(),
    dryRun: false,
    reads: 'both',
    late: 0,
    adjust: { with: (endpoint) => endpoint },
    answer({ method, url, body = '' }) {
      const path = `${method} ${new URL(url).pathname}`;
      self.asked.push(path);
      switch (path) {
        case 'GET /':
          return json(self.filter);
        case 'GET /records':
          return json(self.late-- > 0 ? before : self.records);
        case 'POST /adjustendpoints':
          return json((JSON.parse(body) as Shown[]).flatMap((endpoint) => self.adjust.with(endpoint) ?? []));
        case 'POST /records': {
          const given = JSON.parse(body) as Record<string, readonly Shown[]>;
          if (self.reads === 'strict' && given['Create'] === undefined) return { status: 422, headers: {}, body: 'missing field Create' };
          const read = (key: string): readonly Shown[] => given[`${key[0]?.toUpperCase()}${key.slice(1)}`] ?? (self.reads === 'both' ? given[key] : undefined) ?? [];
          const posted: Posted = Object.fromEntries(['create', 'updateOld', 'updateNew', 'delete'].map((key) => [key, read(key)]).filter(([, list]) => list?.length !== 0));
          self.posted.push(posted);
          before = self.records;
          return self.dryRun ? empty(204) : empty(applied(posted));
        }
        default:
          return empty(404);
      }
    },
  };
  /** One after the other, as most webhooks do. */
  function applied({ create = [], updateOld = [], updateNew = [], delete: gone = [] }: Posted): number {
    for (const endpoint of gone) self.records = self.records.filter((record) => !same(record, endpoint));
    for (const [at, endpoint] of [...updateNew, ...create].entries()) {
      if (self.cannot.has(endpoint.dnsName)) return 500;
      const old = updateOld[at] ?? endpoint;
      self.records = [...self.records.filter((record) => !same(record, old)), endpoint];
    }
    return 204;
  }
  return self;
}
