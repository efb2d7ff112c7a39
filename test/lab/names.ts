/** The name servers of the laboratory's internet: BIND with the box's zone, which takes signed updates, and unbound, a cache that everybody asks. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { demand } from '../servers/named.ts';
import { SERVERS } from './topology.ts';

export const ZONE = 'home.example';
export const KEY = { name: 'ddns', algorithm: 'hmac-sha256', secret: Buffer.from('the key of the box in the laboratory').toString('base64') } as const;
/** How long a cache remembers that there is nothing. */
const NEGATIVE_SECONDS = 1;

const soa = (zone: string): string => `$TTL 60\n@ IN SOA ns1.${zone}. hostmaster.${zone}. 1 3600 600 86400 ${NEGATIVE_SECONDS}\n@ IN NS ns1.${zone}.\nns1 IN A ${SERVERS.authority[4]}\n`;
const both = (name: string, server: { readonly 4: string; readonly 6: string }): string => `${name} IN A ${server[4]}\n${name} IN AAAA ${server[6]}\n`;

/** Writes what they need into `folder` and returns the shell script that starts them; `records`: what the zone holds beside SOA and NS. */
export function namesScript(folder: string, records: string): string {
  demand('/usr/sbin/named', 'bind9');
  demand('/usr/sbin/unbound', 'unbound');
  demand('/usr/bin/dig', 'bind9-dnsutils');
  mkdirSync(`${folder}/names`);
  writeFileSync(`${folder}/names/${ZONE}.db`, `${soa(ZONE)}${records}\n`);
  writeFileSync(`${folder}/names/test.db`, soa('test') + both('stun', SERVERS.east) + both('echo', SERVERS.south) + both('echo2', SERVERS.west));
  writeFileSync(`${folder}/names/named.conf`, namedConfig(`${folder}/names`));
  writeFileSync(`${folder}/names/unbound.conf`, unboundConfig(`${folder}/names`));
  return `ip netns exec internet named -g -n 1 -c ${folder}/names/named.conf >${folder}/names/named.log 2>&1 &
ip netns exec internet unbound -d -c ${folder}/names/unbound.conf >${folder}/names/unbound.log 2>&1 &`;
}

const namedConfig = (folder: string): string => `
key "${KEY.name}" { algorithm ${KEY.algorithm}; secret "${KEY.secret}"; };
options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
  listen-on { ${SERVERS.authority[4]}; }; listen-on-v6 { ${SERVERS.authority[6]}; };
  recursion no; allow-query { any; }; dnssec-validation no; notify no; empty-zones-enable no;
};
controls { };
zone "${ZONE}" { type primary; file "${folder}/${ZONE}.db"; allow-transfer { key "${KEY.name}"; }; update-policy { grant ${KEY.name} zonesub ANY; }; };
zone "test" { type primary; file "${folder}/test.db"; };
`;

const unboundConfig = (folder: string): string => `
server:
  directory: "${folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: ${SERVERS.resolver[4]}
  interface: ${SERVERS.resolver[6]}
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  module-config: "iterator"
  num-threads: 1
  local-zone: "test." nodefault
remote-control:
  control-enable: no
${[ZONE, 'test'].map((zone) => `stub-zone:\n  name: "${zone}"\n  stub-addr: ${SERVERS.authority[4]}`).join('\n')}
`;
