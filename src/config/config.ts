/** The config after the door: everything parsed, nothing left to check but the accounts' own options, which their manifests know. */
import type { Family, IpAddress } from '../core/address.ts';
import type { DriftPolicy } from '../core/drift.ts';
import type { Port } from '../core/mapping.ts';
import type { ProbeChoice } from '../core/reach.ts';
import type { Target } from '../core/record.ts';
import type { AddressPolicy } from '../core/special.ts';
import type { Source } from '../detect/source.ts';

export type Config = {
  /** The file it came from; undefined for flags and environment alone. */
  readonly path: string | undefined;
  /** Changes whenever any byte of the config does: what was checked once need not be checked again while it stays. */
  readonly digest: string;
  readonly targets: readonly Target[];
  readonly accounts: Readonly<Record<string, Account>>;
  readonly detect: DetectConfig;
  /** What is done about a record that somebody else changed. */
  readonly drift: DriftPolicy;
  /** `address:port`, `[address]:port`; empty: the system's resolvers. */
  readonly dns: { readonly servers: readonly string[] };
  /** Absent: changes are not verified beyond the provider's own answer. */
  readonly verify: VerifyConfig | undefined;
  readonly stateFolder: string;
  /** Ports that are to be mapped on the router. Absent: none, and it is not asked to. */
  readonly router?: { readonly map: readonly Port[] };
};

/**
 * `options` as they stand in the config, secrets unresolved: the provider's manifest parses them when the account is opened.
 * `fromFlags`: they came from the command line, so they are all text, and secrets left out are taken from the provider's own environment variables.
 * `folder`: from where a provider package is looked for; absent: the current folder.
 */
export type Account = { readonly name: string; readonly provider: string; readonly options: Readonly<Record<string, unknown>>; readonly fromFlags?: true; readonly folder?: string };

export type DetectConfig = {
  readonly sources: readonly Source[];
  /** The user listed all sources himself: demands are capped by what they can give. With the built-in mix among them they are not: what is added never lowers what an agreement must have. */
  readonly listed: boolean;
  readonly quorum: number;
  readonly fullEveryMs: number;
  readonly policy: AddressPolicy;
  /** `--ip`: taken as it is, nobody is asked. */
  readonly given: ReadonlyMap<Family, IpAddress>;
};

export type VerifyConfig = { readonly resolvers: readonly string[]; readonly ports: readonly number[]; readonly probe: ProbeChoice };

/** One thing wrong with a config: where, what, and how to cure it. `line` and `column` count from 1. `help`: what takes more than a sentence, a line each. */
export type Problem = {
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
  readonly help?: readonly string[];
};
