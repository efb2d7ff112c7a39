/**
 * The networks of the laboratory, and the shell scripts that build and change them.
 *
 *     box ── home   192.168.1.1  │ 198.51.100.7  2001:db8:100::7 ───────────┐
 *         ── garage 192.168.50.1 │ 203.0.113.9   2001:db8:200::9 ───────────┤ internet 198.18.0.0/24, 2001:db8:0:53::/64
 *         ── cgnat  192.168.8.1  │ 100.64.0.9 ── carrier 203.0.113.77 ──────┤
 *                                                              visitor ─────┘ 198.18.1.5, 2001:db8:0:1::5
 *
 * The routers translate addresses, forward TCP ports 80 and 443 to the box (that of the carrier's customer in vain), and pass questions about names on.
 */

export type Spot = 'home' | 'garage' | 'cgnat';
export const SPOTS = ['home', 'garage', 'cgnat'] as const satisfies readonly Spot[];

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
};

/** Who is where in the internet, in both families. */
export const SERVERS = {
  north: { 4: '198.18.0.11', 6: '2001:db8:0:53::11' },
  east: { 4: '198.18.0.12', 6: '2001:db8:0:53::12' },
  south: { 4: '198.18.0.13', 6: '2001:db8:0:53::13' },
  west: { 4: '198.18.0.14', 6: '2001:db8:0:53::14' },
  centre: { 4: '198.18.0.15', 6: '2001:db8:0:53::15' },
  authority: { 4: '198.18.0.53', 6: '2001:db8:0:53::53' },
  resolver: { 4: '198.18.0.54', 6: '2001:db8:0:53::54' },
} as const;

/** Routing tables of their own for what is delayed. */
const TABLES: Readonly<Record<Spot, number>> = { home: 101, garage: 102, cgnat: 103 };

const NODES = ['internet', 'carrier', 'visitor', 'box', ...SPOTS];
const BOX_MAC = '02:00:00:00:00:10';

const cable = (a: string, portA: string, b: string, portB: string): string =>
  `ip link add ${portA} netns ${a} type veth peer name ${portB} netns ${b}\nip -n ${a} link set ${portA} up\nip -n ${b} link set ${portB} up`;
/** `nodad`: an address that nobody else can have is there at once. */
const address = (node: string, port: string, cidr: string): string => `ip -n ${node} addr add ${cidr} dev ${port}${cidr.includes(':') ? ' nodad' : ''}`;
const gateway = (node: string, via: string): string => `ip -n ${node} ${via.includes(':') ? '-6' : '-4'} route replace default via ${via}`;
const filter = (node: string, rules: string): string => `ip netns exec ${node} nft -f - <<'END'\n${rules}\nEND`;

/** Everything but the cable of the box. Routers have been there for long: none of their addresses is still tentative. */
export const buildScript = (): string =>
  [
    'touch /run/resolv.conf',
    'mount --bind /run/resolv.conf /etc/resolv.conf',
    ...NODES.map(
      (node) =>
        `ip netns add ${node}\nip netns exec ${node} sh -c 'cd /proc/sys/net; for all in all default; do echo 0 >ipv4/conf/$all/rp_filter; echo 0 >ipv6/conf/$all/disable_ipv6; done; ip link set lo up'`,
    ),
    ...['internet', 'carrier', ...SPOTS].map(
      (node) => `ip netns exec ${node} sh -c 'cd /proc/sys/net; echo 1 >ipv4/ip_forward; echo 1 >ipv6/conf/all/forwarding; echo 0 >ipv6/conf/default/dad_transmits'`,
    ),
    "ip netns exec box sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_ra'",
    ...Object.values(SERVERS).flatMap((server) => [address('internet', 'lo', `${server[4]}/32`), address('internet', 'lo', `${server[6]}/128`)]),
    cable('internet', 'i-visitor', 'visitor', 'eth0'),
    address('internet', 'i-visitor', '198.18.1.1/24'),
    address('visitor', 'eth0', '198.18.1.5/24'),
    address('internet', 'i-visitor', '2001:db8:0:1::1/64'),
    address('visitor', 'eth0', '2001:db8:0:1::5/64'),
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
    // The chains that miniupnpd fills are here, so that it can be started in any router.
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
  chain forwarded { iifname "wan0" meta nfproto ipv4 tcp dport { 80, 443 } dnat ip to ${lan}.10; }
  chain prerouting { type nat hook prerouting priority -100;
    jump prerouting_miniupnpd
    jump forwarded
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
    address('box', 'eth0', `${lan}.10/24`),
    gateway('box', `${lan}.1`),
    `echo nameserver ${lan}.1 >/run/resolv.conf`,
  ].join('\n');
};

/** IPv6 at that spot, as a router advertisement brings it; nothing where there is none. */
export const advertisedScript = (spot: Spot): string => {
  const { lan6 } = ADDRESSES[spot];
  return lan6 === undefined ? 'true' : [address('box', 'eth0', `${lan6}::${V6_HOST}/64`), gateway('box', `${lan6}::1`)].join('\n');
};

const tableScript = (spot: Spot, name: string, chains: string | undefined): string =>
  `ip netns exec ${spot} nft delete table inet ${name} 2>/dev/null || true\n${chains === undefined ? '' : filter(spot, `table inet ${name} {\n${chains}\n}`)}`;

/** Nothing that comes in from the line gets any further. */
export const silenceScript = (spot: Spot, state: 'on' | 'off'): string =>
  tableScript(
    spot,
    'silence',
    state === 'off' ? undefined : 'chain forward { type filter hook forward priority -20; iifname "wan0" drop; }\nchain input { type filter hook input priority -20; iifname "wan0" drop; }',
  );

/** So many packets of a hundred are lost, in either direction. */
export const lossScript = (spot: Spot, percent: number): string =>
  tableScript(spot, 'loss', percent === 0 ? undefined : `chain forward { type filter hook forward priority -20; numgen random mod 100 < ${percent} drop; }`);

/**
 * All that goes to that spot arrives `ms` later than it would; `program` is delay.pl. At a distance of its own, so that it needs no netem in the kernel,
 * but /dev/net/tun and perl-base.
 */
export const delayScript = (spot: Spot, ms: number, program: string): string => {
  const { wan, wan6, lan6, far } = ADDRESSES[spot];
  const device = `d-${spot}`;
  const there = [`${wan.address}/32`, ...(wan6 === undefined ? [] : [`${wan6.address}/128`, `${lan6}::/64`])];
  const rules = ['-4', '-6'].map(
    (family) => `ip -n ${far.node} ${family} rule add iif ${device} lookup main priority 40\nip -n ${far.node} ${family} route add default dev ${device} table ${TABLES[spot]}`,
  );
  return [
    `ip -n ${far.node} tuntap add dev ${device} mode tun`,
    `ip -n ${far.node} link set ${device} up`,
    `ip netns exec ${far.node} sh -c 'echo 1 >/proc/sys/net/ipv4/conf/${device}/accept_local'`,
    `ip netns exec ${far.node} perl '${program}' ${device} ${ms / 1000} >/run/${device}.log 2>&1 </dev/null &`,
    `for try in $(seq 100); do ip -n ${far.node} link show ${device} | grep -q LOWER_UP && break; sleep 0.02; done`,
    ...rules,
    ...there.map((cidr) => `ip -n ${far.node} ${cidr.includes(':') ? '-6' : '-4'} rule add to ${cidr} lookup ${TABLES[spot]} priority 50`),
  ].join('\n');
};

export const PORTAL_PORTS = { dns: 8453, http: 8480, https: 8443 } as const;
/** Names and web pages are answered by the portal, every other datagram is dropped. */
export const portalScript = (spot: Spot, state: 'on' | 'off'): string =>
  tableScript(
    spot,
    'portal',
    state === 'off'
      ? undefined
      : `chain prerouting { type nat hook prerouting priority -110;
  iifname "lan0" udp dport 53 redirect to :${PORTAL_PORTS.dns}
  iifname "lan0" tcp dport 443 redirect to :${PORTAL_PORTS.https}
  iifname "lan0" meta l4proto tcp redirect to :${PORTAL_PORTS.http}
}
chain forward { type filter hook forward priority -10; iifname "lan0" meta l4proto { tcp, udp } drop; }`,
  );

/** The provider gives the router another address. */
export const renumberScript = (spot: Spot, to: string): string => {
  const { wan, far } = ADDRESSES[spot];
  return [
    `ip -n ${spot} -4 addr flush dev wan0`,
    address(spot, 'wan0', `${to}/32`),
    `ip -n ${spot} route replace ${wan.gateway} dev wan0`,
    gateway(spot, wan.gateway),
    `ip -n ${far.node} route replace ${to}/32 dev ${far.port}`,
  ].join('\n');
};

/** Starts miniupnpd in a router: NAT-PMP, PCP and UPnP. That of Debian takes an address of a documentation range for a private one; renumber the line first. */
export const mapperScript = (spot: Spot, folder: string): string => `cat >${folder}/miniupnpd-${spot}.conf <<'END'
ext_ifname=wan0
listening_ip=lan0
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
port=0
min_lifetime=1
lease_file=${folder}/leases-${spot}
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
uuid=00000000-0000-4000-8000-000000000001
allow 1-65535 ${ADDRESSES[spot].lan}.0/24 1-65535
END
touch ${folder}/leases-${spot}
ip netns exec ${spot} miniupnpd -d -f ${folder}/miniupnpd-${spot}.conf -P /run/miniupnpd-${spot} >${folder}/miniupnpd-${spot}.log 2>&1 </dev/null &
for try in $(seq 100); do ip netns exec ${spot} grep -q ':14E7 ' /proc/net/udp /proc/net/udp6 && exit; sleep 0.05; done
cat ${folder}/miniupnpd-${spot}.log >&2
exit 1`;
