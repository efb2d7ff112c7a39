/** Is it still the same? Two datagrams to two operators. The hot path: nothing is loaded that an unchanged round does not need. */

import type { DetectConfig } from '../config/config.ts';
import { type Family, type IpAddress, parseAddress, parsePrefix } from '../core/address.ts';
import type { Ballot } from '../core/ballot.ts';
import { isFleeting } from '../core/ipv6.ts';
import type { Observation } from '../core/observe.ts';
import type { Outlook } from '../world/world.ts';
import type { Asked } from './ask.ts';
import { askCheaply, isCheap } from './cheap.ts';
import { type DatagramSource, isDatagram, type Source, serves } from './source.ts';

/** `same`: a witness says what is published. `open`: nobody did; the ballots taken so far count in the full one. */
export type Glimpse = { readonly kind: 'same'; readonly observation: Observation & { readonly kind: 'same' } } | { readonly kind: 'open'; readonly ballots: readonly Ballot[] };

/** How long two witnesses may be silent. */
const SILENCE_MS = 400;

/** Every family of `published` at once. Never throws; takes at most `SILENCE_MS`. */
export async function glance(config: Pick<DetectConfig, 'sources' | 'policy'>, published: ReadonlyMap<Family, IpAddress>, world: Outlook): Promise<ReadonlyMap<Family, Glimpse>> {
  return new Map(await Promise.all([...published].map(async ([family, address]) => [family, await glanceAt(config, family, address, world)] as const)));
}

async function glanceAt(config: Pick<DetectConfig, 'sources' | 'policy'>, family: Family, published: IpAddress, world: Outlook): Promise<Glimpse> {
  const own = family === 6 ? world.net.interfaces().find(({ address }) => address === published) : undefined;
  // It is being withdrawn: that it still answers says nothing about tomorrow.
  if (own !== undefined && isFleeting(own)) return { kind: 'open', ballots: [] };
  // Published is public enough: the tables are only consulted for something else. `deny` wins over `allow`, so a new refusal is heeded.
  const known = parsePrefix(published);
  const policy = known === undefined ? config.policy : { ...config.policy, allow: [...config.policy.allow, known] };
  const sources = config.sources.filter((source) => serves(source, family));
  const now = world.clock.now();
  const chosen: readonly Source[] = rotated(sources.filter(isDatagram), family, now);
  const asked = { policy, published, bind: own?.address, patience: 'once' as const, turn: spread(now) };
  return firstToSaySame(chosen.length > 0 ? chosen : sources, family, asked, world);
}

function firstToSaySame(sources: readonly Source[], family: Family, asked: Asked & { readonly published: IpAddress }, world: Outlook): Promise<Glimpse> {
  const controller = new AbortController();
  const deadline = { timeoutMs: SILENCE_MS, signal: controller.signal };
  return new Promise((resolve) => {
    const ballots: Ballot[] = [];
    const questions = sources.filter(isCheap).map((source) => askCheaply(source, family, asked, world, deadline));
    const end = (glimpse: Glimpse): void => {
      resolve(glimpse);
      controller.abort();
    };
    if (questions.length === 0) end({ kind: 'open', ballots });
    for (const question of questions) {
      question.then((ballot) => {
        ballots.push(ballot);
        const heard = [...ballots];
        if (ballot.kind === 'address' && ballot.address === asked.published) end({ kind: 'same', observation: { family, kind: 'same', address: ballot.address, ballots: heard } });
        else if (ballot.kind === 'address' || ballots.length === questions.length) end({ kind: 'open', ballots: heard });
      });
    }
  });
}

/**
 * The two sources whose turn it is, of two operators (one, where there is only one). Which they are follows from the time alone, so that
 * nothing need be remembered; spread so that every source has its turn whatever the period of the rounds. Sources that need no lookup are
 * preferred, as long as they are of two operators.
 */
export function rotated(sources: readonly DatagramSource[], family: Family, now: number): readonly DatagramSource[] {
  const literal = sources.filter(({ servers }) => servers.some(({ host, families }) => families.includes(family) && parseAddress(host, family) !== undefined));
  const eligible = operatorsOf(literal).length >= 2 ? literal : sources;
  const operators = operatorsOf(eligible);
  const seed = spread(now);
  const first = seed % operators.length;
  const second = operators.length > 1 ? (first + 1 + (Math.floor(seed / 64) % (operators.length - 1))) % operators.length : first;
  return [...new Set([first, second])].flatMap((at) => {
    const own = eligible.filter(({ operator }) => operator === operators[at]);
    return own[Math.floor(seed / 4096) % own.length] ?? [];
  });
}

const operatorsOf = (sources: readonly DatagramSource[]): readonly string[] => [...new Set(sources.map(({ operator }) => operator))];

/** The minute, scattered over 32 bits (the finalizer of MurmurHash3): neighbours and multiples of five share nothing. */
function spread(now: number): number {
  let bits = Math.floor(now / 60_000) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
