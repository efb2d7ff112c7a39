/** Where the box of the demo is plugged in, and what the world would see of it there. All public addresses are for documentation (RFC 5737, RFC 3849). */
import { type Family, type IpAddress, parseAddress } from '../core/address.ts';
import type { Network } from '../world/world.ts';

export type Place = {
  /** The public address, by family. */
  readonly address: { readonly [F in Family]: IpAddress };
  /** What the box has in the network behind the router. */
  readonly lan: IpAddress<4>;
  readonly network: Network;
  /** Nobody gets out before logging in: whatever is asked, the place itself answers. */
  readonly portal: boolean;
  /** TCP ports that somebody has told the router by hand to forward to the box. */
  readonly forwarded: readonly number[];
};

export function known<F extends Family>(text: string, family: F): IpAddress<F> {
  const address = parseAddress(text, family);
  if (address === undefined) throw new TypeError(`not an address: ${text}`);
  return address;
}

const address = (four: string, six: string): Place['address'] => ({ 4: known(four, 4), 6: known(six, 6) });

/** Where the box is to be reached. */
export const PORT = 80;

export const HOME: Place = {
  address: address('198.51.100.7', '2001:db8:a::7'),
  lan: known('192.168.1.20', 4),
  network: { gateway: '192.168.1.1', gatewayMac: '02:00:00:00:00:01', interface: 'eth0', prefix: '192.168.1.0/24' },
  portal: false,
  forwarded: [PORT],
};

const AT_THE_GARAGE = {
  lan: known('10.20.30.40', 4),
  network: { gateway: '10.20.30.1', gatewayMac: '02:00:00:00:00:02', interface: 'eth0', prefix: '10.20.30.0/24' },
  forwarded: [],
} as const;

/** What the portal says of the box is its address behind the portal. */
export const GARAGE_PORTAL: Place = { ...AT_THE_GARAGE, address: address('10.20.30.40', 'fd00:20:30::40'), portal: true };
export const GARAGE: Place = { ...AT_THE_GARAGE, address: address('203.0.113.42', '2001:db8:b::42'), portal: false };

/** What the liar says wherever the box is. */
export const LIE: Place['address'] = address('192.0.2.66', '2001:db8:bad::66');
/** Where the name points before the story begins. */
export const FORMERLY = address('192.0.2.1', '2001:db8:f::1');
