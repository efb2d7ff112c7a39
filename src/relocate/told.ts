/** A relocation as lines for people: what is known by now of each step, in the order in which they are climbed. */
import { describeFailure, type Failure } from '../core/failure.ts';
import type { Climb, RungState } from '../core/ladder.ts';
import { describeObservation, type Observation } from '../core/observe.ts';
import type { Outcome } from '../core/outcome.ts';
import { stairsOf } from '../core/stairs.ts';
import { describeMappings } from '../mapping/describe.ts';
import type { MapReport } from '../mapping/outcome.ts';
import { describeOutcome } from '../report.ts';
import type { SoFar } from '../request.ts';
import type { Progress } from './relocate.ts';

/** All that was told so far. */
export type Known = {
  readonly doing: string;
  readonly failure?: Failure;
  readonly report?: SoFar;
  readonly mapped?: MapReport | Failure;
  readonly climbs: readonly Climb[];
};
/** One step. `key`: the same however its words change. */
export type ToldStep = { readonly key: string; readonly title: string; readonly state: RungState; readonly words: string };

export const NOTHING_KNOWN: Known = { doing: 'finding the address', climbs: [] };

export function heard(known: Known, progress: Progress): Known {
  const { failure: _, ...rest } = known;
  switch (progress.kind) {
    case 'publishing':
      return {
        ...rest,
        doing: 'finding the address and publishing it',
        ...(progress.failure === undefined ? {} : { failure: progress.failure }),
        ...(progress.soFar === undefined ? {} : { report: progress.soFar }),
      };
    case 'published':
      return { ...rest, doing: 'asking who knows of it', report: progress.report };
    case 'mapping':
      return { ...rest, doing: 'asking the router for the ports' };
    case 'mapped':
      return { ...rest, doing: 'asking who knows of it', mapped: progress.mapped };
    case 'climbing':
      return { ...rest, climbs: progress.climbs };
    case 'restoring':
      return { ...rest, doing: 'putting the TTLs back' };
    default:
      return progress satisfies never;
  }
}

/** `clock`: how a moment is told. */
export function stepsOf({ report, mapped, climbs }: Known, clock: (at: number) => string): readonly ToldStep[] {
  const stairs = report !== undefined && climbs.length === 0 && changedIn(report).length > 0 ? [{ rung: 'provider', state: 'proven', words: '' } as const] : stairsOf(climbs);
  return [
    ...(report?.observations ?? []).map(addressStep),
    ...stairs
      .filter(({ rung }) => rung === 'provider')
      .map(({ state, words: said }): ToldStep => {
        const words = report === undefined ? said : publishedWords(report, { state, words: said });
        return { key: `provider ${words}`, title: TITLES.provider, state, words };
      }),
    ...(mapped === undefined ? [] : mappingSteps(mapped, { isIpv6Asked: report?.observations.some(({ family }) => family === 6) ?? true, clock })),
    ...stairs
      .filter(({ rung }) => rung !== 'provider')
      .map(
        ({ rung, port, state, words, until }): ToldStep => ({
          key: `${rung} ${port ?? ''}`,
          title: rung === 'port' && port !== undefined ? `port ${port}` : TITLES[rung],
          state,
          words: until === undefined ? words : `${words}; everybody by ${clock(until)}`,
        }),
      ),
  ];
}

export const TITLES = { provider: 'provider', authoritative: 'name servers', signatures: 'signatures', caches: 'caches', port: 'port', identity: 'machine' } as const;
export const MARKS: Readonly<Record<RungState, string>> = { proven: 'yes', pending: 'not yet', failed: 'no', unknown: 'cannot tell' };

const TITLE_WIDTH = 13;
const MARK_WIDTH = 12;
/** What stands before the words of a step, as wide with every step. */
export const headOf = ({ title, state }: ToldStep): string => `  ${title.padEnd(TITLE_WIDTH)}${MARKS[state].padEnd(MARK_WIDTH)}`;
export const lineOf = (step: ToldStep): string => `${headOf(step)}${step.state === 'unknown' ? step.words.replace(/^cannot tell from here: /, 'from here: ') : step.words}`;

function addressStep(observation: Observation): ToldStep {
  const state: RungState = observation.kind === 'agreed' || observation.kind === 'same' ? 'proven' : 'failed';
  return { key: `IPv${observation.family}`, title: `IPv${observation.family}`, state, words: describeObservation(observation).replace(/^(agreed|unchanged|silent): /, '') };
}

const MOST_CHANGES = 3;
const changedIn = ({ outcomes }: SoFar): readonly Outcome[] => outcomes.filter(({ kind }) => kind === 'changed');

/** What was changed, where that was little; and what was not. */
function publishedWords(report: SoFar, { state, words }: Pick<ToldStep, 'state' | 'words'>): string {
  const changed = changedIn(report);
  if (changed.length === 0) return words;
  const told = changed.slice(0, MOST_CHANGES).map((outcome) => describeOutcome(outcome).replace(/ \([^()]*\)$/, ''));
  return `${told.join('; ')}${changed.length > MOST_CHANGES ? `; and ${changed.length - MOST_CHANGES} more` : ''}${state === 'proven' ? '' : `; but ${words}`}`;
}

/** What could not be opened over IPv6 is nothing to tell of names that have none. */
function mappingSteps(mapped: MapReport | Failure, { isIpv6Asked, clock }: { readonly isIpv6Asked: boolean; readonly clock: (at: number) => string }): readonly ToldStep[] {
  const step = (words: string, isGood: boolean, at: number): ToldStep => ({ key: `mapping ${at}`, title: 'router', state: isGood ? 'proven' : 'failed', words });
  if ('detail' in mapped) return [step(describeFailure(mapped), false, 0)];
  const lines = describeMappings({ ...mapped, notes: isIpv6Asked ? mapped.notes : [] }, clock);
  return lines.map(({ line, isGood }, at) => step(line, isGood && !mapped.notes.includes(line), at));
}
