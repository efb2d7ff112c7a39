/** What `watch` does after a change, beside its rounds: climbs the ladder for what was published, tells how it ended, and puts back TTLs that were lowered for the move. */
import type { Config } from '../config/config.ts';
import type { Reason } from '../core/decide.ts';
import { attempt, describeFailure } from '../core/failure.ts';
import type { Climb } from '../core/ladder.ts';
import type { Outcome } from '../core/outcome.ts';
import { sameValues, type Target } from '../core/record.ts';
import { isGood, isSettledMove, type Verdict, verdictOf } from '../core/verdict.ts';
import { readState } from '../recall.ts';
import type { Report } from '../round.ts';
import type { World } from '../world/world.ts';
import { byWhen } from './clock-time.ts';
import type { Invocation } from './invocation.ts';

export type Aftermath = {
  /** A round has ended: what it changed is to be proven, and what is being proven of before is begun anew with it. */
  readonly heard: (report: Report) => Promise<void>;
  /** Begins what is to be proven, if anything is and nothing is under way. */
  readonly begin: (config: Config) => void;
  /** Gives up what is under way; it is begun again later on. */
  readonly pause: () => Promise<void>;
};

/** As long as `relocate` takes at most unless told otherwise. */
const LONGEST_MS = 5 * 60_000;
/** How long the answer to a write may still come when all is to end. */
const LAST_ANSWER_MS = 1000;
/** While TTLs are low, what could not be proven is looked at again so often, and not before the last cache has turned. */
const AGAIN_MS = 30 * 60_000;

export function openAftermath({ openWorld, output, files }: Invocation, clock: World['clock']): Aftermath {
  let open: ReadonlyMap<string, Outcome> = new Map();
  let work: { readonly over: AbortController; readonly done: Promise<void> } | undefined;
  /** On the clock that only grows. */
  let restUntil = 0;
  let said = '';

  const run = async (config: Config, signal: AbortSignal): Promise<void> => {
    const isLowered = lowersIn(config, files);
    if (config.verify === undefined && !isLowered) {
      open = new Map();
      return;
    }
    const world = openWorld(config.dns.servers);
    const time = new AbortController();
    const within = AbortSignal.any([signal, time.signal]);
    const timer = clock.sleep(LONGEST_MS, within).then(() => time.abort());
    try {
      const [{ proveOutcomes }, { restoreTtls }] = await Promise.all([import('../relocate/proving.ts'), import('../relocate/restoring.ts')]);
      const climbed = await attempt(() =>
        proveOutcomes(config, [...open.values()], { more: [], patienceMs: LONGEST_MS, waiting: 'for-caches', again: 'once-more', vacant: 'wait', signal: within }, world),
      );
      if (signal.aborted) return;
      const tried = open;
      open = new Map();
      if (climbed.kind === 'failed') return output.err(describeFailure(climbed.failure));
      const verdict = verdictOf(climbed.value, (at) => byWhen(at, clock.now()));
      const isSettled = isSettledMove(climbed.value);
      const one = `${verdict.kind} ${verdict.cause?.rung} ${verdict.cause?.name}`;
      if (one !== said) await tell(verdict, climbed.value);
      said = one;
      const restored = isSettled ? await restoreTtls(config, { names: [], signal: soonAfter(signal), wanted: signal, validate: async () => [] }, world) : undefined;
      // Broken off: it is begun again.
      if (signal.aborted) open = tried;
      else if (isLowered && (!isSettled || (restored?.exit ?? 0) !== 0)) {
        open = tried;
        restUntil = clock.elapsed() + Math.max(AGAIN_MS, (verdict.until ?? 0) - clock.now());
      }
    } finally {
      time.abort();
      await timer;
      await world.net.close();
    }
  };

  const soonAfter = (signal: AbortSignal): AbortSignal => {
    const last = new AbortController();
    signal.addEventListener('abort', () => void clock.sleep(LAST_ANSWER_MS).then(() => last.abort()), { once: true });
    return last.signal;
  };

  const tell = async (verdict: Verdict, climbs: readonly Climb[]): Promise<void> => {
    const { climbJson, sentence, verdictJson } = await import('./verify.ts');
    const good = isGood(verdict);
    if (output.json) output.out(JSON.stringify({ version: 1, verdict: verdictJson(verdict), names: climbs.map(climbJson) }));
    else if (!good) output.err(sentence(verdict));
    else if (output.loud !== 'quiet') output.out(sentence(verdict));
  };

  const pause = async (): Promise<void> => {
    work?.over.abort();
    await work?.done;
  };
  return {
    pause,
    async heard({ outcomes }) {
      const news = outcomes.filter(isMove);
      const doubted = new Set(outcomes.filter((outcome) => !stands(outcome)).map(keyOf));
      if (news.length === 0 && ![...open.keys()].some((key) => doubted.has(key))) return;
      await pause();
      open = new Map([...[...open].filter(([key]) => !doubted.has(key)), ...news.map((outcome) => [keyOf(outcome), outcome] as const)]);
      restUntil = 0;
      said = '';
    },
    begin(config) {
      if (open.size === 0 || work !== undefined || clock.elapsed() < restUntil) return;
      // By a config that was read again meanwhile, some may not be ours to prove any more.
      const configured = new Set(config.targets.map(nameOf));
      open = new Map([...open].filter(([key]) => configured.has(key)));
      if (open.size === 0) return;
      const over = new AbortController();
      const done = attempt(() => run(config, over.signal)).then((ended) => {
        work = undefined;
        if (ended.kind === 'ok') return;
        open = new Map();
        output.err(describeFailure(ended.failure));
      });
      work = { over, done };
    },
  };
}

const nameOf = ({ account, name, type }: Target): string => `${account} ${name} ${type}`;
const keyOf = ({ step: { decision } }: Outcome): string => nameOf(decision.target);

/** Whose answer was lost on the way, or what somebody else has done before us, is found to be so. */
const LATE: ReadonlySet<string> = new Set(['moved', 'interrupted', 'retry'] satisfies Reason[]);

/** It leads elsewhere now: more than a TTL is another, and it was not sent only so that it does not lapse. */
const isMove = ({ kind, step }: Outcome): boolean =>
  kind === 'already'
    ? step.decision.kind === 'set' && LATE.has(step.decision.why)
    : kind === 'changed' && 'after' in step && step.decision.why !== 'refresh' && step.decision.why !== 'beside' && !('before' in step && sameValues(step.before, step.after));

/** What was published of it earlier is still what is meant: else the box is elsewhere by now, and what was proven would be of where it was. */
const stands = ({ kind, step: { decision } }: Outcome): boolean => kind === 'changed' || kind === 'already' || (kind === 'kept' && decision.kind === 'keep' && decision.why === 'unchanged');

function lowersIn({ stateFolder }: Config, files: World['files']): boolean {
  const state = readState(stateFolder, { files });
  return typeof state !== 'string' && Object.keys(state.lowered ?? {}).length > 0;
}
