/** `prepare`: lowers TTLs before a move and says from when on it is cheap; with `--restore` puts them back. */
import { HANDLING, worst } from '../core/failure.ts';
import { keyIn } from '../prepared.ts';
import { type Lowered, readState, type State, statePath } from '../recall.ts';
import { round } from '../round.ts';
import type { World } from '../world/world.ts';
import { type Invocation, isRefused, sayFailure } from './invocation.ts';
import { readNamed } from './names.ts';
import { type Prepared, rowJson, rowsOf, summary } from './prepared-rows.ts';

/** As low as it gets without being asked for more than once a minute by everybody. */
const SECONDS = 60;

export type PrepareOptions = { readonly restore: boolean; readonly seconds?: number };

export async function prepare(invocation: Invocation, { restore, seconds }: PrepareOptions): Promise<number> {
  const { output, signal } = invocation;
  const named = await readNamed(invocation, restore && seconds !== undefined ? '--restore puts back what the TTLs were; leave out --ttl' : undefined);
  if (typeof named === 'number') return named;
  const { config, names, validate } = named;
  const before = remembered(config.stateFolder, invocation);
  if (typeof before === 'string')
    return sayFailure({ kind: 'state', detail: `${statePath(config.stateFolder)} is unusable: ${before}; the next round sets it aside and asks for every record anew` }, output);
  const keyOf = keyIn(config);
  const keys = new Set(config.targets.filter(({ name }) => names.length === 0 || names.includes(name)).map(keyOf));
  const strays = restore && names.length === 0 ? Object.entries(before).filter(([key]) => !keys.has(key)) : [];
  const sayStrays = (): void => {
    for (const [key, { was, to }] of strays) output.err(`${subjectOf(key)} is no longer in the config, so its TTL stays ${to} as it was lowered (it was ${was} before)`);
  };
  if (restore && ![...keys].some((key) => before[key] !== undefined)) {
    if (output.json) output.out(JSON.stringify({ version: 1, names: [], exit: 0 }, undefined, 2));
    else if (output.loud !== 'quiet') output.out('no TTL is lowered, as far as is remembered');
    sayStrays();
    return 0;
  }
  const world = invocation.openWorld(config.dns.servers);
  try {
    const report = await round(config, world, {
      dry: false,
      force: false,
      names,
      ttls: restore ? { kind: 'restore' } : { kind: 'lower', seconds: seconds ?? SECONDS },
      signal,
      validate,
    });
    if (isRefused(report, config.path, output)) return report.exit;
    const after = remembered(config.stateFolder, invocation);
    const prepared: Prepared = {
      before,
      after: typeof after === 'string' ? {} : after,
      keyOf,
      unlowerable: report.unlowerable ?? new Map(),
      lingering: report.lingering ?? new Map(),
      now: world.clock.now(),
    };
    const rows = rowsOf(report.outcomes, restore ? 'restore' : 'lower', prepared);
    const exit = worst([report.exit, ...rows.map(({ failure }) => (failure === undefined ? 0 : HANDLING[failure.kind].exit))]);
    const sum = summary(rows, prepared.now);
    if (output.json) {
      const { failures, warnings } = report;
      const cheap = sum === undefined ? {} : { cheapFrom: new Date(sum.cheapFrom).toISOString() };
      output.out(JSON.stringify({ version: 1, names: rows.map(rowJson), ...cheap, ...(failures.length > 0 ? { failures } : {}), ...(warnings.length > 0 ? { warnings } : {}), exit }, undefined, 2));
      return exit;
    }
    for (const { text, failure } of rows) {
      if (failure !== undefined) output.err(text);
      else if (output.loud !== 'quiet') output.out(text);
    }
    if (rows.length > 1 && sum !== undefined && output.loud !== 'quiet') output.out(sum.text);
    sayStrays();
    return exit;
  } finally {
    await world.net.close();
  }
}

/** TTLs that are lowered, as remembered by now; or why the memory cannot be read. */
function remembered(folder: string, world: Pick<World, 'files'>): Readonly<Record<string, Lowered>> | string {
  const state: State | string = readState(folder, world);
  return typeof state === 'string' ? state : (state.lowered ?? {});
}

/** `home.example.com A` of a memory key. */
const subjectOf = (key: string): string => key.split(' ').slice(-2).join(' ');
