/** Keys that come as a JSON file. */
import { expect, test } from 'vitest';
import { keyFile, Secret, v } from '../../src/sdk/index.ts';

const Key = v.object({ id: v.string() });
const read = (text: string) => keyFile(new Secret(text), Key, 'key of Example');

test('plain, with blanks around it, or in Base64', () => {
  expect(read('{"id":"7"}')).toEqual({ id: '7' });
  expect(read('\n {"id":"7"}\n')).toEqual({ id: '7' });
  expect(read(Buffer.from('{"id":"7"}').toString('base64'))).toEqual({ id: '7' });
});

test.each(['', '{', '{"no":"id"}', '-----BEGIN PRIVATE KEY-----', 'q5f0c1e9d8b7a6f5'])('%j is none, and is not repeated', (text) => {
  expect(() => read(text)).toThrow(/^the key is no key of Example$/);
});
