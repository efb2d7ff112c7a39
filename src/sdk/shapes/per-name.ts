/** Services without zones, where one request carries all addresses of one name: it must hold both families, or the other one is lost. */
import { type Failure, Fault } from '../../core/failure.ts';
import type { Fqdn } from '../../core/name.ts';
import type { Change, WriteResult } from '../../core/plan.ts';
import { keyOf, partsOf, type RecordKey, type RecordSet } from '../../core/record.ts';
import type { Provider } from '../provider.ts';
import { sendAll } from './batches.ts';

/** What is peculiar to one such service. */
export type PerName = {
  /** The sets of one name; a type that is not among them has no record. Absent: the service cannot be asked. */
  readonly read?: (name: Fqdn) => Promise<readonly RecordSet[]>;
  /** All changed sets of one name (one or two) in as few requests as the service needs. Resolves with the sets as the answer shows them, or nothing. */
  readonly write: (name: Fqdn, sets: readonly RecordSet[]) => Promise<readonly RecordSet[] | undefined>;
  /** Requests under way at a time; default 1: such services like one after the other. */
  readonly concurrency?: number;
};

export function perName(calls: PerName): Provider {
  const concurrency = calls.concurrency ?? 1;
  const { read } = calls;
  return {
    ...(read
      ? {
          async read(keys: readonly RecordKey[]) {
            const names = [...new Set(keys.map((key) => partsOf(key).name))];
            const answers = await sendAll(names, { single: read, concurrency });
            const [first] = answers;
            if (first?.kind === 'failed' && answers.every((answer) => answer.kind === 'failed' && answer.failure.kind === first.failure.kind)) throw new Fault(first.failure);
            const byName = new Map(names.map((name, at) => [name, answers[at]]));
            return new Map(
              keys.map((key): [RecordKey, RecordSet | Failure | undefined] => {
                const answer = byName.get(partsOf(key).name);
                if (answer?.kind !== 'sent') return [key, answer?.failure];
                return [key, answer.value.find((set) => keyOf(set) === key && set.values.length > 0)];
              }),
            );
          },
        }
      : {}),
    async write(changes) {
      const groups = new Map<Fqdn, Change[]>();
      for (const change of changes) {
        const { name } = change.after;
        groups.set(name, [...(groups.get(name) ?? []), change]);
      }
      const answers = await sendAll([...groups], {
        single: ([name, some]) =>
          calls.write(
            name,
            some.map(({ after }) => after),
          ),
        concurrency,
      });
      const results = new Map<Change, WriteResult>();
      for (const [at, some] of [...groups.values()].entries()) {
        const answer = answers[at];
        for (const change of some) results.set(change, answer?.kind === 'sent' ? resultOf(change, answer.value) : (answer ?? lost(change)));
      }
      return changes.map((change) => results.get(change) ?? lost(change));
    },
  };
}

const lost = ({ key }: Change): WriteResult => ({ kind: 'failed', failure: { kind: 'defect', detail: `${key} got no result` } });

/** Written, unless the service's own answer shows something else than was asked for. */
function resultOf({ key, after }: Change, shown: readonly RecordSet[] | undefined): WriteResult {
  const stored = shown?.find((set) => keyOf(set) === key);
  if (stored === undefined) return { kind: 'written' };
  if (stored.values.length === after.values.length && stored.values.every((value, at) => value === after.values[at])) return { kind: 'written', stored };
  const detail = `${after.name} ${after.type} was to become ${after.values.join(', ')}, but the answer says that it is ${stored.values.join(', ') || 'absent'}`;
  return { kind: 'failed', failure: { kind: 'gibberish', phase: 'reply', detail } };
}
