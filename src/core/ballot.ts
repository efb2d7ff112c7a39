/** What one source said: its answer, admitted if it may be counted at all, or why there is none. */
import { type Family, familyOf, type IpAddress } from './address.ts';
import { type AddressPolicy, type RefusalKind, refusal, unwrapMapped } from './special.ts';

export type Transport = 'dns' | 'stun' | 'https' | 'router' | 'interface' | 'command' | 'file' | 'address';

/** What the rule needs to know about a source. */
export type Witness = {
  readonly source: string;
  /** Who runs it: two sources of one operator are one witness. */
  readonly operator: string;
  readonly transport: Transport;
  /** TLS, or the user's own word: somebody on the way can silence it, not forge it. */
  readonly authenticated: boolean;
};

/** Why a source gave no usable answer. `special`: it gave an address that must not be published. `down`: the router says that it has no public address itself. */
export type BallotFailure = {
  readonly kind: 'timeout' | 'network' | 'lookup' | 'tls' | 'status' | 'redirect' | 'html' | 'nonsense' | 'forged' | 'refused' | 'special' | 'down' | 'absent' | 'unawaited';
  readonly detail: string;
  /** What the system calls it, as in `Failure`. */
  readonly code?: string;
  /** With `special`: which sort of range. */
  readonly range?: RefusalKind;
  /** With `special`: the address that was told. */
  readonly told?: IpAddress;
};

/** One source's answer or failure. `ms`: from asking to knowing. */
export type Ballot = Witness & { readonly ms: number } & ({ readonly kind: 'address'; readonly address: IpAddress } | { readonly kind: 'failed'; readonly failure: BallotFailure });
export type Answer = Extract<Ballot, { kind: 'address' }>;

/** An answer as it may be counted: of the asked family, and fit to be published. */
export function admit(witness: Witness, told: IpAddress, asked: { readonly family: Family; readonly policy: AddressPolicy; readonly ms: number }): Ballot {
  const address = unwrapMapped(told);
  const failed = (failure: BallotFailure): Ballot => ({ ...witness, ms: asked.ms, kind: 'failed', failure });
  if (familyOf(address) !== asked.family) return failed({ kind: 'nonsense', detail: `told ${told}, but was asked for IPv${asked.family}`, told });
  const refused = refusal(address, asked.policy);
  if (refused) return failed({ kind: 'special', detail: `told ${address}: ${refused.reason}`, range: refused.kind, told: address });
  return { ...witness, ms: asked.ms, kind: 'address', address };
}
