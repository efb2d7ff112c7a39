/** `map`: makes the ports that were asked for lead here through the router, or takes back what was made. */
import { attempt, HANDLING, worst } from '../core/failure.ts';
import { conflictIn, distinctPorts, type Port, parsePort, printPort } from '../core/mapping.ts';
import { type MapReport, makeMappings, removeMappings } from '../mapping/keep.ts';
import type { MapOutcome } from '../mapping/session.ts';
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
    return tell(done.value, invocation);
  } finally {
    await world.net.close();
  }
}

function parsePorts(args: readonly string[]): { readonly ports: readonly Port[] } | { readonly problem: string } {
  const parsed = args.map(parsePort);
  const wrong = parsed.find((one) => 'problem' in one);
  if (wrong !== undefined) return wrong;
  const ports = distinctPorts(parsed.flatMap((one) => ('problem' in one ? [] : [one])));
  const conflict = conflictIn(ports);
  return conflict === undefined ? { ports } : { problem: conflict };
}

function tell({ outcomes, useless, warnings }: MapReport, { output }: Invocation): number {
  const exit = worst(outcomes.map(exitOf));
  for (const warning of warnings) output.err(`warning: ${warning}`);
  if (output.json) {
    output.out(JSON.stringify({ version: 1, ports: outcomes.map(asJson), ...(useless === undefined ? {} : { useless }), exit }, undefined, 2));
    return exit;
  }
  for (const outcome of outcomes) {
    const say = exitOf(outcome) === 0 ? output.out : output.err;
    if (exitOf(outcome) !== 0 || output.loud !== 'quiet') say(describeMapping(outcome));
  }
  if (outcomes.length === 0 && output.loud !== 'quiet') output.out('nothing of ours is mapped, as far as is remembered');
  if (useless !== undefined)
    output.err(`nothing reaches this machine through a mapping over IPv4: ${useless}; use IPv6 or a tunnel, map the port on the router in front too, or ask the provider for a public address`);
  return exit;
}

/** 76: the router says no, or the port is another's. 69: no router answers. */
function exitOf(outcome: MapOutcome): number {
  if (outcome.kind === 'failed') return HANDLING[outcome.failure.kind].exit;
  return outcome.kind === 'taken' ? HANDLING.refused.exit : 0;
}

/** One line: what became of one port. */
export function describeMapping(outcome: MapOutcome): string {
  const name = printPort(outcome.port);
  switch (outcome.kind) {
    case 'made':
    case 'renewed': {
      const { mapping, address } = outcome;
      const lasts = mapping.until === undefined ? 'until it is removed, for this router knows no end: ddns-update map --remove' : `until ${new Date(mapping.until).toISOString()}`;
      return `${name} ${outcome.kind === 'made' ? 'mapped' : 'still mapped'}: ${address ?? 'the router'}:${mapping.external} → ${mapping.client}:${mapping.internal} (${mapping.by}, ${lasts})`;
    }
    case 'leads-here':
      return `${name} leads here already, by a mapping that we do not remember as ours, to ${outcome.by}; it was left alone`;
    case 'taken':
      return `${name} is taken${outcome.by === undefined ? ' by another machine or program, which the router does not name' : ` by ${outcome.by}`}; it was left alone: take another port outside (8443:443), or remove that mapping in the router`;
    case 'removed':
      return `${name} removed`;
    case 'absent':
      return `${name} is not mapped by us`;
    case 'left-behind': {
      const { router, until } = outcome.mapping;
      return `${name} was mapped on another router (${router.gateway}), which cannot be asked from here: ${until === undefined ? 'it stays there until it is deleted by hand' : `it lapses there by itself at ${new Date(until).toISOString()}`}`;
    }
    case 'failed':
      return `${name} is not ${outcome.failure.kind === 'refused' || outcome.failure.kind === 'network' ? 'mapped' : 'done'}: ${outcome.failure.detail}`;
    default:
      return outcome satisfies never;
  }
}

function asJson(outcome: MapOutcome): object {
  const { protocol, external, internal } = outcome.port;
  const head = { protocol, external, internal, outcome: outcome.kind };
  switch (outcome.kind) {
    case 'made':
    case 'renewed':
    case 'left-behind': {
      const { by, client, until, router } = outcome.mapping;
      const address = outcome.kind === 'left-behind' ? undefined : outcome.address;
      return {
        ...head,
        ...(by === undefined ? {} : { by }),
        router: router.gateway,
        client,
        ...(address === undefined ? {} : { address }),
        ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
      };
    }
    case 'leads-here':
    case 'taken':
      return { ...head, ...(outcome.by === undefined ? {} : { holder: outcome.by }) };
    case 'failed':
      return { ...head, failure: { kind: outcome.failure.kind, detail: outcome.failure.detail } };
    case 'removed':
    case 'absent':
      return head;
    default:
      return outcome satisfies never;
  }
}
