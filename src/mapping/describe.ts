/** What became of ports, in words and as JSON. */
import { HANDLING, worst } from '../core/failure.ts';
import { type Mapping, portKey, printPort } from '../core/mapping.ts';
import type { MapOutcome, MapReport } from './outcome.ts';

/** `key`: what it is about, the same however it is worded this time. */
export type MapLine = { readonly key: string; readonly line: string; readonly isGood: boolean };

/** How a moment is told to people. */
type Clock = (at: number) => string;

/** All that there is to say of a run, a line for each port and what else is to be known, without warnings. */
export const describeMappings = ({ outcomes, useless, notes }: Omit<MapReport, 'warnings'>, clock: Clock): readonly MapLine[] => [
  ...outcomes.map((outcome) => ({ key: keyOf(outcome), line: describeMapping(outcome, clock), isGood: exitOf(outcome) === 0 })),
  ...notes.map((line) => ({ key: line, line, isGood: true })),
  ...(useless === undefined ? [] : [{ key: 'useless', line: describeUseless(useless), isGood: false }]),
];

const keyOf = ({ port, family }: MapOutcome): string => `map ${portKey(port, family)}`;

/** 76: the router says no, or the port is another's. 69: no router answers. A port that is mapped is fine, whatever became of its pinhole. */
export const exitOfMappings = (outcomes: readonly MapOutcome[]): number => {
  const mapped = new Set(
    outcomes.flatMap((outcome) => (outcome.family === 4 && (outcome.kind === 'made' || outcome.kind === 'renewed' || outcome.kind === 'leads-here') ? [printPort(outcome.port)] : [])),
  );
  return worst(outcomes.filter(({ family, port }) => family === 4 || !mapped.has(printPort(port))).map(exitOf));
};

const exitOf = (outcome: MapOutcome): number => {
  if (outcome.kind === 'failed') return HANDLING[outcome.failure.kind].exit;
  return outcome.kind === 'taken' ? HANDLING.refused.exit : 0;
};

const describeUseless = (useless: string): string =>
  `nothing reaches this machine through a mapping over IPv4: ${useless}; use IPv6 or a tunnel, map the port on the router in front too, or ask the provider for a public address`;

/** One line: what became of one port. */
export function describeMapping(outcome: MapOutcome, clock: Clock): string {
  const isPinhole = outcome.family === 6;
  const name = `${printPort(outcome.port)}${isPinhole ? ' over IPv6' : ''}`;
  switch (outcome.kind) {
    case 'made':
    case 'renewed': {
      const { mapping, address } = outcome;
      const { by, client, external, internal, until } = mapping;
      const lasts = until === undefined ? 'until it is removed, for this router knows no end: ddns-update map --remove' : `until ${clock(until)}`;
      if (isPinhole) return `${name} ${outcome.kind === 'made' ? 'opened' : 'still open'}: [${client}]:${internal} (${by}, ${lasts})`;
      return `${name} ${outcome.kind === 'made' ? 'mapped' : 'still mapped'}: ${address ?? 'the router'}:${external} → ${client}:${internal} (${by}, ${lasts})`;
    }
    case 'leads-here':
      return `${name} leads here already, by a mapping that we do not remember as ours, to ${outcome.by}; it was left alone`;
    case 'taken':
      return `${name} is taken${outcome.by === undefined ? ' by another machine or program, which the router does not name' : ` by ${outcome.by}`}; it was left alone: take another port outside (8443:443), or remove that mapping in the router`;
    case 'removed':
      return `${name} ${isPinhole ? 'closed' : 'removed'}`;
    case 'absent':
      return `${name}: nothing of ours to remove${outcome.perhaps === undefined ? '' : `, as far as the router was heard; what it may have made lapses there by itself at ${clock(endIn(outcome.perhaps))}`}`;
    case 'lapsing':
      return `${name} cannot be taken back on this router, but was made to end soon: ${endOf(outcome.mapping, clock)}`;
    case 'left-behind': {
      const { router, client } = outcome.mapping;
      if (outcome.here && !isPinhole) return `${name} was mapped to ${client}, which this machine no longer is, and is taken back from there alone: ${endOf(outcome.mapping, clock)}`;
      const where = isPinhole ? `opened for ${client} on the router ${router.gateway}` : `mapped on another router (${router.gateway})`;
      return `${name} was ${where}, which cannot be asked from here: ${endOf(outcome.mapping, clock)}`;
    }
    case 'failed': {
      const { kind, phase, detail } = outcome.failure;
      if (outcome.mapping !== undefined) return `${name} is not ${isPinhole ? 'closed' : 'removed'}: ${detail}; ${endOf(outcome.mapping, clock)}`;
      const done = isPinhole ? 'opened' : 'mapped';
      if (phase === 'reply') return `${name}: whether it is ${done} could not be told: ${detail}`;
      return `${name} is not ${kind === 'refused' || kind === 'network' ? done : 'done'}: ${detail}`;
    }
    default:
      return outcome satisfies never;
  }
}

/** Why a port that was asked for was not had; undefined where it leads here. What each protocol said is left to the line of the router itself. */
export function describeRefusal(outcome: MapOutcome): string | undefined {
  if (outcome.kind !== 'taken' && outcome.kind !== 'failed') return undefined;
  return describeMapping(outcome, (at) => new Date(at).toISOString()).replace(/ \((?:PCP|UPnP): .*\)/, '');
}

const endIn = ({ until, from }: Mapping): number => until ?? from;
const endOf = ({ until }: Mapping, clock: Clock): string => (until === undefined ? 'it stays there until it is deleted by hand' : `it lapses there by itself at ${clock(until)}`);

/** One port, for `--json`. */
export function mappingJson(outcome: MapOutcome): object {
  const { protocol, external, internal } = outcome.port;
  const head = { protocol, external, internal, family: outcome.family, outcome: outcome.kind };
  switch (outcome.kind) {
    case 'made':
    case 'renewed':
    case 'lapsing':
    case 'left-behind': {
      const { by, client, until, router } = outcome.mapping;
      const address = 'address' in outcome ? outcome.address : undefined;
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
