/** What a provider can do, allows and costs, in words: for `providers`, and for the pages made of the manifests. */
import type { Capabilities } from '../../core/plan.ts';
import { calls } from '../../providers/calls.ts';
import type { Budget } from '../../sdk/budget.ts';
import type { Evidence, Manifest } from '../../sdk/provider.ts';

export const EVIDENCE: { readonly [E in Evidence]: string } = {
  official: "tested against the vendor's own machine-readable description, or a real server",
  documented: 'tested against exchanges that its documentation shows, or that were recorded',
  unverified: 'UNVERIFIED: put together from what other programs send, and confirmed by nobody',
};

/** What it can do whatever its options are; undefined when that depends on them. */
export const fixedCapabilities = ({ can }: Pick<Manifest, 'can'>): Capabilities | undefined => (typeof can === 'function' ? undefined : can);

export const addressesOf = (can: Capabilities | undefined): string => can?.families.map((family) => `IPv${family}`).join(' ') ?? 'depends';

export const recordsPerCall = (can: Capabilities | undefined): string => (can === undefined ? 'depends' : (can.batch ?? 1) >= ANY ? 'any' : `${can.batch ?? 1}`);

/** More than anybody has: there is no limit. */
const ANY = 100_000;

/** Calls for one changed record and for a thousand of one zone, nothing remembered; `thousand` absent: one by one. */
export type Calls = { readonly one: number; readonly thousand?: number };

/** From the provider's contract; what has none of its own is told by URL, as many names at once as it takes. Undefined: it depends on the options. */
export function callsOf(manifest: Pick<Manifest, 'id' | 'can'>): Calls | undefined {
  const [one, thousand] = calls[manifest.id] ?? [];
  if (one !== undefined) return { one, ...(thousand === undefined ? {} : { thousand }) };
  const can = fixedCapabilities(manifest);
  if (can === undefined || can.readable) return undefined;
  return { one: 1, ...(can.names === 'one' ? {} : { thousand: Math.ceil(1000 / (can.batch ?? 1)) }) };
}

/** One line each, without a full stop. */
export function limitsOf(manifest: Pick<Manifest, 'id' | 'can' | 'rate'>): readonly string[] {
  const can = fixedCapabilities(manifest);
  const rate = manifest.rate === undefined ? [] : [`${rateInWords(manifest.rate)}; that is kept to`];
  const calling = callsOf(manifest);
  const cost = calling === undefined ? [] : [can?.names === 'one' ? 'one call' : callsInWords(calling)];
  if (can === undefined) return ['what is possible depends on the options', ...cost, ...rate];
  return [
    `${can.families.map((family) => `IPv${family}`).join(' and ')}${can.families.length === 1 ? ' only' : ''}`,
    `wildcard names: ${yesNo(can.wildcard)}; the domain itself: ${yesNo(can.apex)}; ${can.values === 'one' ? 'one address per name' : 'several addresses per name'}`,
    ...(can.under === undefined ? [] : [`names below ${can.under} only`]),
    ttlInWords(can.ttl),
    `${(can.batch ?? 1) === 1 ? 'one record' : (can.batch ?? 1) >= ANY ? 'any number of records' : `up to ${can.batch} records`} in one call`,
    ...cost,
    can.readable ? 'can be asked what is there' : 'cannot be asked what is there: an update is sent on trust',
    ...rate,
    ...(can.minIntervalSeconds === undefined ? [] : [`at most one update in ${durationInWords(can.minIntervalSeconds)}`]),
    ...(can.together === undefined ? [] : [TOGETHER[can.together]]),
    ...(can.names === 'one' ? ['an account stands for one single record, whatever the config calls it'] : []),
    ...(can.sender ? ['it stores the address that the request comes from, and takes no other'] : []),
    ...(can.refreshDays === undefined ? [] : [`a name that is not sent again lapses after ${counted(can.refreshDays, 'day')}; it is sent again in time`]),
  ];
}

const TOGETHER: { readonly [T in NonNullable<Capabilities['together']>]: string } = {
  needed: 'one address alone erases the other, so both are always sent together',
  safer: 'whether one address alone leaves the other as it is, is not known, so both are sent together',
};

export const callsInWords = ({ one, thousand }: Calls): string =>
  one === 0 ? 'no network calls' : `at most ${counted(one, 'call')} for one changed record, ${thousand === undefined ? 'and each record costs its own' : `${thousand} for a thousand of one zone`}`;

function ttlInWords(ttl: Capabilities['ttl']): string {
  if (ttl === 'fixed') return 'the service decides the TTL';
  const initial = `${ttl.initial} for a new record`;
  return ttl.steps === undefined ? `TTL ${ttl.min} to ${ttl.max} seconds, ${initial}` : `TTL one of ${ttl.steps.join(', ')} seconds, ${initial}`;
}

function rateInWords({ requests, windowSeconds, concurrent, spacingMs }: Budget): string {
  const parts = [
    ...(requests === undefined || windowSeconds === undefined ? [] : [`at most ${counted(requests, 'request')} in ${durationInWords(windowSeconds)}`]),
    ...(concurrent === undefined ? [] : [concurrent === 1 ? 'one request at a time' : `${concurrent} requests at a time`]),
    ...(spacingMs === undefined ? [] : [`at least ${spacingMs % 1000 === 0 ? durationInWords(spacingMs / 1000) : `${spacingMs} ms`} between two requests`]),
  ];
  return parts.join(', ');
}

/** `5 minutes`, `90 seconds`, `1 day`: the largest unit that leaves no rest. */
export function durationInWords(seconds: number): string {
  for (const [unit, length] of [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ] as const)
    if (seconds >= length && seconds % length === 0) return counted(seconds / length, unit);
  return counted(seconds, 'second');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
const yesNo = (able: boolean): string => (able ? 'yes' : 'no');
