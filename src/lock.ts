/**
 * One round at a time per state folder.
 *
 * Every turn has a number and a file of its own: `lock.17` while it lasts, renamed to `lock.17.free` when it is over. The highest number
 * decides, and is never deleted, so that a number is never given out again. Whoever finds the highest turn over (freed, or its process
 * dead) creates the next number, which only one can; who then sees any other file of that number or a higher one was late, and steps back.
 * Breaking a dead lock is therefore the same step as taking a free one, and two breakers can never both win.
 *
 * A holder within our reach (same boot, same pid namespace) is asked about, not guessed: alive, it is never broken; dead, at once, and so
 * after a reboot of this machine. One beyond our reach (another container, another machine) touches its file every few seconds; it is broken when the file
 * is more than two minutes off the clock, in either direction, and did not change while we watched: a clock that jumps or a machine
 * that slept can neither break a living lock nor keep a dead one for ever.
 */
import { attempt, Fault } from './core/failure.ts';
import type { ProcessIdentity, World } from './world/world.ts';

type Reach = Pick<World, 'files' | 'clock' | 'processes' | 'random'>;
type Options = { /** How long to wait for another run. */ readonly waitMs: number /** Ends the waiting, not the work. */; readonly signal: AbortSignal };
type Holder = { readonly process: ProcessIdentity; readonly since: number };
/** The files of one number. `held`: the turn is not over. */
type Turn = { readonly number: number; readonly held: boolean };

const TOUCH_MS = 3_000;
/** Two touches must have been missed. */
const WATCH_MS = 2.5 * TOUCH_MS;
const STALE_MS = 2 * 60_000;
const POLL_MS = 50;
const LEFT_BEHIND_MS = 10 * 60_000;

/** What this very process holds: a lock of ours that is not among them could not be given back, and stands in nobody's way. */
const atWork = new Set<string>();

/** Runs `work` while no other process does with the same folder, which is created if need be. Throws Fault `locked`: who holds it, since when; Fault `state`: the folder cannot be written. */
export async function withLock<T>(folder: string, world: Reach, options: Options, work: () => Promise<T>): Promise<T> {
  world.files.folder(folder, { mode: 0o700 });
  const number = await take(folder, world, options);
  const path = heldPath(folder, number);
  const done = new AbortController();
  const touching = keepTouching(path, world, done.signal);
  try {
    return await work();
  } finally {
    done.abort();
    await touching;
    atWork.delete(path);
    // What the work brought about counts for more than a lock that could not be given back: it is over when this process is.
    await attempt(() => release(folder, number, world));
  }
}

async function take(folder: string, world: Reach, { waitMs, signal }: Options): Promise<number> {
  const started = world.clock.elapsed();
  let watched: { readonly number: number; readonly touched: number | undefined; readonly from: number } | undefined;
  for (;;) {
    const turn = lastTurn(folder, world);
    const waited = world.clock.elapsed() - started;
    if (turn.held) {
      const touched = world.files.stat(heldPath(folder, turn.number))?.modifiedAt;
      if (watched === undefined || watched.number !== turn.number || watched.touched !== touched) watched = { number: turn.number, touched, from: world.clock.elapsed() };
      const unchangedMs = world.clock.elapsed() - watched.from;
      if (!isOver(folder, turn, touched, unchangedMs >= Math.min(WATCH_MS, waitMs), world)) {
        if (waited >= waitMs || signal.aborted) throw new Fault({ kind: 'locked', detail: describe(folder, turn, world) });
        await world.clock.sleep(POLL_MS * (1 + world.random()), signal);
        continue;
      }
    }
    // Known as ours from the moment it can be seen: another part of this process may look before we go on.
    const path = heldPath(folder, turn.number + 1);
    atWork.add(path);
    let claimed = false;
    try {
      claimed = claim(folder, turn.number + 1, world);
    } finally {
      if (!claimed) atWork.delete(path);
    }
    if (claimed) return turn.number + 1;
  }
}

/** Late: somebody else had this turn already, or one after it. */
function claim(folder: string, number: number, world: Reach): boolean {
  const holder: Holder = { process: world.processes.self(), since: world.clock.now() };
  // Readable for others: whoever is kept waiting may know by whom, and nothing in it is secret.
  if (!world.files.create(heldPath(folder, number), `${JSON.stringify(holder)}\n`, { mode: 0o644 })) return false;
  const others = turns(folder, world).filter((turn) => turn.number !== number || !turn.held);
  if (others.some((turn) => turn.number >= number)) {
    world.files.remove(heldPath(folder, number));
    return false;
  }
  for (const turn of others) world.files.remove(turn.held ? heldPath(folder, turn.number) : freePath(folder, turn.number));
  sweep(folder, world);
  return true;
}

/** Files of turns that were being taken when their process was killed; one that is at work is done with its own within moments. */
function sweep(folder: string, { files, clock }: Reach): void {
  for (const name of files.list(folder)) {
    if (!/^lock\.\d+\.\d+-[a-z0-9]+\.tmp$/.test(name)) continue;
    const left = files.stat(`${folder}/${name}`)?.modifiedAt;
    if (left !== undefined && Math.abs(clock.now() - left) > LEFT_BEHIND_MS) files.remove(`${folder}/${name}`);
  }
}

/** Somebody may have thought us dead and gone on: then there is nothing to give back. */
function release(folder: string, number: number, world: Reach): void {
  if (world.files.stat(heldPath(folder, number)) === undefined) return;
  if (lastTurn(folder, world).number > number) world.files.remove(heldPath(folder, number));
  else world.files.rename(heldPath(folder, number), freePath(folder, number));
}

async function keepTouching(path: string, world: Reach, done: AbortSignal): Promise<void> {
  for (;;) {
    await world.clock.sleep(TOUCH_MS, done);
    if (done.aborted) return;
    await attempt(() => world.files.touch(path));
  }
}

/** Is the holder of this turn surely gone? */
function isOver(folder: string, { number }: Turn, touched: number | undefined, unchanged: boolean, world: Reach): boolean {
  if (touched === undefined) return false;
  const holder = holderOf(folder, number, world);
  const life = holder === undefined ? 'unknown' : world.processes.isAlive(holder.process);
  if (life === 'alive' && isSelf(holder?.process, world)) return !atWork.has(heldPath(folder, number));
  if (life !== 'unknown') return life === 'dead';
  return unchanged && Math.abs(world.clock.now() - touched) > STALE_MS;
}

function isSelf(process: ProcessIdentity | undefined, world: Reach): boolean {
  const self = world.processes.self();
  return process?.pid === self.pid && process.startedAt === self.startedAt && process.scope === self.scope;
}

/** Undefined: gone in the meantime, or not readable as a lock (cut short by a power failure). */
function holderOf(folder: string, number: number, world: Reach): Holder | undefined {
  const text = world.files.read(heldPath(folder, number));
  if (text === undefined) return undefined;
  try {
    const { process, since } = JSON.parse(text) as Holder;
    const good = Number.isInteger(process.pid) && process.pid > 0 && typeof process.startedAt === 'string' && typeof process.scope === 'string' && Number.isFinite(since);
    return good ? { process, since } : undefined;
  } catch {
    return undefined;
  }
}

function describe(folder: string, { number }: Turn, world: Reach): string {
  const holder = holderOf(folder, number, world);
  if (holder === undefined) return `another run holds the lock of ${folder}`;
  const where = world.processes.isAlive(holder.process) === 'unknown' ? ' in another container, on another machine, or before a restart' : '';
  return `another run holds the lock of ${folder}: process ${holder.process.pid}${where}, since ${new Date(holder.since).toISOString()}`;
}

const heldPath = (folder: string, number: number): string => `${folder}/lock.${number}`;
const freePath = (folder: string, number: number): string => `${heldPath(folder, number)}.free`;

function turns(folder: string, world: Reach): readonly Turn[] {
  return world.files.list(folder).flatMap((name) => {
    const [, number, free] = /^lock\.(\d{1,15})(\.free)?$/.exec(name) ?? [];
    return number === undefined ? [] : [{ number: Number(number), held: free === undefined }];
  });
}

/** The highest number; held if any of its files says so. */
const lastTurn = (folder: string, world: Reach): Turn => turns(folder, world).reduce((a, b) => (b.number > a.number || (b.number === a.number && b.held) ? b : a), { number: 0, held: false });
