/** What is remembered between rounds, read as a plain file. Whatever cannot be read is set aside and treated as unknown. */
import type { Family, IpAddress } from './core/address.ts';
import type { Memory } from './core/decide.ts';
import type { Trouble } from './core/failure.ts';
import type { Mapping } from './core/mapping.ts';
import type { Instant, Target } from './core/record.ts';
import type { DatagramSource } from './detect/source.ts';
import { parseState } from './parse-state.ts';
import type { Zone } from './sdk/provider.ts';
import type { Network, Outlook, World } from './world/world.ts';

export type State = {
  readonly version: 1;
  /** Present while nothing is left to do: what makes a round superfluous until then. */
  readonly settled?: Settled;
  /** Digests of configs that were found free of problems, the latest first. Several, for several configs may share one state. */
  readonly checked?: readonly string[];
  readonly network?: Network;
  readonly families: { readonly [F in Family]?: FamilyMemory };
  readonly accounts: Readonly<Record<string, AccountMemory>>;
  readonly targets: Readonly<Record<string, Memory>>;
  /** The last 200, newest last. */
  readonly changes: readonly ChangeMemory[];
  /** What people have been told of trouble that goes on, by what it is about. */
  readonly told: Readonly<Record<string, Told>>;
  /** TTLs that were lowered for a move, by target: what `prepare` did and `relocate` takes back. */
  readonly lowered?: Readonly<Record<string, Lowered>>;
  /** Port mappings and pinholes that we made on a router, by the port outside. */
  readonly mappings?: Readonly<Record<string, Mapping>>;
};

/** The config (its digest) under which all is as it should be at these addresses, from when until when, and whom to ask whether it still is. */
export type Settled = {
  readonly config: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly addresses: { readonly [F in Family]?: IpAddress };
  readonly sources: readonly DatagramSource[];
  /** From the config: ranges that may be published although special, or never, and resolvers. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly servers: readonly string[];
};

/** `address`: last agreed on. `fullAt`: last full ballot. */
export type FamilyMemory = { readonly address?: IpAddress; readonly fullAt?: Instant };
/** `identity`: provider and options, without secrets. */
export type AccountMemory = { readonly identity: string; readonly zones?: readonly Zone[]; readonly trouble?: Trouble };
/** Seconds: what the TTL was before, and what it is now. `at`: since when. `cheapFrom`: nobody keeps it for longer than that any more. `restoring`: it is to be put back. */
export type Lowered = { readonly was: number; readonly to: number; readonly at: Instant; readonly cheapFrom: Instant; readonly restoring?: true };
export type ChangeMemory = {
  readonly at: Instant;
  readonly name: string;
  readonly type: string;
  readonly account: string;
  readonly before?: readonly string[];
  /** Seconds for which others could keep what was there before. */
  readonly ttl?: number;
  readonly after: readonly string[];
  readonly why: string;
};
/** The values stay as they were: it was the TTL that was changed. */
export const isOfTtlAlone = ({ before, after }: Pick<ChangeMemory, 'before' | 'after'>): boolean => before?.join() === after.join();

export type Told = { readonly kind: string; readonly since: Instant; readonly last: Instant; readonly times: number };

export type Recalled = { readonly state: State; readonly warnings: readonly string[] };

export const NOTHING: State = { version: 1, families: {}, accounts: {}, targets: {}, changes: [], told: {} };

export const statePath = (folder: string): string => `${folder}/state.json`;

/** `account zone name type`: two accounts with the same name never collide. The zone is the account's own, where its options name one. */
export const memoryKey = ({ account, name, type }: Pick<Target, 'account' | 'name' | 'type'>, zone: unknown): string => `${account} ${typeof zone === 'string' ? zone : '*'} ${name} ${type}`;

/** Of what was set aside: a person may want to look at the latest, and a folder must not fill up. */
const ASIDE_KEPT = 5;

/** Reads the memory. Corrupt, foreign or newer state is moved aside under a name that says so. Throws Fault `state` when it is there but cannot be read or moved. */
export function recall(folder: string, world: Pick<World, 'files' | 'clock'>): Recalled {
  const path = statePath(folder);
  const state = stateAt(path, world);
  if (typeof state !== 'string') return { state, warnings: [] };
  const aside = `${path}.unusable-${new Date(world.clock.now()).toISOString().replace(/[:.]/g, '-')}`;
  world.files.rename(path, aside);
  if (typeof stateAt(aside, world) !== 'string') {
    // Another round replaced it between our look and our move: it is put back, unless a newer one is there by now.
    world.files.create(path, world.files.read(aside) ?? '', { mode: 0o600 });
    world.files.remove(aside);
    return recall(folder, world);
  }
  for (const name of asides(folder, world).slice(0, -ASIDE_KEPT)) world.files.remove(`${folder}/${name}`);
  return { state: NOTHING, warnings: [`the remembered state was unusable (${state}); it was set aside as ${aside} and every record is asked for anew`] };
}

/** Oldest first; folders among them stay, nobody but a person can have made them. */
const asides = (folder: string, { files }: Pick<Outlook, 'files'>): readonly string[] =>
  files.list(folder).filter((name) => name.startsWith('state.json.unusable-') && sortOf(`${folder}/${name}`, files) !== 'folder');

/** The remembered state, or why what is there is none. */
export const readState = (folder: string, world: Pick<Outlook, 'files'>): State | string => stateAt(statePath(folder), world);

function stateAt(path: string, { files }: Pick<Outlook, 'files'>): State | string {
  switch (sortOf(path, files)) {
    case 'none':
      return NOTHING;
    case 'file':
      return parseState(files.read(path) ?? '');
    case 'folder':
      return 'a folder is in its place';
    default:
      return 'a pipe or a device is in its place';
  }
}

/** What stands at a path, by the mode of inode(7). A pipe would be read for ever. */
function sortOf(path: string, files: Outlook['files']): 'none' | 'file' | 'folder' | 'other' {
  const mode = files.stat(path)?.mode;
  if (mode === undefined) return 'none';
  const sort = mode & S_IFMT;
  return sort === S_IFREG ? 'file' : sort === S_IFDIR ? 'folder' : 'other';
}

const [S_IFMT, S_IFREG, S_IFDIR] = [0o170000, 0o100000, 0o040000];
