/**
 * The unchanged round, without the program around it. A round that left everything settled remembers what makes the next ones superfluous:
 * as long as the config is the same to the byte, the box is plugged in where it was, and nothing is due, two datagrams decide. Whatever is
 * not so, or is not understood here, is left to the program; what was heard so far is handed on.
 */
import { configDigest } from './config/digest.ts';
import { find } from './config/find.ts';
import { type Host, stateFolder } from './config/places.ts';
import { type Family, type IpAddress, type Prefix, parsePrefix } from './core/address.ts';
import { attempt } from './core/failure.ts';
import { sameNetwork } from './core/network.ts';
import { type Glimpse, glance } from './detect/glance.ts';
import { readState } from './recall.ts';
import type { Outlook } from './world/world.ts';

export type Glimpses = ReadonlyMap<Family, Glimpse>;

/** `unchanged`: the round is over. Else what was heard, where anybody was asked. Never throws. */
export async function unchanged(argv: readonly string[], host: Host, open: (servers: readonly string[]) => Outlook): Promise<'unchanged' | Glimpses> {
  const flags = plainFlags(argv);
  const nothing: Glimpses = new Map();
  if (flags === undefined) return nothing;
  // What cannot be read here is the program's to tell.
  const heard = await attempt(() => ask(flags, host, open));
  if (heard.kind === 'failed') return nothing;
  return heard.value.size > 0 && [...heard.value.values()].every(({ kind }) => kind === 'same') ? 'unchanged' : heard.value;
}

async function ask(flags: Flags, host: Host, open: (servers: readonly string[]) => Outlook): Promise<Glimpses> {
  const world = open([]);
  const found = find(flags, world, host);
  const state = found.kind === 'found' ? readState(stateFolder(flags.state, world.env, host), world) : 'no config';
  if (found.kind !== 'found' || typeof state === 'string' || state.settled === undefined) return new Map();
  const { settled, network } = state;
  const now = world.clock.now();
  if (settled.config !== configDigest(found.text) || now < settled.from || now >= settled.until) return new Map();
  const here = await world.net.network();
  if (here !== undefined && (network === undefined || !sameNetwork(network, here))) return new Map();
  const published = new Map<Family, IpAddress>(([4, 6] as const).flatMap((family) => (settled.addresses[family] === undefined ? [] : [[family, settled.addresses[family]] as const])));
  return glance({ sources: settled.sources, policy: { allow: prefixes(settled.allow), deny: prefixes(settled.deny) } }, published, open(settled.servers));
}

const prefixes = (texts: readonly string[]): readonly Prefix[] => texts.flatMap((text) => parsePrefix(text) ?? []);

type Flags = { readonly config?: string; readonly state?: string };

/** The way cron calls: at most where the config and the state are. Anything else is for the program to understand. */
export function plainFlags(argv: readonly string[]): Flags | undefined {
  const flags: { config?: string; state?: string } = {};
  const words = argv[0] === 'run' ? argv.slice(1) : argv;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '-q' || word === '--quiet' || word === '--no-color') continue;
    const [, name, value] = /^--(config|state)(?:=(.+))?$/s.exec(word === '-c' ? '--config' : word) ?? [];
    const text = value ?? words[++at];
    if (name === undefined || text === undefined || text.startsWith('-')) return undefined;
    flags[name as 'config' | 'state'] = text;
  }
  return flags;
}
