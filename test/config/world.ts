/** What the loader needs of the world, in memory, and two small providers. */
import * as v from 'valibot';
import { type Known, type Loaded, loadConfig } from '../../src/config/load.ts';
import { builtInCatalogue } from '../../src/config/source.ts';
import { choice, flag, group, list, number, optional, secret, secrets, text } from '../../src/sdk/options.ts';
import { defineProvider, type Manifest } from '../../src/sdk/provider.ts';
import type { World } from '../../src/world/world.ts';

const many = defineProvider({
  api: 1,
  id: 'many',
  name: 'Many',
  reference: 'https://many.example/api',
  checked: '2026-11-20',
  evidence: 'documented',
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 } },
  options: {
    token: secret('API token'),
    zone: optional(text('zone', { pattern: /^[a-z.]+$/, must: 'must be a zone in small letters' })),
    port: optional(number('port', { min: 1, max: 65535 }), 53),
    tcp: optional(flag('always TCP'), false),
    tags: optional(list('tags')),
    headers: optional(secrets('headers')),
    key: optional(
      group('TSIG key', {
        name: text('name'),
        algorithm: optional(choice('algorithm', ['hmac-sha256', 'hmac-sha512'])),
        secret: v.pipe(
          secret('base64'),
          v.check((key) => /^[A-Za-z0-9+/=]+$/.test(key.reveal()), 'must be base64'),
        ),
      }),
    ),
  },
  environment: { token: ['MANY_TOKEN', 'MANY_API_TOKEN'], port: ['MANY_PORT'] },
  credentials: 'Make a token with the right to edit DNS.',
  open: () => ({ write: async () => [] }),
});

const single = defineProvider({
  api: 1,
  id: 'single',
  name: 'Single',
  reference: 'https://single.example/',
  checked: '2026-11-20',
  evidence: 'unverified',
  can: { families: [4], readable: false, wildcard: false, apex: false, values: 'one', ttl: 'fixed' },
  options: { password: optional(secret('password')), username: optional(text('user')), zone: optional(text('zone')) },
  problems: ({ password, username }) => (username !== undefined && password === undefined ? ['a user name needs a password'] : []),
  credentials: 'Your password.',
  open: () => ({ write: async () => [] }),
});

export const registry: Readonly<Record<string, () => Promise<{ readonly default: Manifest }>>> = {
  many: async () => ({ default: many }),
  single: async () => ({ default: single }),
};

export const KNOWN: Known = { registry, catalogue: builtInCatalogue(), host: { platform: 'linux', root: false } };

/** `modes`: of files that others may read, say 0o644. All others are 0600. */
export function worldOf(
  files: Readonly<Record<string, string>>,
  { env = {}, modes = {} }: { readonly env?: World['env']; readonly modes?: Readonly<Record<string, number>> } = {},
): Pick<World, 'files' | 'env'> {
  const unused = (): never => {
    throw new Error('the loader writes nothing');
  };
  return {
    env: { HOME: '/home/me', ...env },
    files: {
      read: (path) => files[path],
      stat: (path) => (files[path] === undefined ? undefined : { modifiedAt: 0, size: files[path].length, mode: modes[path] ?? 0o600, othersMayRead: ((modes[path] ?? 0o600) & 0o044) !== 0 }),
      list: () => [],
      write: unused,
      create: unused,
      rename: unused,
      remove: unused,
      folder: unused,
      touch: unused,
    } as World['files'],
  };
}

export const NO_FLAGS = { names: [], options: [], ip: [] } as const;

/** Loads one file of this text. */
export const load = (path: string, source: string, validate: 'shape' | 'all' = 'all', more: Parameters<typeof worldOf>[1] = {}): Promise<Loaded> =>
  loadConfig({ ...NO_FLAGS, config: path }, worldOf({ [path]: source }, more), validate, KNOWN);

/** Every problem as `line: path: message`, warnings marked. */
export const told = (loaded: Loaded): readonly string[] =>
  loaded.problems.map(({ line, column, path, message, severity }) => {
    const place = [line, column].filter((at) => at !== undefined).join(':');
    return [place, severity === 'warning' ? severity : '', path, message].filter((part) => part !== '').join(': ');
  });
