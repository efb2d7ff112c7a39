/** What became of ports, in words: moments as people read them, and no more of a refusal than is told elsewhere already. */
import { expect, test } from 'vitest';
import type { IpAddress } from '../../src/core/address.ts';
import type { Mapping } from '../../src/core/mapping.ts';
import { describeMapping, describeRefusal } from '../../src/mapping/describe.ts';

const port = { protocol: 'tcp', external: 443, internal: 443 } as const;
const mapping: Mapping = { ...port, client: '192.168.1.10', by: 'pcp', nonce: '', description: '', from: 0, until: 7_200_000, router: { gateway: '192.168.1.1' } };

test('how long the router keeps it is told by the clock that all else is told by', () => {
  const line = describeMapping({ kind: 'made', family: 4, port, mapping, address: '203.0.113.9' as IpAddress<4> }, (at) => `clock ${at}`);
  expect(line).toBe('443/tcp mapped: 203.0.113.9:443 → 192.168.1.10:443 (pcp, until clock 7200000)');
});

test('what each protocol said is told at the step of the router, not again in the verdict', () => {
  const said = 'the router 192.168.1.1 lets nobody map ports: forward the port by hand (PCP: it refused (ECONNREFUSED); UPnP: no answer (is it on?)); in a container that is the host';
  const refused = { kind: 'failed', family: 4, port, failure: { kind: 'network', detail: said } } as const;
  expect(describeMapping(refused, String)).toContain('ECONNREFUSED');
  expect(describeRefusal(refused)).toBe('443/tcp is not mapped: the router 192.168.1.1 lets nobody map ports: forward the port by hand; in a container that is the host');
});

test('one that leads here was not refused', () => {
  expect(describeRefusal({ kind: 'renewed', family: 4, port, mapping })).toBeUndefined();
});
