/** The line: one pass from the question "where are we?" to the answer "so it is". Nothing else calls two of its stages. */
import type { OpenAccount } from './accounts.ts';
import { conclude, type Report, stopped, withFailures } from './conclusion.ts';
import type { Config } from './config/config.ts';
import type { Family, IpAddress } from './core/address.ts';
import type { Ballot } from './core/ballot.ts';
import { type DecidePolicy, type Decision, decide, isSettled, together } from './core/decide.ts';
import { unhurried } from './core/drift.ts';
import { type Attempt, attempt, type Failure, HANDLING } from './core/failure.ts';
import type { Observation } from './core/observe.ts';
import { afterwards, held, type Outcome, outcomeWithoutWrite } from './core/outcome.ts';
import { accompanied, type Capabilities, plan, type Step, termsOf } from './core/plan.ts';
import type { Target } from './core/record.ts';
import { glance } from './detect/glance.ts';
import { type AccountFacts, factsIn, intended, knownOf, seen, settled, settledState, undamped } from './ledger.ts';
import { asUsual, delayed, fitted, landed, loweredAmong, noted, retimed, type Unlowerable, unlowerable, unlowerableIn, whileLowered, wished } from './lowering.ts';
import { checked, configured, familiesOf, isChecked, isNewNetwork, keyIn, type Prepared, prepare } from './prepared.ts';
import type { State } from './recall.ts';
import { withoutZones, withZones } from './remembered-zones.ts';
import { type Request, unlessUnwanted, wantedIn } from './request.ts';

import type { World } from './world/world.ts';

export type { Report } from './conclusion.ts';
export type { Request } from './request.ts';

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

/** What a round holds in its hands from the full ballot on. */
type Hands = {
  readonly config: Config;
  readonly targets: readonly Target[];
  readonly request: Request;
  readonly world: World;
  readonly prepared: Prepared;
  /** Where the memory of a target is kept. */
  readonly keyOf: (target: Target) => string;
  readonly opened: Map<string, Attempt<OpenAccount>>;
  /** Targets whose TTL was to be lowered and is not ours to lower. */
  readonly hopeless: Map<Target, Unlowerable>;
  /** What went wrong with storing what is true all the same. */
  readonly unstored: Failure[];
  readonly store: (next: State) => void;
  state: State;
  facts: ReadonlyMap<string, AccountFacts>;
};

const canIn =
  ({ opened }: Pick<Hands, 'opened'>) =>
  (account: string): Capabilities | undefined =>
    okay(opened.get(account))?.can;
const knownIn = (hands: Pick<Hands, 'state' | 'facts'>, target: Target) => knownOf(target, hands.state, factsIn(hands.facts, target));

/** The rest of the line, from the full ballot on; under the lock unless dry (then nothing is remembered). */
async function full(config: Config, targets: readonly Target[], prepared: Prepared, glimpse: Glimpse, request: Request, world: World, remembering: Remembering | undefined): Promise<Report> {
  const moved = isNewNetwork(prepared.state, prepared.network);
  const problems = isChecked(prepared.state, config) ? [] : await request.validate();
  if (problems.some(({ severity }) => severity === 'error')) return { ...stopped([]), problems, exit: HANDLING.config.exit };
  // From here on something may change: until it is known to be settled again, no round is superfluous.
  const { settled: _over, ...unsettled } = prepared.state;
  const keyOf = keyIn(config);
  const hands: Hands = {
    ...{ config, targets, request, world, prepared, keyOf, opened: new Map(), hopeless: new Map(), unstored: [], facts: prepared.facts },
    state: wished(moved || request.thorough ? undamped(unsettled, world.clock.now()) : unsettled, request.ttls, targets, keyOf),
    store: (next) => {
      remembering?.save(next);
      hands.state = next;
    },
  };
  const { asTheyCome, detectEach } = await import('./detect/detect.ts');
  const open = familiesOf(targets).filter((family) => !glimpse.observations.has(family));
  const published = new Map(open.flatMap((family) => (hands.state.families[family]?.address ? [[family, hands.state.families[family].address] as const] : [])));
  const finding = detectEach(config.detect, open, { published, early: glimpse.early, newNetwork: moved && request.settling !== true, patience: 'decide', signal: wantedIn(request) }, world);
  let observations: ReadonlyMap<Family, Observation> = glimpse.observations;
  const outcomes = new Map<Target, Outcome>();
  try {
    for await (const found of asTheyCome(finding, world.clock)) {
      const isLast = found.size === finding.size;
      if (request.dry && !isLast) continue;
      if (wantedIn(request).aborted && !request.signal.aborted) break;
      observations = new Map([...glimpse.observations, ...found]);
      const acted = new Map([...outcomes].filter(([, { kind }]) => kind !== 'kept'));
      const steps = await stepsFor(hands, observations, acted, isLast);
      for (const outcome of await carriedOut(hands, steps, found)) {
        const { target } = outcome.step.decision;
        outcomes.set(target, afterwards(acted.get(target), outcome));
      }
      if (!isLast) request.tell?.({ observations: [...observations.values()], outcomes: [...outcomes.values()] });
    }
    // Of a family that nobody waited for in the end there is nothing to tell.
    for (const [target, { kind }] of outcomes) if (kind === 'kept' && !observations.has(target.family)) outcomes.delete(target);
    if (wantedIn(request).aborted && !request.signal.aborted && outcomes.size === 0) return { ...stopped([]), problems };
    return { ...(await ended(hands, observations, [...outcomes.values()])), problems };
  } finally {
    await (await import('./accounts.ts')).closeAll(hands.opened);
  }
}

/** Decide, survey, plan: what is to be done about every target by what is known so far. What was acted on already is left alone. */
async function stepsFor(hands: Hands, observations: ReadonlyMap<Family, Observation>, acted: ReadonlyMap<Target, Outcome>, isLast: boolean): Promise<readonly Step[]> {
  const { config, request, world, prepared, opened } = hands;
  const [can, known, now] = [canIn(hands), (target: Target) => knownIn(hands, target), world.clock.now()];
  const policy = { force: request.force, ask: request.ttls?.kind === 'lower' || request.thorough === true };
  const alone = decideAll(hands.targets, hands, observations, policy, world).map((decision) => held(acted.get(decision.target), decision));
  const decided = isLast ? await (await import('./verify/drift.ts')).withDrift(alone, { policy: config.drift, observations, knownOf: known, acted }, { ...world, signal: wantedIn(request) }) : alone;
  const { openAll } = await import('./accounts.ts');
  // A new config may name what a new zone holds: the zones remembered from before are no longer all that matter.
  const state = request.force || request.thorough || !isChecked(prepared.state, config) ? withoutZones(hands.state) : hands.state;
  const wanting = decided.filter(({ target }) => !opened.has(target.account));
  for (const [name, account] of await openAll(config, wanting, { state, signal: request.signal, dry: request.dry }, world)) opened.set(name, account);
  // An account that is open may be paused by what it answers, as it is now.
  hands.facts = withDigests(prepared.facts, opened);
  const apt = policy.ask ? decided.map((decision) => unlessHopeless(hands, decision, observations)) : decided;
  const decisions = together(unhurried(apt, can, known, now), can, known, request, now);
  const current = await (await import('./survey.ts')).survey(decisions, opened);
  const planned = decisions.map((decision): Step => {
    if (decision.kind === 'keep') return { kind: 'keep', decision };
    const [account, there] = [opened.get(decision.target.account), current.get(decision)];
    if (account === undefined || there === undefined) throw new TypeError(`${decision.target.name} was not surveyed`);
    if (account.kind === 'failed') return { kind: 'blocked', decision, failure: account.failure };
    const why = unlowerableIn(there);
    if (request.ttls?.kind === 'lower' && why !== undefined) hands.hopeless.set(decision.target, why);
    const setting = fitted(decision, there, account.value.can, request.ttls, hands.state.lowered?.[hands.keyOf(decision.target)]);
    return plan(setting, there, known(decision.target).memory, account.value.can);
  });
  return accompanied(planned, can);
}

/** Nothing is sent where only asking was meant, for the sake of a TTL that is not ours to lower, or of a record that is to stay as somebody else made it. */
function unlessHopeless(hands: Hands, decision: Decision, observations: ReadonlyMap<Family, Observation>): Decision {
  const { config, request, world, keyOf, state } = hands;
  const { target } = decision;
  if (decision.kind === 'keep') return decision;
  const can = canIn(hands)(target.account);
  const lowers = request.ttls?.kind === 'lower';
  const why = lowers ? unlowerable(can) : can?.readable === false ? 'unasked' : undefined;
  const usual = decide(asUsual(target, state, keyOf), observations.get(target.family), knownIn(hands, target), request, world.clock.now());
  if (lowers && why !== undefined) hands.hopeless.set(target, why);
  return why !== undefined || (usual.kind === 'keep' && usual.why === 'drift' && config.drift === 'report') ? { ...usual, target } : decision;
}

/** Apply, with every intent and outcome on disk as it comes; a dry round stops before. */
async function carriedOut(hands: Hands, steps: readonly Step[], found: ReadonlyMap<Family, Observation>): Promise<readonly Outcome[]> {
  const { config, request, world, prepared, keyOf, opened, store } = hands;
  if (request.dry) return steps.map((step): Outcome => outcomeWithoutWrite(step) ?? { step, kind: 'planned' });
  const [can, moment] = [canIn(hands), { now: world.clock.now(), random: world.random }];
  const stored = await attempt(() => store(checked(seen(hands.state, prepared.network, found.values(), moment.now), config)));
  if (stored.kind === 'failed') hands.unstored.push(stored.failure);
  const accounts = new Map([...opened].flatMap(([name, account]) => (account.kind === 'ok' ? [[name, account.value] as const] : [])));
  const { apply } = await import('./apply.ts');
  const applied = await apply(steps, accounts, {
    intend: async (writings) => store(intended(noted(hands.state, writings, request.ttls, can, keyOf, moment.now), writings, hands.facts)),
    settle: async (done) => {
      const next = settled(hands.state, done, hands.facts, (target) => termsOf(can(target.account), moment.now), moment);
      store(withZones(landed(hands.state, next, done, request.ttls, keyOf, world.clock.now()), new Map([...opened].map(([name, account]) => [name, okay(account)]))));
    },
  });
  if (applied.unstored) hands.unstored.unshift(applied.unstored);
  return applied.outcomes;
}

/** Verify, record, report. */
async function ended(hands: Hands, observations: ReadonlyMap<Family, Observation>, done: readonly Outcome[]): Promise<Report> {
  const { config, request, world, prepared, keyOf, hopeless } = hands;
  const tools = { ...world, signal: wantedIn(request) };
  const concluded = (outcomes: readonly Outcome[]) => conclude(config, { ...prepared, state: hands.state }, { observations }, outcomes, request, world.clock.now());
  if (request.dry) return concluded(done).report;
  const { verify } = await import('./verify/verify.ts');
  const verified = await unlessUnwanted(request, verify(done, hands.opened, { config: config.verify, signal: tools.signal }, world), done);
  const lowers = request.ttls?.kind === 'lower';
  const late = lowers ? await (await import('./verify/lingering.ts')).lingering(loweredAmong(hands.state, done, keyOf), tools) : undefined;
  const { report, told } = concluded(verified);
  const stored = await attempt(() => {
    const next = delayed({ ...hands.state, told }, late ?? new Map(), keyOf);
    const still = request.names.length > 0 ? undefined : settledState({ ...config, targets: whileLowered(config.targets, next, keyOf) }, next, hands.facts, world.clock.now());
    hands.store(still === undefined ? next : { ...next, settled: still });
  });
  if (stored.kind === 'failed') hands.unstored.push(stored.failure);
  return withFailures({ ...report, ...(hopeless.size > 0 ? { unlowerable: hopeless } : {}), ...(late ? { lingering: late } : {}) }, hands.unstored.slice(0, 1));
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
