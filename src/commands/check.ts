/** `check`: every problem in the config, each with its place; secrets are looked up and options handed to the adapters, and nothing is sent. */
import { openWith } from '../accounts.ts';
import { builtIn, type Known, loadConfig } from '../config/load.ts';
import { resolveSecret } from '../config/secret.ts';
import { attempt, type Failure, HANDLING } from '../core/failure.ts';
import { isPlugin } from '../plugins/name.ts';
import type { World } from '../world/world.ts';
import { type Invocation, printProblem } from './invocation.ts';
import { wrap } from './wrap.ts';

export async function check(invocation: Invocation): Promise<number> {
  const { flags, output, openWorld } = invocation;
  const world = openWorld([]);
  const loaded = await loadConfig(flags, invocation, 'all', { ...builtIn(), secret: (form) => resolveSecret(form, world), open: (...account) => openedInVain(account, world) });
  const file = loaded.kind === 'ok' ? loaded.config.path : loaded.kind === 'invalid' ? loaded.path : undefined;
  const exit = loaded.kind === 'ok' ? 0 : HANDLING.config.exit;
  if (output.json) {
    output.out(JSON.stringify({ version: 1, ...(file === undefined ? {} : { config: file }), problems: loaded.problems, exit }, undefined, 2));
    return exit;
  }
  for (const problem of loaded.problems) {
    for (const line of wrap(printProblem(problem, file), output.columns, '  ')) output.out(line);
    for (const help of problem.help ?? []) for (const line of wrap(`    ${help}`, output.columns, '      ')) output.out(line);
  }
  if (loaded.kind === 'ok') {
    const { targets, accounts, detect } = loaded.config;
    const counts = [counted(new Set(targets.map(({ name }) => name)).size, 'name'), counted(Object.keys(accounts).length, 'account'), counted(detect.sources.length, 'source')];
    if (output.loud !== 'quiet') output.out(`${file ?? 'flags'}: ok, ${counts.join(', ')}${loaded.problems.length > 0 ? `, ${counted(loaded.problems.length, 'warning')}` : ''}`);
  } else if (loaded.problems.length > 1 && output.loud !== 'quiet') output.err(`${counted(loaded.problems.filter(({ severity }) => severity === 'error').length, 'error')}`);
  return exit;
}

/** Why an adapter cannot take its options; none of them sends anything for that. A package of somebody else might, and is not opened. */
async function openedInVain([account, manifest, options]: Parameters<NonNullable<Known['open']>>, world: World): Promise<Failure | undefined> {
  if (isPlugin(account.provider)) return undefined;
  const opened = { account: account.name, signal: new AbortController().signal, dry: true, zones: { get: () => [], set: () => {} } };
  const done = await attempt(() => openWith(manifest, options, opened, world));
  return done.kind === 'failed' && (done.failure.kind === 'config' || done.failure.kind === 'auth') ? done.failure : undefined;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
