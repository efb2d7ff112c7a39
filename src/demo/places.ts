/** Where the box of the demo is plugged in, and what the world would see of it there. All addresses are for documentation (RFC 5737, RFC 3849). */
import { type Family, type IpAddress, parseAddress } from '../core/address.ts';
import type { Network } from '../world/world.ts';

export type Place = {
  /** The public address, by family. */
  readonly address: { readonly [F in Family]: IpAddress };
  readonly network: Network;
  /** Nobody gets out before logging in: whatever is asked, the place itself answers. */
  readonly portal: boolean;
};

const address = (four: string, six: string): Place['address'] => {
  const [a, b] = [parseAddress(four, 4), parseAddress(six, 6)];
  if (a === undefined || b === undefined) throw new TypeError(`not addresses: ${four}, ${six}`);
  return { 4: a, 6: b };
};

export const HOME: Place = {
  address: address('198.51.100.7', '2001:db8:a::7'),
  network: { gateway: '192.168.1.1', gatewayMac: '02:00:00:00:00:01', interface: 'eth0', prefix: '192.168.1.0/24' },
  portal: false,
};

const AT_THE_GARAGE: Network = { gateway: '10.20.30.1', gatewayMac: '02:00:00:00:00:02', interface: 'eth0', prefix: '10.20.30.0/24' };

/** What the portal says of the box is its address behind the portal. */
export const GARAGE_PORTAL: Place = { address: address('10.20.30.40', 'fd00:20:30::40'), network: AT_THE_GARAGE, portal: true };
export const GARAGE: Place = { address: address('203.0.113.42', '2001:db8:b::42'), network: AT_THE_GARAGE, portal: false };

/** What the liar says wherever the box is. */
export const LIE: Place['address'] = address('192.0.2.66', '2001:db8:bad::66');
/** Where the name points before the story begins. */
export const FORMERLY = '192.0.2.1';
