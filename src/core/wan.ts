/** What the router's own word about its line means for an address that others agree on: it can stand in the way of a change, never bring one about. */
import type { IpAddress } from './address.ts';
import type { Ballot } from './ballot.ts';

const ofRouter = (ballots: readonly Ballot[]): readonly Ballot[] => ballots.filter(({ transport }) => transport === 'router');

/** Why `address` is not to be taken for this line's, going by what the router says of its own: another public address, or one that a carrier shares among customers. */
export function wanObjection(address: IpAddress, ballots: readonly Ballot[]): string | undefined {
  for (const ballot of ofRouter(ballots)) {
    if (ballot.kind === 'address') {
      if (ballot.address === address) continue;
      return `is what the world sees, but the router's own address is ${ballot.address} (${ballot.source}): a VPN, carrier-grade NAT or a second line is in use`;
    }
    const { range, detail } = ballot.failure;
    if (range === 'cgnat' || range === 'dslite') return `is not this line's own: ${ballot.source} ${detail}`;
  }
  return undefined;
}

/** The router says that it has no public address: that it is worth telling, whatever others say. Told once, though several ways of asking may say it. */
export function wanRemark(ballots: readonly Ballot[]): string | undefined {
  for (const ballot of ofRouter(ballots)) {
    if (ballot.kind === 'failed' && (ballot.failure.kind === 'special' || ballot.failure.kind === 'down')) return `${ballot.source} ${ballot.failure.detail}`;
  }
  return undefined;
}
