/** What every command is given: the flags, a way to open the world, where to say things, and when time is up. */

import type { Config, Problem } from '../config/config.ts';
import { type ConfigFlags, type Loaded, loadConfig, withoutConfig } from '../config/load.ts';
import { describeFailure, type Failure, HANDLING } from '../core/failure.ts';
import type { Report } from '../round.ts';
import type { World } from '../world/world.ts';
import type { Output } from './output.ts';

export type Invocation = {
  readonly flags: ConfigFlags;
  readonly output: Output;
  /** Aborts when the time for the whole command is over, or on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly files: World['files'];
  readonly env: World['env'];
  /** `servers`: resolvers from the config; empty: the system's. */
  readonly openWorld: (servers: readonly string[]) => World;
};

/** The config, parsed as far as the hot path needs it; or the exit code, after every problem was told. `may-lack`: the command makes sense without one. */
export async function readConfig(invocation: Invocation, need: 'must-have' | 'may-lack' = 'must-have'): Promise<Config | number> {
  const loaded: Loaded = await loadConfig(invocation.flags, invocation, 'shape');
  switch (loaded.kind) {
    case 'ok':
      return loaded.config;
    case 'invalid':
      sayProblems(loaded.problems, loaded.path, invocation.output);
      return HANDLING.config.exit;
    case 'missing':
      if (need === 'may-lack' && invocation.flags.config === undefined && !invocation.env['DDNS_UPDATE_CONFIG']) return withoutConfig(invocation.flags, invocation);
      sayProblems(loaded.problems, undefined, invocation.output);
      return HANDLING.config.exit;
    default:
      return loaded satisfies never;
  }
}

/** Every problem on a line of its own, with the place. */
export function sayProblems(problems: readonly Problem[], file: string | undefined, output: Output): void {
  for (const problem of problems) output.err(printProblem(problem, file));
  if (output.json) output.out(problemsJson(problems));
}

/** The one JSON document of a command whose config is bad. */
export const problemsJson = (problems: readonly Problem[]): string => JSON.stringify({ version: 1, problems, exit: HANDLING.config.exit });

/** Tells what the round found wrong with the config, and what else concerns all of it. True: because of that nothing was done. */
export function isRefused({ problems, failures, warnings }: Pick<Report, 'problems' | 'failures' | 'warnings'>, file: string | undefined, output: Output): boolean {
  if (problems.some(({ severity }) => severity === 'error')) {
    sayProblems(problems, file, output);
    return true;
  }
  if (output.loud !== 'quiet') for (const problem of problems) output.err(printProblem(problem, file));
  for (const failure of failures) output.err(describeFailure(failure));
  for (const warning of warnings) output.err(`warning: ${warning}`);
  return false;
}

/** What stopped the command: one line for people, and the document where one is expected. Returns the exit code. */
export function sayFailure(failure: Failure, output: Output): number {
  output.err(failure.detail);
  if (output.json) output.out(failureJson(failure));
  return HANDLING[failure.kind].exit;
}

/** The one JSON document of a command that could not begin. */
export const failureJson = ({ kind, detail }: Failure): string => JSON.stringify({ version: 1, failures: [{ kind, detail }], exit: HANDLING[kind].exit });

/** `config.yaml:12: records[3].ttl: what is wrong`. */
export function printProblem({ path, line, column, message, severity }: Problem, file: string | undefined): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place === '' ? '' : `${place}: `}${severity === 'warning' ? 'warning: ' : ''}${path === '' ? '' : `${path}: `}${message}`;
}
