/** Asks a STUN server (RFC 8489) for the address our datagram came from. Its 96-bit transaction id cannot be guessed from off the path. */
import { familyOf } from '../core/address.ts';
import { decodeBinding, encodeBinding, type StunReply } from '../core/stun.ts';
import { type Asker, ballotOf, failed, type Told, told } from './ask.ts';
import { askServers } from './servers.ts';
import type { StunSource } from './source.ts';

export const askStun: Asker<StunSource> = (source, family, asked, world, deadline) =>
  ballotOf(source, family, asked, world, () =>
    askServers(source, family, asked, world, deadline, async (peer, wait): Promise<Told> => {
      const transaction = Uint8Array.from({ length: 12 }, () => Math.floor(world.random() * 256));
      let reply: StunReply | undefined;
      const accept = (bytes: Uint8Array): boolean => {
        reply = decodeBinding(bytes, transaction);
        return reply !== undefined;
      };
      await world.net.datagram(peer, encodeBinding(transaction), accept, wait);
      switch (reply?.kind) {
        case 'address':
          // A mapped IPv4 address over IPv6 (or the reverse) comes from a translator, not from this box.
          if (familyOf(reply.address) !== family) return failed('nonsense', `told ${reply.address} over IPv${family}`, { told: reply.address });
          return told(reply.address);
        case 'error':
          return failed('refused', `answered with STUN error ${reply.code}`);
        case 'nonsense':
          return failed('nonsense', `sent a reply that breaks the protocol: ${reply.why}`);
        case undefined:
          return failed('nonsense', 'gave no answer');
        default:
          return reply satisfies never;
      }
    }),
  );
