/** `watch`: stays. A round, a pause, a round; the pause ends at once when the box is elsewhere. */
import type { Config } from '../config/config.ts';
import { type Loaded, loadConfig } from '../config/load.ts';
import { attempt, describeFailure, Fault, HANDLING } from '../core/failure.ts';
import { type Said, worthSaying } from '../core/repeated.ts';
import { atOnce, begin, begun, ended, isDue, isElsewhere, isSettling, LOOK_MS, looked, type Watching, type Why, waitMs } from '../core/watching.ts';
import { describeOutcome, reportJson } from '../report.ts';
import { type Report, round } from '../round.ts';
import type { Lookout } from '../world/lookout.ts';
import type { Network } from '../world/world.ts';
import { openAftermath } from './aftermath.ts';
import { type Invocation, printProblem, problemsJson, readConfig } from './invocation.ts';
import { openSupervisor } from './supervisor.ts';
import { openUpkeep } from './upkeep.ts';

export type WatchOptions = {
  readonly intervalMs: number;
  /** How long one round may take. */
  readonly roundMs: number;
  readonly openLookout: (network: () => Promise<Network | undefined>) => Promise<Lookout>;
  /** Calls back whenever the config is to be read again. */
  readonly onReload: (act: () => void) => void;
};

/** How long a round may still take after its time is up, to say what became of what it began. */
const GRACE_MS = 5000;
/** How long the answer to a write may still come after the box is elsewhere. */
const LAST_ANSWER_MS = 1000;

/** Ends with 0 when the invocation's signal aborts, and before the first round when the config is bad. */
export async function watch(invocation: Invocation, options: WatchOptions): Promise<number> {
  const { signal, output } = invocation;
  let config = await firstConfig(invocation);
  if (typeof config === 'number') return config;
  const { clock, net, processes, random, env } = invocation.openWorld([]);
  const supervisor = openSupervisor({ clock, processes, env }, output.err);
  const lookout = await options.openLookout(net.network);
  const upkeep = openUpkeep(invocation, clock);
  const aftermath = openAftermath(invocation, clock);
  const over = new AbortController();
  let [reload, said]: [boolean, Said] = [false, new Map()];
  options.onReload(() => {
    reload = true;
  });
  try {
    let watching = begin(await lookout.look());
    const look = async (): Promise<Watching> => {
      const now = await lookout.look();
      if (now.announced.length > 0) upkeep.announced();
      watching = looked(watching, now);
      return watching;
    };
    const alive = supervisor.keepAlive(over.signal);
    await supervisor.tell('READY=1', `STATUS=A round every ${options.intervalMs / 1000} s, and at once in a new network`);
    while (!signal.aborted) {
      if (reload) {
        reload = false;
        await supervisor.tell('RELOADING=1', `MONOTONIC_USEC=${Math.round(clock.elapsed() * 1000)}`);
        await aftermath.pause();
        config = await nextConfig(invocation, config);
        await supervisor.tell('READY=1');
        watching = atOnce(watching, 'reload');
      }
      if (isDue(watching)) {
        const { why } = watching.due;
        watching = begun(watching);
        await upkeep.pause();
        if (isSettling(why)) await aftermath.pause();
        const report = await boundedRound(config, why, invocation, { ...options, clock, look, before: watching });
        const complaints = worthSaying(complaintsOf(report), said, clock.elapsed());
        said = complaints.said;
        say(report, why, complaints.lines, invocation);
        upkeep.nudge(why);
        await aftermath.heard(report);
        watching = ended(watching, { why, found: isFound(report), intervalMs: options.intervalMs, lot: random() });
      }
      await upkeep.begin(config);
      aftermath.begin(config);
      await clock.sleep(waitMs(watching), signal);
      await look();
    }
    await supervisor.tell('STOPPING=1');
    over.abort();
    await alive;
    return 0;
  } finally {
    over.abort();
    lookout.close();
    await Promise.all([upkeep.pause(), aftermath.pause()]);
    await net.close();
  }
}

type Around = Pick<WatchOptions, 'roundMs'> & { readonly clock: ReturnType<Invocation['openWorld']>['clock']; readonly look: () => Promise<Watching>; readonly before: Watching };

/** One round in a world of its own, given up as soon as the box is elsewhere. Throws Fault `unavailable` when it does not stop in time: only a new process is rid of it. */
async function boundedRound(config: Config, why: Why, { openWorld, signal }: Invocation, { roundMs, clock, look, before }: Around): Promise<Report> {
  const [time, wanted, done] = [new AbortController(), new AbortController(), new AbortController()];
  const unwanted = (): void => wanted.abort();
  const looking = (async () => {
    for (;;) {
      await clock.sleep(LOOK_MS, done.signal);
      if (done.signal.aborted) return;
      if (!isElsewhere(before, await look())) continue;
      unwanted();
      // What was asked over the way that is gone is never answered; the next round asks what became of it.
      await clock.sleep(LAST_ANSWER_MS, done.signal);
      time.abort(new Error('the network it was begun in is gone'));
    }
  })();
  const stuck = (async (): Promise<never> => {
    await clock.sleep(roundMs, done.signal);
    time.abort(new Error('time is up'));
    unwanted();
    await clock.sleep(GRACE_MS, done.signal);
    throw new Fault({ kind: 'unavailable', detail: 'a round did not stop when its time was up; what it began may have been done, and the next start asks' });
  })();
  stuck.catch(() => {});
  signal.addEventListener('abort', unwanted);
  if (signal.aborted) unwanted();
  const world = openWorld(config.dns.servers);
  try {
    const request = { dry: false, force: false, names: [], validate: async () => [], signal: time.signal, wanted: wanted.signal, settling: isSettling(why) };
    return await Promise.race([round(config, world, request), stuck]);
  } finally {
    signal.removeEventListener('abort', unwanted);
    done.abort();
    await Promise.all([looking, world.net.close()]);
  }
}

/** Every address that the config asks for is known, so there is nothing to hurry for. */
const isFound = ({ observations }: Report): boolean => observations.length > 0 && observations.every(({ kind }) => kind === 'agreed' || kind === 'same');

async function firstConfig(invocation: Invocation): Promise<Config | number> {
  const shape = await readConfig(invocation);
  if (typeof shape === 'number') return shape;
  const loaded = await loadConfig(invocation.flags, invocation, 'all');
  const config = usable(loaded, invocation);
  if (config !== undefined) return config;
  if (invocation.output.json) invocation.output.out(problemsJson(loaded.problems));
  return HANDLING.config.exit;
}

/** A config that cannot be used is told, and the one before stays. */
async function nextConfig(invocation: Invocation, before: Config): Promise<Config> {
  const { output } = invocation;
  const loaded = await attempt(() => loadConfig(invocation.flags, invocation, 'all'));
  if (loaded.kind === 'failed') output.err(describeFailure(loaded.failure));
  const next = loaded.kind === 'ok' ? usable(loaded.value, invocation) : undefined;
  if (next === undefined) output.err('the config cannot be used as it is now; going on with the one before');
  else if (output.loud !== 'quiet') output.err('the config was read again');
  return next ?? before;
}

/** Tells every problem. Undefined: there is an error among them. */
function usable(loaded: Loaded, { output }: Invocation): Config | undefined {
  const file = loaded.kind === 'ok' ? loaded.config.path : loaded.kind === 'invalid' ? loaded.path : undefined;
  const config = loaded.kind === 'ok' && loaded.problems.every(({ severity }) => severity === 'warning') ? loaded.config : undefined;
  if (config === undefined || output.loud !== 'quiet') for (const problem of loaded.problems) output.err(printProblem(problem, file));
  return config;
}

const complaintsOf = ({ failures, warnings }: Report): readonly { readonly key: string; readonly line: string }[] => [
  ...failures.map((failure) => ({ key: failure.kind, line: describeFailure(failure) })),
  ...warnings.map((warning) => ({ key: warning, line: `warning: ${warning}` })),
];

/** What is worth a mail is worth a line; with `--json` a document on a line of its own. Somebody who looks is told when it was. */
function say(report: Report, why: Why, complaints: readonly string[], { output }: Invocation): void {
  for (const line of complaints) output.err(line);
  const wordy = output.loud === 'verbose';
  if (output.json) {
    if (wordy || complaints.length > 0 || report.news.length > 0) output.out(JSON.stringify({ why, ...(reportJson(report) as object) }));
    return;
  }
  if (wordy) for (const line of [`a round, because ${BECAUSE[why]}`, ...report.outcomes.map(describeOutcome)]) output.out(line);
  for (const { kind, line } of report.news) {
    if (kind === 'failing') output.err(line);
    else if (output.loud !== 'quiet' && !wordy) output.out(line);
  }
}

const BECAUSE: Readonly<Record<Why, string>> = {
  start: 'it is the first',
  interval: 'it is time',
  again: 'something may have come late',
  network: 'the network is another',
  woke: 'the machine slept, or its clock was set',
  announced: 'the router announced an address',
  reload: 'the config was read again',
};
