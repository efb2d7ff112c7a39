/** A process of its own, in the box behind the router: runs `watch` there, starts the router anew, and prints what came of it. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { program, folder } = JSON.parse(readFileSync('/run/steps', 'utf8'));
const watch = spawn(process.execPath, [program, 'watch', '--interval', '1h', '--config', `${folder}/config.json`, '--state', `${folder}/state`]);
let [out, err] = ['', ''];
watch.stdout.on('data', (text) => (out += text));
watch.stderr.on('data', (text) => (err += text));
const ended = new Promise<number | null>((resolve) => watch.on('exit', resolve));

const inRouter = (command: string): string => execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin; nsenter -t 1 -n ${command}`], { encoding: 'utf8' });
const RULES = 'nft list table inet filter';
/** How many milliseconds it took; or what there was in its place. */
async function until(is: () => boolean): Promise<number | string> {
  const begun = Date.now();
  while (!is()) {
    if (Date.now() - begun > 60_000) return `never: ${out}${err}${inRouter(RULES)}`;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Date.now() - begun;
}
const isThere = (): boolean => {
  const rules = inRouter(RULES);
  return rules.includes('dnat ip to 192.168.7.10:8443') && rules.includes('0x2001067c123400070000000000000010');
};

const made = await until(isThere);
const told = await until(() => out.includes('over IPv6 opened'));
inRouter("sh -c 'kill $(cat /run/pid); sleep 0.5; nft flush chain inet filter miniupnpd; nft flush chain inet filter prerouting_miniupnpd'");
const gone = !isThere();
inRouter("sh -c 'miniupnpd -d -f /run/conf -P /run/pid >/run/log2 2>&1 </dev/null &'");
const again = await until(isThere);
watch.kill('SIGTERM');
console.log(JSON.stringify({ made, told, gone, again, exit: await ended, out, err }));
