/** What the router says of its line, and of its ports: what a closed port can be the fault of. Asked only where something is closed, or nobody was to look. */
import type { IpAddress } from '../core/address.ts';
import type { Ballot } from '../core/ballot.ts';
import { attempt } from '../core/failure.ts';
import { isVpn } from '../core/ipv6.ts';
import { describeOwner } from '../core/mapping.ts';
import type { AddressPolicy } from '../core/special.ts';
import { findRouter } from '../detect/router/gateway.ts';
import { findConnections } from '../detect/router/igd.ts';
import { askRouter } from '../detect/router/router.ts';
import { SWITCHED_OFF, upnpClient } from '../mapping/upnp.ts';
import type { World } from '../world/world.ts';

const QUESTION_MS = 4000;

export type RouterWords = {
  /** Why nobody from the internet reaches the router over IPv4, as a clause; undefined: nothing speaks against it, or it does not say. */
  readonly line: string | undefined;
  /** The interface by which IPv4 leaves this machine, where that looks like a VPN whose exit the published address must be. */
  readonly tunnel: string | undefined;
  /** The router's outer address, where that is a private one: another router stands in front of it. */
  readonly behind: IpAddress | undefined;
  /** The address in the router's network, other than ours, that a port of the outer side is mapped to. */
  readonly mappedTo: (port: number) => string | undefined;
  /** The port of this machine that one of the outer side leads to by its own table, where that is another one. */
  readonly mappedInside: (port: number) => number | undefined;
  /** By its own table a port of the outer side leads to us, and to the same one. */
  readonly leadsHere: (port: number) => boolean;
};

export const NOTHING_SAID: RouterWords = { line: undefined, tunnel: undefined, behind: undefined, mappedTo: () => undefined, mappedInside: () => undefined, leadsHere: () => false };

/** `published`: where the world is led to over IPv4. Never throws: a router that says nothing is no news. */
export async function askSurroundings(published: IpAddress | undefined, ports: readonly number[], policy: AddressPolicy, world: World, signal: AbortSignal): Promise<RouterWords> {
  const source = { kind: 'router', router: 'auto', id: 'the router', operator: 'router', families: [4] } as const;
  const [asked, holders, tunnel] = await Promise.all([
    attempt(() => askRouter(source, 4, { policy }, world, { timeoutMs: QUESTION_MS, signal })),
    holdersOf(ports, world, signal),
    tunnelOf(published, world),
  ]);
  return {
    tunnel,
    line: asked.kind === 'ok' ? lineTrouble(asked.value, published) : undefined,
    behind: asked.kind === 'ok' ? privateAddress(asked.value) : undefined,
    mappedTo: (port) => holders.others.get(port),
    mappedInside: (port) => holders.inside.get(port),
    leadsHere: (port) => holders.here.has(port),
  };
}

/** An address that this machine has itself is no exit of anybody's. */
async function tunnelOf(published: IpAddress | undefined, { net }: World): Promise<string | undefined> {
  const leading = await attempt(async () => net.departure?.(4));
  if (published === undefined || leading.kind === 'failed' || leading.value === undefined || !isVpn(leading.value)) return undefined;
  return net.interfaces().some(({ address }) => address === published) ? undefined : leading.value;
}

const privateAddress = (ballot: Ballot): IpAddress | undefined =>
  ballot.kind === 'failed' && ballot.failure.kind === 'special' && ballot.failure.range === 'private' ? ballot.failure.told : undefined;

/** What the router's own outer address proves for whoever comes from the internet. */
export function lineTrouble(ballot: Ballot, published: IpAddress | undefined): string | undefined {
  if (ballot.kind === 'address')
    return published === undefined || ballot.address === published
      ? undefined
      : `the router's own address is ${ballot.address}, not ${published}: carrier-grade NAT, a second line or a VPN is in between`;
  const { kind, range, told, detail } = ballot.failure;
  if (kind === 'down') return `the router ${detail}`;
  // Another router in front of it may pass on what comes.
  if (kind !== 'special' || range === 'private') return undefined;
  return range === 'cgnat' ? `the router has ${told} on its outer side, which the internet provider shares among its customers (carrier-grade NAT)` : `the router ${detail}`;
}

/** By port outside. `inside`: led to this machine, but to this port of it. */
type Holders = { readonly others: ReadonlyMap<number, string>; readonly inside: ReadonlyMap<number, number>; readonly here: ReadonlySet<number> };

/** By UPnP alone: the other protocols do not tell of others. */
async function holdersOf(ports: readonly number[], world: World, signal: AbortSignal): Promise<Holders> {
  const found = { others: new Map<number, string>(), inside: new Map<number, number>(), here: new Set<number>() };
  if (ports.length === 0) return found;
  const router = await attempt(() => findRouter(world));
  if (router.kind === 'failed' || router.value.kind === 'failed' || router.value.own === undefined) return found;
  const { own, gateway } = router.value;
  const connections = findConnections(gateway, world, { timeoutMs: QUESTION_MS, signal });
  const upnp = upnpClient(() => connections, { world, signal });
  for (const port of ports) {
    const wish = { port: { protocol: 'tcp', external: port, internal: port }, own, nonce: '', description: describeOwner(world.processes.host?.() ?? ''), remembered: undefined } as const;
    const holder = await attempt(() => upnp.others(wish));
    if (holder.kind === 'failed' || holder.value === undefined) continue;
    const { kind, by } = holder.value;
    // This machine may have several addresses in the router's network: by cable, and without.
    const mine = by?.endsWith(SWITCHED_OFF) ? undefined : [own, ...world.net.interfaces().map(({ address }) => address)].find((address) => by?.startsWith(`${address}:`));
    const inside = mine === undefined ? undefined : Number.parseInt(by?.slice(mine.length + 1) ?? '', 10);
    if (kind === 'leads-here' || inside === port) found.here.add(port);
    else if (inside !== undefined) found.inside.set(port, inside);
    else if (by !== undefined) found.others.set(port, by);
  }
  return found;
}
