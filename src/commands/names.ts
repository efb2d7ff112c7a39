/** The names that a command is about, of those the config has. */
import type { Config, Problem } from '../config/config.ts';
import { type ConfigFlags, loadConfig } from '../config/load.ts';
import { didYouMean } from '../config/suggest.ts';
import { type Fqdn, parseName } from '../core/name.ts';
import type { Target } from '../core/record.ts';
import { type Invocation, readConfig, sayFailure } from './invocation.ts';

/** `names`: empty for all. `validate`: every problem of the whole config, for a round that is to do more than compare. */
export type Named = { readonly config: Config; readonly names: readonly Fqdn[]; readonly validate: () => Promise<readonly Problem[]> };

/** The config, and of which of its names the command is; or the exit code, after what is wrong was told. `wrong`: what is wrong with the rest of the command line. */
export async function readNamed(invocation: Invocation, wrong?: string): Promise<Named | number> {
  const { flags, output } = invocation;
  const asked = parseNames(flags);
  if ('problem' in asked) return sayFailure({ kind: 'usage', detail: asked.problem }, output);
  if (wrong !== undefined) return sayFailure({ kind: 'usage', detail: wrong }, output);
  const config = await readConfig(invocation);
  if (typeof config === 'number') return config;
  const stranger = strangerTo(config.targets, asked.names);
  if (stranger !== undefined) return sayFailure({ kind: 'usage', detail: stranger }, output);
  return { config, names: asked.names, validate: async () => (await loadConfig(flags, invocation, 'all')).problems };
}

/** What a mistyped name may have been meant to be. */
const COMMANDS = ['run', 'plan', 'detect', 'status', 'check', 'verify', 'relocate', 'prepare', 'watch', 'map', 'providers', 'probe-server', 'demo', 'help'];

/** Those on the command line, or what is wrong with one; without a config they are its records already. A mistyped command ends up here too, before anybody looks for a config. */
function parseNames({ provider, names: asked }: Pick<ConfigFlags, 'provider' | 'names'>): { readonly names: readonly Fqdn[] } | { readonly problem: string } {
  const names: Fqdn[] = [];
  for (const text of provider === undefined ? asked : []) {
    const name = parseName(text);
    if (typeof name !== 'string') return { problem: `${text === '' ? 'a name ' : ''}${name.problem}${didYouMean(text, COMMANDS) || '; ddns-update --help lists the commands'}` };
    names.push(name);
  }
  return { names };
}

/** A name that was asked for and is not in the config; undefined: all are. */
function strangerTo(targets: readonly Target[], names: readonly Fqdn[]): string | undefined {
  const stranger = names.find((name) => !targets.some((target) => target.name === name));
  return stranger === undefined ? undefined : `${stranger} is not in the config; configured are ${listed(targets)}`;
}

function listed(targets: readonly Target[]): string {
  const names = [...new Set(targets.map(({ name }) => name))];
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ') || 'none';
}
