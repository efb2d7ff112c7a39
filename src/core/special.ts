/** Addresses that are never published, each range with the reason a person can act on. Data from the IANA special-purpose registries. */
import { familyOf, type IpAddress, type Prefix, parseAddress, parsePrefix, toBits, within } from './address.ts';

/** Why a range is refused: `kind` for programs, `reason` for people. */
export type Refusal = { readonly kind: RefusalKind; readonly range: string; readonly reason: string };
export type RefusalKind = 'private' | 'cgnat' | 'dslite' | 'linklocal' | 'documentation' | 'benchmark' | 'loopback' | 'multicast' | 'reserved' | 'translation' | 'tunnel' | 'echo' | 'denied';

type Row = readonly [range: string, kind: RefusalKind, reason: string];

const PRIVATE = 'a private address: this answer came from inside a network, not from the internet (a second router in front, or a VPN?)';
const DOCUMENTATION = 'a documentation address, never in real use';
const ANYCAST = 'an anycast service address shared by many networks, never one machine';

// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries, https://www.iana.org/assignments/iana-ipv4-special-registry and
// .../iana-ipv6-special-registry (2025-06-30), RFC 6890; multicast and deprecated ranges from their own registries.
const special = (): readonly Row[] => [
  ['0.0.0.0/8', 'reserved', '"this network" (RFC 791), no address at all'],
  ['10.0.0.0/8', 'private', PRIVATE],
  [
    '100.64.0.0/10',
    'cgnat',
    'a carrier-grade NAT address (RFC 6598): the provider shares one public address among customers, so nothing can reach this box over IPv4; ask for a public address or use IPv6',
  ],
  ['127.0.0.0/8', 'loopback', 'a loopback address: it means "this machine" everywhere'],
  ['169.254.0.0/16', 'linklocal', 'a link-local address: no DHCP server answered'],
  ['172.16.0.0/12', 'private', PRIVATE],
  ['192.0.0.0/29', 'dslite', 'a DS-Lite or 464XLAT address (RFC 7335): IPv4 is tunnelled through the carrier, nothing can reach this box over IPv4'],
  ['192.0.0.0/24', 'reserved', 'an IETF protocol assignment (RFC 6890)'],
  ['192.0.2.0/24', 'documentation', DOCUMENTATION],
  ['192.31.196.0/24', 'reserved', ANYCAST],
  ['192.52.193.0/24', 'reserved', ANYCAST],
  ['192.88.99.0/24', 'tunnel', 'the retired 6to4 relay range (RFC 7526)'],
  ['192.168.0.0/16', 'private', PRIVATE],
  ['192.175.48.0/24', 'reserved', ANYCAST],
  ['198.18.0.0/15', 'benchmark', 'a benchmarking address (RFC 2544), in practice the fake-ip of a proxy such as Clash'],
  ['198.51.100.0/24', 'documentation', DOCUMENTATION],
  ['203.0.113.0/24', 'documentation', DOCUMENTATION],
  ['224.0.0.0/4', 'multicast', 'a multicast address'],
  ['240.0.0.0/4', 'reserved', 'reserved for future use (RFC 1112)'],
  ['::/128', 'reserved', 'the unspecified address'],
  ['::1/128', 'loopback', 'a loopback address: it means "this machine" everywhere'],
  ['::ffff:0:0/96', 'translation', 'an IPv4 address in IPv6 form (RFC 4291)'],
  ['::ffff:0:0:0/96', 'translation', 'an IPv4-translated address (RFC 2765)'],
  ['64:ff9b::/96', 'translation', 'a NAT64 address (RFC 6052): it belongs to a translator, not to this box'],
  ['64:ff9b:1::/48', 'translation', 'a local NAT64 address (RFC 8215)'],
  ['100::/64', 'reserved', 'the discard prefix (RFC 6666)'],
  ['100:0:0:1::/64', 'reserved', 'the dummy prefix (RFC 9780)'],
  ['2001::/32', 'tunnel', 'a Teredo address (RFC 4380)'],
  ['2001:1::1/128', 'reserved', ANYCAST],
  ['2001:1::2/128', 'reserved', ANYCAST],
  ['2001:1::3/128', 'reserved', ANYCAST],
  ['2001:2::/48', 'benchmark', 'a benchmarking address (RFC 5180)'],
  ['2001:3::/32', 'reserved', ANYCAST],
  ['2001:4:112::/48', 'reserved', ANYCAST],
  ['2001:10::/28', 'reserved', 'an ORCHID identifier (RFC 4843), not routable'],
  ['2001:20::/28', 'reserved', 'an ORCHIDv2 identifier (RFC 7343), not routable'],
  ['2001:30::/28', 'reserved', 'a drone remote-id tag (RFC 9374)'],
  ['2001::/23', 'reserved', 'an IETF protocol assignment (RFC 2928)'],
  ['2001:db8::/32', 'documentation', DOCUMENTATION],
  ['2002::/16', 'tunnel', 'a 6to4 address (RFC 3056)'],
  ['2620:4f:8000::/48', 'reserved', ANYCAST],
  ['3ffe::/16', 'reserved', 'a 6bone address, returned in 2006'],
  ['3fff::/20', 'documentation', DOCUMENTATION],
  ['5f00::/16', 'reserved', 'a segment routing identifier (RFC 9602)'],
  ['fc00::/7', 'private', 'a unique local address (RFC 4193): it is valid only inside its own network'],
  ['fe80::/10', 'linklocal', 'a link-local address'],
  ['fec0::/10', 'private', 'a site-local address (deprecated, RFC 3879)'],
  ['ff00::/8', 'multicast', 'a multicast address'],
];

const OUTSIDE: Row = ['outside 2000::/3', 'reserved', 'outside the range of IPv6 addresses in use on the internet (2000::/3)'];

const CLOUDFLARE = "Cloudflare's own address, not yours (WARP, iCloud Private Relay, or a broken trace host)";
const RESOLVER = 'the address of a public resolver: something on the way answers in its place';

// Source: https://www.cloudflare.com/ips/ ; 104.28.0.0/16 (WARP and Private Relay egress) was published by other updaters though not listed there.
const echo = (): readonly Row[] => [
  ...[
    '173.245.48.0/20',
    '103.21.244.0/22',
    '103.22.200.0/22',
    '103.31.4.0/22',
    '141.101.64.0/18',
    '108.162.192.0/18',
    '190.93.240.0/20',
    '188.114.96.0/20',
    '197.234.240.0/22',
    '198.41.128.0/17',
    '162.158.0.0/15',
    '104.16.0.0/13',
    '104.24.0.0/14',
    '172.64.0.0/13',
    '131.0.72.0/22',
    '104.28.0.0/16',
    '2400:cb00::/32',
    '2606:4700::/32',
    '2803:f800::/32',
    '2405:b500::/32',
    '2405:8100::/32',
    '2a06:98c0::/29',
    '2c0f:f248::/32',
  ].map((range): Row => [range, 'echo', CLOUDFLARE]),
  ...[
    '1.1.1.1/32',
    '1.0.0.1/32',
    '8.8.8.8/32',
    '8.8.4.4/32',
    '9.9.9.9/32',
    '149.112.112.112/32',
    '208.67.222.222/32',
    '208.67.220.220/32',
    '208.67.222.220/32',
    '208.67.220.222/32',
    '216.239.32.10/32',
    '216.239.34.10/32',
    '216.239.36.10/32',
    '216.239.38.10/32',
    '2620:119:35::35/128',
    '2620:119:53::53/128',
    '2001:4860:4860::8888/128',
    '2001:4860:4860::8844/128',
    '2620:fe::fe/128',
  ].map((range): Row => [range, 'echo', RESOLVER]),
];

/** Every range of the tables as `[range, kind, reason]`, for docs and tests. */
export const neverPublished = (): readonly Row[] => [...special(), ...echo()];

export type AddressPolicy = { readonly allow: readonly Prefix[]; readonly deny: readonly Prefix[] };

/** Why `address` must not be published, or undefined. `deny` wins over `allow`, `allow` over the tables. */
export function refusal(address: IpAddress, policy: AddressPolicy): Refusal | undefined {
  const denied = policy.deny.find((prefix) => within(address, prefix));
  if (denied) return { kind: 'denied', range: denied.text, reason: 'refused by `deny` in the config' };
  if (policy.allow.some((prefix) => within(address, prefix))) return undefined;
  return specialRefusal(address);
}

function specialRefusal(address: IpAddress): Refusal | undefined {
  const hit = rows().find(({ prefix }) => within(address, prefix));
  if (hit) return asRefusal(hit.row);
  if (familyOf(address) === 6 && toBits(address) >> 125n !== 1n) return asRefusal(OUTSIDE);
  return undefined;
}

const asRefusal = ([range, kind, reason]: Row): Refusal => ({ kind, range, reason });

let parsed: readonly { readonly prefix: Prefix; readonly row: Row }[] | undefined;

/** Parsed on first use: an unchanged round never gets here. */
function rows(): NonNullable<typeof parsed> {
  parsed ??= neverPublished().map((row) => {
    const prefix = parsePrefix(row[0]);
    if (!prefix) throw new TypeError(`not a prefix: ${row[0]}`);
    return { prefix, row };
  });
  return parsed;
}

/** An IPv4 address wrapped in IPv6 form is taken out of it before it is judged. */
export function unwrapMapped(address: IpAddress): IpAddress {
  if (familyOf(address) === 4) return address;
  const bits = toBits(address);
  if (bits >> 32n !== 0xffffn) return address;
  return parseAddress([24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.')) ?? address;
}
