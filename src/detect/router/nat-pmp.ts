/** Asks the router by NAT-PMP (RFC 6886) for its external address. Reads only: no mapping is made. */
import type { IpAddress } from '../../core/address.ts';
import { decodeExternalAddressReply, describeNatPmpResult, encodeExternalAddressRequest, type NatPmpReply, NETWORK_FAILURE } from '../../core/nat-pmp.ts';
import type { Deadline, Outlook } from '../../world/world.ts';
import { failed, type Told, told } from '../ask.ts';
import { askGateway, type Unheard } from './exchange.ts';

/** Section 3.1: 250 ms, doubling with each try. The deadline ends it long before the 64 s of the RFC. */
const PAUSES_MS: readonly number[] = [250, 500, 1000, 2000];
/** A router that has run for less may still be dialling. */
const YOUNG_SECONDS = 600;

/** `pcp`: it speaks only that. */
export async function natPmpExternalAddress(gateway: IpAddress, world: Outlook, deadline: Deadline): Promise<Told | { readonly kind: 'pcp' }> {
  const reply: Exclude<NatPmpReply, { kind: 'nonsense' }> | Unheard = await askGateway(
    gateway,
    { payload: encodeExternalAddressRequest(), decode: decodeExternalAddressReply, pauses: PAUSES_MS },
    world,
    deadline,
  );
  switch (reply.kind) {
    case 'address':
      return told(reply.address);
    case 'pcp':
      return reply;
    case 'error':
      return reply.result === NETWORK_FAILURE
        ? failed('down', `has no address of its own to give (NAT-PMP ${describeNatPmpResult(reply.result)}): its line is down${sinceStart(reply.epochSeconds)}, or it stands behind another NAT`)
        : failed('refused', `does not tell its address (NAT-PMP ${describeNatPmpResult(reply.result)})`);
    case 'unheard':
      return { kind: 'failed', failure: reply.failure };
    default:
      return reply satisfies never;
  }
}

/** What the epoch of a reply tells of a router that was started just now. */
export const sinceStart = (epochSeconds: number): string => (epochSeconds < YOUNG_SECONDS ? ` (it was started ${epochSeconds} s ago)` : '');
