/** Everything that is measured side by side, each in a folder of its own, each with its memory of an unchanged address. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { ADDRESS } from './servers.mjs';

const program = join(root, 'bin/ddns-update.js');

/** For every Node: an empty script, the floor, and unchanged rounds. `{ node, what, command, env, folder, prepare }`; `prepare` is the command that gives it its memory. */
export function nodeContenders(node, folder, servers) {
  const contender = (what, make) => {
    const own = join(folder, node.version, what.replaceAll(' ', '-'));
    mkdirSync(own, { recursive: true });
    const { args, prepare } = make(own);
    return { node: node.version, what, folder: own, env: { HOME: own }, command: [node.path, ...args], ...(prepare ? { prepare: [node.path, ...args] } : {}) };
  };
  const round = (format, count) => (own) => {
    const config = join(own, `config.${format}`);
    const zone = join(own, 'home.example.zone');
    const names = Array.from({ length: count }, (_, index) => `host${index}.home.example`);
    writeFileSync(zone, '$ORIGIN home.example.\n$TTL 300\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n');
    writeFileSync(config, format === 'yaml' ? yamlConfig(names, zone, servers) : `${JSON.stringify(configOf(names, zone, servers), undefined, 2)}\n`, { mode: 0o600 });
    return { args: [program, 'run', '--config', config, '--state', join(own, 'state')], prepare: true };
  };
  return [
    contender('empty node', (own) => {
      writeFileSync(join(own, 'empty.cjs'), '');
      return { args: [join(own, 'empty.cjs')] };
    }),
    contender('floor', (own) => {
      writeFileSync(join(own, 'memory.json'), JSON.stringify({ address: ADDRESS }));
      return { args: [join(root, 'scripts/bench/floor.cjs'), join(own, 'memory.json'), String(servers.dnsPort), String(servers.stunPort)] };
    }),
    contender('unchanged round', round('json', 1)),
    contender('unchanged round YAML', round('yaml', 1)),
    contender('unchanged round 1000 records', round('json', 1000)),
  ];
}

const configOf = (names, zone, { dnsPort, stunPort }) => ({
  records: names.map((name) => ({ name, account: 'own', ttl: 300 })),
  accounts: { own: { provider: 'zonefile', file: zone, zone: 'home.example' } },
  detect: {
    sources: [
      { dns: `127.0.0.1:${dnsPort}`, question: 'whoami.test', class: 'IN', type: 'A', operator: 'one' },
      { stun: `127.0.0.1:${stunPort}`, operator: 'two' },
    ],
    allow: ['203.0.113.0/24'],
  },
});

const yamlConfig = (names, zone, { dnsPort, stunPort }) => `records:
${names.map((name) => `  - { name: ${name}, account: own, ttl: 300 }`).join('\n')}
accounts:
  own: { provider: zonefile, file: ${zone}, zone: home.example }
detect:
  sources:
    - { dns: "127.0.0.1:${dnsPort}", question: whoami.test, class: IN, type: A, operator: one }
    - { stun: "127.0.0.1:${stunPort}", operator: two }
  allow: [203.0.113.0/24]
`;

/** ddclient and inadyn, where they are installed: one host, an HTTP echo and an update service on loopback. */
export function otherContenders(folder, { httpPort }) {
  const there = (command, ...args) => {
    const { error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    return error === undefined && /\d+\.\d+[.\d]*/.exec(`${stdout}${stderr}`)?.[0];
  };
  const contenders = [];
  const own = (name) => {
    const path = join(folder, name);
    mkdirSync(join(path, 'cache'), { recursive: true });
    return path;
  };
  const ddclient = there('ddclient', '--version');
  if (ddclient) {
    const at = own('ddclient');
    const config = join(at, 'ddclient.conf');
    writeFileSync(config, `daemon=0\nssl=no\nusev4=webv4, webv4=http://127.0.0.1:${httpPort}/\nprotocol=dyndns2\nserver=127.0.0.1:${httpPort}\nlogin=user\npassword=password\nhost0.home.example\n`, {
      mode: 0o600,
    });
    const command = ['ddclient', '-daemon', '0', '-file', config, '-cache', join(at, 'cache/ddclient.cache')];
    contenders.push({ node: '-', what: `ddclient ${ddclient}`, folder: at, env: { HOME: at }, command, prepare: command });
  }
  const inadyn = there('inadyn', '--version');
  if (inadyn) {
    const at = own('inadyn');
    const config = join(at, 'inadyn.conf');
    const server = `"127.0.0.1:${httpPort}"`;
    writeFileSync(
      config,
      `period = 300\nallow-ipv6 = false\ncustom bench@loopback {\n  username = user\n  password = password\n  ssl = false\n  checkip-server = ${server}\n  checkip-path = "/"\n  checkip-ssl = false\n  ddns-server = ${server}\n  ddns-path = "/nic/update?hostname=%h&myip=%i"\n  hostname = host0.home.example\n}\n`,
      { mode: 0o600 },
    );
    const command = ['inadyn', '--once', '--foreground', '--config', config, '--cache-dir', join(at, 'cache'), '--no-pidfile', '--loglevel', 'none'];
    contenders.push({ node: '-', what: `inadyn ${inadyn}`, folder: at, env: { HOME: at }, command, prepare: command });
  }
  return { contenders, missing: [ddclient ? [] : 'ddclient', inadyn ? [] : 'inadyn'].flat() };
}
