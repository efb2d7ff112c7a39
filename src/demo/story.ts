/** The story of the demo: from home to the garage and back, scene by scene, each with its proofs. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Ballot } from '../core/ballot.ts';
import { Fault } from '../core/failure.ts';
import type { Observation } from '../core/observe.ts';
import { typeOf } from '../core/record.ts';
import type { Report } from '../round.ts';
import type { World } from '../world/world.ts';
import { OPERATORS } from './echoes.ts';
import { HANDWRITTEN, NAME } from './name-server.ts';
import { FORMERLY, GARAGE, GARAGE_PORTAL, HOME, LIE, type Place } from './places.ts';
import { type Stage, withStage } from './stage.ts';

/** One thing that must be so, and what was found. */
export type Proof = { readonly claim: string; readonly held: boolean; readonly found: string };
export type Scene = {
  readonly id: 'home' | 'quiet' | 'portal' | 'garage' | 'back';
  readonly title: string;
  /** What happened, for people. */
  readonly told: string;
  readonly proofs: readonly Proof[];
  readonly report: Report;
  readonly ms: number;
};

/** Plays it; `tell` hears every scene as soon as it is over. Throws Fault when this machine cannot serve itself on loopback. */
export const play = (world: World, signal: AbortSignal, tell: (scene: Scene) => void): Promise<readonly Scene[]> =>
  withStage(world, signal, async (stage) => {
    const scenes: Scene[] = [];
    for (const scene of SCENES) {
      if (signal.aborted) throw new Fault({ kind: 'unavailable', detail: 'the demo was stopped before its end', hint: 'start it again' });
      const from = world.clock.elapsed();
      const { place } = scene;
      stage.carryTo(place);
      const { report, before } = await playRound(stage, scene, world.clock);
      const proofs = await scene.prove({ stage, report, before, address: ({ 4: four, 6: six }) => stage.families.map((family) => (family === 4 ? four : six)) });
      const played: Scene = { id: scene.id, title: scene.title, told: scene.told(report), proofs, report, ms: Math.round(world.clock.elapsed() - from) };
      scenes.push(played);
      tell(played);
    }
    return scenes;
  });

/** A machine that stalls for 400 ms holds a full ballot where a glance would do, so a scene that is about the glance is tried again. */
const GLANCES = 3;

async function playRound(stage: Stage, { id }: Script, clock: World['clock']): Promise<Pick<Evidence, 'report' | 'before'>> {
  for (let tries = 1; ; tries++) {
    stage.heard();
    const before = stage.files();
    const report = await stage.round();
    if (id !== 'quiet') return { report, before };
    // A datagram that nobody waited for may still be on its way.
    await clock.sleep(50);
    if (tries === GLANCES || report.observations.every(({ kind }) => kind === 'same')) return { report, before };
  }
}

type Evidence = { readonly stage: Stage; readonly report: Report; readonly before: string; readonly address: (place: Place['address']) => readonly IpAddress[] };
type Script = Pick<Scene, 'id' | 'title'> & { readonly place: Place; readonly told: (report: Report) => string; readonly prove: (evidence: Evidence) => Promise<readonly Proof[]> };

const SCENES: readonly Script[] = [
  {
    id: 'home',
    title: `At home; ${NAME} still points to ${FORMERLY}`,
    place: HOME,
    told: agreement,
    prove: async (evidence) => [await answers(evidence, HOME.address), liarDisbelieved(evidence), exits(evidence, 0)],
  },
  {
    id: 'quiet',
    title: 'The next round; nothing has changed',
    place: HOME,
    told: () => 'Two services of different operators were asked with one small datagram each, and nobody else was bothered.',
    prove: async (evidence) => [...free(evidence), exits(evidence, 0)],
  },
  {
    id: 'portal',
    title: 'Carried to the garage, where a login page answers in the place of everybody',
    place: GARAGE_PORTAL,
    told: ({ observations }) => `Nothing is published: ${whyOf(observations)}.`,
    prove: async (evidence) => [await answers(evidence, HOME.address), portalNamed(evidence), exits(evidence, 69)],
  },
  {
    id: 'garage',
    title: 'Logged in at the garage; another line, another address',
    place: GARAGE,
    told: consent,
    prove: async (evidence) => [await answers(evidence, GARAGE.address), liarDisbelieved(evidence), handwrittenStands(evidence), exits(evidence, 0)],
  },
  {
    id: 'back',
    title: 'Home again',
    place: HOME,
    told: consent,
    prove: async (evidence) => [await answers(evidence, HOME.address), handwrittenStands(evidence), exits(evidence, 0)],
  },
];

/** The name server itself, asked by DNS. */
async function answers({ stage, address }: Evidence, place: Place['address']): Promise<Proof> {
  const found = (await Promise.all(stage.families.map((family) => stage.lookup(typeOf(family))))).flat();
  return proof(`asked by DNS, its name server answers ${address(place).join(' and ')}`, found.join() === address(place).join(), found.join(', ') || 'no address');
}

/** The liar had its say, or came too late to have one; either way its address is not the one agreed on. */
function liarDisbelieved({ report, stage }: Evidence): Proof {
  const believed = report.observations.map((seen) => ('address' in seen ? seen.address : seen.kind));
  const spoke = stage.families.every((family) =>
    ballotsOf(report, family).some((ballot) => ballot.operator === OPERATORS.liar && (ballot.kind === 'address' ? ballot.address === LIE[family] : ballot.failure.kind === 'unawaited')),
  );
  return proof('the liar is not believed', spoke && !believed.some((address) => address === LIE[4] || address === LIE[6]), believed.join(', '));
}

/** What an unchanged round costs. */
function free({ stage, report, before }: Evidence): readonly Proof[] {
  const { datagrams, requests } = stage.heard();
  const most = 2 * stage.families.length;
  return [
    proof(
      `2 datagrams${stage.families.length === 2 ? ' per address family' : ''} at most, no HTTP request`,
      datagrams > 0 && datagrams <= most && requests === 0,
      `${datagrams} datagrams, ${requests} requests`,
    ),
    proof('no file written, nothing said', stage.files() === before && report.news.length === 0, stage.files() === before ? `${report.news.length} lines` : 'files differ'),
  ];
}

function portalNamed({ report }: Evidence): Proof {
  const whys = report.observations.map((seen) => ('why' in seen ? seen.why : `${seen.kind} ${seen.address}`));
  return proof('the captive portal is named', whys.length > 0 && whys.every((why) => why.includes('captive portal')), whys.join('; '));
}

const handwrittenStands = ({ stage }: Evidence): Proof =>
  proof('what was written into its zone by hand stands as it was', stage.zone().includes(HANDWRITTEN), stage.zone().includes(HANDWRITTEN) ? 'every letter' : 'it was changed');

const exits = ({ report }: Evidence, exit: number): Proof => proof(`exit code ${exit}`, report.exit === exit, `${report.exit}${report.failures.map(({ detail }) => `, ${detail}`).join('')}`);

const proof = (claim: string, held: boolean, found: string): Proof => ({ claim, held, found });

const ballotsOf = ({ observations }: Report, family: Family): readonly Ballot[] => observations.find((seen) => seen.family === family)?.ballots ?? [];
const whyOf = (observations: readonly Observation[]): string => [...new Set(observations.map((seen) => ('why' in seen ? seen.why : seen.kind)))].join('; ');

type Agreed = Extract<Observation, { kind: 'agreed' }>;
const agreedIn = ({ observations }: Report): readonly Agreed[] => observations.flatMap((seen) => (seen.kind === 'agreed' ? [seen] : []));

/** Who agreed on what, who said otherwise, who said nothing. */
function agreement(report: Report): string {
  const agreed = agreedIn(report);
  const lies = agreed.flatMap(({ ballots, address }) => ballots.flatMap((ballot) => (ballot.kind === 'address' && ballot.address !== address ? [ballot.address] : [])));
  const silent = operatorsOf(agreed, ({ kind }) => kind === 'failed');
  return [
    consent(report).slice(0, -1),
    ...(lies.length === 0 ? [] : [`${operatorsOf(agreed, (ballot, { address }) => ballot.kind === 'address' && ballot.address !== address)} says ${lies.join(' and ')} and is outvoted`]),
    ...(silent === '' ? [] : [`${silent} never answers and is not waited for`]),
  ]
    .join('; ')
    .concat('.');
}

/** Who agreed on what. */
function consent(report: Report): string {
  const agreed = agreedIn(report);
  if (agreed.length === 0) return `No agreement: ${whyOf(report.observations)}.`;
  return `${operatorsOf(agreed, (ballot, { address }) => ballot.kind === 'address' && ballot.address === address)} agree on ${agreed.map(({ address }) => address).join(' and ')}.`;
}

const operatorsOf = (agreed: readonly Agreed[], wanted: (ballot: Ballot, seen: Agreed) => boolean): string =>
  [...new Set(agreed.flatMap((seen) => seen.ballots.filter((ballot) => wanted(ballot, seen)).map(({ operator }) => operator)))].sort().join(', ');
