/** Vendors whose answer to a write is nothing, which anybody could have given: what was written is read again. */
import { attempt, type Failure } from '../../core/failure.ts';
import type { WriteResult } from '../../core/plan.ts';
import { sameValues } from '../../core/record.ts';
import type { HttpReply } from '../../world/world.ts';
import { anyJson, type Reader } from '../http.ts';
import type { Provider } from '../provider.ts';

/** Reads answers that say nothing, and knows whether one of them, since it was last asked, lacks the mark by which only this vendor's are known. */
export type MarkedNothing = Reader<void> & { readonly isDoubtful: () => boolean };

/** `isMarked`: headers that nobody but the vendor sends; default: those that call nothing JSON. */
export function markedNothing(isMarked: (headers: HttpReply['headers']) => boolean = saysJson): MarkedNothing {
  let doubtful = false;
  return {
    read(reply) {
      doubtful ||= !isMarked(reply.headers);
      return anyJson.read(reply);
    },
    isDoubtful() {
      const was = doubtful;
      doubtful = false;
      return was;
    },
  };
}

const saysJson = (headers: HttpReply['headers']): boolean => /^application\/json\b/.test(headers['content-type'] ?? '');

/** The same provider; a change is called written only after a reading has shown it, or where `isDoubtful` knows that the vendor itself has answered. */
export function rereading(provider: Provider, isDoubtful: () => boolean = () => true): Provider {
  const { read, write } = provider;
  if (read === undefined) throw new TypeError('only what can be read can be read again');
  return {
    ...provider,
    async write(changes) {
      isDoubtful();
      const results = await write(changes);
      if (!isDoubtful()) return results;
      const keys = changes.flatMap(({ key }, at) => (results[at]?.kind === 'written' ? [key] : []));
      if (keys.length === 0) return results;
      const seen = await attempt(() => read(keys));
      return changes.map(({ key, after }, at): WriteResult => {
        const result = results[at] as WriteResult;
        if (result.kind === 'failed') return result;
        const now = seen.kind === 'ok' ? seen.value.get(key) : seen.failure;
        if (now !== undefined && 'kind' in now) return { kind: 'failed', failure: unseen(`${after.name} ${after.type}`, now) };
        if (now === undefined ? after.values.length === 0 : sameValues(now, after)) return { kind: 'written', ...(now ? { stored: now } : {}) };
        const detail = `${after.name} ${after.type} was to become ${after.values.join(', ') || 'absent'} and was taken, but it is ${now?.values.join(', ') || 'absent'}`;
        return { kind: 'failed', failure: { kind: 'gibberish', phase: 'reply', detail } };
      });
    },
  };
}

/** It was taken, so it must not be called surely undone. */
const unseen = (what: string, failure: Failure): Failure => ({ ...failure, partly: true, detail: `${what} was taken, but could not be read again: ${failure.detail}` });
