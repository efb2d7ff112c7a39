/** Where the kernel would send, in network namespaces of our own: nothing of this machine is touched. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';

let child: string;
beforeAll(async () => {
  child = await bundle(fileURLToPath(new URL('children/where.ts', import.meta.url)));
});

/** Needs util-linux and iproute2; `-Ur` lets an ordinary user do it too. */
async function inside(...setup: readonly string[]): Promise<unknown> {
  const script = ['set -e', 'ip link set lo up', ...setup, `exec '${process.execPath}' '${child}'`].join('\n');
  const { stdout } = await promisify(execFile)('unshare', ['-Urn', 'sh', '-c', script]);
  return JSON.parse(stdout);
}

const HOME = [
  'ip link add eth0 type veth peer name peer0',
  'ip addr add 192.168.7.2/24 dev eth0',
  'ip link set eth0 up',
  'ip link set peer0 up',
  'ip neigh add 192.168.7.1 lladdr 02:00:00:00:00:01 dev eth0 nud reachable',
  'ip route add default via 192.168.7.1',
];
const NETWORK = { gateway: '192.168.7.1', gatewayMac: '02:00:00:00:00:01', interface: 'eth0', prefix: '192.168.7.0/24' };
/** As wg-quick sets up a tunnel for everything: a table of its own, and rules that prefer it. */
const TUNNEL = [
  'ip link add wg0 type veth peer name peer1',
  'ip addr add 10.9.0.2/32 dev wg0',
  'ip link set wg0 up',
  'ip link set peer1 up',
  'ip route add default dev wg0 table 51820',
  'ip rule add not fwmark 51820 table 51820',
  'ip rule add table main suppress_prefixlength 0',
];

test('the default route', async () => expect(await inside(...HOME)).toEqual({ four: 'eth0', network: NETWORK }));
test('a tunnel for everything that does not show in the routing table', async () => expect(await inside(...HOME, ...TUNNEL)).toEqual({ four: 'wg0', network: NETWORK }));
test('no network at all', async () => expect(await inside()).toEqual({}));
