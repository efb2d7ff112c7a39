/** The ladder of all names as one: a line per rung, with what stands in the way if anything does. Pure. */
import { type Climb, type Rung, type RungState, stateOf } from './ladder.ts';

/** One rung over all names. `words`: of the worst of them, and whose it is where there are several names. */
export type Stair = Pick<Rung, 'rung' | 'port' | 'until'> & { readonly state: RungState; readonly words: string };

/** In the order in which they are climbed. */
export function stairsOf(climbs: readonly Climb[]): readonly Stair[] {
  const rungs = climbs.flatMap(({ target, rungs: some }) => some.map((rung) => ({ target, rung })));
  const keys = [...new Set(rungs.map(({ rung }) => keyOf(rung)))].sort((a, b) => placeOf(a) - placeOf(b));
  return keys.map((key): Stair => {
    const here = rungs.filter(({ rung }) => keyOf(rung) === key);
    const found = stateOf({ rungs: here.map(({ rung }) => rung) });
    const worst = here.filter(({ rung }) => rung.state === found);
    const [first] = worst;
    if (first === undefined) throw new TypeError('a rung without a state');
    const { rung, port } = first.rung;
    const awaited = climbs.filter((climb) => isAwaited(climb, rung)).length;
    if (found === 'proven' && awaited > 0) return { rung, state: 'pending', words: `${here.length} of ${here.length + awaited} records so far` };
    const state = found;
    const until = Math.max(...worst.map(({ rung: one }) => one.until ?? 0));
    return { rung, state, words: wordsOf(worst, here.length, climbs.length), ...(port === undefined ? {} : { port }), ...(until === 0 ? {} : { until }) };
  });
}

const ORDER: readonly string[] = ['provider', 'authoritative', 'signatures', 'caches', 'port', 'identity'] satisfies readonly Rung['rung'][];
const keyOf = ({ rung, port }: Rung): string => `${rung} ${port ?? ''}`;
/** Each port is followed by the machine behind it. */
const placeOf = (key: string): number => {
  const [rung = '', port = ''] = key.split(' ');
  const at = ORDER.indexOf(rung);
  return rung === 'port' || rung === 'identity' ? ORDER.length + Number(port) * 2 + at : at;
};

/** Has it not come so far yet, and is nothing known that would keep it from coming so far? */
const isAwaited = ({ wanted, rungs }: Climb, rung: Rung['rung']): boolean =>
  wanted !== undefined && !rungs.some((one) => one.rung === rung) && (rung === 'authoritative' || (rung === 'caches' && !rungs.some((one) => one.rung === 'authoritative' && one.state !== 'proven')));

type Of = { readonly target: Climb['target']; readonly rung: Rung };
const MOST_WORDS = 2;

/** What is said of all alike is said once. */
function wordsOf(worst: readonly Of[], all: number, targets: number): string {
  const distinct = [...new Set(worst.map(({ rung }) => rung.words))];
  const [only] = distinct;
  const [first] = worst;
  // There is a machine only behind ports that are open: of which names, is said where it is not all of them.
  const isPart = first?.rung.rung === 'identity' && first.rung.state === 'proven' && worst.length < targets && worst.length <= MOST_WORDS;
  const isAlone = first?.rung.state === 'proven' && (first.rung.rung === 'authoritative' || first.rung.rung === 'caches') && all < targets;
  if (only !== undefined && distinct.length === 1 && worst.length === all && !isPart && !isAlone) return only;
  if (first?.rung.state === 'proven' && !isPart)
    return `${worst.length === targets ? `all ${targets}` : `${worst.length} of ${targets}`} records: ${distinct.slice(0, MOST_WORDS).join('; ')}${distinct.length > MOST_WORDS ? '; and so on' : ''}`;
  const told = worst.slice(0, MOST_WORDS).map(({ target: { name, type }, rung: { words } }) => `${name} ${type}: ${words}`);
  const more = worst.length - told.length;
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
