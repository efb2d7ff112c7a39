/** From where a router can be asked for mappings and pinholes: the routers of both families, and the addresses of ours that those would lead to. */
import type { Family, IpAddress } from '../core/address.ts';
import type { Failure } from '../core/failure.ts';
import { chooseIpv6, isVpn } from '../core/ipv6.ts';
import { isSameRouter, type Mapping, mayBePinhole, type Port, portKey, type RouterIdentity } from '../core/mapping.ts';
import type { AddressPolicy } from '../core/special.ts';
import { findRouter, looksLikeContainer, type Router } from '../detect/router/gateway.ts';
import type { World } from '../world/world.ts';
import type { Server } from './client.ts';

export type Here = {
  readonly network: RouterIdentity | undefined;
  readonly four: Four;
  readonly six: Six;
};
/** `isAlone`: there is no IPv4 here at all, rather than something wrong with it. */
export type Four = { readonly kind: 'router'; readonly router: Router; readonly own: IpAddress } | { readonly kind: 'none'; readonly failure: Failure; readonly isAlone: boolean };
/** `none`: this machine has no lasting public address of its own, so nothing is to be opened; with `why` where it could be otherwise. */
export type Six = { readonly kind: 'router'; readonly server: Server; readonly own: IpAddress } | { readonly kind: 'none'; readonly why?: string };

/** `published`: the IPv6 address that names point to. */
export async function findHere({ policy, published }: { readonly policy: AddressPolicy; readonly published: IpAddress | undefined }, world: World): Promise<Here> {
  const network = await world.net.network();
  const identity = network && { gateway: network.gateway, ...(network.gatewayMac === undefined ? {} : { gatewayMac: network.gatewayMac }) };
  return { network: identity, four: await findFour(world), six: identity === undefined ? { kind: 'none' } : await findSix(policy, published, world) };
}

async function findFour(world: World): Promise<Four> {
  const none = (detail: string, isAlone = false): Four => ({ kind: 'none', failure: { kind: 'network', detail }, isAlone });
  const router = await findRouter(world);
  if (router.kind === 'failed') {
    const { kind, detail } = router.failure;
    return kind === 'refused' ? none(`the router ${detail}`) : none(`there is no router to ask: ${detail}`, kind === 'absent');
  }
  const { gateway, own } = router;
  if (own === undefined) return none(`this machine does not tell its own address in the network of the router ${gateway}, to which a mapping would lead`);
  return { kind: 'router', router, own };
}

async function findSix(policy: AddressPolicy, published: IpAddress | undefined, { net }: World): Promise<Six> {
  const router = await net.router6?.();
  if (router === undefined) return { kind: 'none' };
  if (isVpn(router.interface)) return { kind: 'none', why: `IPv6 leads into ${router.interface}, which looks like a VPN, and not to this line's router` };
  const own = chooseIpv6(net.interfaces(), { published, policy, interface: router.interface });
  return own === undefined ? { kind: 'none' } : { kind: 'router', server: router, own: own.address };
}

/** What one port comes to here in one family. `row`: what is remembered of it, if that is still how it should be. */
export type WantedHere = { readonly family: Family; readonly port: Port; readonly row: Mapping | undefined };

/** A mapping for each of `ports`, unless there is no IPv4 here, and a pinhole for each that may be one, where there is IPv6. */
export function wantedHere(ports: readonly Port[], { network, four, six }: Here, table: Readonly<Record<string, Mapping>>): readonly WantedHere[] {
  if (network === undefined) return [];
  const asWanted = (family: Family, port: Port, own: IpAddress | undefined): WantedHere => {
    const row = table[portKey(port, family)];
    // One that was made before the system knew the router's hardware address may be of any router with that gateway's address.
    const isSure = row !== undefined && isSameRouter(row.router, network) && (network.gatewayMac === undefined || row.router.gatewayMac !== undefined);
    const isSo = isSure && row.by !== undefined && row.internal === port.internal && row.client === own;
    return { family, port, row: isSo ? row : undefined };
  };
  return [
    ...(four.kind === 'none' && four.isAlone ? [] : ports.map((port) => asWanted(4, port, four.kind === 'router' ? four.own : undefined))),
    ...(six.kind === 'none' ? [] : ports.filter(mayBePinhole).map((port) => asWanted(6, port, six.own))),
  ];
}

/** Why the routers here give nothing at all, where none of their protocols is spoken. */
export const silenceOf = { 4: silenceOf4, 6: silenceOf6 } as const;

function silenceOf4({ gateway }: Router, world: World): (said: string) => string {
  const container = looksLikeContainer(gateway, world) ? '; in a container the gateway is the host, not the router: give it the network of the host (--network host)' : '';
  return (said) => `the router ${gateway} lets nobody map ports: switch on PCP, NAT-PMP or UPnP there, or forward the port by hand (${said})${container}`;
}

function silenceOf6(own: IpAddress): (said: string) => string {
  return (said) => `the router opens no IPv6 pinholes: if it has a firewall for IPv6, let the port through to ${own} there by hand (${said})`;
}
