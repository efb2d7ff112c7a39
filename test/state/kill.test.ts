/** A process killed at any moment leaves the old state or the new one, never something between. */
import { expect, test } from 'vitest';
import { recall } from '../../src/recall.ts';
import { openClock } from '../../src/world/clock.ts';
import { openFiles } from '../../src/world/files.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startKeeper } from './children.ts';

const KILLS = 200;
/** On a slow machine fewer kills have to do. */
const AT_MOST_MS = 40_000;
const AT_LEAST = 20;

test('kill -9 while saving: the file always parses, and says what was saved last or was being saved', async () => {
  const folder = temporaryFolder();
  const world = { files: openFiles(), clock: openClock() };
  const started = performance.now();
  let kills = 0;
  for (; kills < KILLS && (performance.now() - started < AT_MOST_MS || kills < AT_LEAST); kills++) {
    const keeper = await startKeeper(['keepSaving', folder]);
    await keeper.heard(({ saved }) => saved !== undefined);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 15));
    keeper.child.kill('SIGKILL');
    await keeper.ended;
    const { state, warnings } = recall(folder, world);
    expect(warnings).toEqual([]);
    const last = (what: 'saving' | 'saved'): number => Math.max(...keeper.said.map((said) => said[what] ?? 0));
    const round = state.told['round']?.times ?? 0;
    expect(round).toBeGreaterThanOrEqual(last('saved'));
    expect(round).toBeLessThanOrEqual(last('saved') + 1);
    expect(state.changes[0]?.why).toBe(String(round).padEnd(20_000, '.'));
  }
});
