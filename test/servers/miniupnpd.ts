/**
 * A box behind a real router, miniupnpd of Debian, each in a network namespace of its own that ends with the program that is run in the box:
 * nothing of this machine is touched. Needs miniupnpd-nftables, nftables, iproute2 and util-linux; an ordinary user can do it too.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

export const GATEWAY = '192.168.7.1';
/** With `six`: the box's own address, behind `fe80::1`. */
export const OWN6 = '2001:67c:1234:7::10';

export type Home = {
  /** The router's address on the internet's side. */
  readonly wan: string;
  /** IPv6 as well, on both sides of the router. */
  readonly six?: boolean;
  /** More lines for miniupnpd.conf. */
  readonly config?: readonly string[];
  /** Commands in the router (interfaces `wan0`, `lan0`) and in the box (`eth0`) before anything is run. */
  readonly router?: readonly string[];
  readonly box?: readonly string[];
};

/** What `program`, a JavaScript file for Node, prints when it is run in the box. Throws with what was said when anything fails. */
export async function runAtHome(program: string, { wan, six = false, config = [], router = [], box = [] }: Home): Promise<string> {
  for (const [path, debian] of [
    ['/usr/sbin/miniupnpd', 'miniupnpd-nftables'],
    ['/usr/sbin/nft', 'nftables'],
  ] as const)
    if (!existsSync(path)) throw new Error(`${path} is missing: this test needs the Debian package ${debian}`);
  const router6 = six ? ['ip -6 addr add 2001:67c:1234::8/64 dev wan0 nodad', 'ip -6 addr add fe80::1/64 dev lan0 nodad', 'ip -6 addr add 2001:67c:1234:7::1/64 dev lan0 nodad'] : [];
  const box6 = six ? [`ip -6 addr add ${OWN6}/64 dev eth0 nodad`, 'ip -6 route add default via fe80::1 dev eth0'] : [];
  const script = `
set -eu
PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs none /run
cd /run
ip link set lo up
ip link add wan0 type veth peer name line0
ip addr add ${wan}/24 dev wan0
ip link set wan0 up
ip link set line0 up
unshare -n sleep 300 &
inside="nsenter -t $! -n"
until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
ip link add lan0 type veth peer name eth0 netns $!
ip addr add ${GATEWAY}/24 dev lan0
ip link set lan0 up
$inside ip link set lo up
$inside ip addr add 192.168.7.10/24 dev eth0
$inside ip link set eth0 up
$inside ip route add default via ${GATEWAY}
${router6.join('\n')}
${box6.map((command) => `$inside ${command}`).join('\n')}
nft 'table inet filter { chain miniupnpd { }; chain prerouting_miniupnpd { }; chain postrouting_miniupnpd { }; }'
cat >conf <<'END'
ext_ifname=wan0
listening_ip=lan0
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
port=0
upnp_table_name=filter
upnp_nat_table_name=filter
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
uuid=00000000-0000-4000-8000-000000000001
allow 1024-65535 192.168.7.0/24 1024-65535
${config.join('\n')}
END
miniupnpd -d -f conf -P pid >log 2>&1 &
tries=0
until grep -q ':076C ' /proc/net/udp /proc/net/udp6; do
  tries=$((tries + 1))
  if [ $tries -gt 1000 ]; then cat log >&2; exit 1; fi
  sleep 0.05
done
${router.join('\n')}
${box.map((command) => `$inside ${command}`).join('\n')}
$inside '${process.execPath}' '${program}' || { cat log >&2; exit 1; }`;
  const apart = ['-Urnmpf', '--mount-proc', '--kill-child'];
  await promisify(execFile)('unshare', [...apart, 'true'], { timeout: 60_000 }).catch((cause) => {
    throw new Error('this machine lets nobody make network namespaces (unshare), in which this test has its router: run it as root, outside of a container or in a privileged one', { cause });
  });
  const { stdout } = await promisify(execFile)('unshare', [...apart, 'sh', '-c', script], { timeout: 120_000 });
  return stdout;
}
