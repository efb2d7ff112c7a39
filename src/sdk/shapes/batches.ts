/** Doing many things with few calls: packing into batches, taking a refused batch apart, stopping when the account is told to. */
import { attempt, type Failure, Fault, HANDLING } from '../../core/failure.ts';

/** A limit of one batch call: the sum of `of` over its entries is at most `most`. */
export type Limit<T> = { readonly most: number; readonly of: (entry: T) => number };

/** Groups in order, each as large as the limits allow. An entry that is beyond a limit by itself stands alone. */
export function pack<T>(entries: readonly T[], limits: readonly Limit<T>[]): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let sums = limits.map(() => 0);
  for (const entry of entries) {
    const weights = limits.map(({ of }) => of(entry));
    const group = groups.at(-1);
    if (group && limits.every(({ most }, at) => (sums[at] ?? 0) + (weights[at] ?? 0) <= most)) {
      group.push(entry);
      sums = sums.map((sum, at) => sum + (weights[at] ?? 0));
    } else {
      groups.push([entry]);
      sums = weights;
    }
  }
  return groups;
}

export type Sent<R> = { readonly kind: 'sent'; readonly value: R } | { readonly kind: 'failed'; readonly failure: Failure };

/** How entries are sent: one at a time, or many at once where `batch` is given (all or nothing, results in order). */
export type Sending<T, R> = {
  readonly single: (entry: T) => Promise<R>;
  readonly batch?: {
    readonly limits: readonly Limit<T>[];
    /** Only entries of which this says the same go into one batch; undefined: this one goes alone. Absent: all are alike. */
    readonly alike?: (entry: T) => string | undefined;
    readonly send: (entries: readonly T[]) => Promise<readonly R[]>;
  };
  /** Single calls under way at a time. */
  readonly concurrency: number;
};

/** Refused batches in one go after which no more are tried. */
const MOST_REFUSED_BATCHES = 32;

/**
 * One result per entry, in order. A refused batch is halved until the bad entry stands alone, so that it does not take the others down.
 * After a Failure that concerns the account or the line nothing more is sent; the rest is told so. A batch whose fate is unknown is not repeated.
 */
export async function sendAll<T, R>(entries: readonly T[], sending: Sending<T, R>): Promise<readonly Sent<R>[]> {
  const results = new Map<T, Sent<R>>();
  let stopped: Failure | undefined;
  let refusals = 0;
  const fail = (some: readonly T[], failure: Failure) => {
    for (const entry of some) results.set(entry, { kind: 'failed', failure });
    if (stops(failure)) stopped ??= failure;
  };

  const singly = (some: readonly T[]) =>
    eachOf(some, sending.concurrency, async (entry) => {
      if (stopped) return fail([entry], unsent(stopped));
      const one = await attempt(() => sending.single(entry));
      if (one.kind === 'failed') fail([entry], one.failure);
      else results.set(entry, { kind: 'sent', value: one.value });
    });

  const together = async (some: readonly T[], batch: NonNullable<Sending<T, R>['batch']>): Promise<void> => {
    if (stopped) return fail(some, unsent(stopped));
    if (some.length === 1 || refusals >= MOST_REFUSED_BATCHES) return singly(some);
    const all = await attempt(async () => {
      const values = await batch.send(some);
      if (values.length !== some.length) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `a batch of ${some.length} was answered with ${values.length} results` });
      return values;
    });
    if (all.kind === 'ok') {
      for (const [at, entry] of some.entries()) results.set(entry, { kind: 'sent', value: all.value[at] as R });
      return;
    }
    if (all.failure.partly || (all.failure.kind !== 'refused' && all.failure.kind !== 'conflict')) return fail(some, all.failure);
    refusals++;
    const half = Math.ceil(some.length / 2);
    await together(some.slice(0, half), batch);
    await together(some.slice(half), batch);
  };

  const { batch } = sending;
  if (batch === undefined) await singly(entries);
  else {
    const kinds = new Map<string | undefined, T[]>();
    for (const entry of entries) {
      const kind = batch.alike ? batch.alike(entry) : '';
      kinds.set(kind, [...(kinds.get(kind) ?? []), entry]);
    }
    for (const [kind, some] of kinds) {
      if (kind === undefined) await singly(some);
      else for (const group of pack(some, batch.limits)) await together(group, batch);
    }
  }
  return entries.map((entry) => results.get(entry) ?? { kind: 'failed', failure: { kind: 'defect', detail: 'a change was lost on the way to the provider' } });
}

/** After this there is no use in asking the same account for more. */
const stops = (failure: Failure): boolean => failure.kind === 'network' || HANDLING[failure.kind].pauses === 'account';

/** The Failure of what was never sent because of `failure`: surely not applied. */
export function unsent(failure: Failure): Failure {
  const detail = `not sent, because before it ${failure.detail}`;
  const { phase: _of, partly: _also, ...rest } = failure;
  if (failure.kind === 'network') return { ...rest, phase: 'connect', detail };
  // An unavailable provider may have done what it was asked; what it was not asked, it has not.
  if (failure.kind === 'unavailable') return { ...rest, kind: 'throttled', detail };
  return { ...rest, detail };
}

/**
 * Steps that belong together where the provider does not take them at once. Throws the Fault of the step that failed, marked `partly` where
 * another was done before it. `what` names the change: `home.example.com A`. A step that is `false` is none.
 */
export async function inTurn<T>(what: string, some: readonly ((() => Promise<T>) | false)[]): Promise<readonly T[]> {
  const steps = some.filter((step) => step !== false);
  const done: T[] = [];
  for (const step of steps) {
    const one = await attempt(step);
    if (one.kind === 'ok') done.push(one.value);
    else if (done.length === 0) throw new Fault(one.failure);
    else throw new Fault({ ...one.failure, partly: true, detail: `${what}: ${done.length} of ${steps.length} steps were done, then ${one.failure.detail}` });
  }
  return done;
}

/** Runs `work` over all entries, at most `concurrency` at a time, started in order. */
export async function eachOf<T>(entries: readonly T[], concurrency: number, work: (entry: T) => Promise<void>): Promise<void> {
  const left = [...entries];
  const worker = async () => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) await work(entry);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, entries.length) }, worker));
}
