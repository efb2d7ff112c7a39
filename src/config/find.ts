/** The config file among the places where it may be, unread but for its text. */
import type { Outlook } from '../world/world.ts';
import type { Problem } from './config.ts';
import { configFolders, ENDINGS, type Host } from './places.ts';

/** `path` undefined: made from flags. */
export type Found =
  | { readonly kind: 'found'; readonly path: string | undefined; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'missing'; readonly looked: readonly string[]; readonly problems: readonly Problem[] };

/** The file that was named, or the only `config.*` of the first folder that has one. */
export function find(flags: { readonly config?: string }, { files, env }: Pick<Outlook, 'files' | 'env'>, host: Host): Found {
  const named = flags.config ?? (env['DDNS_UPDATE_CONFIG'] || undefined);
  if (named !== undefined) {
    const text = files.read(named);
    return text === undefined ? { kind: 'missing', looked: [named], problems: [problemOf(`there is no file ${named}`)] } : { kind: 'found', path: named, text };
  }
  const folders = configFolders(env, host);
  const separator = host.platform === 'win32' ? '\\' : '/';
  for (const folder of folders) {
    const present = ENDINGS.flatMap((ending) => {
      const path = `${folder}${separator}config.${ending}`;
      const text = files.read(path);
      return text === undefined ? [] : [{ kind: 'found' as const, path, text }];
    });
    if (present.length > 1) return { kind: 'invalid', problems: [problemOf(`there are several configs: ${present.map(({ path }) => path).join(' and ')}; keep one, or say which with --config`)] };
    if (present[0] !== undefined) return present[0];
  }
  const looked = folders.map((folder) => `${folder}${separator}config.{${ENDINGS.join(',')}}`);
  return {
    kind: 'missing',
    looked,
    problems: [problemOf(`there is no config: looked for ${looked.join(' and ')}. Without one: ddns-update NAME --provider ID --option key=value; ddns-update providers ID shows an example`)],
  };
}

const problemOf = (message: string): Problem => ({ path: '', message, severity: 'error' });
