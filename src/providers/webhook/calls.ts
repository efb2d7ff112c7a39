/** The calls of the webhook protocol, and how it is found out what became of changes whose answer does not say it. */
import { api, attempt, type Failure, Fault, json, noContent, once, type Put, type Reader, type Tools } from '../../sdk/index.ts';
import { changesOf, type Endpoint, Endpoints, type Held, isAsPut, keyOf, type Spelling, setsIn, wanted, written } from './endpoints.ts';
import { FilterForm, type outsideOf } from './filter.ts';

const MEDIA_TYPE = 'application/external.dns.webhook+json;version=1';
const isMediaType = (type = ''): boolean => /^application\/external\.dns\.webhook\+json\s*;\s*version=1\s*$/i.test(type);
/** How long a webhook may take to show what it has taken. */
const SHOWN_AFTER_MS = 2000;
/** What a webhook cannot do today, its own provider may be able to do in a quarter of an hour. */
const LOOK_AGAIN_SECONDS = 900;

type Due = { readonly put: Put<Held>; readonly endpoint: Endpoint };
/** `refusal`: why not all of it was made. `some`: something was. */
type Delivered = { readonly refusal?: Failure; readonly some: boolean };

const filterOf: Reader<Parameters<typeof outsideOf>[0]> = {
  read: (reply) =>
    isMediaType(reply.headers['content-type']) ? json(FilterForm).read(reply) : { kind: 'gibberish', why: `is not ${MEDIA_TYPE}: this is no webhook of external-dns, or it speaks another version` },
};

export function openCalls(tools: Tools, { base, headers }: { readonly base: string; readonly headers: Readonly<Record<string, string>> }) {
  const where = { base, headers: { accept: MEDIA_TYPE, ...headers } };
  const ask = api(tools, where);
  /** 500 is its word for every trouble with a change; what is not made after it is refused, so that it does not hold up the others. */
  const tell = api(tools, {
    ...where,
    words: (body, { status }) => (status === 500 ? { code: status, message: typeof body === 'string' ? body : JSON.stringify(body) } : undefined),
    meanings: [{ match: /^500/, status: 500, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS, hint: 'the log of the webhook says why' }],
  });
  const posted = { method: 'POST', headers: { 'content-type': MEDIA_TYPE } } as const;

  /** What it showed last. */
  let shown: ReadonlyMap<string, Held> = new Map();
  const now = (put: Put<Held>): Held | undefined => shown.get(keyOf(wanted(put)));
  const isMade = ({ put, endpoint }: Due): boolean => isAsPut(now(put), put, endpoint);

  const list = async (): Promise<readonly Held[]> => {
    const sets = setsIn(await ask({ path: '/records', purpose: 'list the records' }, json(Endpoints)));
    shown = new Map(sets.map((held) => [keyOf(held.endpoint), held]));
    return sets;
  };

  /** The endpoints as the webhook wants to be given them; without the addresses, which are ours to say. */
  const adjusted = async (puts: readonly Put<Held>[]): Promise<readonly Due[]> => {
    const asked = puts.filter(({ after }) => after.values.length > 0).map(wanted);
    const answer = asked.length === 0 ? [] : await ask({ ...posted, path: '/adjustendpoints', json: asked.map(written), idempotent: true, purpose: 'look at the changes' }, json(Endpoints));
    const byKey = new Map(answer.map((endpoint) => [keyOf(endpoint), endpoint]));
    return puts.map((put) => {
      const own = wanted(put);
      const theirs = put.after.values.length === 0 ? own : byKey.get(keyOf(own));
      if (theirs === undefined)
        throw new Fault({ kind: 'refused', detail: `${put.after.name} ${put.after.type}: the webhook at ${new URL(base).host} does not take it`, lookAgainSeconds: LOOK_AGAIN_SECONDS });
      return { put, endpoint: { ...theirs, targets: own.targets } };
    });
  };

  const deliver = async (due: readonly Due[], spelling: Spelling): Promise<Delivered> => {
    const sent = await attempt(() => tell({ ...posted, path: '/records', json: changesOf(due, spelling), purpose: 'make the changes' }, noContent));
    if (sent.kind === 'failed' && sent.failure.kind !== 'refused') throw new Fault(sent.failure);
    if (sent.kind === 'failed' && sent.failure.lookAgainSeconds === undefined) return { refusal: sent.failure, some: false };
    const seen = await attempt(async () => {
      await list();
      if (sent.kind === 'failed' || due.every(isMade)) return;
      await tools.clock.sleep(SHOWN_AFTER_MS, tools.signal);
      await list();
    });
    if (seen.kind === 'failed') throw new Fault(sent.kind === 'failed' ? unclear(sent.failure) : unseen(seen.failure));
    return { ...(sent.kind === 'failed' ? { refusal: sent.failure } : {}), some: due.some(isMade) };
  };

  let spelling: Spelling = 'small';
  let isSpellingKnown = false;
  /** A webhook from before 2025 that is not written in Go reads only the old spelling: it takes the new one for no changes at all, or for a mistake. */
  const deliverInItsSpelling = async (due: readonly Due[]): Promise<Delivered> => {
    const first = await deliver(due, spelling);
    if (isSpellingKnown || first.some || first.refusal?.lookAgainSeconds !== undefined) return first;
    isSpellingKnown = true;
    const second = await deliver(due, 'capital');
    if (second.some) spelling = 'capital';
    return second.some ? second : first;
  };

  /** Makes them all so, or throws Fault: `refused` where nothing of what was still to be done came of it. */
  const apply = async (puts: readonly Put<Held>[], before = Number.POSITIVE_INFINITY): Promise<readonly (Held | undefined)[]> => {
    // After a refused batch, some of it may have been made: what is so already is not sent again, and the rest follows on what is there now.
    const left = puts.filter((put) => !isAsPut(now(put), put, wanted(put))).map((put) => ({ after: put.after, held: now(put) }));
    if (left.length === 0) return puts.map(now);
    // It makes one and unmakes another.
    if (left.length >= before) throw new Fault({ kind: 'unavailable', detail: `the webhook at ${new URL(base).host} undoes changes that it made`, hint: 'the log of the webhook may say why' });
    const { refusal, some } = await deliverInItsSpelling(await adjusted(left));
    if (some) isSpellingKnown = true;
    if (refusal === undefined) return puts.map((put) => now(put) ?? absent(put));
    if (!some) throw new Fault(refusal);
    // Some were made before one that could not be: each turn is left with fewer.
    return apply(puts, left.length);
  };

  return { filter: once(() => ask({ path: '/', purpose: 'say which domains it serves' }, filterOf)), list, apply };
}

/** Not shown although it was put: that is told as it is. */
const absent = (put: Put<Held>): Held | undefined => (put.after.values.length === 0 ? undefined : { name: put.after.name, type: put.after.type, values: [], endpoint: wanted(put) });

/** Nothing tells whether it was done. */
const unclear = ({ detail, hint = '' }: Failure): Failure => ({ kind: 'unavailable', detail, hint });

/** It was taken, so it must not be called surely undone. */
function unseen(failure: Failure): Failure {
  const detail = `the webhook took the changes, but they could not be read again: ${failure.detail}`;
  return ['network', 'unavailable', 'gibberish'].includes(failure.kind)
    ? { ...failure, detail, phase: 'reply' }
    : { kind: 'gibberish', phase: 'reply', detail, hint: 'nothing to do: the next round reads them again' };
}
