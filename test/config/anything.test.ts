/** Whatever stands in the file, the answer is a config or a problem with its line, never an exception. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { load } from './world.ts';

const BITS = [...`{}[]:,"'= #&*!|>?-%@\\\n\t\0<1`, '  ', '- ', '//', '/*', '*/', '&a ', '*a', '[[', ']]', 'records', 'name', 'accounts', 'true', '"""', "'''", '---\n', '<<: ', '\\u'];

test.each(['c.json', 'c.yaml', 'c.toml', 'c'])('any text as %s', async (path) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.constantFrom(...BITS), fc.string({ maxLength: 3 })), { maxLength: 25 }), async (parts) => {
      const loaded = await load(path, parts.join(''));
      expect(loaded.kind).toBe('invalid');
      expect(loaded.problems.filter(({ line = 0, message }) => line < 1 || message === '')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const CONFIG = {
  records: [{ name: 'a.example.com', account: 'm', families: [4, 6], ttl: 300, sharing: 'own', suffix: '::1/64' }],
  accounts: { m: { provider: 'many', token: { env: 'T' }, headers: { a: 'bcd' }, tags: ['x'], key: { name: 'k', secret: { command: ['x'] } } } },
  detect: { sources: ['ipify', { https: 'https://x/', operator: 'y' }], quorum: 2, fullEvery: '1h', allow: ['10.0.0.0/8'] },
  dns: { servers: ['::1'] },
  verify: { resolvers: ['1.1.1.1'], ports: [443], probe: 'none' },
};

type Keys = readonly (string | number)[];
const placesIn = (value: unknown, keys: Keys = []): readonly Keys[] =>
  typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, inner]) => [[...keys, key], ...placesIn(inner, [...keys, key])]) : [];

test('any value at any place', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...placesIn(CONFIG)), fc.jsonValue({ maxDepth: 3 }), async (keys, value) => {
      const config: unknown = structuredClone(CONFIG);
      const parent = keys.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, config as Record<string, unknown>);
      parent[keys.at(-1) ?? ''] = value;
      const loaded = await load('c.json', JSON.stringify(config));
      expect(loaded.kind === 'ok' || loaded.problems.some(({ severity }) => severity === 'error')).toBe(true);
    }),
    { numRuns: 400 },
  );
});
