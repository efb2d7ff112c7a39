/** Where the box is plugged in, read from what systems print. */
import { expect, test } from 'vitest';
import { parseFlags } from '../../src/world/interfaces.ts';
import { defaultRoute6, network, networkFromProc } from '../../src/world/network.ts';
import { parseArp, parsePowerShell, parseRouteGet } from '../../src/world/network-elsewhere.ts';
import { parseNextHop6 } from '../../src/world/router6.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const HOME = `${HEAD}eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\nwlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\neth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\nwlan0\t0002A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n`;
const ARP = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:fc:00:00:00:05     *        eth0
192.168.2.1      0x1         0x0         00:00:00:00:00:00     *        wlan0
`;
const VPN = `${HOME}tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\ntun0\t00000080\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0\ntun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n`;
const PPP = `${HEAD}ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`;
const ROUTE6 = `20010db8010000010000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`;

test('the default route with the lowest metric, its MAC, and the prefix around it', () => {
  expect(networkFromProc({ route: HOME, route6: () => ROUTE6, arp: ARP })).toEqual({ gateway: '192.168.1.1', gatewayMac: '02:fc:00:00:00:05', interface: 'eth0', prefix: '192.168.1.0/24' });
});
test('a MAC that the kernel has not heard is left out', () => {
  const moved = HOME.replace('\t100\t00000000', '\t900\t00000000');
  expect(networkFromProc({ route: moved, route6: () => '', arp: ARP })).toEqual({ gateway: '192.168.2.1', interface: 'wlan0', prefix: '192.168.2.0/24' });
});
test('a VPN that covers the default route in two halves is where everything goes', () =>
  expect(networkFromProc({ route: VPN, route6: () => '', arp: ARP })).toMatchObject({ gateway: '10.8.0.1', interface: 'tun0', prefix: '10.8.0.0/24' }));
test('a line without a gateway of its own', () => expect(networkFromProc({ route: PPP, route6: () => '', arp: '' })).toEqual({ gateway: '0.0.0.0', interface: 'ppp0' }));
test('IPv6 alone', () => expect(networkFromProc({ route: HEAD, route6: () => ROUTE6, arp: ARP })).toEqual({ gateway: 'fe80::1', interface: 'eth0', prefix: '2001:db8:100:1::/64' }));
test('the router for IPv6: the next hop of the default route', () => {
  expect(defaultRoute6(ROUTE6)).toEqual({ gateway: 'fe80::1', interface: 'eth0' });
  expect(defaultRoute6('')).toBeUndefined();
  expect(parseNextHop6('{"index":12,"gateway":"fe80::1","interface":"WLAN"}')).toEqual({ address: 'fe80::1', zone: '12', interface: 'WLAN' });
  for (const text of ['', '{}', '{"index":12,"gateway":"::","interface":"WLAN"}', '{"index":12,"gateway":"192.168.1.1","interface":"WLAN"}']) expect(parseNextHop6(text)).toBeUndefined();
});
test('no default route is no network', () => expect(networkFromProc({ route: HEAD, route6: () => '', arp: '' })).toBeUndefined());
test('on this machine it can be read', async () => {
  const found = await network(async () => ({ exit: 1, stdout: '', stderr: '' }));
  if (found !== undefined) expect(found).toMatchObject({ gateway: expect.any(String), interface: expect.any(String) });
});

test('flags of IPv6 addresses', () => {
  const text = `00000000000000000000000000000001 01 80 10 80       lo
2001067c000000000000000000000007 02 40 00 01     eth0
2001067c000000000000000000000008 02 40 00 20     eth0
2001067c000000000000000000000009 02 40 00 c0     eth0
2001067c00000000000000000000000a 02 40 00 44     eth0
2001067c00000000000000000000000b 02 40 00 88     eth0
`;
  const flags = parseFlags(text);
  expect(flags.get('eth0 2001:67c::7')).toEqual({ temporary: true, deprecated: false, tentative: false, permanent: false });
  expect(flags.get('eth0 2001:67c::8')).toMatchObject({ deprecated: true });
  expect(flags.get('eth0 2001:67c::9')).toMatchObject({ tentative: true, permanent: true });
  expect(flags.get('eth0 2001:67c::a')).toMatchObject({ tentative: false });
  expect(flags.get('eth0 2001:67c::b')).toMatchObject({ tentative: true });
  expect(flags.get('lo ::1')).toMatchObject({ permanent: true });
});

test('macOS', () => {
  expect(parseRouteGet('   route to: default\ndestination: default\n       mask: default\n    gateway: 192.168.1.1\n  interface: en0\n      flags: <UP,GATEWAY,DONE>\n')).toEqual({
    gateway: '192.168.1.1',
    interface: 'en0',
  });
  expect(parseRouteGet('route: writing to routing socket: not in table')).toBeUndefined();
  expect(parseArp('? (192.168.1.1) at 0:1b:2c:3:4:5 on en0 ifscope [ethernet]')).toBe('00:1b:2c:03:04:05');
  expect(parseArp('? (192.168.1.1) at (incomplete) on en0 ifscope [ethernet]')).toBeUndefined();
});

test('Windows', () => {
  expect(parsePowerShell('{"gateway":"192.168.1.1","mac":"00-1B-2C-03-04-05","interface":"Ethernet 2"}')).toEqual({ gateway: '192.168.1.1', gatewayMac: '00:1b:2c:03:04:05', interface: 'Ethernet 2' });
  expect(parsePowerShell('')).toBeUndefined();
});
