/** The default gateway on macOS and Windows, which tell it only through programs. */
import { attempt } from '../core/failure.ts';
import type { Network, Processes } from './world.ts';

const WAIT = { timeoutMs: 3000, maxBytes: 64 * 1024 };

/** Undefined when the programs are missing or say nothing of a default route. */
export async function networkElsewhere(platform: 'darwin' | 'win32', run: Processes['run']): Promise<Network | undefined> {
  return platform === 'darwin' ? onMac(run) : onWindows(run);
}

async function onMac(run: Processes['run']): Promise<Network | undefined> {
  const route = parseRouteGet(await output(run, ['/sbin/route', '-n', 'get', 'default']));
  if (route === undefined) return undefined;
  const mac = parseArp(await output(run, ['/usr/sbin/arp', '-n', route.gateway]));
  return { ...route, ...(mac === undefined ? {} : { gatewayMac: mac }) };
}

/** The lines `gateway:` and `interface:` of `route -n get default`. */
export function parseRouteGet(text: string): Pick<Network, 'gateway' | 'interface'> | undefined {
  const gateway = /^\s*gateway:\s*(\S+)/m.exec(text)?.[1];
  const name = /^\s*interface:\s*(\S+)/m.exec(text)?.[1];
  return gateway === undefined || name === undefined ? undefined : { gateway, interface: name };
}

/** `? (192.168.1.1) at 0:11:22:33:44:55 on en0 ifscope [ethernet]`, with every byte in two digits. */
export const parseArp = (text: string): string | undefined =>
  / at ((?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}) /i
    .exec(text)?.[1]
    ?.toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'))
    .join(':');

/** The route with the lowest sum of metrics, and what the neighbour table says of its next hop. */
const SCRIPT = `$r = Get-NetRoute -DestinationPrefix '0.0.0.0/0','::/0' -ErrorAction SilentlyContinue | Sort-Object { $_.RouteMetric + $_.ifMetric } | Select-Object -First 1
if ($r) { $n = Get-NetNeighbor -IPAddress $r.NextHop -InterfaceIndex $r.ifIndex -ErrorAction SilentlyContinue | Select-Object -First 1
@{ gateway = $r.NextHop; interface = $r.InterfaceAlias; mac = $n.LinkLayerAddress } | ConvertTo-Json -Compress }`;

async function onWindows(run: Processes['run']): Promise<Network | undefined> {
  return parsePowerShell(await output(run, ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', SCRIPT]));
}

/** What `SCRIPT` prints. */
export function parsePowerShell(text: string): Network | undefined {
  const gateway = /"gateway":"([^"]+)"/.exec(text)?.[1];
  const name = /"interface":"([^"]+)"/.exec(text)?.[1];
  const mac = /"mac":"([0-9A-F-]{17})"/i.exec(text)?.[1]?.toLowerCase().replaceAll('-', ':');
  if (gateway === undefined || name === undefined) return undefined;
  return { gateway, ...(mac === undefined ? {} : { gatewayMac: mac }), interface: name };
}

async function output(run: Processes['run'], command: readonly string[]): Promise<string> {
  const ran = await attempt(() => run(command, WAIT));
  return ran.kind === 'ok' && ran.value.exit === 0 ? ran.value.stdout : '';
}
