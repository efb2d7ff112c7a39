/** Datagram questions: which server, at which address, how often. Shared by DNS and STUN. */
import { type Family, type IpAddress, parseAddress } from '../core/address.ts';
import { attempt, Fault } from '../core/failure.ts';
import type { Deadline, Outlook, Peer } from '../world/world.ts';
import { type Asked, isUnheard, type Told } from './ask.ts';
import type { DatagramSource, ServerAddress } from './source.ts';

/** A lost datagram is repeated after this long: RFC 8489 section 6.2.1 says 500 ms or more, resolvers wait about as long. */
const REPEAT_MS = 500;
const LOOKUP_MS = 1500;

/** Puts the question to one server, and once more to the next when the first was not heard. */
export async function askServers(
  source: DatagramSource,
  family: Family,
  asked: Asked,
  world: Outlook,
  deadline: Deadline,
  question: (peer: Peer, wait: Deadline & { readonly repeatMs?: number }) => Promise<Told>,
): Promise<Told> {
  const servers = source.servers.filter(({ families }) => families.includes(family));
  const turn = asked.turn ?? 0;
  const from = world.clock.elapsed();
  const left = (): number => Math.max(1, deadline.timeoutMs - (world.clock.elapsed() - from));
  const one = async (at: number, bind: IpAddress | undefined, wait: Deadline & { readonly repeatMs?: number }): Promise<Told> => {
    const server = servers[(turn + at) % servers.length];
    if (server === undefined) throw new TypeError(`${source.id} has no server for IPv${family}`);
    const begun = world.clock.elapsed();
    const address = await addressOf(server, family, turn + at, world, { ...wait, timeoutMs: Math.min(wait.timeoutMs, LOOKUP_MS) });
    const timeoutMs = Math.max(1, wait.timeoutMs - (world.clock.elapsed() - begun));
    return question({ address, port: server.port, ...(bind === undefined ? {} : { bind }) }, { ...wait, timeoutMs });
  };
  if (asked.patience === 'once') return one(0, asked.bind, { timeoutMs: left(), signal: deadline.signal });
  const half = Math.ceil(deadline.timeoutMs / 2);
  const first = await attempt(() => one(0, asked.bind, { timeoutMs: half, signal: deadline.signal, repeatMs: REPEAT_MS }));
  if (first.kind === 'ok') return first.value;
  if (!isUnheard(first.failure) || deadline.signal?.aborted) throw new Fault(first.failure);
  // Not even sent: the system would not send from there.
  const bind = first.failure.phase === 'connect' ? undefined : asked.bind;
  return one(1, bind, { timeoutMs: left(), signal: deadline.signal, repeatMs: REPEAT_MS });
}

async function addressOf({ host }: ServerAddress, family: Family, turn: number, world: Outlook, wait: Deadline): Promise<IpAddress> {
  const literal = parseAddress(host, family);
  if (literal !== undefined) return literal;
  const addresses = (await world.net.lookup(host, family, wait)).filter((address) => parseAddress(address, family) !== undefined);
  const address = addresses[turn % Math.max(1, addresses.length)];
  if (address === undefined) throw new Fault({ kind: 'network', detail: `${host} has no IPv${family} address`, phase: 'lookup', code: 'ENODATA' });
  return address;
}
