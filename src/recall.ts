/** What is remembered between rounds, read as a plain file. Whatever cannot be read is set aside and treated as unknown. */
import { type Family, type IpAddress, parseAddress } from './core/address.ts';
import type { Memory } from './core/decide.ts';
import { HANDLING, type Trouble } from './core/failure.ts';
import type { Mapping } from './core/mapping.ts';
import type { Instant, Target } from './core/record.ts';
import type { DatagramSource } from './detect/source.ts';
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
  /** Port mappings that we made on a router, by the port outside. */
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
export type ChangeMemory = {
  readonly at: Instant;
  readonly name: string;
  readonly type: string;
  readonly account: string;
  readonly before?: readonly string[];
  readonly after: readonly string[];
  readonly why: string;
};
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

/** The state in `text`, or why it is none. */
export function parseState(text: string): State | string {
  if (text.trim() === '') return 'the file is empty';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the file is cut short or not JSON';
  }
  if (!isRecord(value)) return 'the file holds no state';
  if (typeof value['version'] === 'number' && value['version'] > 1) return `it was written by a newer ddns-update (version ${value['version']})`;
  if (value['version'] !== 1) return 'the file was written by another program';
  for (const [part, isGood] of Object.entries(PARTS)) {
    const wrong = isGood(value[part]);
    if (wrong !== undefined) return wrong === '' ? `its part "${part}" is damaged` : `what its part "${part}" says of "${wrong}" is damaged`;
  }
  return value as unknown as State;
}

type Check = (value: unknown) => boolean;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape = (checks: Readonly<Record<string, Check>>): Check => {
  const entries = Object.entries(checks);
  return (value) => isRecord(value) && entries.every(([key, check]) => check(value[key]));
};

/** Undefined when all is well; else the key of the damaged row, or `''` for the whole part. */
type PartCheck = (value: unknown) => string | undefined;
const rows =
  (check: Check): PartCheck =>
  (value) =>
    isRecord(value) ? Object.keys(value).find((key) => !check(value[key])) : '';
const whole =
  (check: Check): PartCheck =>
  (value) =>
    check(value) ? undefined : '';

/** A thousand names mostly have one address. */
let lastGood: unknown;
const isAddress: Check = (value) => {
  if (value === lastGood) return true;
  if (typeof value !== 'string' || parseAddress(value) !== value) return false;
  lastGood = value;
  return true;
};
const isSet = shape({
  name: isText,
  type: (value) => value === 'A' || value === 'AAAA',
  values: list(isAddress),
  ttl: optional(isNumber),
});
const isTrouble = shape({
  since: isNumber,
  count: isNumber,
  until: (value) => value === 'changed' || isNumber(value),
  digest: optional(isText),
  notedAt: isNumber,
  failure: shape({ kind: (value) => typeof value === 'string' && Object.hasOwn(HANDLING, value), detail: isText, hint: optional(isText), retryAfterSeconds: optional(isNumber) }),
});

const isServer = shape({ host: isText, port: isNumber, families: list(isNumber) });
const isSource = shape({
  kind: (value) => value === 'dns' || value === 'stun',
  id: isText,
  operator: isText,
  families: list(isNumber),
  servers: list(isServer),
  question: optional(isText),
  class: optional(isText),
  type: optional(isText),
});

const isPort: Check = (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535;
const MAPPINGS = rows(
  shape({
    protocol: (value) => value === 'tcp' || value === 'udp',
    external: isPort,
    internal: isPort,
    by: (value) => value === undefined || value === 'pcp' || value === 'nat-pmp' || value === 'upnp',
    router: shape({ gateway: isText, gatewayMac: optional(isText) }),
    client: isText,
    from: isNumber,
    until: optional(isNumber),
    nonce: (value) => typeof value === 'string' && /^[0-9a-f]{24}$/.test(value),
    description: isText,
  }),
);

/** Everything that is read without a second look later on: addresses, numbers, kinds. Names are taken from the config. */
const PARTS: { readonly [Part in Exclude<keyof State, 'version'>]-?: PartCheck } = {
  settled: whole(
    optional(
      shape({
        config: isText,
        from: isNumber,
        until: isNumber,
        addresses: shape({ 4: optional(isAddress), 6: optional(isAddress) }),
        sources: list(isSource),
        allow: list(isText),
        deny: list(isText),
        servers: list(isText),
      }),
    ),
  ),
  checked: whole(optional(list(isText))),
  network: whole(optional(shape({ gateway: isText, gatewayMac: optional(isText), interface: isText, prefix: optional(isText) }))),
  families: rows(shape({ address: optional(isAddress), fullAt: optional(isNumber) })),
  accounts: rows(shape({ identity: isText, zones: optional(list(shape({ name: isText, id: isText }))), trouble: optional(isTrouble) })),
  targets: rows(shape({ set: optional(isSet), pending: optional(isSet), confirmedAt: optional(isNumber), refreshAt: optional(isNumber), notBefore: optional(isNumber), trouble: optional(isTrouble) })),
  changes: whole(list(shape({ at: isNumber, name: isText, type: isText, account: isText, before: optional(list(isText)), after: list(isText), why: isText }))),
  told: rows(shape({ kind: isText, since: isNumber, last: isNumber, times: isNumber })),
  mappings: (value) => (value === undefined ? undefined : MAPPINGS(value)),
};
