/** The resolvers that name lookups go to, read anew each time: another network brings others. */
import { parseAddress } from '../core/address.ts';
import type { Peer } from './world.ts';

/** See `Net.resolvers`. `servers`: `HOST:PORT` of literals from the config; empty: the system's. One on a link without a route (`fe80::1%eth0`) is left out. */
export async function resolvers(servers: readonly string[]): Promise<readonly Peer[]> {
  const texts = servers.length > 0 ? servers : new (await import('node:dns')).Resolver().getServers();
  return texts.flatMap((text) => peerAt(text) ?? []);
}

/** `ADDRESS`, `ADDRESS:PORT` or `[ADDRESS]:PORT`, the port 53 unless it is said; undefined: not a literal of this form. */
export function peerAt(text: string): Peer | undefined {
  const whole = parseAddress(text);
  if (whole !== undefined) return { address: whole, port: 53 };
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? '');
  return address === undefined ? undefined : { address, port: Number(port) };
}
