/** Real authoritative servers (BIND) and a real resolver (unbound) on loopback, each at a port of its own, and a network in which they have addresses of their own. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyOf, type IpAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import type { Net, Peer } from '../../src/world/world.ts';
import { demand, PROGRAM, run, supervised } from './named.ts';

/** A zone that a server has: from `records`, which begin after SOA and NS, or from another server. Names are relative to the zone. */
export type ServedZone = {
  readonly name: string;
  readonly records?: string;
  /** Instead of them: the whole file, where it does not come from the others. */
  readonly whole?: string;
  /** Servers that the zone itself names; full names without a final dot. */
  readonly servers?: readonly string[];
  readonly from?: Place;
  readonly notify?: readonly Place[];
};

/** Where a server listens. */
export type Place = { readonly address: string; readonly port: number };

export type NameServer = { readonly stop: () => Promise<void>; readonly log: () => string; readonly update: (...lines: readonly string[]) => void };

export const soaOf = ({ name, servers = [], records = '' }: ServedZone): string => {
  const origin = name === '.' ? '.' : `${name}.`;
  return `$ORIGIN ${origin}\n$TTL 300\n@ IN SOA ${servers[0]}. hostmaster.${origin === '.' ? '' : origin} 1 3600 600 86400 60\n${servers.map((server) => `@ IN NS ${server}.\n`).join('')}${records}\n`;
};

const LOOPBACK = '127.0.0.1';
export const at = (port: number): Place => ({ address: LOOPBACK, port });

export const namedConfig = (folder: string, zones: readonly ServedZone[], { port, address }: Place): string => `
options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
  listen-on port ${port} { ${address}; }; listen-on-v6 { none; };
  recursion no; allow-query { any; }; allow-transfer { any; }; minimal-responses no-auth; notify-delay 0;
  query-source address ${address}; transfer-source ${address}; notify-source ${address};
  dnssec-validation no; empty-zones-enable no; notify explicit;
};
controls { };
${zones
  .map(({ name, from, notify = [] }) =>
    from === undefined
      ? `zone "${name}" { type primary; file "${folder}/${fileOf(name)}"; allow-update { any; }; also-notify { ${notify.map((one) => `${one.address} port ${one.port};`).join(' ')} }; };`
      : `zone "${name}" { type secondary; file "${folder}/${fileOf(name)}"; primaries { ${from.address} port ${from.port}; }; };`,
  )
  .join('\n')}`;

export const fileOf = (zone: string): string => `${zone === '.' ? 'root' : zone}.db`;

/** Starts BIND on loopback. `update`: lines of nsupdate, such as `update add box.home.example 60 A 8.8.8.8`. */
export async function startNameServer(port: number, zones: readonly ServedZone[]): Promise<NameServer> {
  demand(PROGRAM, 'bind9');
  demand('/usr/bin/nsupdate', 'bind9-dnsutils');
  const folder = mkdtempSync(join(tmpdir(), 'ddns-zones-'));
  for (const zone of zones) if (zone.from === undefined) writeFileSync(join(folder, fileOf(zone.name)), soaOf(zone));
  writeFileSync(join(folder, 'named.conf'), namedConfig(folder, zones, { port, address: LOOPBACK }));
  const { stop, log } = await supervised(PROGRAM, ['-g', '-n', '1', '-c', join(folder, 'named.conf')], folder, port);
  return { stop, log, update: (...lines) => void run('/usr/bin/nsupdate', ['-t', '5'], `server ${LOOPBACK} ${port}\n${lines.join('\n')}\nsend\n`) };
}

/** Starts unbound on loopback. `zones`: where it finds each zone; for everything else it asks the servers of `.` among them. */
export async function startResolver(port: number, zones: Readonly<Record<string, readonly Place[]>>): Promise<{ readonly stop: () => Promise<void> }> {
  const program = '/usr/sbin/unbound';
  demand(program, 'unbound');
  const folder = mkdtempSync(join(tmpdir(), 'ddns-unbound-'));
  writeFileSync(join(folder, 'unbound.conf'), unboundConfig(folder, zones, { port, address: LOOPBACK }));
  return supervised(program, ['-d', '-c', join(folder, 'unbound.conf')], folder, port);
}

/** `anchor`: a key of a zone as a DNSKEY record, below which signatures are checked. `reasons`: why they do not fit is told (RFC 8914). */
export type Validation = { readonly anchor: string; readonly reasons: boolean };

export const unboundConfig = (folder: string, zones: Readonly<Record<string, readonly Place[]>>, { port, address }: Place, validation?: Validation): string => `
server:
  directory: "${folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  interface: ${address}
  port: ${port}
  outgoing-interface: ${address}
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  do-not-query-localhost: no
  module-config: "${validation === undefined ? 'iterator' : 'validator iterator'}"
${validation === undefined ? '' : `  trust-anchor: "${validation.anchor}"\n  ede: ${validation.reasons ? 'yes' : 'no'}\n`}  num-threads: 1
  cache-max-negative-ttl: 60
remote-control:
  control-enable: no
${Object.entries(zones)
  .map(([name, servers]) => `stub-zone:\n  name: "${name}"\n${servers.map((one) => `  stub-addr: ${one.address}@${one.port}\n`).join('')}`)
  .join('')}`;

/**
 * The network as it is, but what is sent to port 53 of an address in `places` goes where that server listens; over a family that is `missing` nothing can be
 * sent. `asked`: to whom something was sent.
 */
export function network(net: Net, places: Readonly<Record<string, Place>>, missing?: 4 | 6): { readonly net: Net; readonly asked: string[] } {
  const asked: string[] = [];
  const there = (peer: Peer): Peer => {
    const place = peer.port === 53 ? places[peer.address] : undefined;
    if (missing !== undefined && familyOf(peer.address) === missing && place === undefined)
      throw new Fault({ kind: 'network', phase: 'connect', code: 'ENETUNREACH', detail: 'there is no route to it' });
    asked.push(peer.address);
    return place === undefined ? peer : { ...peer, address: place.address as IpAddress, port: place.port };
  };
  return {
    asked,
    net: {
      ...net,
      datagram: async (peer, ...rest) => net.datagram(there(peer), ...rest),
      stream: async (peer, ...rest) => net.stream(there(peer), ...rest),
    },
  };
}
