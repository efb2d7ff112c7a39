/** `demo`: the whole story on loopback. What a new user sees first, and a proof that this copy works on this machine. */
import { HANDLING } from '../core/failure.ts';
import { NAME } from '../demo/name-server.ts';
import { play, type Scene } from '../demo/story.ts';
import { observationJson } from '../report.ts';
import type { Invocation } from './invocation.ts';
import type { Output } from './output.ts';

/** 0 only if every proof held. */
export async function demo({ output, openWorld, signal }: Invocation): Promise<number> {
  const world = openWorld([]);
  const from = world.clock.elapsed();
  const shown = !output.json && output.loud !== 'quiet';
  if (shown) {
    output.out(`One box, one name (${NAME}), and a move from home to a garage and back.`);
    output.out('The name server and the five services that tell the box its address run inside this program, on loopback:');
    output.out('no credentials, and nothing leaves this machine. One of the services lies, and one is dead.');
  }
  try {
    const scenes = await play(world, signal, (scene) => {
      if (shown) tell(scene, output);
    });
    const failed = scenes.flatMap(({ id, proofs }) => proofs.filter(({ held }) => !held).map(({ claim, found }) => `${id}: not proven: ${claim} (found: ${found})`));
    const exit = failed.length === 0 ? 0 : HANDLING.defect.exit;
    const ms = Math.round(world.clock.elapsed() - from);
    for (const line of failed) output.err(line);
    if (output.json) output.out(JSON.stringify({ version: 1, name: NAME, scenes: scenes.map(sceneJson), ms, exit }, undefined, 2));
    else if (shown && exit === 0) {
      output.out('');
      output.out(`Every proof held (${seconds(ms)}). All files were temporary, and are gone.`);
      output.out('For a name of your own: `ddns-update providers` lists where it can be, and the README has a config to begin with.');
    }
    return exit;
  } finally {
    await world.net.close();
  }
}

/** What was proven on one line; what was not, each on its own, with what was found instead. */
function tell({ title, told, proofs, ms }: Scene, output: Output): void {
  const [held, broken] = [proofs.filter((proof) => proof.held), proofs.filter((proof) => !proof.held)];
  output.out('');
  output.out(`${bold(title, output)} (${seconds(ms)})`);
  output.out(`  ${told}`);
  if (held.length > 0) output.out(`  ${mark('proven', output)} ${held.map(({ claim }) => claim).join('; ')}`);
  for (const { claim, found } of broken) output.out(`  ${mark('not proven', output)} ${claim}; found: ${found}`);
}

const sceneJson = ({ id, title, told, proofs, report, ms }: Scene): unknown => ({ scene: id, title, told, proofs, observations: report.observations.map(observationJson), exit: report.exit, ms });

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const bold = (text: string, { color }: Output): string => (color ? `\u001b[1m${text}\u001b[0m` : text);
/** A sign where somebody looks, words where it may end up in a log. */
function mark(what: 'proven' | 'not proven', { color, terminal }: Output): string {
  if (!terminal) return `${what}:`;
  const sign = what === 'proven' ? '✓' : '✗';
  return color ? `\u001b[${what === 'proven' ? 32 : 31}m${sign}\u001b[0m` : sign;
}
