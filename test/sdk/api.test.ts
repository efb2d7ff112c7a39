/** A vendor's own words outrank its status where they are known, never where the vendor is out of order, and cannot carry a secret out. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Api, type ApiRequest, api, atEndpoint, attempt, type HttpReply, handedOut, hostOf, type Instead, json, nameOf, once, orAbsent, type Reader, until } from '../../src/sdk/index.ts';
import { fakeWorld, reply, toolsIn } from '../../src/testing/index.ts';

const SECRET = 't0ps3cret';
const Value = v.object({ value: v.number() });

/** What one request came to, and what was sent. */
async function asked(
  answers: readonly HttpReply[],
  how: { readonly api?: Partial<Api>; readonly request?: Partial<ApiRequest>; readonly reader?: Reader<unknown>; readonly instead?: Instead<unknown> } = {},
) {
  const left = [...answers];
  const world = fakeWorld({ secrets: [SECRET], http: () => left.shift() ?? reply(500) });
  const words = (body: unknown) => (v.is(v.object({ code: v.string(), message: v.optional(v.string()) }), body) ? body : undefined);
  const ask = api(toolsIn(world), { base: 'https://api.example.net/v1/', headers: { authorization: `Bearer ${SECRET}` }, words, ...how.api });
  const done = await attempt(() => ask({ path: '/zones', purpose: 'list the zones', ...how.request }, how.reader ?? json(Value), how.instead));
  return { done, failure: done.kind === 'failed' ? done.failure : undefined, requests: world.requests, traced: world.traced };
}

describe('what an answer means', () => {
  const meanings = [
    { match: /^no_zone/, kind: 'refused', says: 'there is no such zone', hint: 'add it', lookAgainSeconds: 60 },
    { match: /^slow/, kind: 'throttled', waitSeconds: 30 },
    { match: /^broken_token/, status: 500, kind: 'auth' },
  ] as const;
  const words = (status: number, code: string, message = '') => reply(status, { code, message });

  it.each([
    ['a success is read', reply(200, { value: 7 }), 'ok'],
    ['known words outrank the status', words(400, 'slow'), 'throttled'],
    ['known words outrank a success', words(200, 'no_zone'), 'refused'],
    ['unknown words with a success are a refusal', words(200, 'odd'), 'refused'],
    ['unknown words mean what the status means', words(401, 'odd'), 'auth'],
    ['a vendor that is out of order is that, whatever it says', words(503, 'no_zone'), 'unavailable'],
    ['as is one that asks for fewer requests', words(429, 'no_zone'), 'throttled'],
    ['unless the meaning names the status', words(500, 'broken_token'), 'auth'],
    ['and only with that status', words(400, 'broken_token'), 'refused'],
    ['no words at all', reply(404), 'refused'],
  ])('%s', async (_, answer, kind) => {
    const { done } = await asked([answer, answer], { api: { meanings } });
    expect(done.kind === 'ok' ? 'ok' : done.failure.kind).toBe(kind);
  });

  it('says what was wanted, what it means and what to do', async () => {
    const { failure } = await asked([words(400, 'no_zone')], { api: { meanings } });
    expect(failure).toEqual({ kind: 'refused', detail: 'api.example.net was asked to list the zones: there is no such zone', hint: 'add it', lookAgainSeconds: 60 });
  });

  it('the vendor’s own wish how long to wait outranks ours', async () => {
    expect((await asked([words(400, 'slow')], { api: { meanings } })).failure).toMatchObject({ retryAfterSeconds: 30 });
    const again = reply(429, { code: 'slow' }, { 'retry-after': '90' });
    expect((await asked([again], { api: { meanings: [{ match: /^slow/, status: 429, kind: 'throttled', waitSeconds: 30 }] } })).failure).toMatchObject({ retryAfterSeconds: 90 });
  });

  it('words that repeat a secret are cleaned before they are shown', async () => {
    const { failure } = await asked([words(400, 'odd', `the token ${SECRET} is odd`)], { api: { meanings: [{ match: /odd/, kind: 'auth' }] } });
    expect(failure?.detail).toContain('odd the token ');
    expect(failure?.detail).not.toContain(SECRET);
  });

  it('a web page has no words', async () => {
    const page: HttpReply = { status: 200, headers: { 'content-type': 'text/html' }, body: '<p>no_zone</p>' };
    const all = (body: unknown) => ({ message: String(body) });
    expect((await asked([page], { api: { meanings: [{ match: /no_zone/, kind: 'refused' }], words: all }, reader: { read: () => ({ kind: 'gibberish', why: 'is odd' }) } })).failure?.kind).toBe(
      'gibberish',
    );
  });

  it('JSON has words, even where the vendor calls it a web page', async () => {
    expect((await asked([{ ...words(200, 'no_zone'), headers: { 'content-type': 'text/html; charset=UTF-8' } }], { api: { meanings } })).failure?.kind).toBe('refused');
  });

  it('a 404 that means absence is no refusal, unless its words mean more', async () => {
    expect((await asked([words(404, 'odd')], { api: { meanings }, reader: orAbsent(json(Value)) })).done).toEqual({ kind: 'ok', value: undefined });
    expect((await asked([words(404, 'no_zone')], { api: { meanings }, reader: orAbsent(json(Value)) })).failure?.kind).toBe('refused');
  });

  it('a refusal that is none has the value it stands for', async () => {
    const instead = { match: /^same/, value: 'as it was' };
    expect((await asked([words(400, 'same')], { instead })).done).toEqual({ kind: 'ok', value: 'as it was' });
    expect((await asked([words(400, 'other')], { instead })).failure?.kind).toBe('refused');
    expect((await asked([words(503, 'same')], { instead })).failure?.kind).toBe('unavailable');
  });
});

describe('what is sent', () => {
  it('headers of the account and of the request', async () => {
    const { requests } = await asked([reply(200, { value: 1 })], { request: { headers: { 'x-more': '1' }, query: { page: 2, left: undefined } } });
    expect(requests[0]).toMatchObject({ url: 'https://api.example.net/v1/zones?page=2', headers: { authorization: `Bearer ${SECRET}`, 'x-more': '1' } });
  });

  it('every attempt is signed anew', async () => {
    let nonce = 0;
    const { done, requests } = await asked([reply(429, {}, { 'retry-after': '1' }), reply(200, { value: 1 })], {
      api: { sign: (request) => ({ ...request, headers: { ...request.headers, nonce: String(++nonce) } }) },
    });
    expect(done.kind).toBe('ok');
    expect(requests.map(({ headers }) => headers['nonce'])).toEqual(['1', '2']);
  });

  it.each([
    [undefined, 'https://api.example.net/v1'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/v1'],
    ['http://127.0.0.1:8080/', 'http://127.0.0.1:8080/v1'],
    ['https://mirror.example.org/dns/', 'https://mirror.example.org/dns'],
  ])('endpoint %s', (endpoint, root) => {
    expect(atEndpoint('https://api.example.net/v1/', endpoint)).toBe(root);
  });
});

describe('once', () => {
  it('all who ask share one log-in; one that failed is tried again', async () => {
    let calls = 0;
    const login = once(async () => {
      if (++calls === 1) throw new Error('down');
      return calls;
    });
    expect(await login.made()).toBeUndefined();
    await expect(login()).rejects.toThrow('down');
    expect(await login.made()).toBeUndefined();
    expect(await Promise.all([login(), login(), login()])).toEqual([2, 2, 2]);
    expect(await login.made()).toBe(2);
  });
});

describe('until', () => {
  const often = { everyMs: 1000, mostMs: 5000, purpose: 'finish' };
  it('asks until it is known, and no longer than it may', async () => {
    const world = fakeWorld();
    let left = 3;
    expect(await until(toolsIn(world), often, async () => (left-- === 0 ? 'done' : undefined))).toBe('done');
    const late = await attempt(() => until(toolsIn(world), often, async () => undefined));
    expect(late.kind === 'failed' && late.failure).toEqual({ kind: 'unavailable', detail: 'the provider did not finish within 5 s' });
  });

  it('gives up when the command ends', async () => {
    const late = await attempt(() => until(toolsIn(fakeWorld(), { signal: AbortSignal.abort() }), often, async () => undefined));
    expect(late.kind).toBe('failed');
  });
});

describe('hosts', () => {
  const zone = { name: 'example.com' };
  it.each([
    ['www.example.com', 'www'],
    ['*.example.com', '*'],
    ['a.b.example.com', 'a.b'],
    ['example.com', '@'],
  ])('%s is %s and back', (name, host) => {
    expect(hostOf(name, zone, '@')).toBe(host);
    expect(nameOf(host, zone)).toBe(name);
  });

  it('other spellings of a full name', () => {
    expect(['', 'WWW', 'www.example.com.', 'example.com'].map((host) => nameOf(host, zone))).toEqual(['example.com', 'www.example.com', 'www.example.com', 'example.com']);
    expect(() => hostOf('www.example.org', zone, '')).toThrow('www.example.org is not a name in the zone example.com');
  });

  it('keeps what the vendor hands out from trace and messages', async () => {
    const world = fakeWorld({ http: ({ url }) => (url.endsWith('/login') ? reply(200, { sid: 's3ss1on' }) : reply(400, { message: 's3ss1on has run out' })) });
    const tools = toolsIn(world);
    const ask = api(tools, { base: 'https://api.example.net' });
    const session = handedOut(tools, async () => (await ask({ method: 'POST', path: '/login', confidential: true, purpose: 'log in' }, json(v.object({ sid: v.string() })))).sid);
    const done = await attempt(async () => ask({ method: 'POST', path: '/zones', json: { sid: await session() }, purpose: 'list the zones' }, json(Value)));
    expect(await session.made()).toBe('s3ss1on');
    expect(done.kind === 'failed' && done.failure.detail).toContain('*** has run out');
    expect(world.traced.join('\n')).not.toContain('s3ss1on');
    expect(world.traced).toContain('< 200 (not shown: it holds a secret)');
  });
});
