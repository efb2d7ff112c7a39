/** STUN: the vectors of RFC 5769, and every check on a reply. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Ballot } from '../../src/core/ballot.ts';
import { decodeBinding, encodeBinding } from '../../src/core/stun.ts';
import { askStun } from '../../src/detect/stun.ts';
import { stunSource } from '../servers/sources.ts';
import { type StunMode, type StunServer, stunServer } from '../servers/stun.ts';
import { realWorld } from '../servers/world.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const TRANSACTION = hex('b7e7a701bc34d686fa87dfae');
// RFC 5769 sections 2.2 and 2.3.
const IPV4 = hex('0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96');
const IPV6 = hex(
  '010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c',
);

test('the vectors of RFC 5769', () => {
  expect(decodeBinding(IPV4, TRANSACTION)).toEqual({ kind: 'address', address: '192.0.2.1', port: 32853 });
  expect(decodeBinding(IPV6, TRANSACTION)).toEqual({ kind: 'address', address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 });
});

test('a request is 20 bytes with cookie and transaction', () => expect(Buffer.from(encodeBinding(TRANSACTION)).toString('hex')).toBe(`000100002112a442${'b7e7a701bc34d686fa87dfae'}`));

test('no flipped bit in a reply with a fingerprint leads to another address', () => {
  fc.assert(
    fc.property(fc.nat(IPV4.length - 1), fc.nat(7), (at, bit) => {
      const bad = Uint8Array.from(IPV4);
      bad[at] = (bad[at] as number) ^ (1 << bit);
      const read = decodeBinding(bad, TRANSACTION);
      if (read?.kind === 'address') expect(read.address).toBe('192.0.2.1');
    }),
    { numRuns: 2000 },
  );
});

test('decoding never throws, nor does it when a reply is cut anywhere', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => void decodeBinding(bytes, TRANSACTION)));
  for (let length = 0; length < IPV6.length; length++) expect(decodeBinding(IPV6.subarray(0, length), TRANSACTION)?.kind).not.toBe('address');
});

let servers: StunServer[] = [];
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
async function ask(mode: StunMode, { tell = '5.6.7.8', host = '127.0.0.1', family = 4 }: { tell?: string; host?: string; family?: 4 | 6 } = {}): Promise<Ballot> {
  const server = await stunServer({ mode, tell, host });
  servers.push(server);
  return askStun(stunSource(server), family, { policy: { allow: [], deny: [] } }, realWorld(), { timeoutMs: 1400 });
}

describe('replies', () => {
  const check = (mode: StunMode, expected: object): void => {
    test(mode, async () => expect(await ask(mode)).toMatchObject(expected));
  };
  const good = { kind: 'address', address: '5.6.7.8', transport: 'stun', authenticated: false };
  check('right', good);
  check('old', good);
  check('right-fingerprint', good);
  check('wrong-transaction-first', good);
  check('silent', { kind: 'failed', failure: { kind: 'timeout' } });
  check('error', { kind: 'failed', failure: { kind: 'refused', detail: 'answered with STUN error 420' } });
  check('other-family', { kind: 'failed', failure: { kind: 'nonsense' } });
  check('no-address', { kind: 'failed', failure: { kind: 'nonsense' } });
  check('unknown-mandatory', { kind: 'failed', failure: { kind: 'nonsense' } });
  check('wrong-length', { kind: 'failed', failure: { kind: 'nonsense' } });
  check('wrong-fingerprint', { kind: 'failed', failure: { kind: 'nonsense' } });
});

test('over IPv6', async () => expect(await ask('right', { tell: '2600::1:2', host: '::1', family: 6 })).toMatchObject({ kind: 'address', address: '2600::1:2' }));
test('carrier-grade NAT is named', async () => expect(await ask('right', { tell: '100.64.0.9' })).toMatchObject({ kind: 'failed', failure: { kind: 'special', range: 'cgnat', told: '100.64.0.9' } }));
