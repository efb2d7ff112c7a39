/** What stands beside a provider: the vendor's API as a pure fake over records in memory, and exchanges copied from the vendor's own pages. */
import type { FailureKind } from '../core/failure.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { FakeParts } from './world.ts';

/** One record as the vendor holds it: one value. RRset vendors hold several of one name and type as one set. */
export type FakeRecord = {
  readonly id: string;
  /** Full name, lower case, no final dot. */
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly ttl: number;
  /** What else hangs on it: proxied, comment, tags. */
  readonly extra?: Readonly<Record<string, unknown>>;
};

/** One zone of the vendor's. The fake changes `records`; the suite reads them to see what is true. */
export type FakeZone = { readonly id: string; readonly name: string; records: readonly FakeRecord[]; readonly nextId: () => string };

/** A contract for an HTTP vendor has `api`, any other has `backend`. */
export type Contract = {
  /** A complete, good set of options as a config would hold it, secrets as text. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The names of those options that are secrets. Nested ones are written with dots. */
  readonly secretOptions: readonly string[];
  /** What the fake hands out and nobody may see, such as the session of a log-in: fixed texts, none of them an option. */
  readonly sessions?: readonly string[];
  /** Where all test names lie. */
  readonly zone: string;
  /** Names for services where names exist only if the user made them there; default: h1, h2, ... in `zone`. */
  readonly names?: readonly string[];
  /** There are no zones: any name can be written. */
  readonly anyName?: true;
  /** One request, answered as the vendor would. `pageSize`: the vendor may list no more than that on a page. Throws only for what is a bug in the fake. */
  readonly api?: (zone: FakeZone, limits: { readonly pageSize: number }) => (request: HttpRequest) => HttpReply;
  /** For what does not speak HTTP. `zone.records` must be what the vendor holds before and after each call. */
  readonly backend?: (zone: FakeZone) => FakeParts;
  /** What hangs on a record or set besides its value and TTL, and must survive a new value. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The most requests, cold: one changed record; a thousand changed records of one zone (absent: not one call for many). */
  readonly budget: { readonly one: number; readonly thousand?: number };
  /** Copied from the vendor's pages or recorded traffic. */
  readonly documented: readonly Documented[];
  /** Where this vendor's answer to a weather has another meaning than HTTP's own: the kinds that are right. None: the weather cannot be told from this vendor's own success. */
  readonly weather?: Readonly<Record<string, readonly FailureKind[]>>;
};

/** One exchange as the vendor shows it. The adapter is made to send `request` and given `reply`; the fake must answer alike. */
export type Documented = {
  readonly title: string;
  /** The page or source it was copied from. */
  readonly page: string;
  /** What the zone holds before. */
  readonly given?: readonly Omit<FakeRecord, 'id'>[];
  /** What the adapter is asked for. */
  readonly act:
    | { readonly kind: 'read'; readonly name: string; readonly type: 'A' | 'AAAA' }
    | { readonly kind: 'write'; readonly name: string; readonly type: 'A' | 'AAAA'; readonly values: readonly string[]; readonly ttl?: number };
  /** The request that must be among those sent. `body`: this must be in it (JSON: these keys; else: this text). */
  readonly request: { readonly method: HttpRequest['method']; readonly path: RegExp; readonly body?: unknown };
  readonly reply: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string };
  /** How the act ends when this is the answer. */
  readonly ends: 'ok' | FailureKind;
  /** `unasked`: the fake has no way to come to this answer, only the adapter is checked. */
  readonly fake?: 'unasked';
};
