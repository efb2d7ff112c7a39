/** The vendor's own pages as witnesses: the adapter sends what they show and understands what they answer, and the fake answers alike. */
import { strict as assert } from 'node:assert';
import { attempt } from '../core/failure.ts';
import { keyOf } from '../core/record.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';
import type { Contract, Documented } from './contract.ts';
import type { Law } from './laws.ts';
import { type AnyManifest, assertNoSecrets, round, setFor, stage } from './stage.ts';

export const documentedLaws = (manifest: AnyManifest, contract: Contract): readonly Law[] =>
  contract.documented.flatMap((exchange): readonly Law[] => [
    { title: `documented: ${exchange.title} (adapter)`, run: () => checkAdapter(manifest, contract, exchange) },
    ...(exchange.fake === 'unasked' ? [] : [{ title: `documented: ${exchange.title} (fake)`, run: () => checkFake(manifest, contract, exchange) }]),
  ]);

async function checkAdapter(manifest: AnyManifest, contract: Contract, exchange: Documented): Promise<void> {
  const { status, headers = {}, body } = exchange.reply;
  const { sent, ended } = await play(manifest, contract, exchange, () => ({ status, headers, body }));
  assert.ok(
    sent.some(({ matched }) => matched),
    `${exchange.page} shows a request that was not sent; these were: ${sent.map(({ request }) => `${request.method} ${request.url} ${request.body ?? ''}`).join(' | ')}`,
  );
  assert.equal(ended, exchange.ends, `with the answer of ${exchange.page}`);
}

async function checkFake(manifest: AnyManifest, contract: Contract, exchange: Documented): Promise<void> {
  const { sent } = await play(manifest, contract, exchange, (own) => own);
  const answer = sent.find(({ matched }) => matched)?.reply;
  assert.ok(answer, `${exchange.page} shows a request that was not sent; these were: ${sent.map(({ request }) => `${request.method} ${request.url}`).join(' | ')}`);
  assert.equal(answer.status, exchange.reply.status, 'status of the fake');
  const [documented, own] = [parsed(exchange.reply.body), parsed(answer.body)];
  if (documented === undefined) assert.equal(answer.body, exchange.reply.body, 'body of the fake');
  else assertHolds(own, documented, 'the fake’s answer', TELLING);
}

type Sent = { readonly request: HttpRequest; readonly matched: boolean; readonly reply: HttpReply };

async function play(manifest: AnyManifest, contract: Contract, exchange: Documented, answer: (own: HttpReply) => HttpReply): Promise<{ readonly sent: readonly Sent[]; readonly ended: string }> {
  const sent: Sent[] = [];
  const on = stage(manifest, contract, {
    records: exchange.given ?? [],
    async intercept({ request, deliver }) {
      const own = await deliver();
      if (request === undefined) return own;
      const matched = matches(request, exchange.request);
      const reply = matched ? answer(own) : own;
      sent.push({ request, matched, reply });
      return reply;
    },
  });
  const { act } = exchange;
  const provider = await on.open({ cold: true });
  if (act.kind === 'write') {
    const { failures } = await round(provider, [setFor(act.name, act.type, act.values, act.ttl)]);
    assertNoSecrets(on, failures);
    return { sent, ended: failures[0]?.kind ?? 'ok' };
  }
  const key = keyOf(setFor(act.name, act.type, []));
  const found = await attempt(async () => provider.read?.([key]));
  assertNoSecrets(on, found.kind === 'failed' ? found.failure : undefined);
  const one = found.kind === 'ok' ? found.value?.get(key) : found.failure;
  return { sent, ended: one !== undefined && 'kind' in one ? one.kind : 'ok' };
}

function matches(request: HttpRequest, wanted: Documented['request']): boolean {
  const { pathname, search } = new URL(request.url);
  if (request.method !== wanted.method || !wanted.path.test(pathname + search)) return false;
  if (wanted.body === undefined) return true;
  if (typeof wanted.body === 'string') return (request.body ?? '').includes(wanted.body);
  try {
    assertHolds(parsed(request.body ?? ''), wanted.body, '', EVERYTHING);
    return true;
  } catch {
    return false;
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Vendors' ids and times differ from the fake's; these do not. */
const TELLING = /\.(code|success|type|content|proxied|ttl|name)$/;
const EVERYTHING = /^/;

/** Every key of `part` is in `whole` with a value of the same kind, and with the same value where its path matches `exact`. */
function assertHolds(whole: unknown, part: unknown, where: string, exact: RegExp): void {
  if (Array.isArray(part)) {
    assert.ok(Array.isArray(whole), `${where} is no list`);
    if (part.length > 0) assert.ok(whole.length > 0, `${where} is empty`);
    for (const [at, item] of part.entries()) if (at < whole.length) assertHolds(whole[at], item, `${where}[${at}]`, exact);
    return;
  }
  if (typeof part === 'object' && part !== null) {
    assert.ok(typeof whole === 'object' && whole !== null, `${where} is no object`);
    for (const [key, value] of Object.entries(part)) {
      assert.ok(key in whole, `${where}.${key} is missing`);
      assertHolds((whole as Record<string, unknown>)[key], value, `${where}.${key}`, exact);
    }
    return;
  }
  if (part === null) assert.equal(whole, null, where);
  else assert.equal(typeof whole, typeof part, `kind of ${where}`);
  if (exact.test(where)) assert.equal(whole, part, where);
}
