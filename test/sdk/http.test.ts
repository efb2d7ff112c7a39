/** One place says what a reply means, and what may be sent again within a round. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  asFetch,
  attempt,
  type Budget,
  call,
  classify,
  Fault,
  faultIn,
  type HttpReply,
  type HttpRequest,
  json,
  matching,
  nothing,
  orAbsent,
  type Reader,
  type Request,
  retryAfterSeconds,
  withBudget,
} from '../../src/sdk/index.ts';
import { type FakeWorld, fakeWorld, toolsIn } from '../../src/testing/index.ts';

const URL_ = 'https://api.example.net/v1/records';
const reply = (status: number, body = '', headers: Readonly<Record<string, string>> = {}): HttpReply => ({ status, headers, body });
const PORTAL = '<!doctype html><html><body>Welcome to the hotel</body></html>';
const anything: Reader<string> = { read: ({ body }) => ({ kind: 'read', value: body }) };
const broken = (phase: 'connect' | 'reply') => new Fault({ kind: 'network', phase, detail: 'the line broke' });

/** Answers in turn; the last one stays. */
function answering(...answers: readonly (HttpReply | Fault)[]): FakeWorld {
  let at = 0;
  return fakeWorld({
    secrets: ['t0ps3cret'],
    http: () => {
      const answer = answers[Math.min(at++, answers.length - 1)];
      if (answer instanceof Fault) throw answer;
      return answer as HttpReply;
    },
  });
}

async function outcome<T>(world: FakeWorld, request: Partial<Request> = {}, reader: Reader<T> = anything as Reader<T>): Promise<string> {
  const done = await attempt(() => call(toolsIn(world), { url: URL_, purpose: 'list the records', ...request }, reader));
  return done.kind === 'ok' ? 'ok' : done.failure.kind;
}

describe('what a status means', () => {
  it.each([
    [200, 'ok'],
    [201, 'ok'],
    [204, 'ok'],
    [301, 'gibberish'],
    [302, 'gibberish'],
    [304, 'gibberish'],
    [400, 'refused'],
    [401, 'auth'],
    [403, 'auth'],
    [404, 'refused'],
    [405, 'refused'],
    [407, 'network'],
    [408, 'unavailable'],
    [409, 'conflict'],
    [410, 'refused'],
    [412, 'conflict'],
    [418, 'refused'],
    [422, 'refused'],
    [429, 'throttled'],
    [500, 'unavailable'],
    [501, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [511, 'gibberish'],
    [520, 'unavailable'],
  ])('%i is %s', async (status, kind) => {
    expect(await outcome(answering(reply(status)))).toBe(kind);
  });

  it('a 404 may mean that there is none', async () => {
    const world = answering(reply(404, '{"message":"not found"}'));
    expect(await call(toolsIn(world), { url: URL_, purpose: 'show a record' }, orAbsent(json(v.object({}))))).toBeUndefined();
  });

  it('the provider’s own words go first, whatever the status', async () => {
    const refusal = ({ body }: HttpReply) => (body === 'KO' ? ({ kind: 'auth', detail: 'wrong token' } as const) : undefined);
    expect(await outcome(answering(reply(200, 'KO')), { refusal })).toBe('auth');
    expect(await outcome(answering(reply(500, 'KO')), { refusal })).toBe('auth');
    expect(await outcome(answering(reply(500, 'oops')), { refusal })).toBe('unavailable');
  });
});

describe('a success must be read', () => {
  it.each<[string, Reader<unknown>, string]>([
    ['json', json(v.object({ records: v.array(v.string()) })), '{"records":["a"]}'],
    ['matching', matching(/^good \S+$/), 'good 203.0.113.7\n'],
    ['nothing', nothing, ''],
  ])('%s takes its own form and nothing else', async (name, reader, good) => {
    expect(await outcome(answering(reply(200, good)), {}, reader)).toBe('ok');
    for (const bad of [PORTAL, '{"records":["a"', '{"records":null}', 'null', '[]', 'KO', ...(name === 'nothing' ? [] : [''])])
      expect(await outcome(answering(reply(200, bad)), {}, reader), bad).toBe('gibberish');
  });

  it('a page is a page, even if the pattern would match it', async () => {
    expect(await outcome(answering(reply(200, PORTAL)), {}, matching(/hotel/))).toBe('gibberish');
    expect(await outcome(answering(reply(200, 'good', { 'content-type': 'text/html' })), {}, matching(/^good$/))).toBe('gibberish');
  });
});

describe('what is sent again', () => {
  it.each<[string, Partial<Request>, number]>([
    ['GET', {}, 2],
    ['PUT', { method: 'PUT' }, 2],
    ['DELETE', { method: 'DELETE' }, 2],
    ['POST', { method: 'POST' }, 1],
    ['PATCH', { method: 'PATCH' }, 1],
    ['a GET that changes something', { idempotent: false }, 1],
    ['an idempotent POST', { method: 'POST', idempotent: true }, 2],
  ])('%s after the network failed: %#', async (_what, request, times) => {
    for (const phase of ['connect', 'reply'] as const) {
      const world = answering(broken(phase));
      expect(await outcome(world, request)).toBe('network');
      expect(world.requests).toHaveLength(times);
    }
  });

  it('nothing after the command was given up', async () => {
    const world = answering(broken('reply'));
    const signal = AbortSignal.abort();
    await attempt(() => call(toolsIn(world, { signal }), { url: URL_, purpose: 'list' }, anything));
    expect(world.requests).toHaveLength(1);
  });

  it('nothing that was answered, be it refused or unavailable', async () => {
    for (const status of [400, 401, 500, 503, 302]) {
      const world = answering(reply(status));
      await outcome(world);
      expect(world.requests).toHaveLength(1);
    }
  });

  it('a short Retry-After is waited for once, a long one is reported', async () => {
    const short = answering(reply(429, '', { 'retry-after': '3' }), reply(200, 'fine'));
    const from = short.clock.now();
    expect(await outcome(short, { method: 'POST' })).toBe('ok');
    expect(short.clock.now() - from).toBe(3000);
    const always = answering(reply(429, '', { 'retry-after': '3' }));
    expect(await outcome(always)).toBe('throttled');
    expect(always.requests).toHaveLength(2);
    const long = answering(reply(429, '', { 'retry-after': '120' }));
    const done = await attempt(() => call(toolsIn(long), { url: URL_, purpose: 'list' }, anything));
    expect(done.kind === 'failed' && done.failure).toMatchObject({ kind: 'throttled', retryAfterSeconds: 120 });
    expect(long.requests).toHaveLength(1);
  });

  it('Retry-After is seconds or a date', () => {
    const { clock } = fakeWorld({ now: Date.UTC(2026, 10, 22, 12) });
    const seconds = (value: string) => retryAfterSeconds(reply(429, '', { 'retry-after': value }), clock);
    expect([seconds('30'), seconds('Sun, 22 Nov 2026 12:01:00 GMT'), seconds('Sun, 22 Nov 2026 11:00:00 GMT'), seconds('soon'), seconds('')]).toEqual([30, 60, 0, undefined, undefined]);
  });

  it('a provider’s own header tells the wait where Retry-After does not', () => {
    const asked = { host: 'h', purpose: 'p', clock: fakeWorld().clock, retryAfter: ({ headers }: HttpReply) => Number(headers['x-reset']) };
    expect(classify(reply(429, '', { 'x-reset': '77' }), asked)).toMatchObject({ retryAfterSeconds: 77 });
    expect(classify(reply(429, '', { 'x-reset': '77', 'retry-after': '5' }), asked)).toMatchObject({ retryAfterSeconds: 5 });
  });
});

describe('messages', () => {
  it('repeat the provider’s words without secrets, on one line', async () => {
    const world = answering(reply(422, '{"message":"no such zone\\u0000",\n "token": "t0ps3cret"}'));
    const done = await attempt(() => call(toolsIn(world), { url: `${URL_}?key=t0ps3cret`, purpose: 'create a record', method: 'POST' }, anything));
    const detail = done.kind === 'failed' ? done.failure.detail : '';
    expect(detail).toContain('api.example.net answered 422 when asked to create a record: {"message":"no such zone');
    expect(detail).not.toContain('t0ps3cret');
    expect(detail).not.toContain('\n');
  });

  it('leave them out where nobody can take the secrets out', async () => {
    const { redact: _none, ...tools } = toolsIn(answering(reply(422, 'your token is t0ps3cret')));
    const done = await attempt(() => call(tools, { url: URL_, purpose: 'create a record' }, anything));
    expect(done.kind === 'failed' && done.failure.detail).toBe('api.example.net answered 422 when asked to create a record');
  });
});

describe('a budget', () => {
  const spend = async (budget: Budget, times: number) => {
    const world = answering(reply(200, 'fine'));
    const tools = withBudget(toolsIn(world), budget);
    const kinds: string[] = [];
    for (let at = 0; at < times; at++) {
      const done = await attempt(() => call(tools, { url: URL_, purpose: 'list' }, anything));
      kinds.push(done.kind === 'ok' ? 'ok' : `${done.failure.kind} ${done.failure.retryAfterSeconds}`);
    }
    return { world, tools, kinds };
  };

  it('stops before the provider has to, and goes on when the window has passed', async () => {
    const { world, tools, kinds } = await spend({ requests: 3, windowSeconds: 300 }, 4);
    expect(kinds).toEqual(['ok', 'ok', 'ok', 'throttled 300']);
    expect(world.requests).toHaveLength(3);
    world.advance(300_000);
    expect(await call(tools, { url: URL_, purpose: 'list' }, anything)).toBe('fine');
  });

  it('keeps a distance between requests', async () => {
    const { world } = await spend({ spacingMs: 1000 }, 4);
    expect(world.clock.now() - fakeWorld().clock.now()).toBe(3000);
  });

  it('keeps the number under way, also after failures', async () => {
    let active = 0;
    let most = 0;
    const world = fakeWorld({
      http: async () => {
        most = Math.max(most, ++active);
        await new Promise((resolve) => setTimeout(resolve, 1));
        active--;
        if (most % 2 === 0) throw broken('connect');
        return reply(200, 'fine');
      },
    });
    const tools = withBudget(toolsIn(world), { concurrent: 3 });
    await Promise.all(Array.from({ length: 20 }, () => attempt(() => call(tools, { url: URL_, purpose: 'list' }, anything))));
    expect(most).toBe(3);
    expect(active).toBe(0);
  });
});

describe('fetch for vendors’ SDKs', () => {
  const options = {
    headers: ['authorization'],
    contentType: 'application/json',
    check: ({ status }: HttpReply) => (status === 418 ? ({ kind: 'refused', detail: 'a teapot: timed out' } as const) : undefined),
  };

  it('goes through our network with the headers that are meant', async () => {
    const world = answering(reply(200, '{"a":1}'));
    const answer = await asFetch(toolsIn(world), options)(URL_, { method: 'post', headers: { Authorization: 'Bearer x', 'X-Stainless-OS': 'Linux' }, body: '{}' });
    expect(await answer.json()).toEqual({ a: 1 });
    expect(world.requests[0]).toMatchObject({ method: 'POST', url: URL_, headers: { authorization: 'Bearer x' }, body: '{}' } satisfies Partial<HttpRequest>);
  });

  it('our Fault is found again, however deep it was wrapped', async () => {
    const thrown = await asFetch(toolsIn(answering(reply(418))), options)(URL_).catch((error: unknown) => error);
    expect(String(thrown)).not.toContain('timed out');
    expect(faultIn(new Error('outer', { cause: new Error('inner', { cause: thrown }) }))?.failure).toEqual({ kind: 'refused', detail: 'a teapot: timed out' });
    expect(faultIn(new Error('of another sort'))).toBeUndefined();
  });
});
