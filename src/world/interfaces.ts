/** The addresses of this machine's interfaces, joined with the flags that Linux tells of IPv6 ones. On the hot path for IPv6. */
import { readFileSync } from 'node:fs';
import { fromBytes, parseAddress } from '../core/address.ts';
import type { InterfaceAddress } from './world.ts';

type Flags = NonNullable<InterfaceAddress['flags']>;

/** See `Net.interfaces`. Flags are absent outside Linux: Node does not tell them, and other systems only through programs. */
export function interfaces(): readonly InterfaceAddress[] {
  // Loaded when asked for: an unchanged IPv4 round never does.
  const rows = Object.entries(process.getBuiltinModule('node:os').networkInterfaces());
  const flags = process.platform === 'linux' ? parseFlags(textOf('/proc/net/if_inet6')) : undefined;
  return rows.flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ address: text, cidr, internal, mac }): InterfaceAddress[] => {
      const address = parseAddress(text.replace(/%.*$/, ''));
      if (address === undefined) return [];
      const known = flags?.get(`${name} ${address}`);
      return [{ interface: name, address, bits: Number(cidr?.split('/')[1] ?? (address.includes(':') ? 128 : 32)), internal, mac, ...(known ? { flags: known } : {}) }];
    }),
  );
}

/** `interface address` → flags, from /proc/net/if_inet6. Bits of linux/if_addr.h; only the low eight are printed. */
export function parseFlags(text: string): ReadonlyMap<string, Flags> {
  const rows = text.split('\n').flatMap((line): [string, Flags][] => {
    const [hex = '', , , , bits = '', name = ''] = line.trim().split(/\s+/);
    const address = /^[0-9a-f]{32}$/.test(hex) ? fromBytes(Buffer.from(hex, 'hex')) : undefined;
    if (address === undefined) return [];
    const flag = Number.parseInt(bits, 16);
    // Duplicate address detection still going on (0x40, unless optimistic 0x04), or failed (0x08).
    const tentative = (flag & 0x08) !== 0 || (flag & 0x44) === 0x40;
    return [[`${name} ${address}`, { temporary: (flag & 0x01) !== 0, deprecated: (flag & 0x20) !== 0, tentative, permanent: (flag & 0x80) !== 0 }]];
  });
  return new Map(rows);
}

/** A file of /proc; empty when it is not there. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
