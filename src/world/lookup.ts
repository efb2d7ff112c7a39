/** Names to addresses, asked anew each time: after a move a resolver that was opened before keeps asking the old network. */
import { type Family, familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { Fault } from '../core/failure.ts';
import { networkFault, within } from './trouble.ts';
import type { Deadline } from './world.ts';

const LOOPBACK: readonly IpAddress[] = ['127.0.0.1', '::1'].flatMap((text) => parseAddress(text) ?? []);

/**
 * What the C library is told, see resolv.conf(5). Left to itself it repeats a lost question after 5 s, when everybody here has given up; and since nothing can
 * call its lookups off, the process would wait for their end after all else is done.
 */
const SYSTEM_PATIENCE = 'timeout:1 attempts:3';

/** See `Net.lookup`. `servers`: `HOST:PORT` of literals that replace the system's resolvers; empty: the system. */
export async function lookup(servers: readonly string[], host: string, family: Family | undefined, wait: Deadline): Promise<readonly IpAddress[]> {
  const literal = parseAddress(host.replace(/^\[(.*)\]$/, '$1'));
  if (literal !== undefined) return family === undefined || familyOf(literal) === family ? [literal] : none(host, family);
  // Loopback by definition, whatever a hosts file or a server says (RFC 6761 section 6.3).
  if (/^(.+\.)?localhost\.?$/i.test(host)) return LOOPBACK.filter((address) => family === undefined || familyOf(address) === family);
  const dns = await import('node:dns');
  const resolver = servers.length === 0 ? undefined : new dns.Resolver({ timeout: Math.max(250, Math.floor(wait.timeoutMs / 2)), tries: 2 });
  return within<readonly IpAddress[]>({ who: host, timeoutMs: wait.timeoutMs, signal: wait.signal, phase: () => 'lookup', end: () => resolver?.cancel() }, ({ done, fail }) => {
    const found = (texts: readonly string[]): void => {
      const addresses = texts.flatMap((text) => parseAddress(text) ?? []);
      if (addresses.length > 0) done(addresses);
      else fail(Object.assign(new Error('no address'), { code: 'ENODATA' }));
    };
    if (resolver === undefined) {
      process.env['RES_OPTIONS'] ??= SYSTEM_PATIENCE;
      dns.lookup(host, { family: family ?? 0, all: true, verbatim: true }, (error, rows) => (error ? fail(error) : found(rows.map(({ address }) => address))));
      return;
    }
    resolver.setServers([...servers]);
    const families: readonly Family[] = family === undefined ? [4, 6] : [family];
    const ask = (one: Family): Promise<readonly string[]> =>
      new Promise((resolve, reject) => resolver[one === 4 ? 'resolve4' : 'resolve6'](host, (error: Error | null, texts: string[]) => (error ? reject(error) : resolve(texts))));
    Promise.allSettled(families.map(ask)).then((answers) => {
      const texts = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
      const refused = answers.find((answer) => answer.status === 'rejected');
      if (texts.length === 0 && refused) fail(networkFault(refused.reason, { who: host, phase: 'lookup' }));
      else found(texts);
    });
  });
}

function none(host: string, family: Family): never {
  throw new Fault({ kind: 'network', detail: `${host} is no IPv${family} address`, phase: 'lookup', code: 'ENODATA' });
}
