/** Mappings by UPnP (WANIPConnection 1 and 2, WANPPPConnection 1). They belong to whoever their description names; the one that is there is always looked at first. */
import { type IpAddress, parseAddress } from '../core/address.ts';
import { attempt } from '../core/failure.ts';
import { type Entry, LIFETIME_SECONDS, type Port, standing } from '../core/mapping.ts';
import { asBallotFailure } from '../detect/ask.ts';
import type { Connection } from '../detect/router/igd.ts';
import { callAction, type SoapReply } from '../detect/router/soap.ts';
import { lineStates } from '../detect/router/upnp.ts';
import type { Deadline } from '../world/world.ts';
import { type Asking, boundedLifetime, type Client, type Described, type Made, type Refused, type Removed, refused, type Unspoken, type Wish } from './client.ts';

/** `lifetimeSeconds` 0: until it is deleted. */
type Look = { readonly kind: 'entry'; readonly entry: Entry; readonly lifetimeSeconds: number } | { readonly kind: 'none' } | Refused | Unspoken;
type Opened = { readonly kind: 'open'; readonly connection: Connection } | Refused | Unspoken;
type Called = SoapReply | Unspoken;
type Args = readonly (readonly [name: string, value: string])[];

/** WANIPConnection:2 section 2.5, and what of it routers of version 1 say. */
const ERROR = { invalidAction: 401, invalidArgs: 402, notAuthorized: 606, noSuchEntry: 714, conflict: 718, permanentOnly: 725 } as const;
const STATES_MS = 2000;

/** `others`: the mapping of somebody else that is at a port outside, in words; undefined where there is none, or that cannot be learnt. */
export type UpnpClient = Client & { readonly others: (wish: Wish) => Promise<Extract<Made, { kind: 'leads-here' | 'taken' }> | undefined> };

export function upnpClient(described: Described, asking: Asking): UpnpClient {
  const { world, signal } = asking;
  let opened: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opened ??= openLine(described, asking);
    return opened;
  };
  const call = async (connection: Connection, action: string, args: Args = []): Promise<Called> => {
    const asked = await attempt(() => callAction(connection, { action, args }, world, { timeoutMs: 2000, signal }));
    return asked.kind === 'ok' ? asked.value : { kind: 'unspoken', failure: asBallotFailure(asked.failure) };
  };
  const look = async (connection: Connection, port: Port): Promise<Look> => {
    const reply = await call(connection, 'GetSpecificPortMappingEntry', keyArgs(port));
    if (reply.kind === 'unspoken') return reply;
    if (reply.kind === 'error') return reply.code === ERROR.noSuchEntry ? { kind: 'none' } : refused(`does not say who has the port, and without that none is taken (${meaningOf(reply)})`);
    return asEntry(reply.values);
  };
  const add = async (connection: Connection, wish: Wish): Promise<Called> => {
    const reply = await call(connection, 'AddPortMapping', addArgs(wish, LIFETIME_SECONDS));
    const isForEver = reply.kind === 'error' && (reply.code === ERROR.permanentOnly || reply.code === ERROR.invalidArgs);
    return isForEver ? call(connection, 'AddPortMapping', addArgs(wish, 0)) : reply;
  };
  const externalAddress = async (connection: Connection): Promise<IpAddress | undefined> => {
    const reply = await call(connection, 'GetExternalIPAddress');
    return reply.kind === 'returned' ? parseAddress(reply.values.get('NewExternalIPAddress') ?? '', 4) : undefined;
  };

  const make = async (wish: Wish): Promise<Made> => {
    const line = await open();
    if (line.kind !== 'open') return line;
    const { connection } = line;
    const there = await look(connection, wish.port);
    if (there.kind === 'refused' || there.kind === 'unspoken') return there;
    if (there.kind === 'entry') {
      const { entry } = there;
      const another = ofOthers(entry, wish);
      if (another !== undefined) return another;
      const isAsWanted = entry.client === wish.own && entry.internal === wish.port.internal;
      if (!isAsWanted) await call(connection, 'DeletePortMapping', keyArgs(wish.port));
    }
    const added = await add(connection, wish);
    if (added.kind === 'unspoken') return added;
    if (added.kind === 'error') return added.code === ERROR.conflict ? { kind: 'taken', ...(there.kind === 'entry' ? { by: printHolder(there.entry) } : {}) } : refused(meaningOf(added));
    // Two may have looked at once, and some routers let the last one win.
    const now = await look(connection, wish.port);
    if (now.kind === 'none') return refused('says that it made the mapping, but does not have it (UPnP)');
    if (now.kind !== 'entry') return now;
    const { entry, lifetimeSeconds } = now;
    if (entry.client !== wish.own || entry.internal !== wish.port.internal) return { kind: 'taken', by: printHolder(entry) };
    if (entry.off) return refused('says that it made the mapping, but keeps it switched off (UPnP)');
    const address = await externalAddress(connection);
    return {
      kind: 'mapped',
      ...(lifetimeSeconds === 0 ? {} : { lifetimeSeconds: boundedLifetime(lifetimeSeconds) }),
      ...(address === undefined ? {} : { address }),
      // What the router keeps of it is what it will be known by.
      description: entry.description,
    };
  };

  const remove = async (wish: Wish): Promise<Removed> => {
    const line = await open();
    if (line.kind !== 'open') return line;
    const there = await look(line.connection, wish.port);
    if (there.kind === 'none') return { kind: 'absent' };
    if (there.kind !== 'entry') return there;
    if (standingOf(there.entry, wish) !== 'ours') return { kind: 'taken', by: printHolder(there.entry) };
    const reply = await call(line.connection, 'DeletePortMapping', keyArgs(wish.port));
    if (reply.kind === 'unspoken') return reply;
    if (reply.kind === 'returned') return { kind: 'removed' };
    return reply.code === ERROR.noSuchEntry ? { kind: 'absent' } : refused(meaningOf(reply));
  };

  const others = async (wish: Wish): Promise<Extract<Made, { kind: 'leads-here' | 'taken' }> | undefined> => {
    const line = await open();
    const there = line.kind === 'open' ? await look(line.connection, wish.port) : line;
    return there.kind === 'entry' ? ofOthers(there.entry, wish) : undefined;
  };
  return { make, remove, others };
}

async function openLine(described: Described, { world, signal }: Asking): Promise<Opened> {
  const found = await described();
  if (found.kind === 'failed') return { kind: 'unspoken', failure: found.failure };
  const until = world.clock.elapsed() + STATES_MS;
  const left = (): Deadline => ({ timeoutMs: Math.max(1, until - world.clock.elapsed()), signal });
  const { usable, states } = await lineStates(found.connections, world, left);
  const [first] = usable;
  return first === undefined ? refused(`says that its line is down (UPnP: ${states.join(', ')})`) : { kind: 'open', connection: first.connection };
}

const standingOf = (entry: Entry, { port, own, description, remembered }: Wish): ReturnType<typeof standing> => standing(entry, port, { client: own, description, remembered });

function ofOthers(entry: Entry, wish: Wish): Extract<Made, { kind: 'leads-here' | 'taken' }> | undefined {
  const is = standingOf(entry, wish);
  switch (is) {
    case 'ours':
      return undefined;
    case 'leads-here':
      return { kind: 'leads-here', by: printHolder(entry) };
    case 'taken':
      return { kind: 'taken', by: printHolder(entry) };
    default:
      return is satisfies never;
  }
}

const keyArgs = ({ external, protocol }: Port): Args => [
  ['NewRemoteHost', ''],
  ['NewExternalPort', String(external)],
  ['NewProtocol', protocol.toUpperCase()],
];

/** In the order of the service's description, by which routers go. */
const addArgs = ({ port, own, description }: Wish, lifetimeSeconds: number): Args => [
  ...keyArgs(port),
  ['NewInternalPort', String(port.internal)],
  ['NewInternalClient', own],
  ['NewEnabled', '1'],
  ['NewPortMappingDescription', description],
  ['NewLeaseDuration', String(lifetimeSeconds)],
];

function asEntry(values: ReadonlyMap<string, string>): Look {
  const [client, internal, lifetime] = [parseAddress(values.get('NewInternalClient') ?? '', 4), Number(values.get('NewInternalPort')), Number(values.get('NewLeaseDuration') ?? 0)];
  const off = /^(0|false|no)$/i.test(values.get('NewEnabled') ?? '') ? ({ off: true } as const) : {};
  if (client === undefined || !Number.isInteger(internal) || internal < 0 || internal > 65_535) return refused('says that somebody has the port, but not who in words that can be read (UPnP)');
  const lifetimeSeconds = Number.isInteger(lifetime) && lifetime > 0 ? lifetime : 0;
  return { kind: 'entry', entry: { client, internal, description: values.get('NewPortMappingDescription') ?? '', ...off }, lifetimeSeconds };
}

/** Behind whoever has a port, but lets nobody through by it. */
export const SWITCHED_OFF = ', switched off';

/** Anybody in the local network may have written the description. */
function printHolder({ client, internal, description, off }: Entry): string {
  const words = description.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
  return `${client}:${internal}${words === '' ? '' : ` (${JSON.stringify(words)})`}${off ? SWITCHED_OFF : ''}`;
}

function meaningOf({ code, words }: Extract<SoapReply, { kind: 'error' }>): string {
  const known = MEANINGS[code];
  if (known !== undefined) return `${known} (UPnP error ${code})`;
  const printable = words.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
  return `refuses the mapping (UPnP error ${code}${printable === '' ? '' : `, ${JSON.stringify(printable)}`})`;
}

const MEANINGS: Readonly<Record<number, string>> = {
  401: 'does not know how to do that',
  402: 'does not take the mapping as it is asked for',
  501: 'could not do it: is its line down, or is another device in front of it?',
  606: 'does not allow it: allow UPnP in its settings, and for this port if it asks which',
  715: 'wants to be told from where the port may be reached, which cannot be known',
  716: 'cannot map one port alone',
  724: 'can map a port only to the same one here: say 443, not 8443:443',
  726: 'wants to be told nothing of who may connect',
  727: 'maps all ports or none, which is not asked of it',
  728: 'has no room for another mapping',
  729: 'has the port forwarded by other means already: look at its settings',
};
