/** One question to the router's port for NAT-PMP and PCP, and the first reply to it that makes sense. */
import type { IpAddress } from '../../core/address.ts';
import type { BallotFailure } from '../../core/ballot.ts';
import { attempt } from '../../core/failure.ts';
import { PORT_MAPPING_PORT } from '../../core/nat-pmp.ts';
import type { Deadline, Outlook, Peer } from '../../world/world.ts';
import { asBallotFailure } from '../ask.ts';

export type Unheard = { readonly kind: 'unheard'; readonly failure: BallotFailure };
type Nonsense = { readonly kind: 'nonsense'; readonly why: string };

/** `pauses`: after each of them the question is put again, as long as nothing was heard. `zone`: of a gateway with a link-local address. */
export type Question<R extends { readonly kind: string }> = {
  readonly payload: Uint8Array;
  readonly decode: (reply: Uint8Array) => R | Nonsense;
  readonly pauses: readonly number[];
  readonly from?: Pick<Peer, 'bind' | 'bindPort'>;
  readonly zone?: string | undefined;
};

/** What is nonsense does not end the wait, so that nobody who forges can; when time is over, it is what was heard. */
export async function askGateway<R extends { readonly kind: string }>(
  gateway: IpAddress,
  { payload, decode, pauses, from = {}, zone }: Question<R>,
  world: Outlook,
  deadline: Deadline,
): Promise<Exclude<R, Nonsense> | Unheard> {
  let heard: R | Nonsense | undefined;
  const accept = (bytes: Uint8Array): boolean => {
    heard = decode(bytes);
    return !isNonsense(heard);
  };
  const exchange = await attempt(() => world.net.datagram({ address: gateway, port: PORT_MAPPING_PORT, zone, ...from }, payload, accept, { ...deadline, repeatMs: pauses }));
  if (heard !== undefined && !isNonsense(heard)) return heard as Exclude<R, Nonsense>;
  if (heard !== undefined) return { kind: 'unheard', failure: { kind: 'nonsense', detail: `sent a reply that is none: ${heard.why}` } };
  return { kind: 'unheard', failure: exchange.kind === 'failed' ? asBallotFailure(exchange.failure) : { kind: 'nonsense', detail: 'gave no answer' } };
}

const isNonsense = (reply: { readonly kind: string }): reply is Nonsense => reply.kind === 'nonsense';
