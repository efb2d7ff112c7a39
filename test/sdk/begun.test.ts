/** Vendors that only begin what they are asked: what is called written is done, and what may still come to be is never called failed for sure. */
import { describe, expect, it } from 'vitest';
import { mayBeApplied } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import { type Begun, beginnings, type Change, Fault, keyOf, type Provider, recordSet } from '../../src/sdk/index.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';
import { address } from '../../src/testing/stage.ts';

const set = (host: string) => recordSet({ name: fqdn(`${host}.example.com`), type: 'A' }, [address('198.51.100.7')]);
const change = (host: string): Change => ({ key: keyOf(set(host)), after: set(host) });

/** A vendor that begins every change under the host's name and says of it, question by question, what `says` holds. */
function vendor(says: Readonly<Record<string, readonly Begun[]>>, most = Number.POSITIVE_INFINITY) {
  const world = fakeWorld();
  const asked: (readonly string[])[] = [];
  const times = new Map<string, number>();
  const { note, awaited } = beginnings<string>(toolsIn(world), async (ids) => {
    asked.push(ids);
    return new Map(
      ids.slice(0, most).map((id) => {
        const at = times.get(id) ?? 0;
        times.set(id, at + 1);
        const states = says[id] ?? [];
        const state = states[Math.min(at, states.length - 1)];
        if (state === undefined) throw new Fault({ kind: 'auth', detail: 'the token has been revoked' });
        return [id, state];
      }),
    );
  });
  const plain: Provider = {
    async write(changes) {
      for (const { after } of changes) note(after, after.name.split('.')[0] ?? '', { kind: 'running' });
      return changes.map(() => ({ kind: 'written' }));
    },
  };
  return { provider: awaited(plain), asked, world };
}

const running: Begun = { kind: 'running' };
const done: Begun = { kind: 'done' };

describe('beginnings', () => {
  it('a write ends when all that it began is done', async () => {
    const { provider, asked } = vendor({ a: [running, running, done], b: [done] });
    expect(await provider.write([change('a'), change('b')])).toEqual([{ kind: 'written' }, { kind: 'written' }]);
    expect(asked).toEqual([['a', 'b'], ['a'], ['a']]);
  });

  it('many are asked for a few at a time, without a pause while there is news', async () => {
    const hosts = Array.from({ length: 100 }, (_, at) => `h${at}`);
    const { provider, asked, world } = vendor(Object.fromEntries(hosts.map((host) => [host, [done]])), 10);
    const from = world.clock.elapsed();
    await provider.write(hosts.map(change));
    expect(asked).toHaveLength(10);
    expect(world.clock.elapsed() - from).toBe(1000);
  });

  it.each<readonly [string, readonly Begun[], string]>([
    ['what the vendor says has failed', [running, { kind: 'failed', why: 'the zone is gone' }], 'unavailable'],
    ['what goes on for ever', [running], 'unavailable'],
    ['what cannot be asked for', [], 'auth'],
  ])('%s may still come to be, and the others are written', async (_what, states, kind) => {
    const { provider } = vendor({ a: states, b: [done] });
    const [a] = await provider.write([change('a')]);
    expect(a).toMatchObject({ kind: 'failed', failure: { kind } });
    expect(a?.kind === 'failed' && mayBeApplied(a.failure)).toBe(true);
    expect(await provider.write([change('b')])).toEqual([{ kind: 'written' }]);
  });

  it('what was done at once is not asked for', async () => {
    const world = fakeWorld();
    const { note, awaited } = beginnings<number>(toolsIn(world), async () => expect.unreachable());
    const provider = awaited({
      async write(changes) {
        for (const [at, { after }] of changes.entries()) note(after, at, done);
        return changes.map(() => ({ kind: 'written' }));
      },
    });
    expect(await provider.write([change('a')])).toEqual([{ kind: 'written' }]);
  });
});
