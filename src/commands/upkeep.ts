/** Keeps the mappings of the config alive beside the rounds of `watch`, which never wait for it. */
import type { Config } from '../config/config.ts';
import { attempt, describeFailure, HANDLING } from '../core/failure.ts';
import { type Line, type Said, worthSaying } from '../core/repeated.ts';
import type { Why } from '../core/watching.ts';
import type { MapReport } from '../mapping/outcome.ts';
import type { Renewal } from '../mapping/renewal.ts';
import type { World } from '../world/world.ts';
import { byWhen } from './clock-time.ts';
import type { Invocation } from './invocation.ts';

export type Upkeep = {
  /** Begins what is due, if anything is and nothing is under way. */
  readonly begin: (config: Config) => Promise<void>;
  /** A round was held, and why: what is due, or missing in a new network, is looked for at once. */
  readonly nudge: (why: Why) => void;
  /** The router announced something: it may have begun anew, without its mappings. */
  readonly announced: () => void;
  /** Gives up what is under way; it is begun again later on. */
  readonly pause: () => Promise<void>;
};

export function openUpkeep({ openWorld, output }: Invocation, clock: World['clock']): Upkeep {
  let renewal: Renewal | undefined;
  let said: Said = new Map();
  let work: { readonly over: AbortController; readonly done: Promise<void> } | undefined;

  const run = async ({ router, stateFolder, detect: { policy }, dns }: Config, signal: AbortSignal): Promise<void> => {
    const world = openWorld(dns.servers);
    try {
      const kept = await attempt(async () => renewal?.keep(router?.map ?? [], { stateFolder, policy, signal }, world));
      if (kept.kind === 'ok') {
        if (kept.value !== undefined) await tell(signal.aborted ? madeIn(kept.value) : kept.value);
      } else if (!signal.aborted) complain([{ key: kept.failure.kind, line: describeFailure(kept.failure) }], () => false);
    } finally {
      await world.net.close();
    }
  };

  /** `isCured`: of what was complained about before and is not now, what is surely over. */
  const complain = (lines: readonly Line[], isCured: (key: string) => boolean): number => {
    const worthy = worthSaying(lines, said, clock.elapsed());
    said = new Map([...[...said].filter(([key]) => !isCured(key)), ...worthy.said]);
    for (const line of worthy.lines) output.err(line);
    return worthy.lines.length;
  };

  const tell = async (report: MapReport): Promise<void> => {
    const { describeMapping, describeMappings, mappingJson } = await import('../mapping/describe.ts');
    const { outcomes, notes, useless, warnings } = report;
    const when = (at: number): string => byWhen(at, clock.now());
    const lines = describeMappings(report, when);
    const good = new Set(lines.flatMap(({ key, isGood }) => (isGood ? [key] : [])));
    const bad = [...warnings.map((warning) => ({ key: warning, line: `warning: ${warning}` })), ...lines.filter(({ key, isGood }) => !isGood || notes.includes(key))];
    const isMapped = outcomes.some(({ kind, family }) => family === 4 && (kind === 'made' || kind === 'renewed'));
    const complaints = complain(bad, (key) => good.has(key) || (key === 'useless' && isMapped) || key in HANDLING);
    const news = outcomes.filter(({ kind }) => kind === 'made' || kind === 'removed' || (kind === 'renewed' && output.loud === 'verbose'));
    if (output.json) {
      if (complaints > 0 || news.length > 0) output.out(JSON.stringify({ version: 1, ports: outcomes.map(mappingJson), notes, ...(useless === undefined ? {} : { useless }) }));
    } else if (output.loud !== 'quiet') for (const outcome of news) output.out(describeMapping(outcome, when));
  };

  const pause = async (): Promise<void> => {
    work?.over.abort();
    await work?.done;
  };
  return {
    pause,
    async begin(config) {
      if (config.router === undefined || work !== undefined) return;
      renewal ??= (await import('../mapping/renewal.ts')).openRenewal();
      if (!renewal.isDue(clock.now())) return;
      const over = new AbortController();
      const done = run(config, over.signal).finally(() => {
        work = undefined;
      });
      work = { over, done };
    },
    nudge: (why) => renewal?.nudge(why === 'interval' || why === 'again' ? 'look' : 'anew'),
    announced: () => renewal?.nudge('forgotten'),
  };
}

/** Of what was given up halfway: what is there now, and will not be news again. */
const madeIn = ({ outcomes }: MapReport): MapReport => ({ outcomes: outcomes.filter(({ kind }) => kind === 'made' || kind === 'renewed' || kind === 'removed'), notes: [], warnings: [] });
