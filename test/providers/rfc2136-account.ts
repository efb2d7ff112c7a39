/** Opens an rfc2136 account on the real network of this machine, with the clock and the messages under the test's eye. */

import type { IpAddress } from '../../src/core/address.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Change } from '../../src/core/plan.ts';
import { keyOf, type RecordKey, type RecordType, recordSet } from '../../src/core/record.ts';
import { redactor, Secret } from '../../src/core/secret.ts';
import rfc2136 from '../../src/providers/rfc2136/provider.ts';
import type { Provider, Tools } from '../../src/sdk/provider.ts';
import { openWorld } from '../../src/world/index.ts';
import type { Net } from '../../src/world/world.ts';

export type AccountOptions = {
  readonly server: string;
  readonly zone?: string;
  readonly key?: { readonly name: string; readonly algorithm?: string; readonly secret: string; readonly insecure?: boolean };
  readonly transport?: 'tcp' | 'udp';
};

/** `clockMs`: how far this machine's clock is off. `requests`: DNS messages sent. `intercept` runs before anything is sent. */
export function openAccount(options: AccountOptions, { clockMs = 0, net }: { readonly clockMs?: number; readonly net?: (real: Net) => Net } = {}) {
  const world = openWorld({ servers: [], env: {}, redactor: redactor() });
  const counts = { requests: 0, connections: 0, datagrams: 0 };
  const real = net === undefined ? world.net : net(world.net);
  const counting: Net = {
    ...real,
    stream(peer, payload, done, wait) {
      counts.connections++;
      for (let at = 0; at < payload.length; at += 2 + (((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0))) counts.requests++;
      return real.stream(peer, payload, done, wait);
    },
    datagram(...all) {
      counts.requests++;
      counts.datagrams++;
      return real.datagram(...all);
    },
  };
  const tools: Tools = {
    account: 'lab',
    net: counting,
    clock: { ...world.clock, now: () => world.clock.now() + clockMs },
    files: world.files,
    processes: world.processes,
    random: world.random,
    signal: new AbortController().signal,
    userAgent: 'test',
    zones: { get: () => [], set: () => {} },
    env: {},
  };
  const { key, zone, transport = 'tcp', server } = options;
  const opened = rfc2136.open(
    {
      server,
      transport,
      zone,
      key: key && { name: key.name, algorithm: key.algorithm ?? 'hmac-sha256', secret: new Secret(key.secret), insecure: key.insecure },
    },
    tools,
  );
  const provider = opened as Required<Pick<Provider, 'read' | 'write'>>;
  return { ...provider, counts };
}

export const recordKey = (name: string, type: RecordType = 'A'): RecordKey => keyOf({ name: fqdn(name), type });

/** `before`: values believed to be there; undefined: not known. */
export function change(
  name: string,
  before: readonly string[] | undefined,
  after: readonly string[],
  { ttl, beforeTtl, type = 'A' }: { readonly ttl?: number; readonly beforeTtl?: number; readonly type?: RecordType } = {},
): Change {
  const at = { name: fqdn(name), type };
  return {
    key: keyOf(at),
    ...(before === undefined ? {} : { before: recordSet(at, before as IpAddress[], beforeTtl) }),
    after: recordSet(at, after as IpAddress[], ttl),
  };
}
