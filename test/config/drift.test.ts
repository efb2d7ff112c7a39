/** The key `drift`: beside `detect` or in it, with one meaning, and never two. */
import { expect, test } from 'vitest';
import { load, told } from './world.ts';

const written = (more: object): string => JSON.stringify({ records: [{ name: 'home.example.com' }], accounts: { main: { provider: 'many', token: 'a' } }, ...more });
async function driftOf(source: string, path = 'c.json') {
  const loaded = await load(path, source);
  return loaded.kind === 'ok' ? loaded.config.drift : told(loaded);
}

test('is restore unless something else is said, in either place', async () => {
  expect(await driftOf(written({}))).toBe('restore');
  for (const drift of ['restore', 'report', 'off']) {
    expect(await driftOf(written({ drift }))).toBe(drift);
    expect(await driftOf(written({ detect: { drift } }))).toBe(drift);
    expect(await driftOf(written({ drift, detect: { drift } }))).toBe(drift);
  }
});

test('in YAML off is a word like the others', async () => {
  expect(await driftOf('records: [{ name: home.example.com }]\naccounts: { main: { provider: many, token: a } }\ndrift: off\n', 'c.yaml')).toBe('off');
});

test('what contradicts itself, or means nothing, is a problem', async () => {
  expect(await driftOf(written({ drift: 'off', detect: { drift: 'report' } }))).toEqual([
    expect.stringMatching(/^1: detect\.drift: says report, but drift beside detect says off; leave out one of them$/),
  ]);
  expect(await driftOf(written({ drift: 'reprot' }))).toEqual([expect.stringMatching(/drift: "reprot" is not one of restore, report, off.*report/)]);
  expect(await driftOf(written({ detect: { drift: true } }))).toEqual([expect.stringMatching(/detect\.drift: must be text/)]);
});
