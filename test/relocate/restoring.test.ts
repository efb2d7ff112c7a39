/** Whose TTLs come back after a move: of what has led elsewhere since they were lowered, by our doing and not by another's. */
import { expect, test } from 'vitest';
import { fqdn } from '../../src/core/name.ts';
import type { Target } from '../../src/core/record.ts';
import { keyIn } from '../../src/prepared.ts';
import type { ChangeMemory } from '../../src/recall.ts';
import { movedSinceLowered } from '../../src/relocate/restoring.ts';

const target: Target = { name: fqdn('home.example.com'), type: 'A', family: 4, account: 'main', ttl: 'auto', sharing: 'auto' };
const accounts = { main: { name: 'main', provider: 'cloudflare', options: {} } };
const moved = (change: Partial<ChangeMemory>) =>
  movedSinceLowered(
    { targets: [target], accounts },
    {
      lowered: { [keyIn({ accounts })(target)]: { was: 3600, to: 60, at: 1000, cheapFrom: 5000 } },
      changes: [{ at: 2000, name: target.name, type: 'A', account: 'main', before: ['203.0.113.7'], after: ['198.51.100.9'], why: 'moved', ...change }],
    },
  );

test('a move is one', () => expect(moved({})).toEqual([target.name]));
test('one from before is none', () => expect(moved({ at: 999 })).toEqual([]));
test('another TTL is none', () => expect(moved({ after: ['203.0.113.7'] })).toEqual([]));
test('what somebody else changed and was put back is none: the box is still where it was', () => expect(moved({ why: 'drift' })).toEqual([]));
test('what was published in one with the lowering is none', () => expect(moved({ at: 1000 })).toEqual([]));
test('another name that is published for the first time is none', () => expect(moved({ name: 'new.example.com', before: [], why: 'first' })).toEqual([]));
