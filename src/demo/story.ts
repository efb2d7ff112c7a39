/** The story of the demo: from home to the garage and back, scene by scene, each with its proofs. */
import { Fault } from '../core/failure.ts';
import type { Progress, Relocation } from '../relocate/relocate.ts';
import { heard, NOTHING_KNOWN, stepsOf, type ToldStep } from '../relocate/told.ts';
import type { Report } from '../round.ts';
import type { World } from '../world/world.ts';
import { NAME, USUAL_TTL } from './name-server.ts';
import { FORMERLY, GARAGE, GARAGE_PORTAL, HOME, type Place, PORT } from './places.ts';
import { answers, climbed, closedPortNamed, type Evidence, exits, free, handwrittenStands, lasts, liarDisbelieved, type Proof, portalNamed, strangersTold } from './proofs.ts';
import { type Stage, withStage } from './stage.ts';
import { agreement, ttlsIn, whyOf } from './words.ts';

export type Scene = {
  readonly id: 'home' | 'quiet' | 'prepared' | 'portal' | 'garage' | 'mapped' | 'back';
  readonly title: string;
  /** What happened, for people. */
  readonly told: string;
  readonly proofs: readonly Proof[];
  readonly report: Report;
  /** Where the scene is one. */
  readonly relocation?: Relocation;
  readonly exit: number;
  readonly ms: number;
};

/** `clock`: how a moment is told. */
export type Audience = {
  readonly begun: (scene: Pick<Scene, 'id' | 'title'>) => void;
  /** A step of a relocation, when it is first known and whenever it is true or untrue anew. `ms`: since the relocation began. */
  readonly step: (step: ToldStep, ms: number) => void;
  readonly over: (scene: Scene) => void;
  readonly clock: (at: number) => string;
};

/** Plays it. Throws Fault when this machine cannot serve itself on loopback. */
export const play = (world: World, signal: AbortSignal, audience: Audience): Promise<readonly Scene[]> =>
  withStage(world, signal, async (stage) => {
    const scenes: Scene[] = [];
    for (const { id, title, enter, act, told, prove } of SCENES) {
      if (signal.aborted) throw new Fault({ kind: 'unavailable', detail: 'the demo was stopped before its end', hint: 'start it again' });
      const from = world.clock.elapsed();
      audience.begun({ id, title });
      await enter(stage);
      const acted = await act(stage, { world, audience });
      const proofs = await prove({ stage, ...acted });
      const { report, relocation } = acted;
      const ms = Math.round(world.clock.elapsed() - from);
      const scene: Scene = { id, title, told: told(report), proofs, report, exit: relocation?.exit ?? report.exit, ms, ...(relocation === undefined ? {} : { relocation }) };
      scenes.push(scene);
      audience.over(scene);
    }
    return scenes;
  });

type Acted = Omit<Evidence, 'stage'>;
type Around = { readonly world: World; readonly audience: Audience };
type Script = Pick<Scene, 'id' | 'title'> & {
  readonly enter: (stage: Stage) => void | Promise<void>;
  readonly act: (stage: Stage, around: Around) => Promise<Acted>;
  readonly told: (report: Report) => string;
  readonly prove: (evidence: Evidence) => Promise<readonly Proof[]>;
};

async function oneRound(stage: Stage): Promise<Acted> {
  const before = stage.files();
  return { before, report: await stage.round() };
}

/** A machine that stalls for 400 ms holds a full ballot where a glance would do, so a scene that is about the glance is tried again. */
const GLANCES = 3;

async function oneGlance(stage: Stage, { world }: Around): Promise<Acted> {
  for (let tries = 1; ; tries++) {
    stage.heard();
    const acted = await oneRound(stage);
    // A datagram that nobody waited for may still be on its way.
    await world.clock.sleep(50);
    if (tries === GLANCES || acted.report.observations.every(({ kind }) => kind === 'same')) return acted;
  }
}

/** Every step is told when it is first known, and when it has become something else: from the ground up, as a ladder is climbed, so what is outside waits for the caches. */
const oneRelocation =
  (map: readonly number[]) =>
  async (stage: Stage, { world, audience }: Around): Promise<Acted> => {
    const before = stage.files();
    const from = world.clock.elapsed();
    const told = new Map<string, string>();
    const waiting = new Map<string, { readonly step: ToldStep; readonly ms: number }>();
    let known = NOTHING_KNOWN;
    const flush = (isOver: boolean): void => {
      for (const [key, { step, ms }] of waiting) {
        const isOutside = step.key.startsWith('port') || step.key.startsWith('identity');
        if (isOutside && !isOver && ![...told.keys()].some((one) => one.startsWith('caches'))) continue;
        waiting.delete(key);
        told.set(key, step.state);
        audience.step(step, ms);
      }
    };
    const hear = (progress: Progress): void => {
      known = heard(known, progress);
      const ms = world.clock.elapsed() - from;
      for (const step of stepsOf(known, audience.clock)) {
        if (told.get(step.key) === step.state) waiting.delete(step.key);
        else waiting.set(step.key, { step, ms: waiting.get(step.key)?.ms ?? ms });
      }
      // What is learned of several records at once is told at once.
      queueMicrotask(() => flush(false));
    };
    const relocation = await stage.relocate({ map, clock: audience.clock, tell: hear });
    flush(true);
    return { before, report: relocation.report, relocation };
  };

/** As low as the demo has time for. */
const LOW_TTL = 3;

/** The last that a resolver hears of the old place is heard a moment before the move. */
async function askedOnTheWay(stage: Stage): Promise<void> {
  await Promise.all(stage.families.map((family) => stage.lookup('resolver', family === 4 ? 'A' : 'AAAA')));
}

const inPlace = (place: Place) => (stage: Stage) => stage.carryTo(place);

const SCENES: readonly Script[] = [
  {
    id: 'home',
    title: `At home; ${NAME} still points to ${FORMERLY[4]}`,
    enter: inPlace(HOME),
    act: oneRound,
    told: agreement,
    prove: async (evidence) => [await answers(evidence, HOME.address), liarDisbelieved(evidence), exits(evidence, 0)],
  },
  {
    id: 'quiet',
    title: 'The next round; nothing has changed',
    enter: inPlace(HOME),
    act: oneGlance,
    told: () => 'Two services of different operators got one small datagram each; nobody else was bothered.',
    prove: async (evidence) => [...free(evidence), exits(evidence, 0)],
  },
  {
    id: 'prepared',
    title: 'The day before the move: ddns-update prepare',
    enter: inPlace(HOME),
    act: async (stage) => ({ before: stage.files(), report: await stage.prepare(LOW_TTL) }),
    told: (report) => `TTL ${ttlsIn(report)}: an hour later nobody keeps the old address for longer than that.`,
    prove: async (evidence) => [await lasts(evidence, LOW_TTL), await answers(evidence, HOME.address), exits(evidence, 0)],
  },
  {
    id: 'portal',
    title: 'Carried to the garage, where a login page answers in the place of everybody',
    enter: (stage) => {
      stage.nextDay(14);
      stage.carryTo(GARAGE_PORTAL);
    },
    act: oneRound,
    told: ({ observations }) => `Nothing is published: ${whyOf(observations)}.`,
    prove: async (evidence) => [await answers(evidence, HOME.address), portalNamed(evidence), exits(evidence, 69)],
  },
  {
    id: 'garage',
    title: 'Logged in at the garage: ddns-update relocate',
    enter: async (stage) => {
      stage.carryTo(GARAGE);
      await askedOnTheWay(stage);
    },
    act: oneRelocation([]),
    told: () => `The router of the garage forwards nothing yet.`,
    prove: async (evidence) => [
      await answers(evidence, GARAGE.address),
      await strangersTold(evidence, GARAGE.address),
      liarDisbelieved(evidence),
      closedPortNamed(evidence),
      handwrittenStands(evidence),
      exits(evidence, 1),
    ],
  },
  {
    id: 'mapped',
    title: `The router is asked to let port ${PORT} through: ddns-update relocate --map ${PORT}`,
    enter: inPlace(GARAGE),
    act: oneRelocation([PORT]),
    told: () => 'The router was asked by NAT-PMP, and the TTL is what it was before the move.',
    prove: async (evidence) => [climbed(evidence), await lasts(evidence, USUAL_TTL), exits(evidence, 0)],
  },
  {
    id: 'back',
    title: 'Prepared again, and home again at 4 in the morning: ddns-update relocate',
    enter: async (stage) => {
      await stage.prepare(LOW_TTL);
      stage.nextDay(4);
      await askedOnTheWay(stage);
      stage.carryTo(HOME);
    },
    act: oneRelocation([]),
    told: () => `The router at home forwards port ${PORT} since long ago.`,
    prove: async (evidence) => [
      await answers(evidence, HOME.address),
      await strangersTold(evidence, HOME.address),
      climbed(evidence),
      await lasts(evidence, USUAL_TTL),
      handwrittenStands(evidence),
      exits(evidence, 0),
    ],
  },
];
