/** Steps in turn: what fails after another was done keeps its name, and admits that something landed. */
import { expect, it } from 'vitest';
import { attempt, type FailureKind, Fault, mayBeApplied } from '../../src/core/failure.ts';
import { inTurn, unsent } from '../../src/sdk/shapes/batches.ts';

const fails = (kind: FailureKind) => async (): Promise<number> => {
  throw new Fault({ kind, detail: 'it said no', retryAfterSeconds: 7 });
};
const done = async (): Promise<number> => 1;

it('gives what each step gave, in order', async () => {
  expect(await inTurn('home.example.com A', [done, async () => 2])).toEqual([1, 2]);
});

it.each(['auth', 'throttled', 'refused', 'network'] as const)('a first step that ends in %s did nothing', async (kind) => {
  const one = await attempt(() => inTurn('home.example.com A', [fails(kind), done]));
  expect(one).toEqual({ kind: 'failed', failure: { kind, detail: 'it said no', retryAfterSeconds: 7 } });
});

it.each(['auth', 'throttled', 'refused', 'network'] as const)('a second step that ends in %s is called so, and may have been applied', async (kind) => {
  const one = await attempt(() => inTurn('home.example.com A', [done, fails(kind)]));
  expect(one).toEqual({ kind: 'failed', failure: { kind, partly: true, detail: 'home.example.com A: 1 of 2 steps were done, then it said no', retryAfterSeconds: 7 } });
  if (one.kind !== 'failed') return;
  expect(mayBeApplied(one.failure)).toBe(true);
  expect(mayBeApplied(unsent(one.failure))).toBe(false);
});
