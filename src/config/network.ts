/** Servers, ranges and times as they are written in a config. */
import { familyOf, type Prefix, parseAddress, parsePrefix } from '../core/address.ts';
import type { ServerAddress } from '../detect/source.ts';

type Problem = { readonly problem: string };

/** `HOST`, `HOST:PORT`, `192.0.2.1:5300`, `2001:db8::1`, `[2001:db8::1]:5300`. */
export function parseServer(written: string, defaultPort: number): ServerAddress | Problem {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(written) ?? [];
  const host = parseAddress(written) === undefined ? (bracketed ?? plain) : written;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || host === '') return { problem: `"${written}" is not HOST:PORT` };
  if (number < 1 || number > 65535) return { problem: `"${written}": a port is a number from 1 to 65535` };
  const address = parseAddress(host);
  if (address !== undefined) return { host: address, port: number, families: [familyOf(address)] };
  // What looks like an address but is none must not be looked up as a name.
  if (bracketed !== undefined || /^[\d.]+$/.test(host)) return { problem: `"${host}" is not an IP address` };
  if (!/^[a-z\d_]([a-z\d_.-]*[a-z\d_])?\.?$/i.test(host)) return { problem: `"${host}" is not a host name` };
  return { host: host.toLowerCase().replace(/\.$/, ''), port: number, families: [4, 6] };
}

/** A resolver: an address, for a name would need a resolver itself. `address:port` or `[address]:port`. */
export function parseResolver(written: string): string | Problem {
  const server = parseServer(written, 53);
  if ('problem' in server) return server;
  if (server.families.length > 1) return { problem: `"${written}" is a name; a resolver is given by its address` };
  return server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`;
}

export const parseRange = (written: string): Prefix | Problem =>
  parsePrefix(written) ?? { problem: `"${written}" is not a range such as 10.0.0.0/8 or 2001:db8::/32 (no bits may be set to the right of its length)` };

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 30 * 86_400_000;

/** `90s`, `5m`, `1h`, `1h30m`, in milliseconds; from a second to 30 days, or within other bounds, each of which says by itself why it is one. */
export function parseDuration(written: string, bounds: DurationBounds = ANY): number | Problem {
  const total = /^(\d{1,9}[smhd])+$/.test(written) ? [...written.matchAll(/(\d+)([smhd])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0) : Number.NaN;
  if (Number.isNaN(total)) return { problem: `"${written}" is not a time such as 90s, 5m, 1h or 1d` };
  if (total < bounds.least.ms) return { problem: bounds.least.problem(written) };
  return total > bounds.most.ms ? { problem: bounds.most.problem(written) } : total;
}

type Bound = { readonly ms: number; readonly problem: (written: string) => string };
export type DurationBounds = { readonly least: Bound; readonly most: Bound };

const beyond = (written: string): string => `"${written}" is not from 1s to 30d`;
const ANY: DurationBounds = { least: { ms: 1000, problem: beyond }, most: { ms: LONGEST_MS, problem: beyond } };
