/** `detect`: every ballot with its milliseconds, and the verdict in words. Asks everybody, changes nothing. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Ballot } from '../core/ballot.ts';
import { attempt, HANDLING, worst } from '../core/failure.ts';
import { describeObservation, type Observation } from '../core/observe.ts';
import { detect as detectAll } from '../detect/detect.ts';
import { readState } from '../recall.ts';
import { observationJson } from '../report.ts';
import type { World } from '../world/world.ts';
import { type Invocation, readConfig } from './invocation.ts';
import type { Output } from './output.ts';

export async function detect(invocation: Invocation): Promise<number> {
  const config = await readConfig(invocation, 'may-lack');
  if (typeof config === 'number') return config;
  const world = invocation.openWorld(config.dns.servers);
  try {
    const families = config.targets.length > 0 ? ([...new Set(config.targets.map(({ family }) => family))].sort() as Family[]) : ([4, 6] as const);
    const found = await detectAll(
      config.detect,
      families,
      { published: await publishedIn(config.stateFolder, world), early: new Map(), newNetwork: false, patience: 'all', signal: invocation.signal },
      world,
    );
    const observations = [...found.values()];
    const exit = worst(observations.map(({ kind }) => (kind === 'agreed' || kind === 'same' ? 0 : HANDLING[kind].exit)));
    if (invocation.output.json) invocation.output.out(JSON.stringify({ version: 1, observations: observations.map(observationJson), exit }, undefined, 2));
    else for (const observation of observations) print(observation, invocation.output);
    return exit;
  } finally {
    await world.net.close();
  }
}

/** What was last agreed on, so that an address still in use is preferred; unreadable state is no reason not to look. */
async function publishedIn(folder: string, world: World): Promise<ReadonlyMap<Family, IpAddress>> {
  const state = await attempt(() => readState(folder, world));
  if (state.kind === 'failed' || typeof state.value === 'string') return new Map();
  const { families } = state.value;
  return new Map(([4, 6] as const).flatMap((family) => (families[family]?.address ? [[family, families[family].address] as const] : [])));
}

function print(observation: Observation, output: Output): void {
  output.out(`IPv${observation.family}`);
  const widths = {
    source: width(observation.ballots, ({ source }) => source),
    operator: width(observation.ballots, ({ operator }) => operator),
    transport: width(observation.ballots, ({ transport }) => transport),
  };
  for (const ballot of observation.ballots) {
    const says = ballot.kind === 'address' ? ballot.address : `${ballot.failure.kind}: ${ballot.failure.detail}`;
    output.out(`  ${ballot.source.padEnd(widths.source)}  ${ballot.operator.padEnd(widths.operator)}  ${ballot.transport.padEnd(widths.transport)}  ${ballot.ms.toFixed(0).padStart(5)} ms  ${says}`);
  }
  output.out(`  ${describeObservation(observation)}`);
}

const width = (ballots: readonly Ballot[], column: (ballot: Ballot) => string): number => Math.max(0, ...ballots.map((ballot) => column(ballot).length));
