/** The router that this machine is plugged in behind: its default gateway, if that is one that can be asked. */
import { familyOf, type IpAddress, parseAddress, parsePrefix, toBits, within } from '../../core/address.ts';
import type { BallotFailure } from '../../core/ballot.ts';
import { isVpn } from '../../core/ipv6.ts';
import type { Outlook } from '../../world/world.ts';

/** `own`: this machine's address in the network that it shares with the router; undefined where the system does not tell. */
export type Router = { readonly kind: 'router'; readonly gateway: IpAddress<4>; readonly own: IpAddress | undefined };

type NotAsked = { readonly kind: 'failed'; readonly failure: BallotFailure };

/** The default gateway, or why there is none to ask. */
export async function findRouter(world: Outlook): Promise<Router | NotAsked> {
  const none = (kind: BallotFailure['kind'], detail: string): NotAsked => ({ kind: 'failed', failure: { kind, detail } });
  const network = await world.net.network();
  if (network === undefined) return none('absent', 'this machine has no default route');
  const { gateway: text, interface: name } = network;
  if (isVpn(name)) return none('refused', `is not asked: the default route leads into ${name}, which looks like a VPN, and ${text} is the tunnel's other end, not this line's router`);
  const gateway = parseAddress(text, 4);
  if (gateway === undefined) return none('absent', `the default gateway ${text} is none of IPv4`);
  if (gateway === '0.0.0.0') return none('absent', `${name} has no gateway: this machine is on the line itself`);
  return { kind: 'router', gateway, own: ownAddress(gateway, name, world) };
}

/** The address that datagrams to the gateway are sent from: on its interface, in its network if any is. */
function ownAddress(gateway: IpAddress, name: string, world: Outlook): IpAddress | undefined {
  const rows = world.net.interfaces().filter((row) => row.interface === name && familyOf(row.address) === familyOf(gateway));
  const near = rows.find(({ address, bits }) => within(gateway, { family: familyOf(address), base: toBits(address), bits, text: `${address}/${bits}` }));
  return (near ?? rows[0])?.address;
}

const DOCKER = parsePrefix('172.16.0.0/12');

/** In a container with a network of its own the gateway is the host. */
export const looksLikeContainer = (gateway: IpAddress, { files }: Outlook): boolean =>
  DOCKER !== undefined && within(gateway, DOCKER) && (gateway.startsWith('172.17.') || files.stat('/.dockerenv') !== undefined);
