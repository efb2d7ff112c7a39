/** Asks the default gateway for its address on the internet's side by UPnP IGD, version 1 or 2. Nobody but the gateway is believed or spoken to. */
import { parseAddress } from '../../core/address.ts';
import { attempt } from '../../core/failure.ts';
import type { Deadline, World } from '../../world/world.ts';
import { asBallotFailure, failed, type Told, told } from '../ask.ts';
import { type Connection, findConnections } from './igd.ts';
import { callAction, type SoapReply } from './soap.ts';

type Tools = Pick<World, 'net' | 'clock'>;

/**
 * The address of the connection that is up; it may be a private one (double NAT) or one of a carrier's NAT, which is for the caller to
 * judge. `failed`: nobody answers (`timeout`), the line is down or the router has no public address (`down`), it refuses (`refused`), somebody meddles (`forged`).
 * Ends within `deadline` and never throws.
 */
export async function upnpExternalAddress(gateway: string, world: Tools, deadline: Deadline): Promise<Told> {
  const router = parseAddress(gateway, 4);
  if (router === undefined || router === '0.0.0.0') return failed('absent', `${gateway} cannot be asked over UPnP, which needs a gateway with an IPv4 address`);
  const until = world.clock.elapsed() + deadline.timeoutMs;
  const left = (): Deadline => ({ timeoutMs: Math.max(1, until - world.clock.elapsed()), signal: deadline.signal });
  const found = await findConnections(router, world, left());
  if (found.kind === 'failed') return found;
  const { usable, states } = await lineStates(found.connections, world, left);
  let first: Told | undefined;
  for (const { connection, line } of usable) {
    const answer = await addressOf(connection, line, world, left());
    if (answer.kind === 'told') return answer;
    first ??= answer;
  }
  return first ?? failed('down', `says that its line is down (UPnP: ${states.join(', ')})`);
}

/** `usable`: those whose line is up, then those that cannot tell. `states`: what the others say of theirs. */
export async function lineStates(
  connections: readonly Connection[],
  world: Tools,
  left: () => Deadline,
): Promise<{ readonly usable: readonly { readonly connection: Connection; readonly line: Line }[]; readonly states: readonly string[] }> {
  const lines = await Promise.all(connections.map(async (connection) => ({ connection, line: await lineOf(connection, world, left()) })));
  const usable = [...lines.filter(({ line }) => line.kind === 'up'), ...lines.filter(({ line }) => line.kind === 'unknown')];
  return { usable, states: lines.flatMap(({ line }) => (line.kind === 'down' ? [line.status] : [])) };
}

type Line = { readonly kind: 'up' } | { readonly kind: 'down'; readonly status: string } | { readonly kind: 'unknown' };

/** The states of WANIPConnection 2.2.3 ("Connected"), and what some routers say instead. One that cannot tell its state may still tell its address. */
const UP = ['connected', 'up'];
const DOWN = ['Unconfigured', 'Connecting', 'Authenticating', 'PendingDisconnect', 'Disconnecting', 'Disconnected', 'Down'];

async function lineOf(connection: Connection, world: Tools, deadline: Deadline): Promise<Line> {
  const asked = await attempt(() => callAction(connection, { action: 'GetStatusInfo' }, world, deadline));
  const status = asked.kind === 'ok' && asked.value.kind === 'returned' ? (asked.value.values.get('NewConnectionStatus') ?? '').toLowerCase() : '';
  if (UP.includes(status)) return { kind: 'up' };
  const known = DOWN.find((one) => one.toLowerCase() === status);
  return known === undefined ? { kind: 'unknown' } : { kind: 'down', status: known };
}

async function addressOf(connection: Connection, line: Line, world: Tools, deadline: Deadline): Promise<Told> {
  const asked = await attempt(() => callAction(connection, { action: 'GetExternalIPAddress' }, world, deadline));
  if (asked.kind === 'failed') return { kind: 'failed', failure: asBallotFailure(asked.failure) };
  if (asked.value.kind === 'error') return failed('refused', meaningOf(asked.value));
  const text = asked.value.values.get('NewExternalIPAddress');
  if (text === undefined) return failed('nonsense', 'answered without an address');
  if (text === '' || text === '0.0.0.0') {
    // So does Debian's miniupnpd when its own address is a private one.
    const why = line.kind === 'up' ? 'its line is up, so it is behind another router or carrier-grade NAT' : 'its line is down, or it is behind another router or carrier-grade NAT';
    return failed('down', `has no public address to tell: ${why}`);
  }
  const address = parseAddress(text, 4);
  return address === undefined ? failed('nonsense', `told ${JSON.stringify(text.slice(0, 40))}, which is no IPv4 address`) : told(address);
}

/** UPnP Device Architecture 2.0 section 3.1.3.3, and WANIPConnection:2 section 2.4.16. */
function meaningOf({ code, words }: Extract<SoapReply, { kind: 'error' }>): string {
  switch (code) {
    case 501:
      return 'could not tell its address (UPnP error 501): is its line down?';
    case 606:
      return 'does not allow being asked (UPnP error 606): allow UPnP in its settings';
    default: {
      const printable = words.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
      return `refused to tell its address (UPnP error ${code}${printable === '' ? '' : `, ${JSON.stringify(printable)}`})`;
    }
  }
}
