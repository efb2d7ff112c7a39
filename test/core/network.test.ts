/** Is it the same network? */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameNetwork } from '../../src/core/network.ts';

const home = { gateway: '192.168.1.1', gatewayMac: '00:00:5e:00:53:01', interface: 'eth0', prefix: '192.168.1.0/24' };

test.each([
  ['itself', home, true],
  ['the same, its MAC in capitals', { ...home, gatewayMac: '00:00:5E:00:53:01' }, true],
  ['the same, before the router was heard of', { gateway: home.gateway, interface: 'eth0', prefix: home.prefix }, true],
  ['the same, where the system tells no prefix', { gateway: home.gateway, gatewayMac: home.gatewayMac, interface: 'eth0' }, true],
  ['another router with the usual address', { ...home, gatewayMac: '00:00:5e:00:53:02' }, false],
  ['another gateway', { ...home, gateway: '192.168.0.1' }, false],
  ['another interface', { ...home, interface: 'wlan0' }, false],
  ['another prefix', { ...home, prefix: '192.168.1.0/25' }, false],
])('home and %s', (_what, other, same) => expect([sameNetwork(home, other), sameNetwork(other, home)]).toEqual([same, same]));

test('law: order does not matter, and everything is where it is', () => {
  const fingerprint = fc.record(
    { gateway: fc.constantFrom('a', 'b'), gatewayMac: fc.constantFrom('c', 'd'), interface: fc.constantFrom('e', 'f'), prefix: fc.constantFrom('g', 'h') },
    { requiredKeys: ['gateway', 'interface'] },
  );
  fc.assert(
    fc.property(fingerprint, fingerprint, (a, b) => {
      expect(sameNetwork(a, b)).toBe(sameNetwork(b, a));
      expect(sameNetwork(a, a)).toBe(true);
    }),
  );
});
