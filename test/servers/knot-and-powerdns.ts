/** Knot and PowerDNS on loopback, each with zone home.example, one key that may update and transfer it, and a folder of its own. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demand, run, supervised } from './named.ts';
import { freePort } from './ports.ts';

export type NameServer = { readonly port: number; readonly stop: () => Promise<void> };
const ZONE = `$ORIGIN home.example.
$TTL 300
@ IN SOA ns1 hostmaster 1 3600 600 86400 60
@ IN NS ns1
ns1 IN A 127.0.0.1
box 60 IN A 198.51.100.7
cn IN CNAME box
`;

/** `only`: the one label that the key may update. */
export async function startKnot(key: { readonly name: string; readonly secret: string }, only?: string): Promise<NameServer> {
  demand('/usr/sbin/knotd', 'knot');
  const folder = mkdtempSync(join(tmpdir(), 'ddns-knot-'));
  const port = await freePort();
  writeFileSync(join(folder, 'home.example.zone'), ZONE);
  writeFileSync(
    join(folder, 'knot.conf'),
    `server:
  rundir: "${folder}"
  listen: 127.0.0.1@${port}
log:
  - target: stderr
    any: info
database:
  storage: "${folder}"
key:
  - id: ${key.name}
    algorithm: hmac-sha256
    secret: ${key.secret}
acl:
  - id: all
    key: ${key.name}
    action: [update${only === undefined ? ', transfer' : ''}]${only === undefined ? '' : `\n    update-owner: name\n    update-owner-match: equal\n    update-owner-name: [${only}]`}
zone:
  - domain: home.example
    storage: "${folder}"
    file: home.example.zone
    acl: all
`,
  );
  return supervised('/usr/sbin/knotd', ['-c', join(folder, 'knot.conf')], folder, port);
}

/** `apiKey`: its HTTP API answers too, on loopback. */
export async function startPowerDns(key: { readonly name: string; readonly secret: string }, apiKey?: string): Promise<NameServer & { readonly api: string }> {
  demand('/usr/sbin/pdns_server', 'pdns-server');
  demand('/usr/bin/sqlite3', 'sqlite3');
  const schema = '/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql';
  demand(schema, 'pdns-backend-sqlite3');
  const folder = mkdtempSync(join(tmpdir(), 'ddns-pdns-'));
  const [port, apiPort] = [await freePort(), await freePort()];
  const database = join(folder, 'pdns.sqlite3');
  const configuration = join(folder, 'conf');
  mkdirSync(configuration);
  run('/usr/bin/sqlite3', [database, `.read ${schema}`]);
  writeFileSync(
    join(configuration, 'pdns.conf'),
    `launch=gsqlite3
gsqlite3-database=${database}
local-address=127.0.0.1
local-port=${port}
socket-dir=${folder}
dnsupdate=yes
allow-dnsupdate-from=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
setuid=
setgid=
security-poll-suffix=
${apiKey === undefined ? '' : `api=yes\napi-key=${apiKey}\nwebserver=yes\nwebserver-address=127.0.0.1\nwebserver-port=${apiPort}\n`}`,
  );
  writeFileSync(join(folder, 'home.example.zone'), ZONE);
  const util = (...args: readonly string[]): string => run('/usr/bin/pdnsutil', [`--config-dir=${configuration}`, ...args]);
  util('load-zone', 'home.example', join(folder, 'home.example.zone'));
  util('import-tsig-key', key.name, 'hmac-sha256', key.secret);
  util('set-meta', 'home.example', 'TSIG-ALLOW-DNSUPDATE', key.name);
  util('set-meta', 'home.example', 'TSIG-ALLOW-AXFR', key.name);
  const server = await supervised('/usr/sbin/pdns_server', [`--config-dir=${configuration}`, '--daemon=no', '--guardian=no', '--disable-syslog', '--write-pid=no'], folder, port);
  return { ...server, api: `http://127.0.0.1:${apiPort}` };
}
