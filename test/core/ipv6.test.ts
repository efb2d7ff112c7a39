/** Which IPv6 address of a machine is published. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { type Candidate, chooseIpv6, isVpn } from '../../src/core/ipv6.ts';

const FLAGS = { temporary: false, deprecated: false, tentative: false, permanent: false };
const row = (address: string, more: Partial<Candidate> & { flags?: Candidate['flags'] } = {}): Candidate => ({
  interface: 'eth0',
  address: parseAddress(address) as IpAddress,
  bits: 64,
  internal: false,
  mac: '00:11:22:33:44:55',
  flags: FLAGS,
  ...more,
});
const check = (rows: readonly Candidate[], expected: string | undefined, asked: { published?: string; interface?: string } = {}): void => {
  const published = asked.published === undefined ? undefined : parseAddress(asked.published);
  for (const order of [rows, [...rows].reverse()]) expect(chooseIpv6(order, { published, interface: asked.interface, policy: { allow: [], deny: [] } })?.address).toBe(expected);
};
const flagged = (address: string, flags: Partial<typeof FLAGS>): Candidate => row(address, { flags: { ...FLAGS, ...flags } });

test('a temporary address is never chosen, not even when it is published', () => check([flagged('2600::7', { temporary: true })], undefined, { published: '2600::7' }));
test('a deprecated address is never chosen', () => check([flagged('2600::7', { deprecated: true }), row('2600:1::8')], '2600:1::8', { published: '2600::7' }));
test('a tentative address is never chosen', () => check([flagged('2600::7', { tentative: true })], undefined));
test('the published address is kept as long as it lives', () => check([flagged('2600::1', { permanent: true }), row('2600::9')], '2600::9', { published: '2600::9' }));
test('an address set by hand comes before one that made itself', () => check([row('2600::1'), flagged('2600::9', { permanent: true })], '2600::9'));
test('an address from DHCP comes before one that made itself', () => check([row('2600::1'), row('2600::9', { bits: 128 })], '2600::9'));
test('an address made from the MAC comes before others that made themselves', () => check([row('2600::1'), row('2600::211:22ff:fe33:4455')], '2600::211:22ff:fe33:4455'));
test('else the smallest number', () => check([row('2600::9'), row('2600::1')], '2600::1'));
test('unique local, link-local and documentation addresses are none', () => check([row('fd00::2'), row('fe80::1'), row('2001:db8::1')], undefined));
test('containers and tunnels are passed over', () =>
  check([row('2600::1', { interface: 'docker0' }), row('2600::2', { interface: 'wg0' }), row('2600::3', { interface: 'br-1a2b' }), row('2600::9')], '2600::9'));
test('unless one of them is asked for by name', () => check([row('2600::2', { interface: 'wg0' }), row('2600::1')], '2600::2', { interface: 'wg0' }));
test('where the system tells no flags, they are no reason', () => check([{ ...row('2600::5'), flags: undefined } as unknown as Candidate], '2600::5'));
test('a bridge of the user and a point-to-point line are no tunnels', () => {
  check([row('2600::1', { interface: 'br0' })], '2600::1');
  check([row('2600::1', { interface: 'ppp0' })], '2600::1');
});

test('the choice does not depend on the order in which the system lists', () => {
  const candidate = fc
    .record({ host: fc.nat(50), permanent: fc.boolean(), temporary: fc.boolean(), bits: fc.constantFrom(64, 128) })
    .map(({ host, permanent, temporary, bits }) => row(`2600::${(host + 1).toString(16)}`, { bits, flags: { ...FLAGS, permanent, temporary } }));
  const rows = fc.uniqueArray(candidate, { selector: ({ address }) => address, minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      rows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }))),
      ([a, b]) => {
        const asked = { published: undefined, policy: { allow: [], deny: [] } };
        const chosen = chooseIpv6(a, asked);
        expect(chooseIpv6(b, asked)?.address).toBe(chosen?.address);
        expect(chosen?.flags?.temporary ?? false).toBe(false);
      },
    ),
  );
});

test('VPN interfaces are told by their names', () => {
  for (const name of ['tun0', 'wg0', 'utun3', 'tailscale0', 'nordlynx']) expect(isVpn(name), name).toBe(true);
  for (const name of ['eth0', 'enp3s0', 'wlan0', 'ppp0', 'br-lan', 'en0', 'Ethernet']) expect(isVpn(name), name).toBe(false);
});
