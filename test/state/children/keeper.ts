/** A process that keeps state, for tests that kill it, fill its disk or break its system calls. What it did is on stdout, one JSON line each. */
import { readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { attempt } from '../../../src/core/failure.ts';
import { withLock } from '../../../src/lock.ts';
import { NOTHING, recall, type State } from '../../../src/recall.ts';
import { openState } from '../../../src/record.ts';
import { openClock } from '../../../src/world/clock.ts';
import { openFiles } from '../../../src/world/files.ts';
import { openProcesses } from '../../../src/world/processes.ts';

const [what = '', folder = '', ...rest] = process.argv.slice(2);
const world = { files: openFiles(), clock: openClock(), processes: openProcesses(process.env), random: Math.random };
const say = (line: unknown): void => void writeSync(1, `${JSON.stringify(line)}\n`);

/** A state of about `bytes` bytes that can be told from others by `round`, in two places. */
const stateOf = (round: number, bytes: number): State => ({
  ...NOTHING,
  told: { round: { kind: 'network', since: 0, last: 0, times: round } },
  changes: [{ at: 0, name: '', type: 'A', account: '', after: [], why: String(round).padEnd(bytes, '.') }],
});
const roundOf = (state: State): number => state.told['round']?.times ?? 0;

/** Saves one state after the other until it is killed. */
async function keepSaving(): Promise<void> {
  const { state } = recall(folder, world);
  const memory = await openState(folder, state, world);
  for (let round = roundOf(state) + 1; ; round++) {
    say({ saving: round });
    memory.save(stateOf(round, 20_000));
    say({ saved: round });
  }
}

/** Saves a small state, then whatever each further argument says: a number of bytes. Tells how each went and what can be read afterwards. */
async function save(): Promise<void> {
  let round = 0;
  for (const bytes of rest.map(Number)) {
    round += 1;
    const done = await attempt(async () => (await openState(folder, recall(folder, world).state, world)).save(stateOf(round, bytes)));
    const read = await attempt(() => recall(folder, world));
    say({
      ...(done.kind === 'failed' ? { failure: done.failure } : { saved: round }),
      ...(read.kind === 'failed' ? { unreadable: read.failure } : { reads: roundOf(read.value.state), warnings: read.value.warnings }),
      files: readdirSync(folder),
    });
  }
}

/** Raises a number in a file by one, `times` times, under the lock; what it did not do alone it says. */
async function count(): Promise<void> {
  const [counter, inside] = [`${folder}/counter`, `${folder}/inside`];
  for (let times = Number(rest[0]); times > 0; times--) {
    await withLock(folder, world, { waitMs: 60_000, signal: new AbortController().signal }, async () => {
      const other = world.files.read(inside);
      if (other !== undefined && isRunning(Number(other))) say({ intruder: other });
      writeFileSync(inside, String(process.pid));
      const before = Number(world.files.read(counter) ?? 0);
      await world.clock.sleep(Math.random() * 3);
      world.files.write(counter, String(before + 1), { mode: 0o600 });
      say({ counted: before + 1 });
      rmSync(inside);
    });
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Takes the lock, says so, and holds it until it is killed. */
const hold = (): Promise<void> =>
  withLock(folder, world, { waitMs: 0, signal: new AbortController().signal }, async () => {
    say({ holding: process.pid });
    await world.clock.sleep(60_000);
  });

const done = await attempt(() => ({ keepSaving, save, count, hold })[what as 'save']());
if (done.kind === 'failed') say({ failure: done.failure });
