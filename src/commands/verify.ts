/** `verify`: how far it is proven that the names lead here. Asks, changes nothing. */
import { loadConfig } from '../config/load.ts';
import { describeFailure, worst } from '../core/failure.ts';
import { type Climb, type Rung, stateOf } from '../core/ladder.ts';
import { observationJson } from '../report.ts';
import { round } from '../round.ts';
import { climb } from '../verify/climb.ts';
import { peerAt } from '../world/resolvers.ts';
import type { Peer } from '../world/world.ts';
import { type Invocation, readConfig, sayFailure, sayProblems } from './invocation.ts';
import { parseNames, strangerTo } from './names.ts';

/** Who is asked what caches hold, where the config names nobody. */
const RESOLVERS: readonly string[] = ['1.1.1.1', '8.8.8.8', '9.9.9.9'];
/** Name servers that are behind are given so long. */
const PATIENCE_MS = 10_000;
/** DESIGN 3: published but not proven. */
const NOT_PROVEN = 1;

export async function verify(invocation: Invocation): Promise<number> {
  const { output, signal } = invocation;
  const asked = parseNames(invocation.flags);
  if ('problem' in asked) return sayFailure({ kind: 'usage', detail: asked.problem }, output);
  const config = await readConfig(invocation);
  if (typeof config === 'number') return config;
  const stranger = strangerTo(config.targets, asked.names);
  if (stranger !== undefined) return sayFailure({ kind: 'usage', detail: stranger }, output);
  const world = invocation.openWorld(config.dns.servers);
  try {
    const report = await round(config, world, { dry: true, force: true, names: asked.names, signal, validate: async () => (await loadConfig(invocation.flags, invocation, 'all')).problems });
    if (report.problems.some(({ severity }) => severity === 'error')) {
      sayProblems(report.problems, config.path, output);
      return report.exit;
    }
    for (const failure of report.failures) output.err(describeFailure(failure));
    for (const warning of report.warnings) output.err(`warning: ${warning}`);
    const resolvers = (config.verify?.resolvers.length ? config.verify.resolvers : RESOLVERS).map(resolverOf);
    const climbs = await climb(report.outcomes, { resolvers, patienceMs: PATIENCE_MS }, { clock: world.clock, net: world.net, random: world.random, signal });
    const exit = worst([report.exit, ...climbs.map((one) => (stateOf(one) === 'proven' ? 0 : NOT_PROVEN))]);
    if (output.json) output.out(JSON.stringify({ version: 1, observations: report.observations.map(observationJson), names: climbs.map(climbJson), exit }, undefined, 2));
    else if (output.loud !== 'quiet') for (const line of climbs.flatMap(linesOf)) output.out(line);
    return exit;
  } finally {
    await world.net.close();
  }
}

/** Literals that the config has checked, or ours. The port of DNS is not worth a word. */
function resolverOf(name: string): { readonly name: string; readonly peer: Peer } {
  const peer = peerAt(name);
  if (peer === undefined) throw new TypeError(`${name} is no resolver`);
  return { name: peer.port === 53 ? peer.address : name, peer };
}

const TITLES = { provider: 'provider', authoritative: 'name servers', signatures: 'signatures', caches: 'caches', port: 'port', identity: 'machine' } as const;
const MARKS = { proven: 'yes', pending: 'not yet', failed: 'no', unknown: 'cannot tell' } as const;

function linesOf({ target, wanted, rungs }: Climb): readonly string[] {
  const head = `${target.name} ${target.type}${wanted === undefined ? '' : ` ${wanted.values.join(', ')}`}: ${headline(rungs)}`;
  return [head, ...rungs.map(({ rung, state, words, until }) => `  ${TITLES[rung].padEnd(12)} ${MARKS[state].padEnd(11)} ${words}${until === undefined ? '' : `; everybody by ${clockTime(until)}`}`)];
}

/** The worst rung in a few words. */
function headline(rungs: readonly Rung[]): string {
  const state = stateOf({ rungs });
  const first = rungs.find((rung) => rung.state === state);
  if (state === 'proven') return 'proven';
  if (state === 'unknown') return 'cannot tell';
  if (first?.rung === 'provider') return 'not published';
  return first?.rung === 'caches' ? 'published; caches still turn' : state === 'pending' ? 'published; some name servers are behind' : 'published, but its name servers are not in order';
}

/** `14:05`, here. */
function clockTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}

const climbJson = (one: Climb): unknown => ({
  name: one.target.name,
  type: one.target.type,
  account: one.target.account,
  ...(one.wanted === undefined ? {} : { wanted: one.wanted.values }),
  state: stateOf(one),
  proofs: one.rungs.map(({ rung, state, words, until }) => ({ rung, state, words, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) })),
});
