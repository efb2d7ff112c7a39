/** Mappings by NAT-PMP (RFC 6886 section 3.3). They belong to this machine's address and port: whoever asks from there. */
import type { IpAddress } from '../core/address.ts';
import { LIFETIME_SECONDS } from '../core/mapping.ts';
import { decodeNatPmpMapReply, describeNatPmpResult, encodeNatPmpMapRequest, type NatPmpMapReply, NETWORK_FAILURE } from '../core/nat-pmp.ts';
import { askGateway, type Unheard } from '../detect/router/exchange.ts';
import { type Asking, boundedLifetime, type Client, type Refused, refused, type Unspoken, type Wish } from './client.ts';

const PAUSES_MS: readonly number[] = [250, 500, 1000];
const TIMEOUT_MS = 2000;

type Heard = Exclude<NatPmpMapReply, { kind: 'nonsense' }> | Unheard;

export function natPmpClient(gateway: IpAddress<4>, { world, signal }: Asking): Client {
  const ask = ({ port, own }: Wish, wanted: { readonly external: number; readonly lifetimeSeconds: number }): Promise<Heard> =>
    askGateway(gateway, { payload: encodeNatPmpMapRequest(port, wanted), decode: (bytes) => decodeNatPmpMapReply(bytes, port), pauses: PAUSES_MS, from: { bind: own } }, world, {
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  return {
    async make(wish) {
      const reply = await ask(wish, { external: wish.port.external, lifetimeSeconds: LIFETIME_SECONDS });
      if (reply.kind !== 'mapped') return otherwise(reply);
      if (reply.external !== wish.port.external) {
        await ask(wish, { external: 0, lifetimeSeconds: 0 });
        return { kind: 'taken' };
      }
      if (reply.lifetimeSeconds === 0) return refused('grants a mapping of no duration (NAT-PMP)');
      return { kind: 'mapped', lifetimeSeconds: boundedLifetime(reply.lifetimeSeconds), epochSeconds: reply.epochSeconds };
    },
    async remove(wish) {
      const reply = await ask(wish, { external: 0, lifetimeSeconds: 0 });
      return reply.kind === 'mapped' ? { kind: 'removed' } : otherwise(reply);
    },
  };
}

function otherwise(reply: Exclude<Heard, { kind: 'mapped' }>): Refused | Unspoken {
  switch (reply.kind) {
    case 'pcp':
      return { kind: 'unspoken', failure: { kind: 'refused', detail: 'is not spoken, but PCP is' } };
    case 'unheard':
      return { kind: 'unspoken', failure: reply.failure };
    case 'error':
      return refused(
        reply.result === NETWORK_FAILURE
          ? `has no address of its own to map (NAT-PMP ${describeNatPmpResult(reply.result)}): its line is down, or it stands behind another NAT`
          : `makes no mapping (NAT-PMP ${describeNatPmpResult(reply.result)})`,
      );
    default:
      return reply satisfies never;
  }
}
