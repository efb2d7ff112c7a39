/** What the command line says of the config: which file, or which names at which provider without any. Throws Fault `usage`. */
import { type Family, familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { Fault } from '../core/failure.ts';

export type ConfigFlags = {
  readonly config?: string;
  readonly state?: string;
  /** With `provider`: the names to keep. Without: which of the config's are meant, which is not this folder's business. */
  readonly names: readonly string[];
  readonly provider?: string;
  /** `key=value`; dots in the key lead into groups. */
  readonly options: readonly string[];
  readonly ip: readonly string[];
};

/** `--ip`, by family; at most one for each. */
export function givenAddresses(ip: readonly string[]): ReadonlyMap<Family, IpAddress> {
  const given = new Map<Family, IpAddress>();
  for (const written of ip) {
    const address = parseAddress(written);
    if (address === undefined) throw usage(`--ip ${written}: is not an IP address`);
    const family = familyOf(address);
    if (given.has(family)) throw usage(`--ip is given twice for IPv${family}`);
    given.set(family, address);
  }
  return given;
}

/** The same mapping that a file would hold; undefined when the flags do not mean to replace a file. */
export function configFromFlags(flags: ConfigFlags): Readonly<Record<string, unknown>> | undefined {
  if (flags.provider === undefined) {
    if (flags.options.length > 0) throw usage('--option belongs to --provider, which is not given');
    return undefined;
  }
  if (flags.config !== undefined) throw usage('--provider is for use without a config, but --config is given too');
  if (flags.names.length === 0) throw usage(`--provider ${flags.provider} needs the names to update: ddns-update NAME --provider ${flags.provider}`);
  const families = [...givenAddresses(flags.ip).keys()].sort();
  return {
    records: flags.names.map((name) => ({ name, ...(families.length > 0 ? { families } : {}) })),
    // The owner of a package is no part of the account's name.
    accounts: { [flags.provider.replace(/^@[^/]*\//, '')]: { provider: flags.provider, ...optionsOf(flags.options) } },
  };
}

/** All values are text; the manifest knows what they are meant to be. */
function optionsOf(written: readonly string[]): Readonly<Record<string, unknown>> {
  const options: Record<string, unknown> = {};
  for (const pair of written) {
    const equals = pair.indexOf('=');
    const keys = pair.slice(0, equals).split('.');
    // Without the value: it may be a secret.
    if (equals < 1 || keys.some((key) => key === '' || key === '__proto__')) throw usage(`--option takes KEY=VALUE${equals < 1 ? '' : `, not ${pair.slice(0, equals)}=...`}`);
    if (keys[0] === 'provider') throw usage('--option provider=...: use --provider');
    let group = options;
    for (const key of keys.slice(0, -1)) {
      const inner = Object.hasOwn(group, key) ? group[key] : {};
      if (typeof inner !== 'object' || inner === null) throw usage(`--option ${keys.join('.')}: ${key} has a value already`);
      group[key] = inner;
      group = inner as Record<string, unknown>;
    }
    const last = keys.at(-1) ?? '';
    if (Object.hasOwn(group, last)) throw usage(`--option ${keys.join('.')} is given twice`);
    group[last] = pair.slice(equals + 1);
  }
  return options;
}

const usage = (detail: string): Fault => new Fault({ kind: 'usage', detail });
