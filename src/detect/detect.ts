/** The full ballot: all sources side by side, and what the rule makes of their answers. */

import type { DetectConfig } from '../config/config.ts';
import { type Family, familyOf, type IpAddress, within } from '../core/address.ts';
import type { Ballot, BallotFailure } from '../core/ballot.ts';
import { attempt } from '../core/failure.ts';
import { chooseIpv6, isFleeting, isVpn } from '../core/ipv6.ts';
import { demandsOf, type Observation, observe } from '../core/observe.ts';
import { type AddressPolicy, refusal } from '../core/special.ts';
import { wanObjection } from '../core/wan.ts';
import type { Deadline, World } from '../world/world.ts';
import type { Asked } from './ask.ts';
import { askCheaply } from './cheap.ts';
import { askCommand } from './command.ts';
import { askHttps } from './https.ts';
import { isDatagram, type Source, serves, witnessOf } from './source.ts';

export type Detecting = {
  readonly published: ReadonlyMap<Family, IpAddress>;
  /** What a glance has heard already: those sources are not asked again, unless they were not heard. */
  readonly early: ReadonlyMap<Family, readonly Ballot[]>;
  /** The box was carried elsewhere: a family that is missing gets time to settle. */
  readonly newNetwork: boolean;
  /** `decide`: ends soon after the rule has what it needs. `all`: every ballot is waited for. */
  readonly patience: 'decide' | 'all';
  readonly signal: AbortSignal;
};

/** Each question, with its retry. */
const QUESTION_MS = 5000;
/** Dissent may come this long after an agreement. */
const DISSENT_MS = 300;
/** UDP that was not heard for so long is taken for dead; it may still be. */
const UDP_DEAD_MS = 1500;
/** IPv6 comes seconds after IPv4: router advertisements take their time. */
const SETTLE_MS = 10_000;
const SETTLE_STEP_MS = 1000;
const UNHEARD: readonly BallotFailure['kind'][] = ['timeout', 'network', 'lookup', 'down', 'absent', 'unawaited'];

/** One observation per family, each found on its own, as soon as it is known. None of them is ever rejected. */
export const detectEach = (config: DetectConfig, families: readonly Family[], asked: Detecting, world: World): ReadonlyMap<Family, Promise<Observation>> =>
  new Map(families.map((family) => [family, detectFamily(config, family, asked, world)]));

/** All of them, when the last is known. */
export const detect = (...asked: Parameters<typeof detectEach>): Promise<ReadonlyMap<Family, Observation>> => allOf(detectEach(...asked));

const allOf = async (found: ReadonlyMap<Family, Promise<Observation>>): Promise<ReadonlyMap<Family, Observation>> =>
  new Map(await Promise.all([...found].map(async ([family, observation]) => [family, await observation] as const)));

/** The rest of a family that is known already is not waited for longer than this: after a move IPv6 comes late, and IPv4 does not wait for it. */
const LEAD_MS = 300;

/** What is known, as soon as an agreement is, and once more when all is, if that took longer. */
export async function* asTheyCome(found: ReadonlyMap<Family, Promise<Observation>>, clock: World['clock']): AsyncGenerator<ReadonlyMap<Family, Observation>> {
  const known = new Map<Family, Observation>();
  const over = new AbortController();
  const all = allOf(found);
  const first = Promise.any(
    [...found].map(async ([family, observation]) => {
      known.set(family, await observation);
      return (await observation).kind === 'agreed' ? observation : Promise.reject(new Error('no agreement'));
    }),
  ).then(
    () => clock.sleep(LEAD_MS, over.signal),
    () => all,
  );
  await Promise.race([first, all]);
  over.abort();
  if (known.size < found.size) yield new Map(known);
  yield all;
}

async function detectFamily(config: DetectConfig, family: Family, asked: Detecting, world: World): Promise<Observation> {
  const given = config.given.get(family);
  if (given !== undefined)
    return { family, kind: 'agreed', address: given, ballots: [{ source: '--ip', operator: 'you', transport: 'address', authenticated: true, ms: 0, kind: 'address', address: given }] };
  const from = world.clock.elapsed();
  let early = (asked.early.get(family) ?? []).filter((ballot) => ballot.kind === 'address' || !UNHEARD.includes(ballot.failure.kind));
  for (;;) {
    const bind = family === 6 ? bindFor(asked.published.get(family), config, world) : undefined;
    let seen = await hold(config, family, asked, early, bind, world);
    // The chosen address may be one that no way leads out from: then the system's choice is better than none.
    if (bind !== undefined && isUnheard(seen) && !asked.signal.aborted) seen = await hold(config, family, asked, [], undefined, world);
    const left = SETTLE_MS - (world.clock.elapsed() - from);
    if (!asked.newNetwork || left <= 0 || asked.signal.aborted || !isUnsettled(seen)) return vetted(seen, config, world);
    await world.clock.sleep(Math.min(left, SETTLE_STEP_MS), asked.signal);
    early = [];
  }
}

const wasUnheard = (ballot: Ballot): boolean => ballot.kind === 'failed' && UNHEARD.includes(ballot.failure.kind);
const isUnheard = ({ ballots }: Observation): boolean => ballots.length > 0 && ballots.every(wasUnheard);

/** Nothing speaks against an agreement but that some were not heard: the line may be coming up just now. What the router has to say of its line does not. */
const isUnsettled = ({ kind, ballots }: Observation): boolean =>
  kind !== 'agreed' &&
  ballots.some(wasUnheard) &&
  ballots.every((ballot) => ballot.kind === 'address' || wasUnheard(ballot) || ballot.transport === 'router') &&
  new Set(ballots.flatMap((ballot) => (ballot.kind === 'address' ? [ballot.address] : []))).size <= 1;

async function hold(config: DetectConfig, family: Family, { published, patience, signal }: Detecting, early: readonly Ballot[], bind: IpAddress | undefined, world: World): Promise<Observation> {
  const sources = config.sources.filter((source) => serves(source, family));
  const demands = demandsOf(sources.map(witnessOf), config.quorum);
  const asked: Asked = { policy: config.policy, published: published.get(family), bind };
  const question = async (source: Source, deadline: Deadline): Promise<Ballot> =>
    early.find((ballot) => ballot.source === source.id) ?? lasting(await ask(source, family, asked, world, deadline), world);
  const verdict = (ballots: readonly Ballot[]): Observation => observe(family, ballots, demands);
  const enough = (ballots: readonly Ballot[]): boolean => patience === 'decide' && verdict(ballots).kind === 'agreed';
  return verdict(await gather(sources, question, enough, signal, world));
}

/** Asks all at once; ends when all have answered, when `enough` stays true for a while, or when `signal` aborts. */
function gather(
  sources: readonly Source[],
  question: (source: Source, deadline: Deadline) => Promise<Ballot>,
  enough: (ballots: readonly Ballot[]) => boolean,
  signal: AbortSignal,
  world: World,
): Promise<readonly Ballot[]> {
  return new Promise((resolve) => {
    const from = world.clock.elapsed();
    const heard = new Map<Source, Ballot>();
    const askers = sources.map((source) => ({ source, controller: new AbortController() }));
    const over = new AbortController();
    let lingering = false;
    const ballots = (): readonly Ballot[] => sources.map((source) => heard.get(source) ?? unheard(source, world.clock.elapsed() - from, signal.aborted ? 'time was up' : 'the others had decided'));
    const end = (): void => {
      if (over.signal.aborted) return;
      signal.removeEventListener('abort', end);
      resolve(ballots());
      over.abort();
      for (const { controller } of askers) controller.abort();
    };
    const consider = async (): Promise<void> => {
      if (over.signal.aborted) return;
      if (heard.size === sources.length) return end();
      if (lingering || !enough(ballots())) return;
      lingering = true;
      await world.clock.sleep(DISSENT_MS, over.signal);
      lingering = false;
      if (!over.signal.aborted && enough(ballots())) end();
    };
    for (const { source, controller } of askers) {
      question(source, { timeoutMs: QUESTION_MS, signal: controller.signal }).then((ballot) => {
        if (over.signal.aborted) return;
        heard.set(source, ballot);
        consider();
      });
    }
    if (signal.aborted || sources.length === 0) return end();
    signal.addEventListener('abort', end);
    world.clock.sleep(UDP_DEAD_MS, over.signal).then(consider);
  });
}

/** The ballot of a source that has not answered after `ms`, and `why` nobody waits for it. */
function unheard(source: Source, ms: number, why: string): Ballot {
  const rounded = Math.round(ms);
  const failure: BallotFailure =
    isDatagram(source) && ms >= UDP_DEAD_MS ? { kind: 'timeout', detail: `did not answer within ${rounded} ms` } : { kind: 'unawaited', detail: `was not waited for: ${why}` };
  return { ...witnessOf(source), ms: rounded, kind: 'failed', failure };
}

async function ask(source: Source, family: Family, asked: Asked, world: World, deadline: Deadline): Promise<Ballot> {
  switch (source.kind) {
    case 'router':
      return (await import('./router/router.ts')).askRouter(source, family, asked, world, deadline);
    case 'https':
      return askHttps(source, family, asked, world, deadline);
    case 'command':
      return askCommand(source, family, asked, world, deadline);
    default:
      return askCheaply(source, family, asked, world, deadline);
  }
}

/** The IPv6 address to ask from. Only needed where the system has a choice: it would take a temporary one (RFC 6724 rule 7). */
function bindFor(published: IpAddress | undefined, { policy }: DetectConfig, world: World): IpAddress | undefined {
  const rows = world.net.interfaces().filter(({ address, internal }) => familyOf(address) === 6 && !internal && refusal(address, policy) === undefined);
  return rows.length < 2 ? undefined : chooseIpv6(rows, { published, policy })?.address;
}

/** An IPv6 address of this machine that is temporary, deprecated or tentative is a true answer, and still none to publish. */
function lasting(ballot: Ballot, world: World): Ballot {
  if (ballot.kind !== 'address' || familyOf(ballot.address) !== 6) return ballot;
  const row = world.net.interfaces().find(({ address }) => address === ballot.address);
  if (row === undefined || !isFleeting(row)) return ballot;
  const { address, ...witness } = ballot;
  const sort = row.flags?.temporary ? 'temporary (RFC 8981)' : row.flags?.deprecated ? 'deprecated' : 'tentative';
  return { ...witness, kind: 'failed', failure: { kind: 'special', detail: `told ${address}: a ${sort} address of ${row.interface}, which does not last`, told: address } };
}

/** What all agree on may still not be this line: the exit of a VPN, or an address shared by a carrier's customers. `allow` in the config says it is meant. */
async function vetted(seen: Observation, { policy }: DetectConfig, world: World): Promise<Observation> {
  if (seen.kind !== 'agreed' || policy.allow.some((prefix) => within(seen.address, prefix))) return seen;
  const { family, ballots, address } = seen;
  const found = await attempt(() => leading(family, world));
  const name = found.kind === 'ok' ? found.value : undefined;
  const why = elsewhere(seen, name) ?? (family === 4 ? (sharedAddress(name, policy, world) ?? wanObjection(address, ballots)) : undefined);
  return why === undefined ? seen : { family, ballots, kind: 'disputed', why: `${address} ${why}; if the names shall point there all the same, add ${address} to detect.allow` };
}

/** `name`: the interface that leads to the internet. */
function elsewhere({ ballots }: Observation, name: string | undefined): string | undefined {
  if (name === undefined || !isVpn(name) || ballots.some((ballot) => ballot.transport === 'interface' && ballot.kind === 'address')) return undefined;
  const router = ballots.find((ballot) => ballot.transport === 'router' && ballot.kind === 'address');
  const own = router?.kind === 'address' ? ` (which has ${router.address}, says the router)` : '';
  return `is where ${name} leads, which looks like a VPN: that is the tunnel's exit, not this line${own}`;
}

function sharedAddress(name: string | undefined, policy: AddressPolicy, world: World): string | undefined {
  return world.net.interfaces().flatMap((row) => {
    const refused = row.interface === name && familyOf(row.address) === 4 ? refusal(row.address, { allow: policy.allow, deny: [] }) : undefined;
    return refused?.kind === 'cgnat' || refused?.kind === 'dslite' ? [`is not this box's own: ${name} itself has ${row.address}, ${refused.reason}`] : [];
  })[0];
}

/** The interface that leads to the internet; by the default route of IPv4 where the system tells no more. */
const leading = async (family: Family, { net }: World): Promise<string | undefined> =>
  net.departure === undefined ? (family === 4 ? (await net.network())?.interface : undefined) : net.departure(family);
