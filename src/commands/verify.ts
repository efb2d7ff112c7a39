/** `verify`: how far it is proven that the names lead here. Asks, changes nothing. */
import { worst } from '../core/failure.ts';
import { type Climb, type Rung, stateOf } from '../core/ladder.ts';
import { exitOfVerdict, isGood, type Verdict, verdictOf } from '../core/verdict.ts';
import { describeProbe, proveOutcomes } from '../relocate/proving.ts';
import { headOf, lineOf, TITLES } from '../relocate/told.ts';
import { observationJson } from '../report.ts';
import { round } from '../round.ts';
import { byWhen } from './clock-time.ts';
import { failureJson, type Invocation, isRefused } from './invocation.ts';
import { readNamed } from './names.ts';
import type { Output } from './output.ts';
import { wrap } from './wrap.ts';

/** Name servers that are behind are given so long. */
const PATIENCE_MS = 10_000;

export async function verify(invocation: Invocation): Promise<number> {
  const { output, signal } = invocation;
  const named = await readNamed(invocation);
  if (typeof named === 'number') return named;
  const { config, names, validate } = named;
  const world = invocation.openWorld(config.dns.servers);
  try {
    const report = await round(config, world, { dry: true, force: true, names, signal, validate });
    if (isRefused(report, config.path, output)) return report.exit;
    const [stopped] = report.outcomes.length === 0 ? report.failures : [];
    if (stopped !== undefined) {
      if (output.json) output.out(failureJson(stopped));
      return report.exit;
    }
    const probe = await describeProbe(config, []);
    if (probe !== undefined && output.loud !== 'quiet') for (const line of wrap(probe, output.columns, '')) output.err(line);
    const climbs = await proveOutcomes(config, report.outcomes, { more: [], patienceMs: PATIENCE_MS, waiting: 'for-nobody', again: 'never', signal }, world);
    const clock = (at: number): string => byWhen(at, world.clock.now());
    const verdict = verdictOf(climbs, clock);
    const exit = worst([report.exit, exitOfVerdict(verdict)]);
    if (output.json)
      output.out(JSON.stringify({ version: 1, observations: report.observations.map(observationJson), names: climbs.map(climbJson), verdict: verdictJson(verdict), exit }, undefined, 2));
    else if (output.loud !== 'quiet') for (const line of [...climbs.flatMap((one) => linesOf(one, clock, output)), ...sentences(verdict, output)]) output.out(line);
    else if (!isGood(verdict)) for (const line of sentences(verdict, output)) output.err(line);
    return exit;
  } finally {
    await world.net.close();
  }
}

function linesOf({ target, wanted, rungs }: Climb, clock: (at: number) => string, { columns }: Output): readonly string[] {
  const head = `${target.name} ${target.type}${wanted === undefined ? '' : ` ${wanted.values.join(', ')}`}: ${headline(rungs)}`;
  return [
    ...wrap(head, columns, '  '),
    ...rungs.flatMap(({ rung, port, state, words, until }) => {
      const step = { key: rung, title: rung === 'port' && port !== undefined ? `port ${port}` : TITLES[rung], state, words: until === undefined ? words : `${words}; everybody by ${clock(until)}` };
      return wrap(lineOf(step), columns, ' '.repeat(headOf(step).length));
    }),
  ];
}

/** The worst rung in a few words. */
function headline(rungs: readonly Rung[]): string {
  const state = stateOf({ rungs });
  const first = rungs.find((rung) => rung.state === state);
  if (state === 'proven' || first === undefined) return 'proven';
  if (state === 'unknown') return 'cannot tell';
  if (state === 'pending' && first.rung === 'authoritative') return 'published; not every name server has it yet';
  return first.rung === 'caches' && rungs.some(({ rung }) => rung === 'port') ? 'reachable; caches still turn' : OBSTACLES[first.rung];
}

const OBSTACLES: { readonly [R in Rung['rung']]: string } = {
  provider: 'not published',
  authoritative: 'published, but its name servers are not in order',
  signatures: 'published, but its signatures do not fit',
  caches: 'published; caches still turn',
  port: 'published, but closed to the world',
  identity: 'published, but it leads elsewhere',
};

export const climbJson = (one: Climb): unknown => ({
  name: one.target.name,
  type: one.target.type,
  account: one.target.account,
  ...(one.wanted === undefined ? {} : { wanted: one.wanted.values }),
  state: stateOf(one),
  proofs: one.rungs.map(rungJson),
});

const rungJson = ({ rung, port, state, words, until, advice }: Rung): object => ({
  rung,
  ...(port === undefined ? {} : { port }),
  state,
  words,
  ...(advice === undefined ? {} : { advice }),
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
});

/** "Published, but ...", and on a line of its own what to do next. */
export const sentence = ({ words, next }: Verdict): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.${next === undefined ? '' : `\nNext: ${next}${next.endsWith('?') ? '' : '.'}`}`;

/** As `sentence`, in lines that fit. */
export const sentences = (verdict: Verdict, { columns }: Pick<Output, 'columns'>): readonly string[] =>
  sentence(verdict)
    .split('\n')
    .flatMap((line) => wrap(line, columns, ''));

export const verdictJson = ({ until, cause, ...verdict }: Verdict): unknown => ({
  ...verdict,
  ...(cause === undefined ? {} : { cause: { name: cause.name, type: cause.type, ...rungJson(cause) } }),
  ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
});
