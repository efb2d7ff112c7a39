/** How those who look from outside are asked: JSON over HTTP, with caps, and again until they are done. */
import type { GenericSchema, InferOutput } from 'valibot';
import type { Failure } from '../../core/failure.ts';
import { call, json, type Reader, type Request } from '../../sdk/http.ts';
import type { HttpReply } from '../../world/world.ts';
import type { ProbeTools } from './probe.ts';

/** Three bodies of 10 kB, each of them twice and with every letter escaped, are less. */
const MAX_BYTES = 512 * 1024;
const REQUEST_MS = 10_000;

type Question = Pick<Request, 'method' | 'url' | 'query' | 'json' | 'purpose' | 'refusal'>;

/** The answer in the form of `schema`. Throws Fault: `throttled` for 429, `unavailable` for 5xx, `gibberish` for any other form. */
export const ask = <S extends GenericSchema>(question: Question, schema: S, tools: ProbeTools): Promise<InferOutput<S>> => askFor(question, json(schema), tools);

/** As `ask`, with a reader of its own. */
export const askFor = <T>(question: Question, reader: Reader<T>, tools: ProbeTools): Promise<T> =>
  // They are told no secret, so that their own words may be repeated.
  call(
    { ...tools, redact: (text) => text },
    { ...question, headers: { accept: 'application/json' }, refusal: (reply) => question.refusal?.(reply) ?? barred(question, reply), maxBytes: MAX_BYTES, timeoutMs: REQUEST_MS },
    reader,
  );

/** There are no credentials that could be wrong. */
const barred = ({ url }: Question, { status }: HttpReply): Failure | undefined =>
  status === 401 || status === 403 ? { kind: 'refused', detail: `${new URL(url).host} does not let itself be asked from here (status ${status})`, hint: 'choose another probe' } : undefined;

/** Asks until `isDone`, at most for so long; the last answer, done or not. The pause comes after an answer, however long that took. */
export async function settled<T>(
  question: () => Promise<T>,
  isDone: (answer: T) => boolean,
  { everyMs, mostMs }: { readonly everyMs: number; readonly mostMs: number },
  tools: ProbeTools,
): Promise<T> {
  const from = tools.clock.elapsed();
  for (;;) {
    await tools.clock.sleep(everyMs, tools.signal);
    const answer = await question();
    if (isDone(answer) || tools.signal.aborted || tools.clock.elapsed() - from + everyMs > mostMs) return answer;
  }
}
