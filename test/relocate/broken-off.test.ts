/** What relocate tells when its time is up in the middle of a try: what the last whole one found. */
import { expect, test, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import type { Target } from '../../src/core/record.ts';
import { relocate } from '../../src/relocate/relocate.ts';
import type { Request } from '../../src/request.ts';
import type { Report } from '../../src/round.ts';
import { fakeWorld } from '../../src/testing/world.ts';

const rounds: ((request: Request) => Report)[] = [];
vi.mock('../../src/round.ts', () => ({
  round: async (_config: Config, _world: unknown, request: Request) => {
    const next = rounds.shift();
    if (next === undefined) throw new Error('no round is left');
    return next(request);
  },
}));
vi.mock('../../src/relocate/proving.ts', () => ({ proveOutcomes: async () => [] }));
vi.mock('../../src/relocate/restoring.ts', () => ({ restoreTtls: async () => undefined, stillLow: async () => [] }));

const target: Target = { name: fqdn('home.example.com'), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' };
const disputed = (why: string): Report => {
  const outcome: Outcome = { kind: 'kept', step: { kind: 'keep', decision: { target, kind: 'keep', why: 'disputed', failure: { kind: 'disputed', detail: why } } } };
  return { outcomes: [outcome], observations: [{ family: 4, ballots: [], kind: 'disputed', why }], failures: [], warnings: [], news: [], problems: [], exit: 75 } as unknown as Report;
};

/** Each try finds what is said; in the last one time is up. */
async function ended(...whys: readonly string[]) {
  const time = new AbortController();
  rounds.push(
    ...whys.map((why, at) => () => {
      if (at === whys.length - 1) time.abort();
      return disputed(why);
    }),
  );
  const config = { accounts: {}, targets: [target], detect: { policy: {} } } as unknown as Config;
  const request = { names: [], map: [], more: [], vacant: 'wait', signal: time.signal, longestMs: 60_000, validate: async () => [], tell: () => {} } as const;
  const { report } = await relocate(config, request, fakeWorld(), String);
  return [...report.observations.map((one) => ('why' in one ? one.why : one.kind)), ...report.outcomes.map(({ step }) => 'failure' in step.decision && step.decision.failure?.detail)];
}

test('a try that was broken off says less of the cause than the one before it', async () => {
  expect(await ended('certificates are not of this time', 'one of two kinds of transport')).toEqual(['certificates are not of this time', 'certificates are not of this time']);
});
test('it is all there is where there was none before', async () => {
  expect(await ended('one of two kinds of transport')).toEqual(['one of two kinds of transport', 'one of two kinds of transport']);
});
