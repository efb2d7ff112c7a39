/** Laws of port mappings: what can be asked for, whose one is that is there, when ours is renewed, and the messages of NAT-PMP. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { conflictIn, describeOwner, distinctPorts, dueAt, isDue, isLapsed, isSameRouter, type Mapping, parsePort, printPort, standing } from '../../src/core/mapping.ts';
import { decodeNatPmpMapReply, encodeNatPmpMapRequest } from '../../src/core/nat-pmp.ts';

const number = fc.integer({ min: 1, max: 65_535 });
const port = fc.record({ protocol: fc.constantFrom('tcp' as const, 'udp' as const), external: number, internal: number });
const OWN = parseAddress('192.168.7.10');
if (OWN === undefined) throw new Error('an address');
const DESCRIPTION = 'ddns-update box';
const mapping = (parts: Partial<Mapping> = {}): Mapping => ({
  protocol: 'tcp',
  external: 443,
  internal: 443,
  by: 'upnp',
  router: { gateway: '192.168.7.1' },
  client: OWN,
  from: 1_000_000,
  until: 8_200_000,
  nonce: '0'.repeat(24),
  description: DESCRIPTION,
  ...parts,
});

describe('ports', () => {
  test('what is printed is read again', () => fc.assert(fc.property(port, (one) => void expect(parsePort(printPort(one))).toEqual(one))));
  test.each([
    ['443', 'tcp', 443, 443],
    ['443/udp', 'udp', 443, 443],
    ['8443:443', 'tcp', 8443, 443],
    ['8443:443/UDP', 'udp', 8443, 443],
  ])('%s', (text, protocol, external, internal) => expect(parsePort(text)).toEqual({ protocol, external, internal }));
  test.each(['', '0', '65536', '-1', '443:', ':443', '443/sctp', 'https', '4 43', '443:0', '1:2:3', '4.5'])('%j is none', (text) => expect(parsePort(text)).toHaveProperty('problem'));
  test('one is never a conflict with itself, two that share a side and not the other always are', () =>
    fc.assert(
      fc.property(port, number, (one, other) => {
        expect(conflictIn([one, one])).toBeUndefined();
        expect(distinctPorts([one, one])).toEqual([one]);
        fc.pre(other !== one.internal && other !== one.external);
        expect(conflictIn([one, { ...one, internal: other }])).toMatch(/same port outside/);
        expect(conflictIn([one, { ...one, external: other }])).toMatch(/same port here/);
      }),
    ));
});

describe('whose it is', () => {
  const entry = fc.record({ client: fc.constantFrom(OWN, '192.168.7.20', '192.168.7.30'), internal: number, description: fc.constantFrom(DESCRIPTION, 'plex', '') });
  test('what does not bear our description is never ours, and neither is what leads to an address that was never ours', () =>
    fc.assert(
      fc.property(entry, number, (there, internal) => {
        const is = standing(there, { internal }, { client: OWN, description: DESCRIPTION });
        if (there.description !== DESCRIPTION || there.client !== OWN) expect(is).not.toBe('ours');
        else expect(is).toBe('ours');
        if (there.client !== OWN) expect(is).toBe('taken');
      }),
    ));
  test('one that leads to the address that we had when we made it is ours', () => {
    const there = { client: '192.168.7.20', internal: 443, description: DESCRIPTION };
    expect(standing(there, { internal: 443 }, { client: OWN, description: DESCRIPTION, remembered: mapping({ client: '192.168.7.20' }) })).toBe('ours');
    expect(standing({ ...there, description: 'plex' }, { internal: 443 }, { client: OWN, description: DESCRIPTION, remembered: mapping({ client: '192.168.7.20' }) })).toBe('taken');
  });
  test("another program's that does what is wanted", () =>
    expect(standing({ client: OWN, internal: 443, description: 'caddy' }, { internal: 443 }, { client: OWN, description: DESCRIPTION })).toBe('leads-here'));
  test('a description holds nothing that has a meaning in XML, and fits', () =>
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (host) => void expect(describeOwner(host)).toMatch(/^ddns-update [\w.-]{1,40}$/))));
});

describe('when', () => {
  const lifetime = fc.record({ from: fc.integer({ min: 0, max: 2e12 }), seconds: fc.integer({ min: 0, max: 604_800 }) });
  test('renewed before it lapses, wherever a router grants two minutes or more; never more often than once a minute', () =>
    fc.assert(
      fc.property(lifetime, ({ from, seconds }) => {
        const one = mapping({ from, until: from + seconds * 1000 });
        expect(dueAt(one)).toBeGreaterThanOrEqual(from + 60_000);
        if (seconds > 120) expect(dueAt(one)).toBe(from + seconds * 500);
        expect(isDue(one, dueAt(one))).toBe(true);
        expect(isDue(one, dueAt(one) - 1)).toBe(false);
        expect(isLapsed(one, from + seconds * 1000)).toBe(true);
      }),
    ));
  test('one that nobody confirmed, and one from the future, are due', () => {
    const { by: _, ...asked } = mapping();
    expect(isDue(asked, 1_000_001)).toBe(true);
    expect(isDue(mapping(), 999_999)).toBe(true);
  });
  test('one without an end is looked after all the same, and never lapses', () => {
    const { until: _, ...permanent } = mapping();
    expect(isDue(permanent, permanent.from + 3_600_000)).toBe(true);
    expect(isLapsed(permanent, 9e15)).toBe(false);
  });
  test('a router is another by its address or its hardware address', () => {
    const gateway = '192.168.7.1';
    expect(isSameRouter({ gateway, gatewayMac: 'a' }, { gateway })).toBe(true);
    expect(isSameRouter({ gateway, gatewayMac: 'a' }, { gateway, gatewayMac: 'b' })).toBe(false);
    expect(isSameRouter({ gateway }, { gateway: '192.168.0.1' })).toBe(false);
  });
});

describe('NAT-PMP', () => {
  test('the request of RFC 6886 section 3.3', () =>
    expect(Buffer.from(encodeNatPmpMapRequest({ protocol: 'tcp', internal: 443 }, { external: 8443, lifetimeSeconds: 7200 })).toString('hex')).toBe('0002000001bb20fb00001c20'));
  const reply = (hex: string) => decodeNatPmpMapReply(Buffer.from(hex, 'hex'), { protocol: 'tcp', internal: 443 });
  test('its answer', () => expect(reply('008200000000000901bb20fb00001c20')).toEqual({ kind: 'mapped', external: 8443, lifetimeSeconds: 7200, epochSeconds: 9 }));
  test.each([
    ['of another port', '008200000000000901bc20fb00001c20'],
    ['of UDP', '008100000000000901bb20fb00001c20'],
    ['cut short', '008200000000000901bb20fb00001c'],
    ['empty', ''],
  ])('one %s is nonsense', (_, hex) => expect(reply(hex).kind).toBe('nonsense'));
  test('a refusal', () => expect(reply('0082000200000009')).toMatchObject({ kind: 'error', result: 2 }));
  test('no bytes make it throw', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeNatPmpMapReply(bytes, { protocol: 'udp', internal: 1 }))));
});
