/** What is written and not published is neither called written nor forgotten. */
import { expect, test } from 'vitest';
import { type Failure, Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Change } from '../../src/core/plan.ts';
import { keyOf, type RecordKey, type RecordSet, recordSet } from '../../src/core/record.ts';
import { type Provider, publishing, type Zone } from '../../src/sdk/index.ts';
import { address } from '../../src/testing/stage.ts';

const ZONE: Zone = { name: 'example.com', id: '7' };
const at = (name: string) => ({ name: fqdn(name), type: 'A' as const });
const changeOf = (name: string): Change => ({ key: keyOf(at(name)), after: recordSet(at(name), [address('203.0.113.7')], 300) });
const home = changeOf('home.example.com');

/** `answers`: what publishing does, one after the other; afterwards it succeeds. Two zones; `gone`: example.com is not there any more. */
function vendor(memory: { zones: readonly Zone[] }, answers: readonly Failure[], { gone = false, dry = false } = {}) {
  const left = [...answers];
  const published: string[] = [];
  const remember = (zones: readonly Zone[]): void => {
    memory.zones = zones;
  };
  const { begun, over } = publishing({ zones: { get: () => memory.zones, set: remember }, dry }, async ({ name }) => {
    const failure = left.shift();
    if (failure) throw new Fault(failure);
    published.push(name);
  });
  const inside = ({ key }: { readonly key: RecordKey }): boolean => key.includes('example.com');
  const plain: Provider = {
    async read(keys) {
      const missing: Failure = { kind: 'refused', detail: 'no such zone' };
      return new Map(keys.map((key): [RecordKey, RecordSet | Failure | undefined] => [key, gone && inside({ key }) ? missing : undefined]));
    },
    async write(changes) {
      for (const change of changes) begun(inside(change) ? ZONE : { name: 'example.org', id: '8' });
      return changes.map(() => ({ kind: 'written' }));
    },
  };
  return { published, provider: over(plain) as Required<Pick<Provider, 'read' | 'write'>> };
}
const down: Failure = { kind: 'unavailable', detail: 'it is down' };
const no: Failure = { kind: 'refused', detail: 'not now' };

test('every touched zone is published once', async () => {
  const memory = { zones: [ZONE] };
  const { provider, published } = vendor(memory, []);
  await provider.write([home, changeOf('nas.example.com'), changeOf('home.example.org')]);
  expect(published).toEqual(['example.com', 'example.org']);
  expect(memory.zones.some(({ unpublished }) => unpublished)).toBe(false);
});

test('what could not be published is not called written, and is published by the next round before it reads', async () => {
  const memory: { zones: readonly Zone[] } = { zones: [ZONE] };
  const results = await vendor(memory, [down]).provider.write([home, changeOf('home.example.org')]);
  expect(results).toMatchObject([{ kind: 'failed', failure: { kind: 'unavailable', partly: true } }, { kind: 'written' }]);
  expect(memory.zones).toContainEqual({ ...ZONE, unpublished: true });

  const next = vendor(memory, []);
  // What else is remembered is to be asked for anew, as after --force.
  expect(memory.zones).not.toContainEqual(expect.objectContaining({ unpublished: true }));
  await next.provider.read([home.key]);
  expect(next.published).toEqual(['example.com']);
  expect(memory.zones).toContainEqual(ZONE);
});

test('as long as it cannot be published, reading does not say that all is well', async () => {
  const memory: { zones: readonly Zone[] } = { zones: [{ ...ZONE, unpublished: true }] };
  await expect(vendor(memory, [down]).provider.read([home.key])).rejects.toMatchObject({ failure: down });
  const other = changeOf('home.example.org').key;
  expect([...(await vendor(memory, [no]).provider.read([home.key, other]))]).toEqual([
    [home.key, no],
    [other, undefined],
  ]);
  expect(memory.zones).toContainEqual({ ...ZONE, unpublished: true });
});

test('a zone that is gone is not published for ever', async () => {
  const memory: { zones: readonly Zone[] } = { zones: [{ ...ZONE, unpublished: true }] };
  expect((await vendor(memory, [no], { gone: true }).provider.read([home.key])).get(home.key)).toMatchObject({ kind: 'refused', detail: 'no such zone' });
  expect(memory.zones).toEqual([]);
});

test('a dry run publishes nothing and forgets nothing', async () => {
  const memory: { zones: readonly Zone[] } = { zones: [{ ...ZONE, unpublished: true }] };
  const { provider, published } = vendor(memory, [], { dry: true });
  await provider.read([home.key]);
  expect(published).toEqual([]);
  expect(memory.zones).toEqual([{ ...ZONE, unpublished: true }]);
});
