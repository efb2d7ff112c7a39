/** How often and how many at once each caller may have looked. Holds no more than it must, however many come. */
import { familyOf, type IpAddress, toBits } from '../core/address.ts';

/** `later`: after so many seconds it is worth asking again. */
export type Entry = { readonly kind: 'in'; readonly leave: () => void } | { readonly kind: 'later'; readonly seconds: number };
/** `now`: milliseconds on a clock that only grows. */
export type Limits = { readonly enter: (caller: IpAddress, now: number) => Entry };

export const PER_MINUTE = 30;
export const AT_ONCE = 8;
const ALL_AT_ONCE = 64;
const CALLERS = 10_000;
const MINUTE_MS = 60_000;

type Caller = { readonly looks: readonly number[]; readonly atWork: number };

export function openLimits(): Limits {
  const callers = new Map<string, Caller>();
  let atWork = 0;
  const enter = (address: IpAddress, now: number): Entry => {
    const key = keyOf(address);
    const before = callers.get(key) ?? { looks: [], atWork: 0 };
    const looks = before.looks.filter((look) => now - look < MINUTE_MS);
    const [oldest = now] = looks;
    if (looks.length >= PER_MINUTE) return { kind: 'later', seconds: Math.max(1, Math.ceil((oldest + MINUTE_MS - now) / 1000)) };
    if (before.atWork >= AT_ONCE || atWork >= ALL_AT_ONCE) return { kind: 'later', seconds: 1 };
    if (!callers.has(key) && callers.size >= CALLERS) forget(now);
    if (!callers.has(key) && callers.size >= CALLERS) return { kind: 'later', seconds: MINUTE_MS / 1000 };
    atWork++;
    callers.set(key, { looks: [...looks, now], atWork: before.atWork + 1 });
    let left = false;
    const leave = (): void => {
      const caller = callers.get(key);
      if (left || caller === undefined) return;
      left = true;
      atWork--;
      callers.set(key, { ...caller, atWork: caller.atWork - 1 });
    };
    return { kind: 'in', leave };
  };
  const forget = (now: number): void => {
    for (const [key, { looks, atWork: busy }] of callers) if (busy === 0 && looks.every((look) => now - look >= MINUTE_MS)) callers.delete(key);
  };
  return { enter };
}

/** Who has one IPv6 address has the 2^64 beside it. */
const keyOf = (address: IpAddress): string => (familyOf(address) === 4 ? address : `${toBits(address) >> 64n}`);
