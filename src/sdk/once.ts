/** What an account needs once and not at every request: a log-in, an account id. */
import { Fault } from '../core/failure.ts';
import type { Tools } from './provider.ts';

/** Runs `make` at the first call and gives its value to all others; what fails is tried again at the next call. `made`: the value if there is one, without making it. */
export type Once<T> = (() => Promise<T>) & { readonly made: () => Promise<T | undefined> };

export function once<T>(make: () => Promise<T>): Once<T> {
  let value: Promise<T> | undefined;
  const get = (): Promise<T> => {
    value ??= make().catch((thrown: unknown) => {
      value = undefined;
      throw thrown;
    });
    return value;
  };
  return Object.assign(get, { made: async () => value });
}

/** `once` for what the vendor hands out and must not show: a session, a token. The request that gets it is `confidential`. */
export const handedOut = <T extends string | undefined>(tools: Pick<Tools, 'learn'>, make: () => Promise<T>): Once<T> =>
  once(async () => {
    const text = await make();
    if (text !== undefined) tools.learn?.(text);
    return text;
  });

/** Asks again and again until `ask` knows: for vendors that only say that they have begun. Throws Fault `unavailable` after `mostMs`: it may still come to be. `purpose` completes "... did not". */
export async function until<T>(
  tools: Pick<Tools, 'clock' | 'signal'>,
  { everyMs, mostMs, purpose }: { readonly everyMs: number; readonly mostMs: number; readonly purpose: string },
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const from = tools.clock.elapsed();
  for (;;) {
    const known = await ask();
    if (known !== undefined) return known;
    if (tools.signal.aborted || tools.clock.elapsed() - from + everyMs > mostMs)
      throw new Fault({ kind: 'unavailable', detail: `the provider did not ${purpose} within ${Math.round(mostMs / 1000)} s` });
    await tools.clock.sleep(everyMs, tools.signal);
  }
}
