/**
 * What `watch` sees of the network, in a network namespace of its own that ends with the test: every change within two seconds, and what it costs
 * to look when there is none. Needs iproute2 and util-linux; an ordinary user can do it too, where the system lets him make namespaces.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { program } from '../support/program.ts';

const GATEWAY = '10.9.0.1';
/** As of a machine with tunnels and containers. */
const ROUTES = 200;

/** A cable whose other end is in the same namespace: nobody is there, and everything looks as if somebody were. */
const SETUP = `
mount -t sysfs none /sys
ip link set lo up
ip link add eth0 type veth peer name far0
ip addr add 10.9.0.2/24 dev eth0
ip link set eth0 up
ip link set far0 up
ip route add default via ${GATEWAY}
ip neigh replace ${GATEWAY} lladdr 02:00:00:00:00:01 dev eth0 nud permanent
ip -batch routes
`;

/** As miniupnpd does it when its outside address has changed: from the gateway, to all hosts. */
const announcement = (payload: readonly number[], from = GATEWAY): string =>
  `ip addr add ${from}/32 dev lo; ${process.execPath} -e "const s = require('dgram').createSocket('udp4'); s.bind(5351, '${from}', () => { s.setMulticastInterface('10.9.0.2'); s.send(Uint8Array.of(${payload.join()}), 5350, '224.0.0.1', () => s.close()); })"; ip addr del ${from}/32 dev lo`;
/** RFC 6886 section 3.2.1. */
const natPmp = (last: number, from?: string): string => announcement([0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, last], from);
/** RFC 6887 section 14.1: version 2, ANNOUNCE of a server, success, no lifetime, the epoch, nothing. */
const PCP = announcement([2, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, ...new Array<number>(12).fill(0)]);

type Box = {
  readonly pid: number;
  readonly rounds: () => readonly string[];
  readonly does: (command: string) => void;
  readonly end: () => Promise<number | string>;
  readonly said: () => string;
  readonly told: () => string;
};

/** `watch` in its own network, with an address from a file, so that only what is seen of the network brings rounds about. */
async function plugIn(): Promise<Box> {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/address`, '203.0.113.9\n');
  writeFileSync(`${folder}/routes`, Array.from({ length: ROUTES }, (_, at) => `route add 20.${at >> 8}.${at & 255}.0/24 via 10.9.0.254\n`).join(''));
  writeFileSync(`${folder}/zone`, '$ORIGIN example.com.\n$TTL 300\n@ IN SOA ns1 admin 1 3600 900 604800 60\n@ IN NS ns1\n');
  writeFileSync(
    `${folder}/config.json`,
    JSON.stringify({
      records: [{ name: 'home.example.com' }],
      accounts: { zone: { provider: 'zonefile', file: `${folder}/zone` } },
      detect: { sources: [{ file: `${folder}/address` }], allow: ['203.0.113.0/24'] },
      drift: 'off',
    }),
    { mode: 0o600 },
  );
  const script = `set -e
PATH=$PATH:/usr/sbin:/sbin
${SETUP}
${process.execPath} ${program} watch -v --interval 1h --config ${folder}/config.json --state ${folder}/state &
echo "pid $!"
while read -r line; do eval "$line"; done
wait $! && echo 'exit 0' || echo "exit $?"`;
  const shell = spawn('unshare', [...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']), '--net', '--mount', '--kill-child', '--fork', '/bin/sh', '-c', script], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void shell.kill('SIGKILL'));
  let [out, err] = ['', ''];
  shell.stdout.on('data', (text) => (out += text));
  shell.stderr.on('data', (text) => (err += text));
  shell.on('error', (error) => (err += `this test needs unshare, of util-linux: ${error.message}`));
  const closed = new Promise<void>((resolve) => shell.on('close', () => resolve()));
  const rounds = (): readonly string[] => [...out.matchAll(/^a round, because (.*)$/gm)].map(([, why]) => why ?? '');
  await until(
    () => rounds().length >= 2,
    () => `the first two rounds: ${out}${err}`,
    30,
  );
  const pid = Number(/^pid (\d+)$/m.exec(out)?.[1]);
  return {
    pid,
    rounds,
    said: () => err,
    told: () => out,
    does: (command) => void shell.stdin.write(`${command}\n`),
    end: async () => {
      process.kill(pid, 'SIGTERM');
      shell.stdin.end();
      await closed;
      return /^exit (\d+)$/m.exec(out)?.[1] ?? out;
    },
  };
}

/** Resolves with the milliseconds it took. */
async function until(is: () => boolean, what: () => string, seconds: number): Promise<number> {
  const from = Date.now();
  for (; !is(); await new Promise((resolve) => setTimeout(resolve, 10))) if (Date.now() - from > seconds * 1000) throw new Error(`waited in vain for ${what()}`);
  return Date.now() - from;
}

const NETWORK = 'the network is another';

test('a round within two seconds whatever changes, and none where nothing does', ONCE_MORE, async () => {
  const box = await plugIn();
  const changes: readonly (readonly [string, string, string])[] = [
    ['another default route', 'ip route replace default via 10.9.0.254', NETWORK],
    ['back again', `ip route replace default via ${GATEWAY}`, NETWORK],
    ["the gateway's MAC", `ip neigh replace ${GATEWAY} lladdr 02:00:00:00:00:02 dev eth0 nud permanent`, NETWORK],
    ['an address of IPv6', 'ip addr add fd00:9::2/64 dev eth0 nodad', NETWORK],
    ['another interface', 'ip link add wg9 type veth peer name wg8; ip link set wg8 up; ip addr add 10.66.0.2/32 dev wg9; ip link set wg9 up', NETWORK],
    ['the line is lost', 'ip route del default', NETWORK],
    ['the line is regained', `ip route add default via ${GATEWAY}`, NETWORK],
    ['a cable that was out and in again between two looks', 'ip link set far0 down; ip link set far0 up', NETWORK],
    ['the router announces an address', natPmp(9), 'the router announced an address'],
    ['the router announces another', natPmp(10), 'the router announced an address'],
    ['the router announces that it has begun anew', PCP, 'the router announced an address'],
  ];
  const took: Record<string, number> = {};
  for (const [name, command, why] of changes) {
    // What came of the change before is over: its round, and the addresses that an interface gives itself.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = box.rounds().length;
    box.does(command);
    took[name] = await until(
      () => box.rounds().slice(before).includes(why),
      () => `a round because ${why}, after: ${name}; there were ${box.rounds().slice(before)}. ${box.said()}`,
      5,
    );
  }
  for (const [name, ms] of Object.entries(took)) expect(ms, name).toBeLessThan(2000);
  await until(
    () => box.rounds().at(-1) === 'something may have come late',
    () => 'another look after the last change',
    15,
  );
  const asleep = box.rounds().length;
  process.kill(box.pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 6000));
  process.kill(box.pid, 'SIGCONT');
  const woke = await until(
    () => box.rounds().slice(asleep).includes('the machine slept, or its clock was set'),
    () => `a round after sleep; there were ${box.rounds().slice(asleep)}`,
    5,
  );
  expect(woke, 'resume from sleep').toBeLessThan(2000);
  await until(
    () => box.rounds().slice(asleep).includes('something may have come late'),
    () => 'another look after sleep',
    15,
  );
  const before = box.rounds().length;
  box.does(`ip neigh del ${GATEWAY} dev eth0`);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(box.rounds().slice(before), 'a MAC that is not known just now').toEqual([]);
  box.does(natPmp(11, '10.9.0.77'));
  box.does('echo announced');
  await until(
    () => box.told().includes('announced'),
    () => 'the announcement of another machine',
    5,
  );
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(box.rounds().slice(before), 'somebody else than the gateway announces').toEqual([]);
  expect(await box.end()).toBe('0');
});

/** Nanoseconds of processor time of all threads, proc(5). */
const processorTime = (pid: number): number => readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]), 0);

test('looking costs less than 0.2 % of a core', ONCE_MORE, async () => {
  const box = await plugIn();
  const rounds = box.rounds().length;
  const shares: number[] = [];
  for (let window = 0; window < 4; window++) {
    const [from, before] = [process.hrtime.bigint(), processorTime(box.pid)];
    await new Promise((resolve) => setTimeout(resolve, 5000));
    shares.push((processorTime(box.pid) - before) / Number(process.hrtime.bigint() - from));
  }
  expect(box.rounds()).toHaveLength(rounds);
  process.stdout.write(`watch, idle: ${shares.map((share) => (share * 100).toFixed(3)).join(', ')} % of a core\n`);
  // Where other tests run beside it caches are cold, and the same looks take longer: the best of four tells what they cost.
  expect(Math.min(...shares)).toBeLessThan(0.002);
  expect(await box.end()).toBe('0');
});
