/** The router that the box is plugged in behind: it forwards what it was told to, by hand or by NAT-PMP (RFC 6886), which it really speaks, on loopback. */
import { toBytes } from '../core/address.ts';
import { concat, u16, u32 } from '../core/wire.ts';
import { type Listening, listenDatagrams } from '../world/loopback.ts';
import type { Clock } from '../world/world.ts';
import type { Place } from './places.ts';

export type Router = {
  /** Where it listens for NAT-PMP. */
  readonly listening: Listening;
  /** The box's port that a TCP port of the outer side leads to; undefined: none. */
  readonly inside: (port: number) => number | undefined;
};

const RESPONSE = 0x80;
const OPCODE = { address: 0, udp: 1, tcp: 2 } as const;
const RESULT = { success: 0, unsupportedVersion: 1, unsupportedOpcode: 5 } as const;
/** It was not started just now. */
const UPTIME_SECONDS = 30 * 86_400;

/** `place`: where the box is at that moment; every place has a router of its own. */
export async function startRouter(place: () => Place, { now }: Clock): Promise<Router> {
  const mapped = new Map<string, { readonly inside: number; readonly until: number }>();
  const began = now();
  const keyOf = (port: number): string => `${place().network.gateway} ${port}`;
  const head = (opcode: number, result: number): Uint8Array => concat([Uint8Array.of(0, opcode), u16(result), u32(UPTIME_SECONDS + Math.floor((now() - began) / 1000))]);
  const map = (wish: DataView): Uint8Array => {
    const [inside, wanted, seconds] = [wish.getUint16(4), wish.getUint16(6), wish.getUint32(8)];
    if (seconds > 0) mapped.set(keyOf(wanted), { inside, until: now() + seconds * 1000 });
    else for (const [key, one] of mapped) if (one.inside === inside && key.startsWith(`${place().network.gateway} `)) mapped.delete(key);
    return concat([head(RESPONSE + OPCODE.tcp, RESULT.success), u16(inside), u16(seconds > 0 ? wanted : 0), u32(seconds)]);
  };
  const listening = await listenDatagrams(4, (asked) => {
    const [version, opcode = 0] = asked;
    // So is whoever speaks PCP told to try this instead (RFC 6887 section 9).
    if (version !== 0) return head(0, RESULT.unsupportedVersion);
    if (opcode === OPCODE.address) return concat([head(RESPONSE, RESULT.success), toBytes(place().address[4])]);
    if (opcode === OPCODE.tcp && asked.length === 12) return map(new DataView(asked.buffer, asked.byteOffset, asked.length));
    return head(RESPONSE + opcode, RESULT.unsupportedOpcode);
  });
  return {
    listening,
    inside: (port) => {
      if (place().forwarded.includes(port)) return port;
      const one = mapped.get(keyOf(port));
      return one !== undefined && one.until > now() ? one.inside : undefined;
    },
  };
}
