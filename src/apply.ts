/** Makes the steps true: the intent is stored first, then every account gets all its changes at once, side by side with the others. */
import type { OpenAccount } from './accounts.ts';
import { attempt, type Failure } from './core/failure.ts';
import { type Outcome, outcomeOf, outcomeWithoutWrite } from './core/outcome.ts';
import type { Change, Step, WriteResult, Writing } from './core/plan.ts';
import { keyOf } from './core/record.ts';

/** Where intents and outcomes are stored as they come. Both throw Fault `state`. */
export type Journal = {
  readonly intend: (steps: readonly Writing[]) => Promise<void>;
  readonly settle: (outcomes: readonly Outcome[]) => Promise<void>;
};

export type Applied = { readonly outcomes: readonly Outcome[] /** What went wrong with storing outcomes; they are true all the same. */; readonly unstored?: Failure };

/** Nothing is sent whose intent could not be stored: it would be sent again and again. */
export async function apply(steps: readonly Step[], accounts: ReadonlyMap<string, OpenAccount>, journal: Journal): Promise<Applied> {
  const writings = steps.filter(isWriting);
  const stored = await attempt(() => (writings.length > 0 ? journal.intend(writings) : undefined));
  const results = new Map<Writing, Outcome>();
  let unstored: Failure | undefined;
  if (stored.kind === 'failed') {
    for (const step of writings) results.set(step, { step, kind: 'failed', failure: stored.failure });
  } else {
    await Promise.all(
      [...grouped(writings)].map(async ([name, mine]) => {
        const outcomes = await write(accounts.get(name), mine);
        for (const outcome of outcomes) results.set(outcome.step as Writing, outcome);
        const settled = await attempt(() => journal.settle(outcomes));
        if (settled.kind === 'failed') unstored = settled.failure;
      }),
    );
  }
  const outcomes = steps.map((step) => (isWriting(step) ? results.get(step) : outcomeWithoutWrite(step))).filter((outcome) => outcome !== undefined);
  const rest = outcomes.filter(({ step }) => !isWriting(step));
  const restStored = await attempt(() => journal.settle(rest));
  unstored ??= restStored.kind === 'failed' ? restStored.failure : undefined;
  return { outcomes, ...(unstored === undefined ? {} : { unstored }) };
}

const isWriting = (step: Step): step is Writing => step.kind === 'create' || step.kind === 'replace' || step.kind === 'push';

function grouped(steps: readonly Writing[]): ReadonlyMap<string, readonly Writing[]> {
  const groups = new Map<string, Writing[]>();
  for (const step of steps) {
    const { account } = step.decision.target;
    const group = groups.get(account);
    if (group) group.push(step);
    else groups.set(account, [step]);
  }
  return groups;
}

async function write(account: OpenAccount | undefined, steps: readonly Writing[]): Promise<readonly Outcome[]> {
  if (account === undefined) throw new TypeError('steps were planned for an account that is not open');
  const answer = await attempt(() => account.provider.write(steps.map(changeOf)));
  return steps.map((step, at): Outcome => outcomeOf(step, answer.kind === 'failed' ? { kind: 'failed', failure: answer.failure } : (answer.value[at] ?? unanswered(step))));
}

function changeOf(step: Writing): Change {
  switch (step.kind) {
    case 'create':
      return { key: keyOf(step.after), before: { ...step.after, values: [] }, after: step.after };
    case 'replace':
      return { key: keyOf(step.after), before: step.before, after: step.after };
    case 'push':
      return { key: keyOf(step.after), after: step.after };
    default:
      return step satisfies never;
  }
}

const unanswered = (step: Writing): WriteResult => ({ kind: 'failed', failure: { kind: 'defect', detail: `the adapter gave no result for ${step.after.name} ${step.after.type}` } });
