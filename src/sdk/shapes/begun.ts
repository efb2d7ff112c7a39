/** Vendors that answer "begun" and carry it out later: all changes are begun first, then it is asked for all of them together what became of them. */
import { attempt, type Failure } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { keyOf, type RecordKey, type RecordType } from '../../core/record.ts';
import { until } from '../once.ts';
import type { Provider, Tools } from '../provider.ts';

/** What the vendor says of something begun; `failed`: it will not come to be, `why` in the vendor's words. */
export type Begun = { readonly kind: 'running' } | { readonly kind: 'done' } | { readonly kind: 'failed'; readonly why: string };

export type Beginnings<Id> = {
  /** Notes that the change of this set, or of a record in it, goes on under this id. */
  readonly note: (set: { readonly name: string; readonly type: string }, id: Id, state: Begun) => void;
  /** The same provider, whose `write` ends when what it began has. */
  readonly awaited: (provider: Provider) => Provider;
};

/**
 * `ask`: the states of these ids, or of the first of them; asked on while there is news, then every second, for 30 s at most. What is not known to be done then, or cannot be
 * asked for, is a Failure that says that it may still come to be.
 */
export function beginnings<Id>(tools: Pick<Tools, 'clock' | 'signal'>, ask: (ids: readonly Id[]) => Promise<ReadonlyMap<Id, Begun>>): Beginnings<Id> {
  const states = new Map<Id, { readonly key: RecordKey; state: Begun }>();
  const running = (): readonly Id[] => [...states].flatMap(([id, { state }]) => (state.kind === 'running' ? [id] : []));

  const settle = async (): Promise<true> => {
    await tools.clock.sleep(EVERY_MS, tools.signal);
    return until(tools, { everyMs: EVERY_MS, mostMs: 30_000, purpose: 'carry out what it began' }, async () => {
      for (let before = Number.POSITIVE_INFINITY; running().length < before; ) {
        before = running().length;
        if (before === 0) return true;
        for (const [id, state] of await ask(running())) {
          const known = states.get(id);
          if (known) known.state = state;
        }
      }
      return undefined;
    });
  };

  return {
    note: ({ name, type }, id, state) => void states.set(id, { key: keyOf({ name: name.toLowerCase() as Fqdn, type: type as RecordType }), state }),
    awaited: (provider) => ({
      ...provider,
      async write(changes) {
        states.clear();
        const results = await provider.write(changes);
        const settled = running().length === 0 ? undefined : await attempt(settle);
        const unasked = settled?.kind === 'failed' ? settled.failure : undefined;
        return results.map((result, at) => {
          const change = changes[at];
          if (result.kind === 'failed' || change === undefined) return result;
          const own = [...states.values()].filter(({ key }) => key === change.key).map(({ state }) => state);
          const failed = own.find((state) => state.kind === 'failed');
          if (failed) return unfinished(change, { kind: 'unavailable', detail: failed.why });
          return own.some((state) => state.kind === 'running') && unasked ? unfinished(change, unasked) : result;
        });
      },
    }),
  };
}

const EVERY_MS = 1000;

/** It was begun, so whatever went wrong then, it may come to be. */
const unfinished = ({ after }: Change, failure: Failure): WriteResult => ({
  kind: 'failed',
  failure: { ...failure, partly: true, detail: `${after.name} ${after.type}: the change was begun, but it is not known to be done: ${failure.detail}` },
});
