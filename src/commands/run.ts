/** `run` and `plan`: one round, told as the audience wants it. */
import { describeObservation } from '../core/observe.ts';
import { refusal } from '../core/special.ts';
import { describeOutcome, reportJson } from '../report.ts';
import { type Report, type Request, round } from '../round.ts';
import { type Invocation, isRefused } from './invocation.ts';
import { readNamed } from './names.ts';
import type { Output } from './output.ts';

export type RoundOptions = Pick<Request, 'dry' | 'force' | 'glimpses'>;

export async function run(invocation: Invocation, options: RoundOptions): Promise<number> {
  const named = await readNamed(invocation);
  if (typeof named === 'number') return named;
  const { config, names, validate } = named;
  for (const address of config.detect.given.values()) {
    const special = refusal(address, config.detect.policy);
    if (special !== undefined && invocation.output.loud !== 'quiet') invocation.output.err(`warning: --ip ${address} is taken as you say, although it is ${special.reason.replace(/:.*$/, '')}`);
  }
  const world = invocation.openWorld(config.dns.servers);
  try {
    const report = await round(config, world, {
      ...options,
      names,
      signal: invocation.signal,
      validate,
    });
    if (isRefused(report, config.path, invocation.output)) return report.exit;
    say(report, options, invocation.output);
    return report.exit;
  } finally {
    await world.net.close();
  }
}

/** Somebody who looks gets a line per target; cron gets news only; the exit code says the rest. */
function say(report: Report, { dry }: RoundOptions, output: Output): void {
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
