/** Where a zone can only be put as a whole, it is put once: sent again it would undo what others have changed meanwhile. */
import { expect, test } from 'vitest';
import { Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { Secret } from '../../src/core/secret.ts';
import eurodns from '../../src/providers/eurodns/provider.ts';
import mijnhost from '../../src/providers/mijnhost/provider.ts';
import type { Manifest } from '../../src/sdk/index.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';

const zone = 'example.com';
const home = recordSet({ name: fqdn('home.example.com'), type: 'A' }, [], 900);

test.each<[string, Manifest, Readonly<Record<string, unknown>>, object]>([
  ['eurodns', eurodns, { app: 'my-app', key: new Secret('key'), zone }, { name: zone, records: [{ type: 'A', host: 'home', rdata: '203.0.113.1', ttl: 900 }], report: { isValid: true } }],
  ['mijnhost', mijnhost, { token: new Secret('key'), zone }, { status: 200, data: { records: [{ type: 'A', name: 'home.example.com.', value: '203.0.113.1', ttl: 900 }] } }],
])('%s does not put the zone again when the answer gets lost', async (_, manifest, options, body) => {
  const world = fakeWorld({
    http({ method }) {
      if (method === 'PUT') throw new Fault({ kind: 'network', phase: 'reply', detail: 'the connection broke' });
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
  });
  const provider = await manifest.open(options, toolsIn(world));
  const [result] = await provider.write([{ key: keyOf(home), after: home }]);
  expect(result).toMatchObject({ kind: 'failed', failure: { kind: 'network', phase: 'reply' } });
  expect(world.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
});
