/** What can stand between the box and the world, as shell scripts over the networks of topology.ts: lines that fail, routers that do other things, a tunnel. */
import { ADDRESSES, address, cable, filter, forwardingScript, gateway, HOSTS, nodeScript, SERVERS, type Spot } from './topology.ts';

/** Routing tables of their own for what is delayed. */
const TABLES: Readonly<Record<Spot, number>> = { home: 101, garage: 102, cgnat: 103, annex: 104 };

/** Makes a table of rules anew, or removes it. */
const tableScript = (spot: string, name: string, chains: string | undefined): string =>
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
    `for try in $(seq 1000); do ip -n ${far.node} link show ${device} | grep -q LOWER_UP && break; sleep 0.02; done`,
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
for try in $(seq 600); do ip netns exec ${spot} grep -q ':14E7 ' /proc/net/udp /proc/net/udp6 && exit; sleep 0.05; done
cat ${folder}/miniupnpd-${spot}.log >&2
exit 1`;

/** To whom a router leads what comes for a port: to the box, to another machine, or to nobody, so that it refuses by itself. */
export const forwardScript = (spot: Spot, port: number, to: 'box' | 'neighbour' | 'nowhere'): string =>
  [
    `ip netns exec ${spot} nft 'delete element inet filter forwarded { ${port} }' 2>/dev/null || true`,
    ...(to === 'nowhere' ? [] : [`ip netns exec ${spot} nft 'add element inet filter forwarded { ${port} : ${ADDRESSES[spot].lan}.${HOSTS[to]} }'`]),
  ].join('\n');

/** `on`: nothing comes in over IPv6 that was not asked for. */
export const firewallScript = (spot: Spot, state: 'on' | 'off'): string =>
  `ip netns exec ${spot} nft 'flush chain inet filter open${state === 'on' ? '' : '; add rule inet filter open tcp dport { 80, 443 } accept'}'`;

/** Another machine in a router's local network. */
export const neighbourScript = (spot: Spot): string => {
  const { lan } = ADDRESSES[spot];
  return [
    nodeScript('neighbour'),
    cable(spot, 'port1', 'neighbour', 'eth0'),
    `ip -n ${spot} link set port1 master lan0`,
    address('neighbour', 'eth0', `${lan}.${HOSTS.neighbour}/24`),
    gateway('neighbour', `${lan}.1`),
  ].join('\n');
};

/** Where the tunnel comes out: an address that is no example, because what the config allows is not suspected. */
export const EXIT = '5.6.7.9';
/** All of IPv4 leaves the box through a tunnel, as OpenVPN sets it up: the default route stays and is covered. */
export const vpnScript = (state: 'on' | 'off'): string =>
  state === 'off'
    ? 'ip -n box link del tun0\nip -n internet link del i-exit\nip netns del exit'
    : [
        nodeScript('exit'),
        forwardingScript('exit'),
        cable('internet', 'i-exit', 'exit', 'eth0'),
        address('internet', 'i-exit', '5.6.7.1/24'),
        address('exit', 'eth0', `${EXIT}/24`),
        gateway('exit', '5.6.7.1'),
        filter('exit', 'table ip nat { chain post { type nat hook postrouting priority 100; oifname "eth0" masquerade; }; }'),
        cable('exit', 'tun0', 'box', 'tun0'),
        address('exit', 'tun0', '10.8.0.1/24'),
        address('box', 'tun0', '10.8.0.2/24'),
        'ip -n box route add 0.0.0.0/1 via 10.8.0.1\nip -n box route add 128.0.0.0/1 via 10.8.0.1',
      ].join('\n');

/** The second name server hears no more of changes, and cannot ask for them. */
export const staleScript = (state: 'on' | 'off'): string => {
  const [one, other] = [SERVERS.authority[4], SERVERS.secondary[4]];
  return tableScript(
    'internet',
    'stale',
    state === 'off' ? undefined : `chain output { type filter hook output priority 0; ip saddr ${one} ip daddr ${other} drop; ip saddr ${other} ip daddr ${one} drop; }`,
  );
};
