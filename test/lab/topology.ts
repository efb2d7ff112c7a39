/**
 * The networks of the laboratory, and the shell scripts that build them and plug the box in.
 *
 *     box ── home   192.168.1.1  │ 198.51.100.7  2001:db8:100::7 ───────────────┐
 *         ── garage 192.168.50.1 │ 203.0.113.9   2001:db8:200::9 ───────────────┤ internet 198.18.0.0/24, 2001:db8:0:53::/64
 *         ── cgnat  192.168.8.1  │ 100.64.0.9 ─────┐                            │
 *         ── annex  192.168.9.1  │ 192.168.178.20 ─┴─ carrier 203.0.113.77 ─────┤
 *                                                                  visitor ─────┘ 198.18.1.5, 2001:db8:0:1::5
 *
 * The routers translate addresses, forward TCP ports 80 and 443 to the box (those behind the carrier's, which forwards nothing, in vain), and pass questions
 * about names on. The annex is at a second router behind one that has a network of its own.
 */

export type Spot = 'home' | 'garage' | 'cgnat' | 'annex';
export const SPOTS = ['home', 'garage', 'cgnat', 'annex'] as const satisfies readonly Spot[];

type Line = { readonly address: string; readonly gateway: string; readonly bits: number };
export type SpotAddresses = {
  /** What the world sees of the box there. */
  readonly seen: { readonly 4: string; readonly 6?: string };
  readonly lan: string;
  readonly wan: Line;
  readonly lan6?: string;
  readonly wan6?: Line;
  /** The end of its line: where, and the name of the interface there. */
  readonly far: { readonly node: 'internet' | 'carrier'; readonly port: string };
  readonly mac: string;
};

const V6_HOST = 'b0b';
export const ADDRESSES: Readonly<Record<Spot, SpotAddresses>> = {
  home: {
    seen: { 4: '198.51.100.7', 6: `2001:db8:100:1::${V6_HOST}` },
    lan: '192.168.1',
    wan: { address: '198.51.100.7', gateway: '198.51.100.1', bits: 24 },
    lan6: '2001:db8:100:1',
    wan6: { address: '2001:db8:100::7', gateway: '2001:db8:100::1', bits: 64 },
    far: { node: 'internet', port: 'i-home' },
    mac: '02:00:00:00:01:01',
  },
  garage: {
    seen: { 4: '203.0.113.9', 6: `2001:db8:200:1::${V6_HOST}` },
    lan: '192.168.50',
    wan: { address: '203.0.113.9', gateway: '203.0.113.1', bits: 26 },
    lan6: '2001:db8:200:1',
    wan6: { address: '2001:db8:200::9', gateway: '2001:db8:200::1', bits: 64 },
    far: { node: 'internet', port: 'i-garage' },
    mac: '02:00:00:00:01:50',
  },
  cgnat: {
    seen: { 4: '203.0.113.77' },
    lan: '192.168.8',
    wan: { address: '100.64.0.9', gateway: '100.64.0.1', bits: 24 },
    far: { node: 'carrier', port: 'c-cgnat' },
    mac: '02:00:00:00:01:08',
  },
  annex: {
    seen: { 4: '203.0.113.77' },
    lan: '192.168.9',
    wan: { address: '192.168.178.20', gateway: '192.168.178.1', bits: 24 },
    far: { node: 'carrier', port: 'c-annex' },
    mac: '02:00:00:00:01:09',
  },
};

/** Somebody at the other end of the internet. */
export const VISITOR = { 4: '198.18.1.5', 6: '2001:db8:0:1::5' } as const;
/** Who is where in the internet, in both families. */
export const SERVERS = {
  north: { 4: '198.18.0.11', 6: '2001:db8:0:53::11' },
  east: { 4: '198.18.0.12', 6: '2001:db8:0:53::12' },
  south: { 4: '198.18.0.13', 6: '2001:db8:0:53::13' },
  west: { 4: '198.18.0.14', 6: '2001:db8:0:53::14' },
  centre: { 4: '198.18.0.15', 6: '2001:db8:0:53::15' },
  coast: { 4: '198.18.0.16', 6: '2001:db8:0:53::16' },
  island: { 4: '198.18.0.17', 6: '2001:db8:0:53::17' },
  above: { 4: '198.18.0.50', 6: '2001:db8:0:53::50' },
  authority: { 4: '198.18.0.53', 6: '2001:db8:0:53::53' },
  resolver: { 4: '198.18.0.54', 6: '2001:db8:0:53::54' },
  secondary: { 4: '198.18.0.55', 6: '2001:db8:0:53::55' },
  parking: { 4: '198.18.0.56', 6: '2001:db8:0:53::56' },
} as const;

const NODES = ['internet', 'carrier', 'visitor', 'box', ...SPOTS];
/** Their last numbers in every local network. */
export const HOSTS = { box: 10, neighbour: 20 } as const;
const BOX_MAC = '02:00:00:00:00:10';

export const cable = (a: string, portA: string, b: string, portB: string): string =>
  `ip link add ${portA} netns ${a} type veth peer name ${portB} netns ${b}\nip -n ${a} link set ${portA} up\nip -n ${b} link set ${portB} up`;
/** `nodad`: an address that nobody else can have is there at once. */
export const address = (node: string, port: string, cidr: string): string => `ip -n ${node} addr add ${cidr} dev ${port}${cidr.includes(':') ? ' nodad' : ''}`;
export const gateway = (node: string, via: string): string => `ip -n ${node} ${via.includes(':') ? '-6' : '-4'} route replace default via ${via}`;
export const filter = (node: string, rules: string): string => `ip netns exec ${node} nft -f - <<'END'\n${rules}\nEND`;

/** A machine without cables. It does not look for others with its addresses: for a second they would be tentative, and routers ask no neighbours meanwhile. */
export const nodeScript = (node: string): string =>
  `ip netns add ${node}\nip netns exec ${node} sh -c 'cd /proc/sys/net; for all in all default; do echo 0 >ipv4/conf/$all/rp_filter; echo 0 >ipv6/conf/$all/disable_ipv6; echo 0 >ipv6/conf/$all/accept_dad; done; ip link set lo up'`;
/** It passes on what is not for itself. */
export const forwardingScript = (node: string): string => `ip netns exec ${node} sh -c 'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding'`;

/** Everything but the cable of the box. */
export const buildScript = (): string =>
  [
    'touch /run/resolv.conf',
    'mount --bind /run/resolv.conf /etc/resolv.conf',
    ...NODES.map(nodeScript),
    ...['internet', 'carrier', ...SPOTS].map(forwardingScript),
    "ip netns exec box sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra'",
    ...Object.values(SERVERS).flatMap((server) => [address('internet', 'lo', `${server[4]}/32`), address('internet', 'lo', `${server[6]}/128`)]),
    cable('internet', 'i-visitor', 'visitor', 'eth0'),
    address('internet', 'i-visitor', '198.18.1.1/24'),
    address('visitor', 'eth0', `${VISITOR[4]}/24`),
    address('internet', 'i-visitor', '2001:db8:0:1::1/64'),
    address('visitor', 'eth0', `${VISITOR[6]}/64`),
    gateway('visitor', '198.18.1.1'),
    gateway('visitor', '2001:db8:0:1::1'),
    cable('internet', 'i-carrier', 'carrier', 'wan0'),
    address('internet', 'i-carrier', '203.0.113.65/26'),
    address('carrier', 'wan0', '203.0.113.77/26'),
    gateway('carrier', '203.0.113.65'),
    filter('carrier', 'table ip nat { chain post { type nat hook postrouting priority 100; oifname "wan0" masquerade; }; }'),
    ...SPOTS.map(routerScript),
  ].join('\n');

function routerScript(spot: Spot): string {
  const { lan, lan6, wan, wan6, far, mac } = ADDRESSES[spot];
  const asked = `ip daddr ${lan}.1 meta l4proto { tcp, udp } th dport 53 dnat ip to ${SERVERS.resolver[4]}`;
  return [
    cable(far.node, far.port, spot, 'wan0'),
    address(far.node, far.port, `${wan.gateway}/${wan.bits}`),
    address(spot, 'wan0', `${wan.address}/${wan.bits}`),
    gateway(spot, wan.gateway),
    // A bridge without an address of its own takes that of its port, and so another with every box that is plugged in.
    `ip -n ${spot} link add lan0 address ${mac} type bridge forward_delay 0`,
    `ip -n ${spot} link set lan0 up`,
    address(spot, 'lan0', `${lan}.1/24`),
    ...(wan6 === undefined || lan6 === undefined
      ? []
      : [
          address(far.node, far.port, `${wan6.gateway}/64`),
          address(spot, 'wan0', `${wan6.address}/64`),
          gateway(spot, wan6.gateway),
          address(spot, 'lan0', `${lan6}::1/64`),
          `ip -n ${far.node} -6 route add ${lan6}::/64 via ${wan6.address}`,
        ]),
    // The chains that miniupnpd fills are here, so that it can be started in any router. `forwarded` and `open` are what its owner has set by hand.
    filter(
      spot,
      `table inet filter {
  chain miniupnpd { }
  chain prerouting_miniupnpd { }
  chain postrouting_miniupnpd { }
  chain open { tcp dport { 80, 443 } accept; }
  chain forward { type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan0" accept
    ct status dnat accept
    meta l4proto ipv6-icmp accept
    meta nfproto ipv6 jump open
    jump miniupnpd
  }
  map forwarded { type inet_service : ipv4_addr; elements = { 80 : ${lan}.${HOSTS.box}, 443 : ${lan}.${HOSTS.box} }; }
  chain prerouting { type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
    iifname "wan0" meta nfproto ipv4 dnat ip to tcp dport map @forwarded
    iifname "lan0" ${asked}
  }
  chain postrouting { type nat hook postrouting priority 100;
    jump postrouting_miniupnpd
    oifname "wan0" meta nfproto ipv4 masquerade
  }
}`,
    ),
  ].join('\n');
}

/** Takes the box away from wherever it is. */
export const unplugScript = (): string => 'ip -n box link del eth0 2>/dev/null || true\n: >/run/resolv.conf';

/** Plugs it in: IPv4 and the name server are there at once. */
export const plugScript = (spot: Spot): string => {
  const { lan } = ADDRESSES[spot];
  return [
    `ip link add port0 netns ${spot} type veth peer name eth0 address ${BOX_MAC} netns box`,
    `ip -n ${spot} link set port0 master lan0 up`,
    'ip -n box link set eth0 up',
    address('box', 'eth0', `${lan}.${HOSTS.box}/24`),
    gateway('box', `${lan}.1`),
    `echo nameserver ${lan}.1 >/run/resolv.conf`,
  ].join('\n');
};

/** IPv6 at that spot, as a router advertisement brings it; nothing where there is none. */
export const advertisedScript = (spot: Spot): string => {
  const { lan6 } = ADDRESSES[spot];
  return lan6 === undefined ? 'true' : [address('box', 'eth0', `${lan6}::${V6_HOST}/64`), gateway('box', `${lan6}::1`)].join('\n');
};
