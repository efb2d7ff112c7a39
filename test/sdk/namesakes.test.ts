/** Zones of one name: none is chosen by chance. */
import { expect, test } from 'vitest';
import { onlyId, withNamesakes } from '../../src/sdk/index.ts';

test('a zone without a namesake has its id, one with a namesake has none that could be used', () => {
  const [twice, once, ...others] = withNamesakes([
    { name: 'example.com', id: 'one' },
    { name: 'example.org', id: 'two' },
    { name: 'example.com', id: 'three' },
  ]);
  expect(others).toEqual([]);
  expect(onlyId(once ?? expect.unreachable(), 'say which')).toBe('two');
  expect(() => onlyId(twice ?? expect.unreachable(), 'say which')).toThrow('there are several zones example.com: one, three');
});
