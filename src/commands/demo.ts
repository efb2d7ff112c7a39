/** `demo`: the whole story on loopback. What a new user sees first, and a proof that this copy works on this machine. */
import { HANDLING } from '../core/failure.ts';
import type { RungState } from '../core/ladder.ts';
import { NAME } from '../demo/name-server.ts';
import { type Audience, play, type Scene } from '../demo/story.ts';
import { headOf, lineOf, MARKS } from '../relocate/told.ts';
import { observationJson } from '../report.ts';
import { clockTime } from './clock-time.ts';
import type { Invocation } from './invocation.ts';
import type { Output } from './output.ts';
import { climbJson, sentence, verdictJson } from './verify.ts';
import { wrap } from './wrap.ts';

/** 0 only if every proof held. */
export async function demo({ output, openWorld, signal }: Invocation): Promise<number> {
  const world = openWorld([]);
  const from = world.clock.elapsed();
  const shown = !output.json && output.loud !== 'quiet';
  if (shown)
    say(
      `One box, one name (${NAME}), and a move from home to a garage and back. Everybody in it runs inside this program, on loopback: name servers, a resolver, routers, a probe-server, and five services that tell the box its address, of which one lies and one is dead. No credentials, and nothing leaves this machine. Staged are the places, with their addresses and what their routers forward, and the days, for which the clock is put forward; every proof is a real exchange.`,
      output,
    );
  try {
    const scenes = await play(world, signal, shown ? tellingTo(output) : SILENT);
    const failed = scenes.flatMap(({ id, proofs }) => proofs.filter(({ held }) => !held).map(({ claim, found }) => `${id}: not proven: ${claim} (found: ${found})`));
    const exit = failed.length === 0 ? 0 : HANDLING.defect.exit;
    const ms = Math.round(world.clock.elapsed() - from);
    for (const line of failed) output.err(line);
    if (output.json) output.out(JSON.stringify({ version: 1, name: NAME, scenes: scenes.map(sceneJson), ms, exit }, undefined, 2));
    else if (shown && exit === 0) {
      output.out('');
      say(`Every proof held (${seconds(ms)}). All files were temporary, and are gone.`, output);
      say('For a name of your own: `ddns-update providers` lists where it can be, and the README has a config.', output);
    }
    return exit;
  } finally {
    await world.net.close();
  }
}

const SILENT: Audience = { begun: () => {}, step: () => {}, over: () => {}, clock: clockTime };

const tellingTo = (output: Output): Audience => ({
  clock: clockTime,
  begun: ({ title }) => {
    output.out('');
    output.out(painted(title, 1, output));
  },
  step: (step, ms) => {
    const { state } = step;
    const head = headOf(step);
    const [first = '', ...rest] = wrap(`${lineOf(step)} (${seconds(ms)})`, output.columns, ' '.repeat(head.length));
    const at = head.lastIndexOf(MARKS[state]);
    output.out(`${first.slice(0, at)}${painted(MARKS[state], COLORS[state], output)}${first.slice(at + MARKS[state].length)}`);
    for (const line of rest) output.out(line);
  },
  over: (scene) => tell(scene, output),
});

/** What was proven in one sentence; what was not, each on its own, with what was found instead. */
function tell({ told, relocation, proofs, ms }: Scene, output: Output): void {
  const [held, broken] = [proofs.filter((proof) => proof.held), proofs.filter((proof) => !proof.held)];
  if (relocation !== undefined) for (const line of sentence(relocation.verdict).split('\n')) say(`  ${line}`, output, relocation.verdict.kind === 'reachable' ? COLORS.proven : COLORS.pending);
  else say(`  ${told}`, output);
  if (held.length > 0) mark('proven', `${held.map(({ claim }) => claim).join('; ')} (${seconds(ms)})`, output);
  for (const { claim, found } of broken) mark('not proven', `${claim}; found: ${found}`, output);
}

const sceneJson = ({ id, title, told, proofs, report, relocation, exit, ms }: Scene): unknown => ({
  scene: id,
  title,
  told,
  proofs,
  observations: report.observations.map(observationJson),
  ...(relocation === undefined ? {} : { names: relocation.climbs.map(climbJson), verdict: verdictJson(relocation.verdict) }),
  exit,
  ms,
});

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** In lines that fit, all of them begun like the first. */
function say(text: string, output: Output, color = 0): void {
  const indent = /^ */.exec(text)?.[0] ?? '';
  for (const line of wrap(text, output.columns, indent)) output.out(painted(line, color, output));
}

/** A sign where somebody looks, words where it may end up in a log. */
function mark(what: 'proven' | 'not proven', text: string, output: Output): void {
  const sign = what === 'proven' ? '✓' : '✗';
  const [first = '', ...rest] = wrap(`  ${output.terminal ? sign : `${what}:`} ${text}`, output.columns, '    ');
  output.out(output.terminal ? first.replace(sign, painted(sign, COLORS[what === 'proven' ? 'proven' : 'failed'], output)) : first);
  for (const line of rest) output.out(line);
}

/** ECMA-48, for the marks of steps. */
const COLORS: Readonly<Record<RungState, number>> = { proven: 32, pending: 33, failed: 31, unknown: 33 };
const painted = (text: string, color: number, output: Output): string => (output.color && color !== 0 ? `\u001b[${color}m${text}\u001b[0m` : text);
