/** The names that a command is about, of those the config has. */
import type { ConfigFlags } from '../config/load.ts';
import { didYouMean } from '../config/suggest.ts';
import { type Fqdn, parseName } from '../core/name.ts';
import type { Target } from '../core/record.ts';

export type Named = { readonly names: readonly Fqdn[] } | { readonly problem: string };

/** What a mistyped name may have been meant to be. */
const COMMANDS = ['run', 'plan', 'detect', 'status', 'check', 'verify', 'relocate', 'prepare', 'watch', 'map', 'providers', 'probe-server', 'demo', 'help'];

/** Those on the command line, or what is wrong with one; without a config they are its records already. A mistyped command ends up here too, before anybody looks for a config. */
export function parseNames({ provider, names: asked }: Pick<ConfigFlags, 'provider' | 'names'>): Named {
  const names: Fqdn[] = [];
  for (const text of provider === undefined ? asked : []) {
    const name = parseName(text);
    if (typeof name !== 'string') return { problem: `${text === '' ? 'a name ' : ''}${name.problem}${didYouMean(text, COMMANDS) || '; ddns-update --help lists the commands'}` };
    names.push(name);
  }
  return { names };
}

/** A name that was asked for and is not in the config; undefined: all are. */
export function strangerTo(targets: readonly Target[], names: readonly Fqdn[]): string | undefined {
  const stranger = names.find((name) => !targets.some((target) => target.name === name));
  return stranger === undefined ? undefined : `${stranger} is not in the config; configured are ${listed(targets)}`;
}

function listed(targets: readonly Target[]): string {
  const names = [...new Set(targets.map(({ name }) => name))];
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ') || 'none';
}
