/**
 * webhook: any provider of external-dns that runs as a webhook. Longer than others because its answers tell little: 204 says that the changes
 * were taken, not that they were made, and 500 not which of them could not be. So what was written is read again.
 */
import { api, attempt, defineProvider, type Failure, Fault, flag, json, noContent, once, optional, type Put, type Reader, recordSets, secret, secrets, type Tools, url } from '../../sdk/index.ts';
import { changesOf, type Endpoint, Endpoints, type Held, isAsPut, keyOf, setsIn, wanted, written } from './endpoints.ts';
import { FilterForm, outsideOf } from './filter.ts';

const MEDIA_TYPE = 'application/external.dns.webhook+json;version=1';
const isMediaType = (type = ''): boolean => /^application\/external\.dns\.webhook\+json\s*;\s*version=1\s*$/i.test(type);
const SERVER = 'http://localhost:8888';
/** How long a webhook may take to show what it has taken. */
const SHOWN_AFTER_MS = 2000;
/** What a webhook cannot do today, its own provider may be able to do in a quarter of an hour. */
const LOOK_AGAIN_SECONDS = 900;

export default defineProvider({
  api: 1,
  id: 'webhook',
  name: 'external-dns webhook',
  reference: 'https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/webhook-provider',
  checked: '2026-11-22',
  evidence: 'documented',
  also: ['external-dns', 'kubernetes'],
  unverified: ['Which TTLs, wildcards and names with several addresses are taken depends on the webhook; what it cannot hold it refuses itself.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 300 }, batch: 100_000 },
  options: {
    server: optional(url('where the webhook listens', { example: SERVER }), SERVER),
    token: optional(secret('sent as Authorization: Bearer, where something in front of the webhook asks for it')),
    headers: optional(secrets('further headers for every request')),
    insecure: optional(flag('allow plain http to another machine, which shows everything to everybody on the way')),
  },
  environment: { server: ['WEBHOOK_PROVIDER_URL'], token: ['WEBHOOK_PROVIDER_TOKEN'] },
  example: { server: SERVER },
  credentials:
    'None are needed on one machine: start the webhook of your provider, which is given the credentials of the provider itself, and let it listen on localhost only, by default at port 8888. ' +
    'Whoever can reach that port can change your names.',
  problems: ({ server, insecure }) =>
    insecure === true || !/^http:/i.test(server) || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(server).hostname)
      ? []
      : ['server is plain http on another machine, so everything would be sent in the open: use https, or allow it with insecure: true'],
  open({ server, token, headers = {}, endpoint }, tools) {
    const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]);
    const calls = openCalls(tools, {
      base: (endpoint ?? server).replace(/\/+$/, ''),
      headers: { accept: MEDIA_TYPE, ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}), ...Object.fromEntries(given) },
    });
    return recordSets<Held>(tools, {
      zones: { kind: 'none', outside: async (name) => outsideOf(await calls.filter(), name) },
      list: async () => ({ items: await calls.list() }),
      put: async (_zone, put) => (await calls.apply([put]))[0],
      batch: { limits: [], send: (_zone, puts) => calls.apply(puts) },
    });
  },
});

const filterOf: Reader<Parameters<typeof outsideOf>[0]> = {
  read: (reply) =>
    isMediaType(reply.headers['content-type']) ? json(FilterForm).read(reply) : { kind: 'gibberish', why: `is not ${MEDIA_TYPE}: this is no webhook of external-dns, or it speaks another version` },
};

function openCalls(tools: Tools, where: { readonly base: string; readonly headers: Readonly<Record<string, string>> }) {
  const ask = api(tools, where);
  const host = new URL(where.base).host;
  /** 500 is its word for every trouble with a change; what is not made after it is refused, so that it does not hold up the others. */
  const tell = api(tools, {
    ...where,
    words: (body, { status }) => (status === 500 ? { code: status, message: typeof body === 'string' ? body : JSON.stringify(body) } : undefined),
    meanings: [{ match: /^500/, status: 500, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS, hint: 'the log of the webhook says why' }],
  });
  const posted = { method: 'POST', headers: { 'content-type': MEDIA_TYPE } } as const;

  const list = async (): Promise<readonly Held[]> => setsIn(await ask({ path: '/records', purpose: 'list the records' }, json(Endpoints)));

  /** The endpoints as the webhook wants to be given them; without the addresses, which are ours to say. */
  const adjusted = async (puts: readonly Put<Held>[]): Promise<readonly { readonly put: Put<Held>; readonly endpoint: Endpoint }[]> => {
    const asked = puts.filter(({ after }) => after.values.length > 0).map(wanted);
    const answer = asked.length === 0 ? [] : await ask({ ...posted, path: '/adjustendpoints', json: asked.map(written), idempotent: true, purpose: 'look at the changes' }, json(Endpoints));
    const byKey = new Map(answer.map((endpoint) => [keyOf(endpoint), endpoint]));
    return puts.map((put) => {
      const own = wanted(put);
      const theirs = put.after.values.length === 0 ? own : byKey.get(keyOf(own));
      if (theirs === undefined) throw new Fault({ kind: 'refused', detail: `${put.after.name} ${put.after.type}: the webhook at ${host} does not take it`, lookAgainSeconds: LOOK_AGAIN_SECONDS });
      return { put, endpoint: { ...theirs, targets: own.targets } };
    });
  };

  /** What it showed last; undefined: not asked since this account was opened. */
  let shown: ReadonlyMap<string, Held> | undefined;
  const look = async (): Promise<ReadonlyMap<string, Held>> => {
    shown = new Map((await list()).map((held) => [keyOf(held.endpoint), held]));
    return shown;
  };

  const apply = async (puts: readonly Put<Held>[]): Promise<readonly (Held | undefined)[]> => {
    const now = (put: Put<Held>): Held | undefined => shown?.get(keyOf(wanted(put)));
    // After a refused batch, some of it may have been made: what is so already is not sent again, and the rest follows on what is there now.
    const left = puts.filter((put) => shown === undefined || !isAsPut(now(put), put, wanted(put))).map((put) => (shown === undefined ? put : { after: put.after, held: now(put) }));
    if (left.length === 0) return puts.map(now);
    const due = await adjusted(left);
    const isMade = ({ put, endpoint }: (typeof due)[number]): boolean => isAsPut(now(put), put, endpoint);
    const sent = await attempt(() => tell({ ...posted, path: '/records', json: changesOf(due), purpose: 'make the changes' }, noContent));
    if (sent.kind === 'failed' && sent.failure.lookAgainSeconds === undefined) throw new Fault(sent.failure);
    const seen = await attempt(async () => {
      await look();
      if (sent.kind === 'failed' || due.every(isMade)) return;
      await tools.clock.sleep(SHOWN_AFTER_MS, tools.signal);
      await look();
    });
    if (seen.kind === 'failed') throw new Fault(sent.kind === 'failed' ? unclear(sent.failure) : unseen(seen.failure));
    if (sent.kind === 'ok') return puts.map((put) => now(put) ?? absent(put));
    if (!due.some(isMade)) throw new Fault(sent.failure);
    // Some were made before one that could not be: each turn is left with fewer.
    return apply(puts);
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
