/** TTLs are being put back when `watch` is to end, or the box is elsewhere: nothing more is begun, and what was sent is given a second for its answer. */
import { expect, test, vi } from 'vitest';
import { openAftermath } from '../../src/commands/aftermath.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Config } from '../../src/config/config.ts';
import { fqdn } from '../../src/core/name.ts';
import { recordSet, type Target } from '../../src/core/record.ts';
import type { Restoring } from '../../src/relocate/restoring.ts';
import type { Report } from '../../src/round.ts';
import type { Clock } from '../../src/world/world.ts';
import { address } from '../support/address.ts';

const target: Target = { name: fqdn('box.example.com'), family: 4, type: 'A', account: 'main', ttl: 'auto', sharing: 'auto' };
const after = recordSet(target, [address('8.8.8.1')]);
const heldBack: ((request: Restoring) => void)[] = [];

vi.mock('../../src/relocate/proving.ts', () => ({ proveOutcomes: async () => [{ target, wanted: after, rungs: [{ rung: 'provider', state: 'proven', words: 'it is so' }] }] }));
vi.mock('../../src/relocate/restoring.ts', () => ({
  restoreTtls: (_: Config, request: Restoring) =>
    new Promise<undefined>((resolve) => {
      request.signal.addEventListener('abort', () => resolve(undefined));
      heldBack.shift()?.(request);
    }),
}));

test('no write is cut off at once', async () => {
  const sleepers: (readonly [number, () => void])[] = [];
  const clock: Clock = {
    now: () => 1_700_000_000_000,
    elapsed: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
        sleepers.push([ms, resolve]);
      }),
  };
  const invocation = {
    openWorld: () => ({ clock, net: { close: async () => {} } }),
    output: { out: () => {}, err: () => {}, loud: 'normal' },
    files: { stat: () => undefined, read: () => undefined },
  };
  const aftermath = openAftermath(invocation as unknown as Invocation, clock);
  await aftermath.heard({ outcomes: [{ kind: 'changed', verified: 'provider', step: { kind: 'push', decision: { target, kind: 'set', desired: after, why: 'moved' }, after } }] } as unknown as Report);
  const asked = new Promise<Restoring>((resolve) => void heldBack.push(resolve));
  aftermath.begin({ targets: [target], dns: { servers: [] }, stateFolder: '/state', verify: { resolvers: [], ports: [], probe: 'none' } } as unknown as Config);
  const { signal, wanted } = await asked;
  const ended = aftermath.pause();
  expect([wanted?.aborted, signal.aborted]).toEqual([true, false]);
  const [last] = sleepers.filter(([ms]) => ms === 1000);
  last?.[1]();
  await ended;
  expect(signal.aborted).toBe(true);
});
