/** Fifty moves in a row over bad lines, with a dead witness and a lying one, and one command after each. */
import { expect, it } from 'vitest';
import { openHardLab, travel } from '../lab/journey.ts';
import { SERVERS } from '../lab/topology.ts';

it('fifty moves, one command after each: none is missed, and nothing wrong is published', async () => {
  const lab = await openHardLab();
  const verify = { resolvers: [SERVERS.resolver[4]] };
  let calls = 0;
  const took = await travel(lab, 50, async () => {
    const from = performance.now();
    // The one that proves what it did takes longer: until the caches have let go.
    const proves = calls++ % 10 === 9;
    lab.configure({ verify: proves ? verify : undefined });
    const { exit, stderr } = await lab.run([proves ? 'relocate' : 'run']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    return performance.now() - from;
  });
  console.log(`milliseconds, sorted: ${took.map(Math.round).join(' ')}`);
}, 1_100_000);
