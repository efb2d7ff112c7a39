/** The manifest behind `provider:` of a config: one of ours, or that of a package, loaded because the config names it and for no other reason. */
import { Fault } from '../core/failure.ts';
import type { providers } from '../providers/index.ts';
import type { Manifest } from '../sdk/provider.ts';
import type { Files } from '../world/world.ts';
import { isPlugin } from './name.ts';

/** `folder`: where the config is; undefined: the current folder. */
export type Asking = { readonly provider: string; readonly folder?: string | undefined };

/** Throws Fault `config` for a provider that is not known, and for a package that is not there or is none. */
export async function manifestOf(asking: Asking, registry: typeof providers, files: Pick<Files, 'read'>): Promise<Manifest> {
  const { provider } = asking;
  const load = Object.hasOwn(registry, provider) ? registry[provider] : undefined;
  if (load !== undefined) return (await load()).default;
  if (isPlugin(provider)) return (await import('./load.ts')).loadPlugin(asking, files);
  throw new Fault({ kind: 'config', detail: `"${provider}" is not a provider we know` });
}
