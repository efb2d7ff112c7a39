/** NAT-PMP and PCP to and from bytes, against a second reading of the RFCs; and what the epoch of a reply tells. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBytes, type IpAddress, parseAddress } from '../../src/core/address.ts';
import { type Epoch, natPmpLostMappings, pcpLostMappings } from '../../src/core/epoch.ts';
import { decodeExternalAddressReply, describeNatPmpResult, encodeExternalAddressRequest } from '../../src/core/nat-pmp.ts';
import { decodeMapReply, describePcpResult, encodeMapRequest, type PcpMapping } from '../../src/core/pcp.ts';
import { mapReply, natPmpAddressReply, natPmpVersionReply, pcpVersionReply, readMapRequest } from '../servers/port-mapper.ts';

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => fromBytes(bytes) as IpAddress);
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const mapping: fc.Arbitrary<PcpMapping> = fc.record({ nonce: bytes(12), protocol: fc.constantFrom('tcp', 'udp'), internalPort: fc.integer({ min: 1, max: 0xffff }) });
const number = { tcp: 6, udp: 17 } as const;
const garbage = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 1000, maxLength: 2000 }));
const OURS: PcpMapping = { nonce: new Uint8Array(12).fill(7), protocol: 'udp', internalPort: 50_000 };
const reply = (more: Partial<Parameters<typeof mapReply>[0]> = {}): Buffer =>
  mapReply({ nonce: OURS.nonce, protocol: 17, internalPort: 50_000, externalPort: 50_001, address: '5.6.7.8', lifetimeSeconds: 120, epochSeconds: 9, ...more });

describe('NAT-PMP', () => {
  test('the question is the two bytes of RFC 6886 section 3.2', () => expect([...encodeExternalAddressRequest()]).toEqual([0, 0]));
  test('what a router writes is what is read', () => {
    fc.assert(
      fc.property(ipv4, u32, (address, epochSeconds) => {
        expect(decodeExternalAddressReply(natPmpAddressReply({ address, epochSeconds }))).toEqual({ kind: 'address', address, epochSeconds });
      }),
    );
  });
  test('a result other than success is never an address', () => {
    fc.assert(
      fc.property(ipv4, u32, fc.integer({ min: 1, max: 0xffff }), (address, epochSeconds, result) => {
        expect(decodeExternalAddressReply(natPmpAddressReply({ address, epochSeconds, result }))).toEqual({ kind: 'error', result, epochSeconds });
      }),
    );
  });
  test('any bytes are read without throwing, and are no address unless they have the one form', () => {
    fc.assert(
      fc.property(garbage, (bytes) => {
        const read = decodeExternalAddressReply(bytes);
        if (read.kind === 'address') expect([bytes.length, bytes[0], bytes[1], bytes[2], bytes[3]]).toEqual([12, 0, 128, 0, 0]);
      }),
      { numRuns: 1000 },
    );
  });
  test('a reply cut anywhere, or with a byte more, is no address', () => {
    const whole = natPmpAddressReply({ address: '5.6.7.8', epochSeconds: 1 });
    for (let length = 0; length < whole.length; length++) expect(decodeExternalAddressReply(whole.subarray(0, length)).kind).toBe('nonsense');
    expect(decodeExternalAddressReply(Buffer.concat([whole, Buffer.alloc(1)]))).toEqual({ kind: 'nonsense', why: 'it has 13 bytes where 12 are due' });
  });
  test('wrong version and opcode are named', () => {
    expect(decodeExternalAddressReply(natPmpAddressReply({ address: '5.6.7.8', epochSeconds: 1, version: 3 }))).toEqual({
      kind: 'nonsense',
      why: 'it is of version 3, and NAT-PMP has version 0 only',
    });
    expect(decodeExternalAddressReply(natPmpAddressReply({ address: '5.6.7.8', epochSeconds: 1, opcode: 129 }))).toEqual({ kind: 'nonsense', why: 'its opcode is 129 where 128 is due' });
    expect(decodeExternalAddressReply(natPmpAddressReply({ address: '5.6.7.8', epochSeconds: 1, opcode: 0 }))).toMatchObject({ kind: 'nonsense' });
  });
  test('a router of PCP alone says so', () => expect(decodeExternalAddressReply(pcpVersionReply())).toEqual({ kind: 'pcp' }));
  test('an unknown version is answered with opcode 0', () => expect(decodeExternalAddressReply(natPmpVersionReply())).toMatchObject({ kind: 'error', result: 1 }));
  test('results have words', () => {
    for (let result = 0; result <= 5; result++) expect(describeNatPmpResult(result)).not.toMatch(/does not know/);
    expect(describeNatPmpResult(3)).toBe('result 3, network failure');
    expect(describeNatPmpResult(99)).toBe('result 99, which NAT-PMP does not know');
  });
});

describe('PCP', () => {
  test('what is asked is what a router reads', () => {
    fc.assert(
      fc.property(mapping, ipv4, u16, u32, (asked, client, externalPort, lifetimeSeconds) => {
        expect(readMapRequest(Buffer.from(encodeMapRequest(asked, { client, externalPort, lifetimeSeconds })))).toEqual({
          version: 2,
          opcode: 1,
          lifetimeSeconds,
          client,
          nonce: Buffer.from(asked.nonce),
          protocol: number[asked.protocol],
          internalPort: asked.internalPort,
          externalPort,
          externalAddress: '0.0.0.0',
        });
      }),
    );
  });
  test('a client with an IPv6 address asks for one', () => {
    const client = parseAddress('2600::7') as IpAddress;
    expect(readMapRequest(Buffer.from(encodeMapRequest(OURS, { client, externalPort: 0, lifetimeSeconds: 120 })))).toMatchObject({
      client: '2600:0000:0000:0000:0000:0000:0000:0007',
      externalAddress: '0000:0000:0000:0000:0000:0000:0000:0000',
    });
  });
  test('what a router writes is what is read', () => {
    fc.assert(
      fc.property(mapping, ipv4, u16, u32, u32, ({ nonce, protocol, internalPort }, address, externalPort, lifetimeSeconds, epochSeconds) => {
        const written = mapReply({ nonce, protocol: number[protocol], internalPort, externalPort, address, lifetimeSeconds, epochSeconds });
        expect(decodeMapReply(written, { nonce, protocol, internalPort })).toEqual({ kind: 'mapped', address, externalPort, lifetimeSeconds, epochSeconds });
      }),
    );
  });
  test('a reply to another mapping is none: any other nonce, protocol or port', () => {
    fc.assert(
      fc.property(mapping, mapping, (asked, other) => {
        fc.pre(Buffer.compare(asked.nonce, other.nonce) !== 0 || asked.protocol !== other.protocol || asked.internalPort !== other.internalPort);
        const written = mapReply({ ...other, protocol: number[other.protocol], externalPort: 1, address: '5.6.7.8', lifetimeSeconds: 1, epochSeconds: 1 });
        expect(decodeMapReply(written, asked)).toEqual({ kind: 'nonsense', why: 'it answers a request that is not ours' });
      }),
    );
    for (let at = 24; at < 36; at++) {
      const bent = reply();
      bent[at] = (bent[at] as number) ^ 1;
      expect(decodeMapReply(bent, OURS).kind).toBe('nonsense');
    }
  });
  test('any bytes are read without throwing, and none without our nonce is a mapping', () => {
    fc.assert(
      fc.property(garbage, (bytes) => {
        expect(['nonsense', 'error', 'nat-pmp']).toContain(decodeMapReply(bytes, OURS).kind);
      }),
      { numRuns: 1000 },
    );
  });
  test('a reply cut anywhere is no mapping; options at its end are passed over', () => {
    for (let length = 0; length < 60; length++) expect(decodeMapReply(reply().subarray(0, length), OURS).kind).toBe('nonsense');
    expect(decodeMapReply(Buffer.concat([reply(), Buffer.alloc(8)]), OURS).kind).toBe('mapped');
    expect(decodeMapReply(Buffer.concat([reply(), Buffer.alloc(1044)]), OURS)).toEqual({ kind: 'nonsense', why: 'a message of 1104 bytes is none of PCP' });
  });
  test('wrong version and opcode are named', () => {
    expect(decodeMapReply(reply({ version: 3 }), OURS)).toEqual({ kind: 'nonsense', why: 'it is of version 3, not 2' });
    expect(decodeMapReply(reply({ opcode: 1 }), OURS)).toEqual({ kind: 'nonsense', why: 'its opcode is 1 where 129 is due' });
  });
  test('a router of NAT-PMP alone says so, with either opcode that is in use', () => {
    for (const opcode of [0, 0x81]) expect(decodeMapReply(natPmpVersionReply(opcode), OURS)).toEqual({ kind: 'nat-pmp' });
  });
  test('every result has its name, and an error keeps what it tells', () => {
    for (let result = 0; result <= 13; result++) expect(describePcpResult(result)).toMatch(/^result \d+, [A-Z_]+$/);
    expect(describePcpResult(99)).toBe('result 99, which PCP does not know');
    expect(decodeMapReply(reply({ result: 8, address: '100.64.0.9' }), OURS)).toEqual({ kind: 'error', result: 8, lifetimeSeconds: 120, epochSeconds: 9, address: '100.64.0.9' });
    expect(decodeMapReply(reply({ result: 3 }).subarray(0, 24), OURS)).toEqual({ kind: 'error', result: 3, lifetimeSeconds: 120, epochSeconds: 9 });
  });
});

describe('has the router lost its mappings?', () => {
  const steady = fc.record({ epochSeconds: fc.nat(1e9), passedSeconds: fc.nat(1e6) });
  const later = (passedSeconds: number): Epoch => ({ epochSeconds: passedSeconds, elapsedMs: 5000 + passedSeconds * 1000 });
  test('not as long as its clock goes like ours', () => {
    fc.assert(
      fc.property(steady, ({ epochSeconds, passedSeconds }) => {
        const [before, now] = [
          { epochSeconds, elapsedMs: 5000 },
          { ...later(passedSeconds), epochSeconds: epochSeconds + passedSeconds },
        ];
        expect([natPmpLostMappings(before, now), pcpLostMappings(before, now)]).toEqual([false, false]);
      }),
    );
  });
  test('when it was started anew', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 1e6 }), fc.integer({ min: 1, max: 3600 }), (epochSeconds, passedSeconds) => {
        const [before, now] = [
          { epochSeconds, elapsedMs: 0 },
          { epochSeconds: 0, elapsedMs: passedSeconds * 1000 },
        ];
        expect([natPmpLostMappings(before, now), pcpLostMappings(before, now)]).toEqual([true, true]);
      }),
    );
  });
  test('NAT-PMP when its clock has gone less than seven eighths of ours, give or take two seconds (RFC 6886 section 3.6): a clock that was set anew soon passes the old one', () => {
    const before = { epochSeconds: 100, elapsedMs: 0 };
    expect(natPmpLostMappings(before, { epochSeconds: 100 + 699, elapsedMs: 800_000 })).toBe(false);
    expect(natPmpLostMappings(before, { epochSeconds: 100 + 697, elapsedMs: 800_000 })).toBe(true);
  });
  test('PCP also when its clock runs away (RFC 6887 section 8.5)', () => {
    const before = { epochSeconds: 0, elapsedMs: 0 };
    expect(pcpLostMappings(before, { epochSeconds: 200, elapsedMs: 100_000 })).toBe(true);
    expect(pcpLostMappings(before, { epochSeconds: 90, elapsedMs: 100_000 })).toBe(true);
    expect(pcpLostMappings(before, { epochSeconds: 101, elapsedMs: 100_000 })).toBe(false);
  });
});
