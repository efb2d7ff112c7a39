/** What a provider is: a manifest (data), and an account opened from it that can read and write RRsets. */
import type { InferOutput, ObjectEntries, ObjectSchema } from 'valibot';
import type { Failure } from '../core/failure.ts';
import type { Capabilities, Change, WriteResult } from '../core/plan.ts';
import type { RecordKey, RecordSet } from '../core/record.ts';
import type { Clock, Files, Net, Processes } from '../world/world.ts';
import { type Budget, withBudget } from './budget.ts';

/** One account, opened. Hardly any adapter implements this itself: the shapes do. */
export type Provider = {
  /**
   * What is there now for exactly these names and types. A key with `undefined`: there is no such record. A key with a Failure: this one
   * could not be read, others could. Throws Fault when nothing could be read. Absent: this provider cannot be asked.
   */
  read?(keys: readonly RecordKey[]): Promise<ReadonlyMap<RecordKey, RecordSet | Failure | undefined>>;
  /** Makes each set say exactly this and touches nothing else; twice is once. One result per change, in order. Throws Fault when all failed alike. */
  write(changes: readonly Change[]): Promise<readonly WriteResult[]>;
  /** Waits until the provider says that all its name servers have what was written; false when `timeoutMs` ended before. Absent: it cannot tell. */
  settled?(timeoutMs: number): Promise<boolean>;
  /** Ends what `open`, `read` or `write` began, such as a log-in. Called once, when nothing more is asked; what it throws is nobody's trouble. */
  close?(): Promise<void>;
};

/** What an adapter may use of the world. Nothing else is within its reach. */
export type Tools = {
  readonly account: string;
  readonly net: Net;
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: Processes;
  /** In [0, 1). */
  readonly random: () => number;
  /** Ends with the command's own time. Waits and requests of the SDK heed it. */
  readonly signal: AbortSignal;
  /** A dry run: only looks. `write` is not called, and `read` must not make up for anything either. */
  readonly dry?: boolean;
  /** `ddns-update/1.2.3 (+https://...)`. */
  readonly userAgent: string;
  /** Remembered across rounds: zone names and their ids. Dropped when the provider says that an id is unknown. */
  readonly zones: ZoneMemory;
  /** Takes the run's secrets out of text, for messages that repeat a provider's words. Absent: such words are left out. */
  readonly redact?: (text: string) => string;
  /** What the vendor hands out and must not show: a session, a token. From then on it is taken out of trace and messages as the account's own secrets are. */
  readonly learn?: (text: string) => void;
  /** Environment, for SDKs with a credential chain of their own. */
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type ZoneMemory = { get(): readonly Zone[]; set(zones: readonly Zone[]): void };
/** `name`: lower-case, no final dot. `id`: whatever the provider calls it. `unpublished`: something was written there and is not served yet; see `publishing`. */
export type Zone = { readonly name: string; readonly id: string; readonly unpublished?: true };

/**
 * How sure the adapter's facts are, by what stands behind them in the tests.
 * `official`: every request it sends and every answer it understands is held against the vendor's own machine-readable description, or against a real server of
 * that software. `documented`: its contract holds exchanges that the vendor's pages show, or that were recorded, and it sends and understands those.
 * `unverified`: put together from what other programs send; the vendor has confirmed none of it.
 */
export type Evidence = 'official' | 'documented' | 'unverified';

export type Manifest<Entries extends ObjectEntries = ObjectEntries> = {
  readonly api: 1;
  readonly id: string;
  /** As the vendor writes it. */
  readonly name: string;
  /** The page the facts were read from, and when. */
  readonly reference: string;
  readonly checked: string;
  readonly evidence: Evidence;
  /** What the reference leaves open or only suggests, one sentence each: shown as unverified. */
  readonly unverified?: readonly string[];
  /** Other words people look for: former names, brands that share the API, what other programs call it. */
  readonly also?: readonly string[];
  /** Who runs it, where several ids belong to one vendor, so that it is counted once. Default: `name`. */
  readonly vendor?: string;
  /** What `check` says to whoever uses it, as warnings: it is old, it stores something else than it is told. */
  readonly warnings?: readonly string[];
  /** It cannot be used: why, and what to use instead. Known by name only, so that this is said; listed nowhere, refused in a config. */
  readonly absent?: string;
  /** What the provider allows one set of credentials; kept to, so that it need not say so. */
  readonly rate?: Budget;
  readonly can: Capabilities | ((options: InferOutput<ObjectSchema<Entries, undefined>>) => Capabilities);
  /** Every option with its schema and description; `endpoint` is added by the SDK. */
  readonly options: Entries;
  /** What is wrong with options that are each right by themselves: one sentence each, shown by the config check. */
  readonly problems?: (options: InferOutput<ObjectSchema<Entries, undefined>>) => readonly string[];
  /** Option → environment variables that the provider's own tools use, first match wins. For use without a config. */
  readonly environment?: { readonly [K in keyof Entries]?: readonly string[] };
  /** Options of an example config as a user would write them, with `endpoint` for a server of one's own, where the required ones alone do not make one. */
  readonly example?: { readonly [K in keyof Entries | 'endpoint']?: unknown };
  /** A name that it can hold, for the example, where that is no name of any zone. Default: `home.example.com`. */
  readonly exampleName?: string;
  /** How to get credentials with the least rights, in plain sentences. */
  readonly credentials: string;
  readonly open: (options: InferOutput<ObjectSchema<Entries, undefined>> & { readonly endpoint?: string }, tools: Tools) => Provider | Promise<Provider>;
};

/** Checks the shape at compile time and returns it unchanged, as one of many: whoever opens it has its options parsed by its own schemas first. */
export const defineProvider = <const Entries extends ObjectEntries>(manifest: Manifest<Entries>): Manifest => manifest as unknown as Manifest;

/** Opens an account with parsed options, within the rate its provider allows. */
export const openProvider = async (manifest: Pick<Manifest, 'rate' | 'open'>, options: Parameters<Manifest['open']>[0], tools: Tools): Promise<Provider> =>
  manifest.open(options, manifest.rate ? withBudget(tools, manifest.rate) : tools);
