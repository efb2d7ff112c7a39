/** Where the box is plugged in: default gateway, its MAC, the interface, the local prefix. On the hot path: on Linux small files of /proc only. */
import { fromBytes } from '../core/address.ts';
import { textOf } from './interfaces.ts';
import type { Network, Processes } from './world.ts';

/** See `Net.network`. `run` is used on macOS and Windows, where only programs tell. */
export async function network(run: Processes['run']): Promise<Network | undefined> {
  switch (process.platform) {
    case 'linux':
      return networkFromProc({ route: textOf('/proc/net/route'), route6: () => textOf('/proc/net/ipv6_route'), arp: textOf('/proc/net/arp') });
    case 'darwin':
    case 'win32':
      return (await import('./network-elsewhere.ts')).networkElsewhere(process.platform, run);
    default:
      return undefined;
  }
}

type Route = { readonly interface: string; readonly to: number; readonly gateway: number; readonly flags: number; readonly metric: number; readonly mask: number };

/** From the texts of /proc/net/route, /proc/net/ipv6_route and /proc/net/arp. IPv4 first; a box with IPv6 alone has no MAC here. */
export function networkFromProc({ route, route6, arp }: { readonly route: string; readonly route6: () => string; readonly arp: string }): Network | undefined {
  const routes = route.split('\n').slice(1).flatMap(parseRoute);
  // OpenVPN leaves the default route alone and covers it with 0.0.0.0/1 and 128.0.0.0/1: those lead to the internet then.
  const leading = routes.filter(({ to, mask, flags }) => (flags & 1) === 1 && (mask === 0 ? to === 0 : mask === 0x80000000 && to === 0));
  const best = leading.sort((a, b) => b.mask - a.mask || a.metric - b.metric)[0];
  if (best === undefined) return networkFromIpv6(route6());
  const gateway = dotted(best.gateway);
  const local = routes.filter((row) => row.interface === best.interface && row.gateway === 0 && row.mask !== 0 && row.mask !== 0x80000000);
  const near = local.find(({ to, mask }) => best.gateway === 0 || (best.gateway & mask) >>> 0 === to);
  const mac = macOf(arp, gateway, best.interface);
  return {
    gateway,
    ...(mac === undefined ? {} : { gatewayMac: mac }),
    interface: best.interface,
    ...(near === undefined ? {} : { prefix: `${dotted(near.to)}/${ones(near.mask)}` }),
  };
}

function parseRoute(line: string): Route[] {
  const [name = '', to = '', gateway = '', flags = '', , , metric = '', mask = ''] = line.trim().split(/\s+/);
  if (!/^[0-9A-F]{8}$/i.test(to) || !/^[0-9A-F]{8}$/i.test(mask)) return [];
  return [{ interface: name, to: swapped(to), gateway: swapped(gateway), flags: Number.parseInt(flags, 16), metric: Number(metric), mask: swapped(mask) }];
}

/** The kernel prints the four bytes as one number of this machine's byte order, which is little-endian wherever Node runs but on s390x. */
const swapped = (hex: string): number => (hex.match(/../g) ?? []).reduceRight((number, byte) => number * 256 + Number.parseInt(byte, 16), 0);
const dotted = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
const ones = (mask: number): number => mask.toString(2).replace(/0/g, '').length;

/** `0x2`: the kernel has heard the neighbour say so. */
function macOf(arp: string, gateway: string, device: string): string | undefined {
  for (const line of arp.split('\n')) {
    const [ip, , flags = '', mac, , name] = line.trim().split(/\s+/);
    if (ip === gateway && name === device && (Number.parseInt(flags, 16) & 2) !== 0) return mac;
  }
  return undefined;
}

function networkFromIpv6(text: string): Network | undefined {
  const rows = routes6(text);
  const best = best6(rows);
  if (best === undefined) return undefined;
  const onLink = rows.filter(({ to, bits, via, name }) => name === best.name && bits > 0 && bits < 128 && /^0+$/.test(via) && !/^f[ef]/.test(to));
  const prefix = onLink.map(({ to, bits }) => `${text6(to)}/${bits}`).sort()[0];
  return { gateway: text6(best.via), interface: best.name, ...(prefix === undefined ? {} : { prefix }) };
}

/** The default route in the text of /proc/net/ipv6_route. */
export function defaultRoute6(text: string): Pick<Network, 'gateway' | 'interface'> | undefined {
  const best = best6(routes6(text));
  return best && { gateway: text6(best.via), interface: best.name };
}

type Route6 = { readonly to: string; readonly bits: number; readonly via: string; readonly metric: number; readonly flags: number; readonly name: string };

const routes6 = (text: string): readonly Route6[] =>
  text.split('\n').flatMap((line) => {
    const [to = '', bits = '', , , via = '', metric = '', , , flags = '', name = ''] = line.trim().split(/\s+/);
    return /^[0-9a-f]{32}$/.test(to) ? [{ to, bits: Number.parseInt(bits, 16), via, metric: Number.parseInt(metric, 16), flags: Number.parseInt(flags, 16), name }] : [];
  });

const best6 = (rows: readonly Route6[]): Route6 | undefined =>
  rows.filter(({ to, bits, flags, name }) => bits === 0 && /^0+$/.test(to) && (flags & 3) === 3 && name !== 'lo').sort((a, b) => a.metric - b.metric || (a.name < b.name ? -1 : 1))[0];

const text6 = (hex: string): string => fromBytes(Buffer.from(hex, 'hex')) ?? hex;
