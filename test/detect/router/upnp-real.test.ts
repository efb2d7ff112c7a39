/** UPnP against a real router, miniupnpd: as Debian ships it, in network namespaces of our own. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { GATEWAY, type Home, runAtHome } from '../../servers/miniupnpd.ts';
import { bundle } from '../../support/bundle.ts';

let child: string;
beforeAll(async () => {
  child = await bundle(fileURLToPath(new URL('children/upnp.ts', import.meta.url)));
});
const ask = async (home: Home): Promise<unknown> => JSON.parse(await runAtHome(child, home));
const told = (address: string): unknown => ({ kind: 'told', address });
const failure = (kind: string, words: RegExp): unknown => ({ kind: 'failed', failure: { kind, detail: expect.stringMatching(words) } });

const WAN = '5.6.7.8';
/** The router's ear for what is sent to it alone is stopped. */
const GROUP_ONLY = `nft 'table inet deaf { chain in { type filter hook input priority 0; ip daddr ${GATEWAY} udp dport 1900 drop; }; }'`;

test('version 2 tells its address', async () => expect(await ask({ wan: WAN })).toEqual(told(WAN)));

test('version 1 does too', async () => expect(await ask({ wan: WAN, config: ['force_igd_desc_v1=yes'] })).toEqual(told(WAN)));

test('a router that hears only the group', async () => expect(await ask({ wan: WAN, router: [GROUP_ONLY] })).toEqual(told(WAN)));

test('what is sent to the group dies after two routers', async () => {
  const far = `nft 'table inet far { chain in { type filter hook input priority 0; ip daddr 239.255.255.250 ip ttl != 2 drop; }; }'`;
  expect(await ask({ wan: WAN, router: [GROUP_ONLY, far] })).toEqual(told(WAN));
});

test('the group is asked on the interface of the router, wherever multicasts go otherwise', async () => {
  const box = ['ip link add eth1 type dummy || ip link add eth1 type veth peer name peer1', 'ip addr add 10.1.1.1/24 dev eth1', 'ip link set eth1 up', 'ip route add 224.0.0.0/4 dev eth1'];
  expect(await ask({ wan: WAN, router: [GROUP_ONLY], box: box.map((command) => `sh -c '${command}'`) })).toEqual(told(WAN));
});

test('a firewall on the box that lets in only what was asked for', async () => {
  const wall = `nft 'table inet wall { chain in { type filter hook input priority 0; policy drop; ct state established accept; }; }'`;
  expect(await ask({ wan: WAN, box: [wall] })).toEqual(told(WAN));
});

const closed = (what: string): Home => ({ wan: WAN, box: [`nft 'table inet wall { chain out { type filter hook output priority 0; ${what} udp dport 1900 drop; }; }'`] });

test('a firewall on the box that lets nothing out to groups', async () => expect(await ask(closed('ip daddr 239.255.255.250'))).toEqual(told(WAN)));

test('one that lets no search out at all is named', async () => {
  expect(await ask(closed(''))).toEqual({ kind: 'failed', failure: { kind: 'network', code: 'EPERM', detail: expect.stringMatching(/a firewall on this machine forbids it/) } });
});

test.each([
  ['a carrier', '100.64.0.9'],
  ['another router', '192.168.0.2'],
])('behind %s it has no address to tell', async (_, wan) => expect(await ask({ wan })).toEqual(failure('down', /its line is up, so it is behind another router or carrier-grade NAT/)));

test('its line is down', async () => expect(await ask({ wan: WAN, router: ['ip addr flush dev wan0', 'ip link set wan0 down'] })).toEqual(failure('down', /line is down \(UPnP: Disconnected\)/)));

test('its UPnP is switched off', async () =>
  expect(await ask({ wan: WAN, router: [`nft 'table inet off { chain in { type filter hook input priority 0; udp dport 1900 drop; }; }'`] })).toEqual(failure('timeout', /does not answer by UPnP/)));
