/** Use without a config: secrets from the variables that the provider's own tools use, and texts turned into what the manifest asks for. */
import { kindOf } from '../sdk/options.ts';
import type { Manifest } from '../sdk/provider.ts';
import type { World } from '../world/world.ts';
import type { Account } from './config.ts';

/** An account's options as a file would have them; those of a file are left as they are. */
export function environmentOptions(account: Account, manifest: Manifest, env: World['env']): Readonly<Record<string, unknown>> {
  if (!account.fromFlags) return account.options;
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(account.options))
    options[key] = typeof value === 'string' && Object.hasOwn(manifest.options, key) ? typed(value, kindOf(manifest.options[key] as Manifest['options'][string])) : value;
  for (const [key, variables = []] of Object.entries(manifest.environment ?? {})) {
    const variable = variables.find((name) => env[name]);
    const schema = manifest.options[key];
    if (variable === undefined || schema === undefined || Object.hasOwn(options, key)) continue;
    const kind = kindOf(schema);
    options[key] = kind === 'secret' ? { env: variable } : typed(env[variable] ?? '', kind);
  }
  return options;
}

function typed(text: string, kind: ReturnType<typeof kindOf>): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+$/.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text.split(',');
    default:
      return text;
  }
}
