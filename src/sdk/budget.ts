/** Keeping to what a provider allows before it has to say so. */
import { Fault } from '../core/failure.ts';
import type { Tools } from './provider.ts';

/** A provider's limits for one set of credentials. */
export type Budget = {
  /** Requests in a window of `windowSeconds`; the one beyond is not sent but a Failure `throttled`. */
  readonly requests?: number;
  readonly windowSeconds?: number;
  /** Requests under way at a time. */
  readonly concurrent?: number;
  /** Least time between the starts of two requests. */
  readonly spacingMs?: number;
};

/** The same tools, whose `net.http` keeps to the budget. Vendor SDKs that are handed this `net` keep to it too. */
export function withBudget(tools: Tools, budget: Budget): Tools {
  const started: number[] = [];
  const waiting: (() => void)[] = [];
  let active = 0;
  let nextAt = 0;
  const http: Tools['net']['http'] = async (request, deadline) => {
    if (active >= (budget.concurrent ?? Number.POSITIVE_INFINITY)) await new Promise<void>((resume) => waiting.push(resume));
    else active++;
    try {
      const { clock } = tools;
      if (budget.spacingMs !== undefined) {
        const wait = nextAt - clock.elapsed();
        nextAt = Math.max(nextAt, clock.elapsed()) + budget.spacingMs;
        if (wait > 0) await clock.sleep(wait, tools.signal);
      }
      const windowMs = (budget.windowSeconds ?? 0) * 1000;
      while (started[0] !== undefined && started[0] <= clock.elapsed() - windowMs) started.shift();
      if (budget.requests !== undefined && started.length >= budget.requests) {
        const retryAfterSeconds = Math.ceil(((started[0] ?? 0) + windowMs - clock.elapsed()) / 1000);
        throw new Fault({ kind: 'throttled', retryAfterSeconds, detail: `${new URL(request.url).host} takes ${budget.requests} requests in ${budget.windowSeconds} s, and that many were sent` });
      }
      started.push(clock.elapsed());
      return await tools.net.http(request, deadline);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  };
  return { ...tools, net: { ...tools.net, http } };
}
