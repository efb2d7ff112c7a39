/** Asks public resolvers what they hold for a name: only after all authoritative servers have it, because a question would fill a cache with the old value anew. */
import type { IpAddress } from '../core/address.ts';
import { negativeSecondsOf, secondsOf } from '../core/authoritative.ts';
import { attempt } from '../core/failure.ts';
import { type CacheAnswer, isOld } from '../core/ladder.ts';
import type { RecordSet } from '../core/record.ts';
import { addressOf, type Message, TYPE } from '../core/wire.ts';
import { askResolver, type Resolver, type Tools } from './ask.ts';

/** A resolver's address is many machines, each with a cache of its own. */
const QUESTIONS = 3;
/** What is in its last second, or was wrong for a moment, is not so any more. */
const OVER_MS = 1100;

/** One answer per question and resolver, in order. */
export async function askCaches(set: RecordSet, resolvers: readonly Resolver[], tools: Tools): Promise<readonly CacheAnswer[]> {
  const all = await Promise.all(
    resolvers.map(async ({ name, peer }) => {
      const answers: CacheAnswer[] = [];
      for (let at = 0; at < QUESTIONS; at++) {
        const asked = await attempt(() => askResolver(peer, set.name, TYPE[set.type], tools));
        if (asked.kind === 'failed' && (asked.failure.code !== 'SERVFAIL' || answers.some(({ kind }) => kind !== 'silent')))
          return [...answers, { resolver: name, kind: 'silent', failure: asked.failure } satisfies CacheAnswer];
        const answer: CacheAnswer = asked.kind === 'ok' ? readCache(name, set, asked.value) : { resolver: name, kind: 'silent', failure: asked.failure };
        answers.push(answer);
        const isOver = answer.kind === 'silent' || (answer.ttl === 0 && isOld(set, answer));
        if (isOver && at < QUESTIONS - 1) await tools.clock.sleep(OVER_MS, tools.signal);
      }
      return answers;
    }),
  );
  return all.flat();
}

function readCache(resolver: string, set: RecordSet, reply: Message): CacheAnswer {
  const records = reply.answers.filter(({ type }) => type === TYPE[set.type]);
  const values: readonly IpAddress[] = records.flatMap((record) => addressOf(record) ?? []);
  // Of a chain of aliases any part may be what is old.
  const kept = Math.max(0, ...reply.answers.map(secondsOf));
  if (values.length > 0) return { resolver, kind: 'holds', values, ttl: kept };
  const soa = reply.authorities.find(({ type }) => type === TYPE.SOA);
  return { resolver, kind: 'absent', ttl: soa === undefined ? 0 : Math.max(kept, negativeSecondsOf(soa)) };
}
