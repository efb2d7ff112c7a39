/** The line: one pass from the question "where are we?" to the answer "so it is". Nothing else calls two of its stages. */
import type { OpenAccount } from './accounts.ts';
import { conclude, type Report, stopped, withFailures } from './conclusion.ts';
import type { Config, Problem } from './config/config.ts';
import type { Family, IpAddress } from './core/address.ts';
import type { Ballot } from './core/ballot.ts';
import { type DecidePolicy, type Decision, decide, isSettled, together } from './core/decide.ts';
import { unhurried } from './core/drift.ts';
import { type Attempt, attempt, type Failure, HANDLING } from './core/failure.ts';
import type { Fqdn } from './core/name.ts';
import type { Observation } from './core/observe.ts';
import { held, type Outcome, outcomeWithoutWrite } from './core/outcome.ts';
import { accompanied, type Capabilities, nextAfter, plan, refreshAfter, type Step } from './core/plan.ts';
import type { Target } from './core/record.ts';
import { glance } from './detect/glance.ts';
import { type AccountFacts, factsIn, intended, knownOf, seen, settled, settledState, type Terms, undamped } from './ledger.ts';
import { asUsual, delayed, fitted, landed, loweredAmong, noted, retimed, type Ttls, type Unlowerable, unlowerable, unlowerableIn, whileLowered, wished } from './lowering.ts';
import { checked, configured, familiesOf, isChecked, isNewNetwork, keyIn, type Prepared, prepare } from './prepared.ts';
import type { State } from './recall.ts';
import { withoutZones, withZones } from './remembered-zones.ts';
import type { Glimpses } from './unchanged.ts';
import { unlessUnwanted, wantedIn } from './wanted.ts';
import type { World } from './world/world.ts';

export type { Report } from './conclusion.ts';

export type Request = {
  /** Stop before the first write and remember nothing. */
  readonly dry: boolean;
  /** As if memory were empty; never past a pause that only changed credentials may end. */
  readonly force: boolean;
  /** Every provider that can be asked is asked, and no interval of our own is kept; what a provider wished for holds. */
  readonly thorough?: boolean;
  /** Of the configured names; empty: all. */
  readonly names: readonly Fqdn[];
  /** TTLs are lowered for a move, or put back, besides. */
  readonly ttls?: Ttls;
  /** What a glance has told already, a moment ago. */
  readonly glimpses?: Glimpses;
  /** Ends everything that waits. */
  readonly signal: AbortSignal;
  /** Aborts when nobody wants to know any more, at the latest with `signal` (which it is if absent); see wanted.ts. */
  readonly wanted?: AbortSignal;
  /** Moments after a move, with another round to follow: a family that is missing is not waited for, and no news yet. */
  readonly settling?: boolean;
  /** How long another run that is at work is waited for; 10 s if absent. */
  readonly lockWaitMs?: number;
  /** Every problem of the config, the accounts' own options included; asked unless this very config was found good before. */
  readonly validate: () => Promise<readonly Problem[]>;
};

/** One round. Throws nothing: what went wrong is in the report. */
export async function round(config: Config, world: World, request: Request): Promise<Report> {
  const named = config.targets.filter(({ name }) => request.names.length === 0 || request.names.includes(name));
  const targetsOf = ({ state }: Prepared): readonly Target[] => retimed(named, request.ttls, state, keyIn(config));
  const asked = await attempt(() => prepare(config, named, world));
  if (asked.kind === 'failed') return stopped([asked.failure]);
  const targets = targetsOf(asked.value);
  const glimpse = await peek(config, targets, asked.value, request, world);
  if (glimpse.settled) {
    const quick = conclude(config, asked.value, glimpse, kept(targets, asked.value, glimpse.observations, world), request, world.clock.now());
    if (quick.told === asked.value.state.told || request.dry) return quick.report;
  }
  if (request.dry) {
    const done = await attempt(() => full(config, targets, asked.value, glimpse, request, world, undefined));
    return done.kind === 'ok' ? done.value : stopped([done.failure]);
  }
  const { withLock } = await import('./lock.ts');
  const done = await attempt(() =>
    withLock(config.stateFolder, world, { waitMs: request.lockWaitMs ?? 10_000, signal: wantedIn(request) }, async () => {
      const { openState, prune } = await import('./record.ts');
      const again = await prepare(config, named, world);
      const memory = await openState(config.stateFolder, again.state, world);
      const fresh = { ...again, state: prune(again.state, configured(config), world.clock.now()), warnings: [...asked.value.warnings, ...again.warnings] };
      return full(config, targetsOf(fresh), fresh, glimpse, request, world, memory);
    }),
  );
  return done.kind === 'ok' ? done.value : stopped([done.failure]);
}

/** What two datagrams told. `settled`: everything is as remembered, and nothing is due. */
type Glimpse = { readonly settled: boolean; readonly observations: ReadonlyMap<Family, Observation>; readonly early: ReadonlyMap<Family, readonly Ballot[]> };

async function peek(config: Config, targets: readonly Target[], { state, facts, network }: Prepared, request: Request, world: World): Promise<Glimpse> {
  const nothing: Glimpse = { settled: false, observations: new Map(), early: new Map() };
  const now = world.clock.now();
  if (request.force || request.thorough || request.ttls || config.detect.given.size > 0 || !isChecked(state, config) || isNewNetwork(state, network)) return nothing;
  const published = new Map<Family, IpAddress>();
  for (const family of familiesOf(targets)) {
    const { address, fullAt } = state.families[family] ?? {};
    if (address === undefined || fullAt === undefined || fullAt > now || now - fullAt >= config.detect.fullEveryMs) continue;
    if (targets.every((target) => target.family !== family || isSettled(target, address, knownOf(target, state, factsIn(facts, target)), now))) published.set(family, address);
  }
  if (published.size === 0) return nothing;
  const glimpses = [...(request.glimpses?.size ? request.glimpses : await glance(config.detect, published, world))];
  const observations = new Map(glimpses.flatMap(([family, glimpse]) => (glimpse.kind === 'same' ? [[family, glimpse.observation] as const] : [])));
  const early = new Map(glimpses.flatMap(([family, glimpse]) => (glimpse.kind === 'open' ? [[family, glimpse.ballots] as const] : [])));
  return { settled: familiesOf(targets).every((family) => observations.has(family)), observations, early };
}

const kept = (targets: readonly Target[], prepared: Prepared, observations: ReadonlyMap<Family, Observation>, world: World): readonly Outcome[] =>
  decideAll(targets, prepared, observations, { force: false }, world).map((decision): Outcome => ({ kind: 'kept', step: { kind: 'keep', decision } }));

type Remembering = { readonly save: (next: State) => void };

/** The rest of the line, from the full ballot on; under the lock unless dry (then nothing is remembered). */
async function full(config: Config, targets: readonly Target[], prepared: Prepared, glimpse: Glimpse, request: Request, world: World, remembering: Remembering | undefined): Promise<Report> {
  const moved = isNewNetwork(prepared.state, prepared.network);
  // From here on something may change: until it is known to be settled again, no round is superfluous.
  const { settled: _over, ...unsettled } = prepared.state;
  const keyOf = keyIn(config);
  let state: State = wished(moved || request.thorough ? undamped(unsettled, world.clock.now()) : unsettled, request.ttls, targets, keyOf);
  let problems: readonly Problem[] = [];
  const store = (next: State): void => {
    remembering?.save(next);
    state = next;
  };
  if (!isChecked(state, config)) {
    problems = await request.validate();
    if (problems.some(({ severity }) => severity === 'error')) return { ...stopped([]), problems, exit: HANDLING.config.exit };
  }
  const { asTheyCome, detectEach } = await import('./detect/detect.ts');
  const open = familiesOf(targets).filter((family) => !glimpse.observations.has(family));
  const published = new Map(open.flatMap((family) => (state.families[family]?.address ? [[family, state.families[family].address] as const] : [])));
  const finding = detectEach(config.detect, open, { published, early: glimpse.early, newNetwork: moved && request.settling !== true, patience: 'decide', signal: wantedIn(request) }, world);
  const { closeAll, openAll } = await import('./accounts.ts');
  const opened = new Map<string, Attempt<OpenAccount>>();
  // A new config may name what a new zone holds: the zones remembered from before are no longer all that matter.
  const remembered = request.force || request.thorough || !isChecked(state, config) ? withoutZones(state) : state;
  const can = (account: string): Capabilities | undefined => okay(opened.get(account))?.can;
  let { facts } = prepared;
  const known = (target: Target) => knownOf(target, state, factsIn(facts, target));
  const { ttls } = request;
  const hopeless = new Map<Target, Unlowerable>();

  /** What is to be done about every target by what is known so far. What was acted on already is left alone. */
  const steps = async (observations: ReadonlyMap<Family, Observation>, acted: ReadonlyMap<Target, Outcome>, isLast: boolean): Promise<readonly Step[]> => {
    const policy = { force: request.force, ask: ttls?.kind === 'lower' || request.thorough === true };
    const alone = decideAll(targets, { state, facts: facts }, observations, policy, world).map((decision) => held(acted.get(decision.target), decision));
    const decided = !isLast
      ? alone
      : await (await import('./verify/drift.ts')).withDrift(alone, { policy: config.drift, observations, knownOf: known, acted }, { ...world, signal: wantedIn(request) });
    const wanting = decided.filter(({ target }) => !opened.has(target.account));
    for (const [name, account] of await openAll(config, wanting, { state: remembered, signal: request.signal, dry: request.dry }, world)) opened.set(name, account);
    // An account that is open may be paused by what it answers, as it is now.
    facts = withDigests(prepared.facts, opened);
    const apt = policy.ask ? decided.map((decision) => unlessHopeless(decision, observations)) : decided;
    const decisions = together(unhurried(apt, can, known, world.clock.now()), can, known, request, world.clock.now());
    const { survey } = await import('./survey.ts');
    const current = await survey(decisions, opened);
    const planned = decisions.map((decision): Step => {
      if (decision.kind === 'keep') return { kind: 'keep', decision };
      const account = opened.get(decision.target.account);
      const now = current.get(decision);
      if (account === undefined || now === undefined) throw new TypeError(`${decision.target.name} was not surveyed`);
      if (account.kind === 'failed') return { kind: 'blocked', decision, failure: account.failure };
      const why = unlowerableIn(now);
      if (ttls?.kind === 'lower' && why !== undefined) hopeless.set(decision.target, why);
      return plan(fitted(decision, now, account.value.can, ttls, state.lowered?.[keyOf(decision.target)]), now, known(decision.target).memory, account.value.can);
    });
    return accompanied(planned, can);
  };

  /** Nothing is sent where only asking was meant, for the sake of a TTL that is not ours to lower, or of a record that is to stay as somebody else made it. */
  const unlessHopeless = (decision: Decision, observations: ReadonlyMap<Family, Observation>): Decision => {
    const { target } = decision;
    if (decision.kind === 'keep') return decision;
    const lowers = ttls?.kind === 'lower';
    const why = lowers ? unlowerable(can(target.account)) : can(target.account)?.readable === false ? 'unasked' : undefined;
    const usual = decide(asUsual(target, state, keyOf), observations.get(target.family), known(target), request, world.clock.now());
    if (lowers && why !== undefined) hopeless.set(target, why);
    return why !== undefined || (usual.kind === 'keep' && usual.why === 'drift') ? { ...usual, target } : decision;
  };

  try {
    let observations: ReadonlyMap<Family, Observation> = glimpse.observations;
    const outcomes = new Map<Target, Outcome>();
    const unstored: Failure[] = [];
    const { apply } = await import('./apply.ts');
    for await (const found of asTheyCome(finding, world.clock)) {
      const isLast = found.size === finding.size;
      if (request.dry && !isLast) continue;
      if (wantedIn(request).aborted && !request.signal.aborted) break;
      observations = new Map([...glimpse.observations, ...found]);
      const acted = new Map([...outcomes].filter(([, { kind }]) => kind !== 'kept'));
      const planned = await steps(observations, acted, isLast);
      if (request.dry) {
        const outcomes = planned.map((step): Outcome => outcomeWithoutWrite(step) ?? { step, kind: 'planned' });
        return { ...conclude(config, { ...prepared, state }, { observations }, outcomes, request, world.clock.now()).report, problems };
      }
      const moment = { now: world.clock.now(), random: world.random };
      const stored = await attempt(() => store(checked(seen(state, prepared.network, found.values(), moment.now), config)));
      if (stored.kind === 'failed') unstored.push(stored.failure);
      const accounts = new Map([...opened].flatMap(([name, account]) => (account.kind === 'ok' ? [[name, account.value] as const] : [])));
      const applied = await apply(planned, accounts, {
        intend: async (writings) => store(intended(noted(state, writings, ttls, can, keyOf, moment.now), writings, facts)),
        settle: async (done) => {
          const next = settled(state, done, facts, (target) => termsOf(can(target.account), moment.now), moment);
          store(withZones(landed(state, next, done, ttls, keyOf, world.clock.now()), new Map([...opened].map(([name, account]) => [name, okay(account)]))));
        },
      });
      if (applied.unstored) unstored.unshift(applied.unstored);
      for (const outcome of applied.outcomes) {
        const { target, why } = outcome.step.decision;
        if (!acted.has(target) || (outcome.kind !== 'kept' && why !== 'beside')) outcomes.set(target, outcome);
      }
    }
    // Of a family that nobody waited for in the end there is nothing to tell.
    for (const [target, { kind }] of outcomes) if (kind === 'kept' && !observations.has(target.family)) outcomes.delete(target);
    if (wantedIn(request).aborted && !request.signal.aborted && outcomes.size === 0) return { ...stopped([]), problems };
    const { verify } = await import('./verify/verify.ts');
    const done = [...outcomes.values()];
    const verified = await unlessUnwanted(request, verify(done, opened, { config: config.verify, signal: wantedIn(request) }, world), done);
    const late = ttls?.kind !== 'lower' ? undefined : await (await import('./verify/lingering.ts')).lingering(loweredAmong(state, done, keyOf), { ...world, signal: wantedIn(request) });
    const concluded = conclude(config, { ...prepared, state }, { observations }, verified, request, world.clock.now());
    const told = await attempt(() => {
      const next = delayed({ ...state, told: concluded.told }, late ?? new Map(), keyOf);
      const still = request.names.length > 0 ? undefined : settledState({ ...config, targets: whileLowered(config.targets, next, keyOf) }, next, facts, world.clock.now());
      store(still === undefined ? next : { ...next, settled: still });
    });
    if (told.kind === 'failed') unstored.push(told.failure);
    return withFailures({ ...concluded.report, problems, ...(hopeless.size > 0 ? { unlowerable: hopeless } : {}), ...(late ? { lingering: late } : {}) }, unstored.slice(0, 1));
  } finally {
    await closeAll(opened);
  }
}

function decideAll(
  targets: readonly Target[],
  { state, facts }: Pick<Prepared, 'state' | 'facts'>,
  observations: ReadonlyMap<Family, Observation>,
  policy: DecidePolicy,
  world: World,
): readonly Decision[] {
  const now = world.clock.now();
  return targets.map((target) => decide(target, observations.get(target.family), knownOf(target, state, factsIn(facts, target)), policy, now));
}

const okay = (opened: Attempt<OpenAccount> | undefined): OpenAccount | undefined => (opened?.kind === 'ok' ? opened.value : undefined);

const withDigests = (facts: ReadonlyMap<string, AccountFacts>, accounts: ReadonlyMap<string, Attempt<OpenAccount>>): ReadonlyMap<string, AccountFacts> =>
  new Map([...facts].map(([name, fact]) => [name, { ...fact, digest: okay(accounts.get(name))?.digest ?? fact.digest }]));

const termsOf = (can: Capabilities | undefined, now: number): Terms => ({ refreshAt: can && refreshAfter(can, now), notBefore: can && nextAfter(can, now) });
