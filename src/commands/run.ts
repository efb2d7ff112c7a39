/** `run` and `plan`: one round, told as the audience wants it. */
import { loadConfig } from '../config/load.ts';
import { didYouMean } from '../config/suggest.ts';
import { describeFailure } from '../core/failure.ts';
import { type Fqdn, parseName } from '../core/name.ts';
import { describeObservation } from '../core/observe.ts';
import type { Target } from '../core/record.ts';
import { refusal } from '../core/special.ts';
import { describeOutcome, reportJson } from '../report.ts';
import { type Report, type Request, round } from '../round.ts';
import { type Invocation, printProblem, readConfig, sayFailure, sayProblems } from './invocation.ts';
import type { Output } from './output.ts';

export type RoundOptions = Pick<Request, 'dry' | 'force' | 'glimpses'>;

export async function run(invocation: Invocation, options: RoundOptions): Promise<number> {
  const asked = parseNames(invocation.flags.provider === undefined ? invocation.flags.names : []);
  if ('problem' in asked) return sayFailure({ kind: 'usage', detail: asked.problem }, invocation.output);
  const config = await readConfig(invocation);
  if (typeof config === 'number') return config;
  const stranger = asked.names.find((name) => !config.targets.some((target) => target.name === name));
  if (stranger !== undefined) return sayFailure({ kind: 'usage', detail: `${stranger} is not in the config; configured are ${listed(config.targets)}` }, invocation.output);
  for (const address of config.detect.given.values()) {
    const special = refusal(address, config.detect.policy);
    if (special !== undefined && invocation.output.loud !== 'quiet') invocation.output.err(`warning: --ip ${address} is taken as you say, although it is ${special.reason.replace(/:.*$/, '')}`);
  }
  const world = invocation.openWorld(config.dns.servers);
  try {
    const report = await round(config, world, {
      ...options,
      names: asked.names,
      signal: invocation.signal,
      validate: async () => (await loadConfig(invocation.flags, invocation, 'all')).problems,
    });
    if (report.problems.some(({ severity }) => severity === 'error')) {
      sayProblems(report.problems, config.path, invocation.output);
      return report.exit;
    }
    for (const problem of report.problems) if (invocation.output.loud !== 'quiet') invocation.output.err(printProblem(problem, config.path));
    say(report, options, invocation.output);
    return report.exit;
  } finally {
    await world.net.close();
  }
}

/** What a mistyped name may have been meant to be. */
const COMMANDS = ['run', 'plan', 'detect', 'status', 'check', 'providers', 'demo', 'help'];

/** The names asked for, or what is wrong with one: a mistyped command ends up here too, before anybody looks for a config. */
function parseNames(asked: readonly string[]): { readonly names: readonly Fqdn[] } | { readonly problem: string } {
  const names: Fqdn[] = [];
  for (const text of asked) {
    const name = parseName(text);
    if (typeof name !== 'string') return { problem: `${text === '' ? 'a name ' : ''}${name.problem}${didYouMean(text, COMMANDS) || '; ddns-update --help lists the commands'}` };
    names.push(name);
  }
  return { names };
}

function listed(targets: readonly Target[]): string {
  const names = [...new Set(targets.map(({ name }) => name))];
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ') || 'none';
}

/** Somebody who looks gets a line per target; cron gets news only; the exit code says the rest. */
function say(report: Report, { dry }: RoundOptions, output: Output): void {
  for (const failure of report.failures) output.err(describeFailure(failure));
  for (const warning of report.warnings) output.err(`warning: ${warning}`);
  if (output.json) {
    output.out(JSON.stringify(reportJson(report), undefined, 2));
    return;
  }
  if (output.loud === 'quiet') {
    for (const { line } of report.news.filter(({ kind }) => kind === 'failing')) output.err(line);
    return;
  }
  if (output.terminal || dry || output.loud === 'verbose') {
    if (output.loud === 'verbose') for (const observation of [...report.observations].sort((a, b) => a.family - b.family)) output.out(`IPv${observation.family} ${describeObservation(observation)}`);
    for (const outcome of report.outcomes) output.out(describeOutcome(outcome));
    return;
  }
  for (const { kind, line } of report.news) (kind === 'failing' ? output.err : output.out)(line);
}
