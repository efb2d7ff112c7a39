/** A change whose answer says nothing is called written only after a reading has shown it. */
import { expect, test } from 'vitest';
import { type Failure, Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Change } from '../../src/core/plan.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { markedNothing, rereading } from '../../src/sdk/index.ts';
import { address } from '../../src/testing/stage.ts';

const at = { name: fqdn('home.example.com'), type: 'A' as const };
const setOf = (...values: readonly string[]) => recordSet(at, values.map(address), 300);
const change: Change = { key: keyOf(at), after: setOf('203.0.113.7') };

/** `seen`: what is read afterwards. */
const write = async (seen: ReturnType<typeof setOf> | Failure | undefined, after = change.after) =>
  (await rereading({ read: async () => new Map([[change.key, seen]]), write: async () => [{ kind: 'written' }] }).write([{ ...change, after }]))[0];

test('it is written when it is seen', async () => {
  expect(await write(setOf('203.0.113.7'))).toMatchObject({ kind: 'written', stored: setOf('203.0.113.7') });
  expect(await write(undefined, setOf())).toEqual({ kind: 'written' });
});

test('it is not when something else is seen, or nothing', async () => {
  expect(await write(setOf('203.0.113.8'))).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish', phase: 'reply' } });
  expect(await write(undefined)).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
  expect(await write(setOf('203.0.113.8'), setOf())).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
});

test('what cannot be read again may have been written all the same', async () => {
  const denied: Failure = { kind: 'auth', detail: 'no' };
  expect(await write(denied)).toMatchObject({ kind: 'failed', failure: { kind: 'auth', partly: true } });
  const provider = rereading({ read: () => Promise.reject(new Fault(denied)), write: async () => [{ kind: 'written' }] });
  expect((await provider.write([change]))[0]).toMatchObject({ kind: 'failed', failure: { kind: 'auth', partly: true } });
});

test('what failed is not read again', async () => {
  const failure: Failure = { kind: 'refused', detail: 'no' };
  const provider = rereading({ read: () => expect.unreachable(), write: async () => [{ kind: 'failed', failure }] });
  expect(await provider.write([change])).toEqual([{ kind: 'failed', failure }]);
});

test('nothing that bears the vendor’s own mark is not doubted', async () => {
  const taken = markedNothing((headers) => headers['content-type'] === 'application/x-vendor');
  const answered = (type: string) => ({
    read: () => expect.unreachable(),
    write: async () => {
      expect(taken.read({ status: 200, headers: { 'content-type': type }, body: '' }).kind).toBe('read');
      return [{ kind: 'written' as const }];
    },
  });
  expect(await rereading(answered('application/x-vendor'), taken.isDoubtful).write([change])).toEqual([{ kind: 'written' }]);
  const doubted = rereading({ ...answered('text/plain'), read: async () => new Map([[change.key, setOf('203.0.113.8')]]) }, taken.isDoubtful);
  expect((await doubted.write([change]))[0]).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
  expect(await rereading(answered('application/x-vendor'), taken.isDoubtful).write([change])).toEqual([{ kind: 'written' }]);
});
