/** `map`: makes the ports that were asked for lead here through the router, or takes back what was made. */
import { attempt } from '../core/failure.ts';
import { conflictIn, distinctPorts, type Port, parsePort } from '../core/mapping.ts';
import { describeMappings, exitOfMappings, mappingJson } from '../mapping/describe.ts';
import { makeMappings, removeMappings } from '../mapping/keep.ts';
import type { MapReport } from '../mapping/outcome.ts';
import { byWhen } from './clock-time.ts';
import { type Invocation, readConfig, sayFailure } from './invocation.ts';

export async function map(invocation: Invocation, args: readonly string[], { remove }: { readonly remove: boolean }): Promise<number> {
  const { output, signal } = invocation;
  const asked = parsePorts(args);
  if ('problem' in asked) return sayFailure({ kind: 'usage', detail: asked.problem }, output);
  const config = await readConfig(invocation, 'may-lack');
  if (typeof config === 'number') return config;
  const ports = asked.ports.length > 0 ? asked.ports : (config.router?.map ?? []);
  if (ports.length === 0 && !remove)
    return sayFailure({ kind: 'usage', detail: 'no port is asked for: say which (ddns-update map 443), or router: { map: [443] } in the config; none is opened unasked' }, output);
  const world = invocation.openWorld(config.dns.servers);
  try {
    const request = { stateFolder: config.stateFolder, policy: config.detect.policy, signal };
    const done = await attempt(() => (remove ? removeMappings(ports, asked.ports.length > 0 ? 'these' : 'all', request, world) : makeMappings(ports, request, world)));
    if (done.kind === 'failed') return sayFailure(done.failure, output);
    const clock = (at: number): string => byWhen(at, world.clock.now());
    return tell(done.value, invocation, clock);
  } finally {
    await world.net.close();
  }
}

export function parsePorts(args: readonly string[]): { readonly ports: readonly Port[] } | { readonly problem: string } {
  const parsed = args.map(parsePort);
  const wrong = parsed.find((one) => 'problem' in one);
  if (wrong !== undefined) return wrong;
  const ports = distinctPorts(parsed.flatMap((one) => ('problem' in one ? [] : [one])));
  const conflict = conflictIn(ports);
  return conflict === undefined ? { ports } : { problem: conflict };
}

function tell(report: MapReport, { output }: Invocation, clock: (at: number) => string): number {
  const { outcomes, useless, notes, warnings } = report;
  const exit = exitOfMappings(outcomes);
  for (const warning of warnings) output.err(`warning: ${warning}`);
  if (output.json) {
    output.out(JSON.stringify({ version: 1, ports: outcomes.map(mappingJson), notes, ...(useless === undefined ? {} : { useless }), exit }, undefined, 2));
    return exit;
  }
  for (const { line, isGood } of describeMappings(report, clock)) {
    if (!isGood) output.err(line);
    else if (output.loud !== 'quiet') output.out(line);
  }
  if (outcomes.length === 0 && output.loud !== 'quiet') output.out('nothing of ours is mapped, as far as is remembered');
  return exit;
}
