/** The line: one pass from the question "where are we?" to the answer "so it is". Nothing else calls two of its stages. */
import type { OpenAccount } from './accounts.ts';
import type { Config, Problem } from './config/config.ts';
import { identityOf } from './config/identity.ts';
import type { Family, IpAddress } from './core/address.ts';
import type { Ballot } from './core/ballot.ts';
import { type Decision, decide, isSettled, together } from './core/decide.ts';
import { type Attempt, attempt, type Failure, HANDLING, worst } from './core/failure.ts';
import type { Fqdn } from './core/name.ts';
import { sameNetwork } from './core/network.ts';
import type { Observation } from './core/observe.ts';
import { exitOf, type Outcome, outcomeWithoutWrite } from './core/outcome.ts';
import { type Capabilities, nextAfter, plan, refreshAfter, type Step } from './core/plan.ts';
import type { Target } from './core/record.ts';
import { glance } from './detect/glance.ts';
import { type AccountFacts, factsIn, intended, knownOf, seen, settled, settledState, type Terms, undamped } from './ledger.ts';
import { memoryKey, type Recalled, recall, type State } from './recall.ts';
import { withoutZones, withZones } from './remembered-zones.ts';
import { isLocated, type News, tell } from './report.ts';
import type { Glimpses } from './unchanged.ts';
import { unlessUnwanted, wantedIn } from './wanted.ts';
import type { Network, World } from './world/world.ts';

export type Request = {
  /** Stop before the first write and remember nothing. */
  readonly dry: boolean;
  /** As if memory were empty; never past a pause that only changed credentials may end. */
  readonly force: boolean;
  /** Of the configured names; empty: all. */
  readonly names: readonly Fqdn[];
  /** What a glance has told already, a moment ago. */
  readonly glimpses?: Glimpses;
  /** Ends everything that waits. */
  readonly signal: AbortSignal;
  /** Aborts when nobody wants to know any more, at the latest with `signal` (which it is if absent); see wanted.ts. */
  readonly wanted?: AbortSignal;
  /** Moments after a move, with another round to follow: a family that is missing is not waited for, and no news yet. */
  readonly settling?: boolean;
  /** Every problem of the config, the accounts' own options included; asked unless this very config was found good before. */
  readonly validate: () => Promise<readonly Problem[]>;
};

export type Report = {
  readonly observations: readonly Observation[];
  readonly outcomes: readonly Outcome[];
  /** What stopped the round, or could not be stored, apart from what became of the targets. */
  readonly failures: readonly Failure[];
  /** Of the config, when it was looked at whole; with an error among them nothing was done. */
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  /** What is worth telling somebody who did not ask. */
  readonly news: readonly News[];
  readonly exit: number;
};

/** One round. Throws nothing: what went wrong is in the report. */
export async function round(config: Config, world: World, request: Request): Promise<Report> {
  const targets = config.targets.filter(({ name }) => request.names.length === 0 || request.names.includes(name));
  const asked = await attempt(() => prepare(config, targets, world));
  if (asked.kind === 'failed') return stopped([asked.failure]);
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
    withLock(config.stateFolder, world, { waitMs: 10_000, signal: wantedIn(request) }, async () => {
      const { openState, prune } = await import('./record.ts');
      const again = await prepare(config, targets, world);
      const memory = await openState(config.stateFolder, again.state, world);
      const fresh = { ...again, state: prune(again.state, configured(config), world.clock.now()), warnings: [...asked.value.warnings, ...again.warnings] };
      return full(config, targets, fresh, glimpse, request, world, memory);
    }),
  );
  return done.kind === 'ok' ? done.value : stopped([done.failure]);
}

/** What is remembered for the whole config, whichever of its names this round is about. */
const configured = ({ targets, accounts }: Config): { readonly targets: ReadonlySet<string>; readonly accounts: ReadonlySet<string> } => ({
  targets: new Set(targets.map((target) => memoryKey(target, accounts[target.account]?.options['zone']))),
  accounts: new Set(Object.keys(accounts)),
});

/** What a round knows before it asks anybody. */
type Prepared = Recalled & { readonly facts: ReadonlyMap<string, AccountFacts>; readonly network: Network | undefined };

async function prepare(config: Config, targets: readonly Target[], world: World): Promise<Prepared> {
  const recalled = recall(config.stateFolder, world);
  const network = await world.net.network();
  return { ...recalled, network, facts: await factsOf(config, targets, recalled.state, world) };
}

/** Secrets are looked at only where a pause may depend on them. */
async function factsOf(config: Config, targets: readonly Target[], state: State, world: World): Promise<ReadonlyMap<string, AccountFacts>> {
  const facts = new Map<string, AccountFacts>();
  for (const name of new Set(targets.map(({ account }) => account))) {
    const account = config.accounts[name];
    if (account === undefined) throw new TypeError(`no account ${name}`);
    const keyOf = (target: Target): string => memoryKey(target, account.options['zone']);
    const troubled = state.accounts[name]?.trouble !== undefined || targets.some((target) => target.account === name && state.targets[keyOf(target)]?.trouble !== undefined);
    const digest = troubled ? await (await import('./accounts.ts')).digestOf(account, world) : '';
    facts.set(name, { identity: identityOf(account), digest, keyOf });
  }
  return facts;
}

/** What two datagrams told. `settled`: everything is as remembered, and nothing is due. */
type Glimpse = { readonly settled: boolean; readonly observations: ReadonlyMap<Family, Observation>; readonly early: ReadonlyMap<Family, readonly Ballot[]> };

async function peek(config: Config, targets: readonly Target[], { state, facts, network }: Prepared, request: Request, world: World): Promise<Glimpse> {
  const nothing: Glimpse = { settled: false, observations: new Map(), early: new Map() };
  const now = world.clock.now();
  if (request.force || config.detect.given.size > 0 || !isChecked(state, config) || isNewNetwork(state, network)) return nothing;
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
  decideAll(targets, prepared, observations, false, world).map((decision): Outcome => ({ kind: 'kept', step: { kind: 'keep', decision } }));

type Remembering = { readonly save: (next: State) => void };

/** The rest of the line, from the full ballot on; under the lock unless dry (then nothing is remembered). */
async function full(config: Config, targets: readonly Target[], prepared: Prepared, glimpse: Glimpse, request: Request, world: World, remembering: Remembering | undefined): Promise<Report> {
  const moved = isNewNetwork(prepared.state, prepared.network);
  // From here on something may change: until it is known to be settled again, no round is superfluous.
  const { settled: _over, ...unsettled } = prepared.state;
  let state: State = moved ? undamped(unsettled, world.clock.now()) : unsettled;
  let problems: readonly Problem[] = [];
  const store = (next: State): void => {
    remembering?.save(next);
    state = next;
  };
  if (!isChecked(state, config)) {
    problems = await request.validate();
    if (problems.some(({ severity }) => severity === 'error')) return { ...stopped([]), problems, exit: HANDLING.config.exit };
  }
  const { detect } = await import('./detect/detect.ts');
  const open = familiesOf(targets).filter((family) => !glimpse.observations.has(family));
  const published = new Map(open.flatMap((family) => (state.families[family]?.address ? [[family, state.families[family].address] as const] : [])));
  const found = await detect(config.detect, open, { published, early: glimpse.early, newNetwork: moved && request.settling !== true, patience: 'decide', signal: wantedIn(request) }, world);
  if (wantedIn(request).aborted && !request.signal.aborted) return { ...stopped([]), problems };
  const observations = new Map([...glimpse.observations, ...found]);
  const decided = decideAll(targets, { ...prepared, state }, observations, request.force, world);
  const { closeAll, openAll } = await import('./accounts.ts');
  // A new config may name what a new zone holds: the zones remembered from before are no longer all that matter.
  const remembered = request.force || !isChecked(state, config) ? withoutZones(state) : state;
  const accounts = await openAll(config, decided, { state: remembered, signal: request.signal, dry: request.dry }, world);
  try {
    const can = (account: string): Capabilities | undefined => okay(accounts.get(account))?.can;
    const decisions = together(decided, can, (target) => knownOf(target, state, factsIn(prepared.facts, target)), request, world.clock.now());
    const { survey } = await import('./survey.ts');
    const current = await survey(decisions, accounts);
    const steps = decisions.map((decision): Step => {
      if (decision.kind === 'keep') return { kind: 'keep', decision };
      const account = accounts.get(decision.target.account);
      const now = current.get(decision);
      if (account === undefined || now === undefined) throw new TypeError(`${decision.target.name} was not surveyed`);
      if (account.kind === 'failed') return { kind: 'blocked', decision, failure: account.failure };
      return plan(decision, now, knownOf(decision.target, state, factsIn(prepared.facts, decision.target)).memory, account.value.can);
    });
    if (request.dry) {
      const outcomes = steps.map((step): Outcome => outcomeWithoutWrite(step) ?? { step, kind: 'planned' });
      return { ...conclude(config, { ...prepared, state }, { observations }, outcomes, request, world.clock.now()).report, problems };
    }

    const facts = withDigests(prepared.facts, accounts);
    const moment = { now: world.clock.now(), random: world.random };
    const noted = await attempt(() => store(checked(seen(state, prepared.network, found.values(), moment.now), config)));
    const { apply } = await import('./apply.ts');
    const applied = await apply(steps, new Map([...accounts].flatMap(([name, opened]) => (opened.kind === 'ok' ? [[name, opened.value] as const] : []))), {
      intend: async (writings) => store(intended(state, writings, facts)),
      settle: async (outcomes) => {
        const next = settled(state, outcomes, facts, (target) => termsOf(can(target.account), moment.now), moment);
        store(withZones(next, new Map([...accounts].map(([name, opened]) => [name, okay(opened)]))));
      },
    });
    const { verify } = await import('./verify/verify.ts');
    const outcomes = await unlessUnwanted(request, verify(applied.outcomes, accounts, { config: config.verify, signal: wantedIn(request) }, world), applied.outcomes);
    const concluded = conclude(config, { ...prepared, state }, { observations }, outcomes, request, world.clock.now());
    const told = await attempt(() => {
      const next = { ...state, told: concluded.told };
      const still = request.names.length > 0 ? undefined : settledState(config, next, facts, world.clock.now());
      store(still === undefined ? next : { ...next, settled: still });
    });
    const unstored = [noted, told].flatMap((stored) => (stored.kind === 'failed' ? [stored.failure] : []));
    return withFailures({ ...concluded.report, problems }, applied.unstored ? [applied.unstored] : unstored.slice(0, 1));
  } finally {
    await closeAll(accounts);
  }
}

function decideAll(targets: readonly Target[], { state, facts }: Pick<Prepared, 'state' | 'facts'>, observations: ReadonlyMap<Family, Observation>, force: boolean, world: World): readonly Decision[] {
  const now = world.clock.now();
  return targets.map((target) => decide(target, observations.get(target.family), knownOf(target, state, factsIn(facts, target)), { force }, now));
}

const isChecked = ({ checked = [] }: State, { digest }: Config): boolean => checked.includes(digest);

const CHECKED_KEPT = 8;
const checked = (state: State, config: Config): State => (isChecked(state, config) ? state : { ...state, checked: [config.digest, ...(state.checked ?? [])].slice(0, CHECKED_KEPT) });

const familiesOf = (targets: readonly Target[]): readonly Family[] => [...new Set(targets.map(({ family }) => family))].sort();

/** No memory of a network is news too; a system that cannot tell where it is plugged in is not. */
const isNewNetwork = (state: State, network: Network | undefined): boolean => network !== undefined && (state.network === undefined || !sameNetwork(state.network, network));

const okay = (opened: Attempt<OpenAccount> | undefined): OpenAccount | undefined => (opened?.kind === 'ok' ? opened.value : undefined);

const withDigests = (facts: ReadonlyMap<string, AccountFacts>, accounts: ReadonlyMap<string, Attempt<OpenAccount>>): ReadonlyMap<string, AccountFacts> =>
  new Map([...facts].map(([name, fact]) => [name, { ...fact, digest: okay(accounts.get(name))?.digest ?? fact.digest }]));

const termsOf = (can: Capabilities | undefined, now: number): Terms => ({ refreshAt: can && refreshAfter(can, now), notBefore: can && nextAfter(can, now) });

function conclude(
  config: Config,
  { state, warnings }: Pick<Prepared, 'state' | 'warnings'>,
  { observations }: { readonly observations: ReadonlyMap<Family, Observation> },
  outcomes: readonly Outcome[],
  { settling }: Pick<Request, 'settling'>,
  now: number,
): { readonly report: Report; readonly told: State['told'] } {
  const { news, told } = tell(settling ? outcomes.filter(isLocated) : outcomes, state.told, now);
  const notes = [...warnings, ...(config.targets.length === 0 ? ['the config names no records'] : [])];
  return { told, report: { observations: [...observations.values()], outcomes, failures: [], problems: [], warnings: notes, news, exit: exitOf(outcomes) } };
}

const withFailures = (report: Report, failures: readonly Failure[]): Report => ({
  ...report,
  failures: [...report.failures, ...failures],
  exit: worst([report.exit, ...failures.map(({ kind }) => HANDLING[kind].exit)]),
});

const stopped = (failures: readonly Failure[]): Report => withFailures({ observations: [], outcomes: [], failures: [], problems: [], warnings: [], news: [], exit: 0 }, failures);
