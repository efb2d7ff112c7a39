/** The name servers of the laboratory's internet: those of the box's zone, which take signed updates, all above them up to the root, and a cache that everybody asks. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { demand } from '../servers/named.ts';
import { SERVERS, VISITOR } from './topology.ts';

export const ZONE = 'home.example';
export const KEY = { name: 'ddns', algorithm: 'hmac-sha256', secret: Buffer.from('the key of the box in the laboratory').toString('base64') } as const;

export type Naming = {
  /** What the zone holds beside SOA and NS. */
  readonly records: string;
  /** Where the zone above leads: to the zone's two servers; to a stray beside them, which has an old copy of it; to the stray alone. */
  readonly delegation: 'right' | 'stray' | 'wrong';
  /** How long a cache remembers that there is nothing. */
  readonly negativeSeconds: number;
};
/** `at`: milliseconds since the epoch. */
export type Written = { readonly at: number; readonly kind: 'added' | 'deleted'; readonly name: string; readonly type: string; readonly value: string };

type Server = { readonly 4: string; readonly 6: string };
const both = (name: string, server: Server): string => `${name} IN A ${server[4]}\n${name} IN AAAA ${server[6]}\n`;
const zoneFile = (zone: string, servers: readonly string[], records: string, negativeSeconds = 1): string =>
  `$ORIGIN ${zone}\n$TTL 60\n@ IN SOA ${servers[0]} hostmaster.${zone === '.' ? '' : zone} 1 3600 600 86400 ${negativeSeconds}\n${servers.map((server) => `@ IN NS ${server}\n`).join('')}${records}\n`;

const ABOVE = 'ns.above.test.';
const OWN = [`ns1.${ZONE}.`, `ns2.${ZONE}.`] as const;
/** Somebody else's server, where the zone once was. */
const STRAY = 'ns.parking.test.';
/** What it still says of every name in the zone. */
export const PARKED = '198.51.100.222';

/** Writes what they need into `folder` and returns the shell script that starts them and waits until they serve. */
export function namesScript(folder: string, { records, delegation, negativeSeconds }: Naming): string {
  demand('/usr/sbin/named', 'bind9');
  demand('/usr/sbin/unbound', 'unbound');
  demand('/usr/bin/dig', 'bind9-dnsutils');
  const own = `${folder}/names`;
  mkdirSync(own);
  const glue = both(OWN[0], SERVERS.authority) + both(OWN[1], SERVERS.secondary);
  const leadsTo = { right: OWN, stray: [...OWN, STRAY], wrong: [STRAY] }[delegation];
  const zone = zoneFile(`${ZONE}.`, OWN, glue + records, negativeSeconds);
  const hosts = [both('stun', SERVERS.east), both('echo', SERVERS.south), both('echo2', SERVERS.west), both('echo3', SERVERS.coast), both('echo4', SERVERS.island), both('probe', VISITOR)];
  const files: Readonly<Record<string, string>> = {
    'root.db': zoneFile('.', [ABOVE], `example. IN NS ${ABOVE}\ntest. IN NS ${ABOVE}\n`),
    'example.db': zoneFile('example.', [ABOVE], leadsTo.map((server) => `${ZONE}. IN NS ${server}\n`).join('') + (delegation === 'wrong' ? '' : glue)),
    'test.db': zoneFile('test.', [ABOVE], [...hosts, both('ns.above', SERVERS.above), both('ns.parking', SERVERS.parking)].join('')),
    'authority.db': zone,
    // So that it need not wait for the other to be up.
    'secondary.db': zone,
    'parking.db': zoneFile(`${ZONE}.`, [STRAY], `* 60 IN A ${PARKED}\n`),
    'named.conf': namedConfig(own),
    'unbound.conf': unboundConfig(own),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(`${own}/${name}`, text);
  const answers = (server: Server, name: string, type: string): string => `dig +short +time=1 +tries=1 @${server[4]} ${name} ${type} | grep -q '^[^;]'`;
  const allAnswer = [answers(SERVERS.above, 'example', 'SOA'), ...[SERVERS.authority, SERVERS.secondary, SERVERS.parking].map((server) => answers(server, ZONE, 'SOA'))].join(' && ');
  return `ip netns exec internet named -g -n 1 -c ${own}/named.conf >${own}/named.log 2>&1 &
ip netns exec internet sh -c "for try in \\$(seq 500); do ${allAnswer} && break; sleep 0.03; done"
ip netns exec internet unbound -d -c ${own}/unbound.conf >${own}/unbound.log 2>&1 &
ip netns exec internet sh -c "for try in \\$(seq 500); do ${answers(SERVERS.resolver, 'echo.test', 'A')} && exit; sleep 0.03; done; cat ${own}/*.log >&2; exit 1"`;
}

/** One BIND is all of them, each at an address of its own. */
const namedConfig = (folder: string): string => `
key "${KEY.name}" { algorithm ${KEY.algorithm}; secret "${KEY.secret}"; };
options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key"; managed-keys-directory "${folder}";
  listen-on { ${NAMED.map((server) => `${SERVERS[server][4]};`).join(' ')} }; listen-on-v6 { ${NAMED.map((server) => `${SERVERS[server][6]};`).join(' ')} };
  recursion no; allow-query { any; }; dnssec-validation no; notify no; notify-delay 0; empty-zones-enable no; masterfile-format text;
};
controls { };
${view('above', `zone "." { type primary; file "root.db"; };\n  zone "example" { type primary; file "example.db"; };\n  zone "test" { type primary; file "test.db"; };`)}
${view(
  'authority',
  `zone "${ZONE}" { type primary; file "authority.db"; update-policy { grant ${KEY.name} zonesub ANY; };
    allow-transfer { key "${KEY.name}"; ${SERVERS.secondary[4]}; }; notify explicit; also-notify { ${SERVERS.secondary[4]}; }; notify-source ${SERVERS.authority[4]}; };`,
)}
${view('secondary', `zone "${ZONE}" { type secondary; file "secondary.db"; primaries { ${SERVERS.authority[4]}; }; transfer-source ${SERVERS.secondary[4]}; };`)}
${view('parking', `zone "${ZONE}" { type primary; file "parking.db"; };`)}
`;

const NAMED = ['above', 'authority', 'secondary', 'parking'] as const;
const view = (server: (typeof NAMED)[number], zones: string): string => `view "${server}" {\n  match-destinations { ${SERVERS[server][4]}; ${SERVERS[server][6]}; };\n  ${zones}\n};`;

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
stub-zone:
  name: "."
  stub-addr: ${SERVERS.above[4]}
`;

/** Everything that was ever changed in the zone, in order, and when. */
export const historyOf = (folder: string): readonly Written[] =>
  [...readFileSync(`${folder}/names/named.log`, 'utf8').matchAll(/^(\S+ \S+) .*: (adding|deleting) (?:an RR|rrset) at '([^']+)' (\S+) ?(.*)$/gm)].map(
    ([, at = '', verb, name = '', type = '', value = '']) => ({
      at: Date.parse(at.replaceAll('-', ' ')),
      kind: verb === 'adding' ? 'added' : 'deleted',
      name,
      type,
      value,
    }),
  );
