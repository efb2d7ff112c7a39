/** Fifty moves in a row over bad lines, with a dead witness and a lying one, and one `watch` all the while. */
import { expect, it } from 'vitest';
import { openHardLab, travel } from '../lab/journey.ts';
import { publishedAt, watch } from '../lab/watching.ts';

it('fifty moves while it watches: none is missed, and nothing wrong is published', async () => {
  const lab = await openHardLab();
  const watching = await watch(lab);
  const took = await travel(lab, 50, (spot) => publishedAt(lab, spot, Date.now()));
  console.log(`milliseconds, sorted: ${took.map(Math.round).join(' ')}`);
  expect((await watching.end()).exit).toBe(0);
}, 1_100_000);
