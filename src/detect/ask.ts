/** What every asker is told, and how what it hears becomes a ballot. */
import { type Family, familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { admit, type Ballot, type BallotFailure } from '../core/ballot.ts';
import { attempt, type Failure } from '../core/failure.ts';
import type { AddressPolicy } from '../core/special.ts';
import type { Deadline, Outlook } from '../world/world.ts';
import { type Source, witnessOf } from './source.ts';

export type Asked = {
  readonly policy: AddressPolicy;
  /** The local address to ask from; without it if the system refuses. */
  readonly bind?: IpAddress | undefined;
  /** What the records say now: of several IPv6 addresses of an interface, this one is kept. */
  readonly published?: IpAddress | undefined;
  /** `once`: a single question, without the retry; for the hot path. */
  readonly patience?: 'once' | undefined;
  /** Which of several equal servers begins. */
  readonly turn?: number | undefined;
};

export type Asker<S extends Source, W extends Outlook = Outlook> = (source: S, family: Family, asked: Asked, world: W, deadline: Deadline) => Promise<Ballot>;

/** What a source told: text of an address, or why there is none. */
export type Told = { readonly kind: 'told'; readonly address: IpAddress } | { readonly kind: 'failed'; readonly failure: BallotFailure };

export const told = (address: IpAddress): Told => ({ kind: 'told', address });
export const failed = (kind: BallotFailure['kind'], detail: string, about: Pick<BallotFailure, 'told'> = {}): Told => ({ kind: 'failed', failure: { kind, detail, ...about } });

/** Asks by `question`, measures it, and admits what was told. Never throws: what goes wrong is the ballot. */
export async function ballotOf(source: Source, family: Family, asked: Asked, world: Outlook, question: () => Promise<Told>): Promise<Ballot> {
  const from = world.clock.elapsed();
  const heard = await attempt(question);
  const ms = Math.max(0, Math.round(world.clock.elapsed() - from));
  const witness = witnessOf(source);
  const answer: Told = heard.kind === 'ok' ? heard.value : { kind: 'failed', failure: asBallotFailure(heard.failure) };
  return answer.kind === 'told' ? admit(witness, answer.address, { family, policy: asked.policy, ms }) : { ...witness, ms, kind: 'failed', failure: answer.failure };
}

/** No route and no address to send from mean that this family is not there at all. */
const ABSENT: readonly string[] = ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN'];

/** A failure of the exchange itself as what it says about the source. */
export function asBallotFailure({ kind, phase, code, detail }: Failure): BallotFailure {
  const as = (sort: BallotFailure['kind']): BallotFailure => ({ kind: sort, detail, ...(code === undefined ? {} : { code }) });
  if (kind === 'gibberish') return as('nonsense');
  if (kind !== 'network') return as('refused');
  if (phase === 'lookup') return as('lookup');
  if (code === 'ETIMEDOUT') return as('timeout');
  if (code !== undefined && ABSENT.includes(code)) return as('absent');
  return as(phase === 'tls' ? 'tls' : 'network');
}

/** Worth a second try at once: it was not heard, or only half. */
export const isUnheard = ({ kind, phase }: Failure): boolean => kind === 'network' && phase !== 'tls';

/** The whole text is one address. One of the other family is no mistake: a source on this machine just has none of this one. */
export function ofFamily(text: string, family: Family): Told {
  const content = text.trim();
  const address = parseAddress(content);
  if (address === undefined) return failed('nonsense', content === '' ? 'gave an empty answer' : `answered ${JSON.stringify(content.slice(0, 40))}, which is no address`);
  return familyOf(address) === family ? told(address) : failed('absent', `has an IPv${familyOf(address)} address only`);
}
