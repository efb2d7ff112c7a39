/**
 * Mappings by PCP (RFC 6887 section 11). They belong to whoever knows their nonce. Asked over IPv6, from a public address of ours, a router opens its
 * firewall for that address (section 11.3 has it map the address to itself).
 */
import { familyOf } from '../core/address.ts';
import { LIFETIME_SECONDS } from '../core/mapping.ts';
import { decodeMapReply, describePcpResult, encodeMapRequest, PCP_RESULT, type PcpMapping, type PcpReply } from '../core/pcp.ts';
import { askGateway, type Unheard } from '../detect/router/exchange.ts';
import { type Asking, boundedLifetime, type Client, type Refused, type Removed, refused, type Server, type Unspoken, type Wish } from './client.ts';

/** The RFC's 3 s would be long for somebody who waits. */
const PAUSES_MS: readonly number[] = [500, 1000];
const TIMEOUT_MS = 2500;
/** A router makes it the shortest that it grants: two minutes, as the RFC recommends (section 15). */
const PARTING_SECONDS = 1;

type Heard = Exclude<PcpReply, { kind: 'nonsense' }> | Unheard;

export function pcpClient({ address, zone }: Server, { world, signal }: Asking): Client {
  const ask = ({ port, own, nonce }: Wish, { externalPort, lifetimeSeconds }: { readonly externalPort: number; readonly lifetimeSeconds: number }): Promise<Heard> => {
    const mapping: PcpMapping = { nonce: Buffer.from(nonce, 'hex'), protocol: port.protocol, internalPort: port.internal };
    const payload = encodeMapRequest(mapping, { client: own, externalPort, lifetimeSeconds });
    return askGateway(address, { payload, decode: (bytes) => decodeMapReply(bytes, mapping), pauses: PAUSES_MS, zone, from: { bind: own } }, world, { timeoutMs: TIMEOUT_MS, signal });
  };
  /** miniupnpd 2.3.1 refuses to take back a pinhole once it was renewed, but not to let it end sooner. */
  const shorten = async (wish: Wish): Promise<Removed | undefined> => {
    const reply = await ask(wish, { externalPort: wish.port.external, lifetimeSeconds: PARTING_SECONDS });
    return reply.kind === 'mapped' ? { kind: 'lapsing', lifetimeSeconds: boundedLifetime(reply.lifetimeSeconds) } : undefined;
  };
  return {
    async make(wish) {
      const reply = await ask(wish, { externalPort: wish.port.external, lifetimeSeconds: LIFETIME_SECONDS });
      if (reply.kind !== 'mapped') return reply.kind === 'error' && reply.result === PCP_RESULT.cannotProvideExternal ? { kind: 'taken' } : otherwise(reply);
      if (reply.externalPort !== wish.port.external) {
        await ask(wish, { externalPort: 0, lifetimeSeconds: 0 });
        return { kind: 'taken' };
      }
      if (reply.lifetimeSeconds === 0) return refused('grants a mapping of no duration (PCP)');
      return { kind: 'mapped', lifetimeSeconds: boundedLifetime(reply.lifetimeSeconds), address: reply.address, epochSeconds: reply.epochSeconds };
    },
    async remove(wish) {
      const takeBack = (): Promise<Heard> => ask(wish, { externalPort: 0, lifetimeSeconds: 0 });
      const reply = await takeBack();
      if (reply.kind === 'mapped') return { kind: 'removed' };
      const is6 = familyOf(wish.own) === 6;
      // So says miniupnpd 2.3.1 also of one that it does not have, as after it was started anew; RFC 6887 section 15.1 would have it succeed.
      const mayBeGone = !is6 && reply.kind === 'error' && reply.result === PCP_RESULT.noResources && wish.remembered?.by === 'pcp';
      const shortened = reply.kind === 'error' && (is6 || mayBeGone) ? await shorten(wish) : undefined;
      if (mayBeGone && shortened !== undefined && (await takeBack()).kind === 'mapped') return { kind: 'removed' };
      return shortened ?? otherwise(reply);
    },
  };
}

function otherwise(reply: Exclude<Heard, { kind: 'mapped' }>): Refused | Unspoken {
  switch (reply.kind) {
    case 'nat-pmp':
      return { kind: 'unspoken', failure: { kind: 'refused', detail: 'is not spoken, but NAT-PMP is' } };
    case 'unheard':
      return { kind: 'unspoken', failure: reply.failure };
    case 'error':
      return reply.result === PCP_RESULT.unsupportedVersion || reply.result === PCP_RESULT.unsupportedOpcode
        ? { kind: 'unspoken', failure: { kind: 'refused', detail: `is spoken, but not for this (${describePcpResult(reply.result)})` } }
        : refused(meaningOf(reply.result));
    default:
      return reply satisfies never;
  }
}

function meaningOf(result: number): string {
  const by = `PCP ${describePcpResult(result)}`;
  switch (result) {
    case PCP_RESULT.notAuthorized:
      return `does not allow it (${by}): another program on this machine may have this port already, the router may allow no such port, or mappings may be switched off there`;
    case PCP_RESULT.networkFailure:
      return `has no address of its own to map (${by}): its line is down, or it stands behind another NAT`;
    case PCP_RESULT.addressMismatch:
      return `sees this machine under another address than its own (${by}): a second NAT stands between the two, and a mapping would not lead here`;
    default:
      return `makes no mapping (${by})`;
  }
}
