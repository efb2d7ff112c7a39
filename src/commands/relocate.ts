/** `relocate`: the box was carried elsewhere. Publishes where it is now, proves it rung by rung, and says what still stands in the way. */
import { distinctPorts } from '../core/mapping.ts';
import { isGood } from '../core/verdict.ts';
import { mappingJson } from '../mapping/describe.ts';
import { openLive } from '../relocate/live.ts';
import { describeProbe } from '../relocate/proving.ts';
import { type Progress, type Relocation, relocate as run } from '../relocate/relocate.ts';
import { headOf, heard, type Known, lineOf, NOTHING_KNOWN, stepsOf, type ToldStep } from '../relocate/told.ts';
import { reportJson } from '../report.ts';
import type { World } from '../world/world.ts';
import { byWhen } from './clock-time.ts';
import { type Invocation, isRefused, sayFailure } from './invocation.ts';
import { parsePorts } from './map.ts';
import { readNamed } from './names.ts';
import type { Output } from './output.ts';
import { climbJson, sentences, verdictJson } from './verify.ts';
import { wrap } from './wrap.ts';

export type RelocateOptions = {
  /** As written: each a port, or several with commas. */
  readonly map: readonly string[];
  /** The time for the whole command. */
  readonly longestMs: number;
};

export async function relocate(invocation: Invocation, { map, longestMs }: RelocateOptions): Promise<number> {
  const { output, signal } = invocation;
  const ports = parsePorts(map.flatMap((text) => text.split(',')));
  if ('problem' in ports) return sayFailure({ kind: 'usage', detail: ports.problem }, output);
  const named = await readNamed(invocation);
  if (typeof named === 'number') return named;
  const { config, names, validate } = named;
  const world = invocation.openWorld(config.dns.servers);
  const probe = await describeProbe(config, ports.ports);
  if (probe !== undefined && output.loud !== 'quiet') for (const line of wrap(probe, output.columns, '')) output.err(line);
  const clock = (at: number): string => byWhen(at, world.clock.now());
  const stage = openStage(output, world, longestMs);
  try {
    const done = await run(config, { names, map: distinctPorts([...(config.router?.map ?? []), ...ports.ports]), more: ports.ports, signal, longestMs, validate, tell: stage.tell }, world, clock);
    stage.end();
    const { report } = done;
    // What kept it from coming so far as to a name is in the verdict.
    const failures = !output.json && report.outcomes.length === 0 ? report.failures.slice(1) : report.failures;
    if (isRefused({ ...report, failures }, config.path, output)) return report.exit;
    const lapse = lapseOf(done.mapped);
    const keep = `the router keeps what it was asked for until ${clock(lapse ?? 0)} unless it is asked again: ddns-update watch does so for router: { map } of the config`;
    say(done, [...stage.lines(), ...(lapse === undefined ? [] : wrap(keep, output.columns, ''))], output);
    return done.exit;
  } finally {
    stage.end();
    await world.net.close();
  }
}

type Stage = { readonly tell: (progress: Progress) => void /** The steps that have not been told yet; after `end`. */; readonly lines: () => readonly string[]; readonly end: () => void };

const FRAME_MS = 250;

/** A terminal is shown all steps as they are now, with the time; for others each is a line as soon as it is known. */
function openStage(output: Output, { clock }: World, longestMs: number): Stage {
  const began = clock.elapsed();
  const over = new AbortController();
  const isLive = output.live === true && !output.json && output.loud !== 'quiet';
  const live = isLive ? openLive(output.err, () => output.columns) : undefined;
  let known: Known = NOTHING_KNOWN;
  const told = new Map<string, string>();
  const steps = (): readonly ToldStep[] => stepsOf(known, (at) => byWhen(at, clock.now()));
  const news = (): readonly ToldStep[] => steps().filter(({ key, state }) => told.get(key) !== state);
  const draw = (): void => {
    const head = `${known.doing}: ${lasted(clock.elapsed() - began)} of at most ${lasted(longestMs)}`;
    live?.show([head, ...(known.failure === undefined ? [] : [`  not yet: ${known.failure.detail}`]), ...steps().map(lineOf)]);
  };
  const drawing = async (): Promise<void> => {
    while (live !== undefined && !over.signal.aborted) {
      draw();
      await clock.sleep(FRAME_MS, over.signal);
    }
  };
  // What goes wrong there is a defect, and ends the command as one.
  void drawing();
  return {
    tell: (progress) => {
      known = heard(known, progress);
      if (live !== undefined) return draw();
      if (output.json || output.loud === 'quiet') return;
      if (known.failure !== undefined && told.get('publishing') !== known.failure.detail) {
        told.set('publishing', known.failure.detail);
        output.out(`not yet: ${known.failure.detail}; it is tried again`);
      }
      // What may still come true is told when it is over, or at the end.
      for (const step of news().filter(({ state }) => state === 'proven')) {
        told.set(step.key, step.state);
        output.out(`${lineOf(step)} (${lasted(clock.elapsed() - began)})`);
      }
    },
    lines: () => news().flatMap((step) => wrap(lineOf(step), output.columns, ' '.repeat(headOf(step).length))),
    end: () => {
      if (!over.signal.aborted) live?.wipe();
      over.abort();
    },
  };
}

/** "850 ms", "12 s", "2 min 5 s". */
function lasted(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return `${Math.round(ms)} ms`;
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
}

function say(done: Relocation, lines: readonly string[], output: Output): void {
  const { verdict, restored, lowered } = done;
  if (output.json) {
    output.out(JSON.stringify(relocationJson(done), undefined, 2));
    return;
  }
  if (output.loud !== 'quiet') for (const line of lines) output.out(line);
  const good = isGood(verdict);
  const last = good ? output.out : output.err;
  if (output.loud !== 'quiet' || !good) for (const line of sentences(verdict, output)) last(line);
  if (restored !== undefined && output.loud !== 'quiet')
    output.out(restored.exit === 0 ? 'The TTLs that were lowered for the move are as before.' : 'The TTLs that were lowered for the move are not back yet: ddns-update prepare --restore');
  if (lowered.length > 0 && output.loud !== 'quiet')
    for (const line of wrap('The TTLs that were lowered for the move stay low until all is proven: ddns-update relocate again, or ddns-update prepare --restore', output.columns, '')) output.out(line);
}

/** When the first of the mappings that were made ends. */
function lapseOf(mapped: Relocation['mapped']): number | undefined {
  const ends = mapped === undefined || 'detail' in mapped ? [] : mapped.outcomes.flatMap((outcome) => (outcome.kind === 'made' || outcome.kind === 'renewed' ? (outcome.mapping.until ?? []) : []));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function relocationJson({ report, climbs, mapped, verdict, restored, lowered, exit }: Relocation): unknown {
  return {
    ...(reportJson(report) as object),
    names: climbs.map(climbJson),
    ...(mapped === undefined
      ? {}
      : { mapped: 'detail' in mapped ? { failure: mapped } : { ports: mapped.outcomes.map(mappingJson), ...(mapped.useless === undefined ? {} : { useless: mapped.useless }) } }),
    verdict: verdictJson(verdict),
    ...(restored === undefined ? {} : { restored: restored.exit === 0 }),
    ...(lowered.length === 0 ? {} : { lowered }),
    exit,
  };
}
