/** Is the box still plugged in where it was? Compares fingerprints of networks. */

/** As `Network` in world.ts: what of it tells one place from another. */
type Fingerprint = { readonly gateway: string; readonly gatewayMac?: string; readonly interface: string; readonly prefix?: string };

/**
 * Two homes may both have 192.168.1.1 as their router: its MAC tells them apart. A MAC or prefix that one side does not know (the
 * neighbour table is empty after boot, for example) is no difference: nothing is known that speaks for a move.
 */
export const sameNetwork = (a: Fingerprint, b: Fingerprint): boolean =>
  a.gateway === b.gateway && a.interface === b.interface && agree(a.gatewayMac?.toLowerCase(), b.gatewayMac?.toLowerCase()) && agree(a.prefix, b.prefix);

/** What is known of the network now: what was not told this time stays known as long as it is the same network. */
export const learned = <F extends Fingerprint>(before: F | undefined, now: F): F => (before !== undefined && sameNetwork(before, now) ? { ...before, ...now } : now);

const agree = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;
