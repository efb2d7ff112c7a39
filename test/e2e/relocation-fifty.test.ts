/** Fifty moves in a row over bad lines, with a dead witness and a lying one, and one command after each. */
import { expect, it } from 'vitest';
import { openHardLab, travel } from '../lab/journey.ts';

it('fifty moves, one command after each: none is missed, and nothing wrong is published', async () => {
  const lab = await openHardLab();
  const took = await travel(lab, 50, async () => {
    const from = performance.now();
    const { exit, stderr } = await lab.run();
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    return performance.now() - from;
  });
  console.log(`milliseconds, sorted: ${took.map(Math.round).join(' ')}`);
}, 280_000);
