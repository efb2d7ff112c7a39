/** What a round amounts to: its report, and what is to be remembered of what was told. */
import type { Config, Problem } from './config/config.ts';
import type { Family } from './core/address.ts';
import { type Failure, HANDLING, worst } from './core/failure.ts';
import type { Observation } from './core/observe.ts';
import { exitOf, type Outcome } from './core/outcome.ts';
import type { Target } from './core/record.ts';
import type { Unlowerable } from './lowering.ts';
import type { Prepared } from './prepared.ts';
import type { State } from './recall.ts';
import { isLocated, type News, tell } from './report.ts';
import type { Lingering } from './verify/lingering.ts';

export type Report = {
  readonly observations: readonly Observation[];
  readonly outcomes: readonly Outcome[];
  /** What stopped the round, or could not be stored, apart from what became of the targets. */
  readonly failures: readonly Failure[];
  /** Of the config, when it was looked at whole; with an error among them nothing was done. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** What is worth telling somebody who did not ask. */
  readonly news: readonly News[];
  /** Of a round that was to lower TTLs: whose are not ours to lower. */
  readonly unlowerable?: ReadonlyMap<Target, Unlowerable>;
  /** And which of those that were lowered a name server still told as they were. */
  readonly lingering?: ReadonlyMap<Target, Lingering>;
  readonly exit: number;
};

export function conclude(
  config: Config,
  { state, warnings }: Pick<Prepared, 'state' | 'warnings'>,
  { observations }: { readonly observations: ReadonlyMap<Family, Observation> },
  outcomes: readonly Outcome[],
  { settling }: { readonly settling?: boolean },
  now: number,
): { readonly report: Report; readonly told: State['told'] } {
  const { news, told } = tell(settling ? outcomes.filter(isLocated) : outcomes, state.told, now);
  const notes = [...warnings, ...(config.targets.length === 0 ? ['the config names no records'] : [])];
  return { told, report: { observations: [...observations.values()], outcomes, failures: [], problems: [], warnings: notes, news, exit: exitOf(outcomes) } };
}

export const withFailures = (report: Report, failures: readonly Failure[]): Report => ({
  ...report,
  failures: [...report.failures, ...failures],
  exit: worst([report.exit, ...failures.map(({ kind }) => HANDLING[kind].exit)]),
});

export const stopped = (failures: readonly Failure[]): Report => withFailures({ observations: [], outcomes: [], failures: [], problems: [], warnings: [], news: [], exit: 0 }, failures);
