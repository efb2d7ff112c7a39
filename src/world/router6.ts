/** The router for IPv6, which Linux tells in a file, and macOS and Windows through programs. */
import { parseAddress } from '../core/address.ts';
import { attempt } from '../core/failure.ts';
import { textOf } from './interfaces.ts';
import { defaultRoute6 } from './network.ts';
import { parseRouteGet } from './network-elsewhere.ts';
import type { Processes, Router6 } from './world.ts';

const WAIT = { timeoutMs: 3000, maxBytes: 64 * 1024 };

/** See `Net.router6`. */
export async function router6(run: Processes['run']): Promise<Router6 | undefined> {
  switch (process.platform) {
    case 'linux': {
      const route = defaultRoute6(textOf('/proc/net/ipv6_route'));
      return route && asRouter(route.gateway, route.interface, route.interface);
    }
    case 'darwin': {
      const route = parseRouteGet(await output(run, ['/sbin/route', '-n', 'get', '-inet6', 'default']));
      return route && asRouter(route.gateway, route.interface, route.interface);
    }
    case 'win32':
      return parseNextHop6(await output(run, ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', SCRIPT]));
    default:
      return undefined;
  }
}

/** The route with the lowest sum of metrics. Windows means links by their numbers. */
const SCRIPT = `$r = Get-NetRoute -DestinationPrefix '::/0' -ErrorAction SilentlyContinue | Sort-Object { $_.RouteMetric + $_.ifMetric } | Select-Object -First 1
if ($r) { @{ gateway = $r.NextHop; interface = $r.InterfaceAlias; index = $r.ifIndex } | ConvertTo-Json -Compress }`;

/** What `SCRIPT` prints. */
export function parseNextHop6(text: string): Router6 | undefined {
  const [gateway, name, index] = [/"gateway":"([^"]+)"/, /"interface":"([^"]+)"/, /"index":(\d+)/].map((pattern) => pattern.exec(text)?.[1]);
  return gateway === undefined || name === undefined || index === undefined ? undefined : asRouter(gateway, index, name);
}

/** Without a next hop there is no router, but a line that this machine is on itself. */
function asRouter(gateway: string, zone: string, name: string): Router6 | undefined {
  const address = parseAddress(gateway.replace(/%.*$/, ''), 6);
  return address === undefined || address === '::' ? undefined : { address, zone, interface: name };
}

async function output(run: Processes['run'], command: readonly string[]): Promise<string> {
  const ran = await attempt(() => run(command, WAIT));
  return ran.kind === 'ok' && ran.value.exit === 0 ? ran.value.stdout : '';
}
