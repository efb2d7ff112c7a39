/** Huawei Cloud DNS: sets of one name that answer by weight are told from others, wherever they stand in a listing. */
import { expect, test } from 'vitest';
import { fqdn } from '../../src/core/name.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { Secret } from '../../src/core/secret.ts';
import manifest from '../../src/providers/huawei/provider.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';

const set = (id: string, name: string, weight: number) => ({ id, name, type: 'A', ttl: 300, records: [`203.0.113.${weight}`], status: 'ACTIVE', line: 'default_view', weight });
const sets = [set('1', 'home.example.com.', 1), set('2', 'other.example.com.', 2), set('3', 'home.example.com.', 3)];

test('namesakes on two pages are left alone', async () => {
  const world = fakeWorld({
    http({ url }) {
      const { pathname, searchParams } = new URL(url);
      const at = Number(searchParams.get('offset') ?? 0);
      const body =
        pathname === '/v2/zones' ? { zones: [{ id: 'Z', name: 'example.com.' }], metadata: { total_count: 1 } } : { recordsets: sets.slice(at, at + 2), metadata: { total_count: sets.length } };
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
  });
  const provider = await manifest.open({ accessKey: 'AK', secretKey: new Secret('SK') }, toolsIn(world));
  const after = recordSet({ name: fqdn('home.example.com'), type: 'A' }, [], 300);
  const [result] = await provider.write([{ key: keyOf(after), after }]);
  expect(result).toMatchObject({ kind: 'failed', failure: { kind: 'refused', detail: expect.stringContaining('is one of several of this name') } });
  expect(world.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
});
