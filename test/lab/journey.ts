/** Many moves in a row over bad lines, among witnesses of which one is dead and one lies: what every way of updating must stand. */
import { expect } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { ADDRESSES, type Spot } from './topology.ts';

const LIE = '198.51.100.66';

/** Lines that lose every twentieth packet and take 100 ms longer. Opened at home. */
export async function openHardLab(): Promise<Lab> {
  const lab = await openLab();
  for (const spot of ['home', 'garage'] as const) {
    await lab.loss(spot, 5);
    await lab.delay(spot, 100);
  }
  await lab.order({ operator: 'west', mode: 'hang' });
  await lab.order({ operator: 'south', tell: LIE });
  return lab;
}

/**
 * Carries the box to and fro. `arrive` is called at home first, then after every move, and resolves with the milliseconds that it took until it was published.
 * None may be missed, and nothing else may ever be published. Resolves with the milliseconds of the moves, sorted.
 */
export async function travel(lab: Lab, moves: number, arrive: (spot: Spot) => Promise<number>): Promise<readonly number[]> {
  const spots = Array.from({ length: moves }, (_, step): Spot => (step % 2 === 0 ? 'garage' : 'home'));
  await arrive('home');
  const took: number[] = [];
  for (const [step, spot] of spots.entries()) {
    // Some are carried on while the program still has the last place in hand, others when it rests.
    if (step % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1500));
    await lab.move(spot);
    took.push(await arrive(spot));
    expect(await lab.published()).toEqual([ADDRESSES[spot].seen[4]]);
  }
  expect(lab.everPublished()).toEqual((['home', ...spots] as const).map((spot) => ADDRESSES[spot].seen[4]));
  return took.sort((a, b) => a - b);
}
