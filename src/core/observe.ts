/** The rule: what the ballots of one family amount to. Pure; the only way to a new address leads through `agreed`. */
import type { Family, IpAddress } from './address.ts';
import type { Answer, Ballot, BallotFailure, Transport, Witness } from './ballot.ts';
import { wanRemark } from './wan.ts';

/** What an agreement must have; capped by what the listed sources can give. */
export type Demands = {
  readonly operators: number;
  readonly transports: number;
  /** Operators over HTTPS that stand in for a second transport where no UDP source answers. */
  readonly httpsWithoutUdp: number;
  readonly authenticated: number;
  /** Operators it takes against an authenticated dissenter, beside two thirds of the weight. */
  readonly againstDissent: number;
};

export type Observation = { readonly family: Family; readonly ballots: readonly Ballot[] } & (
  | { readonly kind: 'agreed'; readonly address: IpAddress }
  /** A witness says what is already published: enough to keep, never enough to change. */
  | { readonly kind: 'same'; readonly address: IpAddress }
  | { readonly kind: 'disputed'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string }
);

const WEIGHT: { readonly [T in Transport]: number } = { https: 1, interface: 1, command: 1, file: 1, address: 1, stun: 0.6, dns: 0.5, router: 0.5 };
const UDP: readonly Transport[] = ['dns', 'stun'];
/** What travels in the clear weighs no more over TCP than over UDP. */
const weightOf = ({ transport, authenticated }: Witness): number => (transport === 'https' && !authenticated ? WEIGHT.dns : WEIGHT[transport]);
/** With an authenticated dissenter: this many operators where the list has so many beside him, and this share of the weight. */
const AGAINST_DISSENT = { operators: 3, share: 2 / 3 };

/** The demands of DESIGN 5, as far as these sources can meet them at all. */
export function demandsOf(witnesses: readonly Witness[], quorum: number): Demands {
  const operators = new Set(witnesses.map(({ operator }) => operator)).size;
  const transports = new Set(witnesses.map(({ transport }) => transport)).size;
  const https = new Set(witnesses.filter(({ transport }) => transport === 'https').map(({ operator }) => operator)).size;
  return {
    operators: Math.max(1, Math.min(quorum, operators)),
    transports: Math.max(1, Math.min(2, transports)),
    httpsWithoutUdp: Math.max(1, Math.min(Math.max(3, quorum), https)),
    authenticated: witnesses.some(({ authenticated }) => authenticated) ? 1 : 0,
    againstDissent: Math.max(quorum, Math.min(AGAINST_DISSENT.operators, operators - 1)),
  };
}

/** Can one lying source of these be outvoted, or can it block (never cause) a change? */
export function canOutvoteLiar(witnesses: readonly Witness[], quorum: number): boolean {
  return witnesses.every((liar) => {
    const honest = witnesses.filter(({ operator }) => operator !== liar.operator).map((witness): Ballot => ({ ...witness, ms: 0, kind: 'address', address: '1.2.3.4' as IpAddress }));
    const lie: Ballot = { ...liar, ms: 0, kind: 'address', address: '5.6.7.8' as IpAddress };
    return honest.length > 0 && observe(4, [...honest, lie], demandsOf(witnesses, quorum)).kind === 'agreed';
  });
}

/** The verdict over one family's ballots. Their order does not matter. */
export function observe(family: Family, ballots: readonly Ballot[], demands: Demands): Observation {
  const answers = ballots.filter((ballot): ballot is Answer => ballot.kind === 'address');
  if (answers.length === 0) return { family, ballots, kind: 'silent', why: causeOf(ballots) };
  const candidates = tally(answers);
  const best = candidates[0];
  const missing = best === undefined ? 'no candidate' : shortfall(best, candidates, ballots, demands);
  if (best === undefined || missing !== undefined)
    return { family, ballots, kind: 'disputed', why: [`${missing}${hint(ballots)}`, wanRemark(ballots)].filter((part) => part !== undefined).join('; ') };
  return { family, ballots, kind: 'agreed', address: best.address };
}

/** Who said something else than was agreed. */
export const dissenters = (observation: Observation): readonly Answer[] =>
  observation.kind !== 'agreed' && observation.kind !== 'same' ? [] : observation.ballots.filter((ballot): ballot is Answer => ballot.kind === 'address' && ballot.address !== observation.address);

type Candidate = { readonly address: IpAddress; readonly operators: readonly string[]; readonly ballots: readonly Answer[]; readonly weight: number };

/** One vote per operator and address; the weightiest first, ties by text so that order cannot decide. */
function tally(answers: readonly Answer[]): readonly Candidate[] {
  const addresses = [...new Set(answers.map(({ address }) => address))];
  return addresses
    .map((address): Candidate => {
      const ballots = answers.filter((answer) => answer.address === address);
      const operators = [...new Set(ballots.map(({ operator }) => operator))].filter((operator) => !contradictsItself(operator, answers));
      const weight = operators.reduce((sum, operator) => sum + Math.max(...ballots.filter((ballot) => ballot.operator === operator).map(weightOf)), 0);
      return { address, operators, ballots: ballots.filter(({ operator }) => operators.includes(operator)), weight };
    })
    .sort((a, b) => b.weight - a.weight || b.operators.length - a.operators.length || (a.address < b.address ? -1 : 1));
}

/** An operator that tells two addresses is a witness for neither. */
const contradictsItself = (operator: string, answers: readonly Answer[]): boolean => new Set(answers.filter((answer) => answer.operator === operator).map(({ address }) => address)).size > 1;

/** What stands against believing `best`, in words; undefined when nothing does. */
function shortfall(best: Candidate, candidates: readonly Candidate[], ballots: readonly Ballot[], demands: Demands): string | undefined {
  const says = `${best.address} (${[...best.operators].sort().join(', ') || 'nobody consistently'})`;
  const missing = lack(best, ballots, demands);
  if (missing !== undefined) return `${says} ${missing}${against(best, candidates)}`;
  const others = candidates.filter((other) => other !== best);
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const prevails = best.operators.length >= demands.againstDissent && best.weight >= AGAINST_DISSENT.share * total - 1e-9;
  const dissent = others.some(({ address }) => ballots.some((ballot) => ballot.kind === 'address' && ballot.authenticated && ballot.address === address));
  if (dissent && !prevails) return `${says} is contradicted by an authenticated source${against(best, candidates)}`;
  // Where the list has nobody authenticated, the heavier of two addresses that could both be believed is not the truer one.
  if (others.some((other) => lack(other, ballots, demands) === undefined) && !prevails) return `${says} is contradicted by as many as it takes to be believed${against(best, candidates)}`;
  return undefined;
}

/** Which demand a candidate does not meet, whatever others say. */
function lack(candidate: Candidate, ballots: readonly Ballot[], demands: Demands): string | undefined {
  const { operators, ballots: own } = candidate;
  if (operators.length < demands.operators) return `has ${operators.length} of ${demands.operators} independent operators`;
  const transports = new Set(own.map(({ transport }) => transport)).size;
  if (transports < demands.transports && !(udpIsDead(ballots) && httpsOperators(candidate) >= demands.httpsWithoutUdp)) {
    return `was told over ${transports} of ${demands.transports} kinds of transport`;
  }
  // Nobody vouches for it, and whoever holds the way out could have it say anything.
  if (own.every(({ transport }) => transport === 'router')) return "is the router's word alone";
  return own.filter(({ authenticated }) => authenticated).length < demands.authenticated ? 'is vouched for by no authenticated source' : undefined;
}

const httpsOperators = (candidate: Candidate): number => new Set(candidate.ballots.filter(({ transport }) => transport === 'https').map(({ operator }) => operator)).size;

/**
 * No UDP source told an address: a firewall drops them, or something on the way answers in their place. Demanding them all the same would
 * stop every update without stopping a liar, who could as well drop them. Not dead: an address that had to be refused, or one still awaited.
 */
const udpIsDead = (ballots: readonly Ballot[]): boolean =>
  ballots.filter(({ transport }) => UDP.includes(transport)).every((ballot) => ballot.kind === 'failed' && ballot.failure.kind !== 'special' && ballot.failure.kind !== 'unawaited');

function against(best: Candidate, candidates: readonly Candidate[]): string {
  const others = candidates.filter(({ address }) => address !== best.address);
  if (others.length === 0) return '';
  return `; ${others.map(({ address, ballots }) => `${[...new Set(ballots.map(({ source }) => source))].sort().join(', ') || 'a source that contradicts itself'} says ${address}`).join('; ')}`;
}

const failures = (ballots: readonly Ballot[]): readonly BallotFailure[] => ballots.flatMap((ballot) => (ballot.kind === 'failed' ? [ballot.failure] : []));

const isUntimely = ({ code }: BallotFailure): boolean => code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';

/** A login page in the way: pages or redirects where an address should be, or certificates of somebody else. */
export const looksLikePortal = (ballots: readonly Ballot[]): boolean =>
  failures(ballots).filter((failure) => failure.kind === 'html' || failure.kind === 'redirect' || (failure.kind === 'tls' && !isUntimely(failure))).length >= 2;

/** Several certificates at once are not of our time: it is our clock that is wrong, as on boards without a battery. */
const looksLikeWrongClock = (ballots: readonly Ballot[]): boolean => failures(ballots).filter(isUntimely).length >= 2;

/** The servers gave no answer, rather than one that the name has no address. */
const looksNameless = (ballots: readonly Ballot[]): boolean => failures(ballots).filter(({ kind, code }) => kind === 'lookup' && code !== 'ENODATA' && code !== 'ENOTFOUND').length >= 2;

const PORTAL = 'a captive portal seems to answer in the place of others: log in to this network first';
const CLOCK = 'certificates of several sources are not of this time: the clock of this machine seems to be wrong';
const NAMES = 'the names of several sources could not be looked up: the name servers that this machine asks do not seem to answer in this network';

const hint = (ballots: readonly Ballot[]): string => {
  const words = looksLikePortal(ballots) ? PORTAL : looksLikeWrongClock(ballots) ? CLOCK : looksNameless(ballots) ? NAMES : undefined;
  return words === undefined ? '' : `; ${words}`;
};

const haveNoRoute = (all: readonly BallotFailure[]): boolean => all.some(({ kind }) => kind === 'absent') && all.every(({ kind }) => kind === 'absent' || kind === 'lookup');

/** Nothing of its family leads out of this machine. */
export const isRouteless = ({ kind, ballots }: Observation): boolean => kind === 'silent' && haveNoRoute(failures(ballots.filter(({ transport }) => transport !== 'router')));

/** Why nobody gave a usable answer, and what the router has to say about it. */
function causeOf(ballots: readonly Ballot[]): string {
  const others = ballots.filter(({ transport }) => transport !== 'router');
  const cause = causeAmong(others.length > 0 ? others : ballots);
  const router = wanRemark(ballots);
  return router === undefined ? cause : `${cause}; ${router}`;
}

/** As far as the failures tell. */
function causeAmong(ballots: readonly Ballot[]): string {
  const all = failures(ballots);
  if (all.length === 0) return 'no source is configured for this family';
  if (looksLikePortal(ballots)) return PORTAL;
  if (looksLikeWrongClock(ballots)) return CLOCK;
  const special = all.filter(({ kind }) => kind === 'special').sort((a, b) => (a.detail < b.detail ? -1 : 1))[0];
  if (special) return `every answer had to be refused; ${special.detail}`;
  if (haveNoRoute(all)) return 'this machine has no route for this family';
  if (all.some(({ kind }) => kind === 'unawaited')) return 'time was up before enough sources had answered';
  if (all.every(({ kind }) => kind === 'timeout' || kind === 'network' || kind === 'absent' || kind === 'lookup')) return 'no source could be reached: the line seems to be down';
  return `no usable answer from ${all.length} sources`;
}

/** The verdict in words. */
export function describeObservation(observation: Observation): string {
  switch (observation.kind) {
    case 'agreed': {
      const operators = new Set(observation.ballots.filter((ballot) => ballot.kind === 'address' && ballot.address === observation.address).map(({ operator }) => operator));
      const dissent = dissenters(observation);
      const router = wanRemark(observation.ballots);
      return `agreed: ${observation.address}, by ${[...operators].sort().join(', ')}${dissent.length === 0 ? '' : `; against ${dissent.map(({ source, address }) => `${source} (${address})`).join(', ')}`}${router === undefined ? '' : `; but ${router}`}`;
    }
    case 'same':
      return `unchanged: ${observation.address}`;
    case 'disputed':
      return `disputed: ${observation.why}`;
    case 'silent':
      return `silent: ${observation.why}`;
    default:
      return observation satisfies never;
  }
}
