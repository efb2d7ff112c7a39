/** dyndns2: every answer word and status means what the table says, on the wire and in the exit code. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HANDLING } from '../../src/core/failure.ts';
import { Secret } from '../../src/core/secret.ts';
import dyndns2 from '../../src/providers/dyndns2/provider.ts';
import { serviceOf } from '../../src/providers/update-url/by-id.ts';
import type { HttpRequest } from '../../src/world/world.ts';
import { type Dyndns2Server, startDyndns2 } from '../servers/dyndns2.ts';
import { freePort } from '../servers/ports.ts';
import { change, fakeTools, kindsOf, plain, realTools } from '../support/update-url.ts';

const A = '203.0.113.7';
const AAAA = '2001:db8::7';
type Options = Parameters<typeof dyndns2.open>[0];
const open = async (options: Options, tools = realTools()) => dyndns2.open(options, tools);

let server: Dyndns2Server;
beforeAll(async () => {
  server = await startDyndns2();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.stored.clear();
  server.answer();
});
const login = { username: 'user', password: new Secret('secret') };
const account = (more: Partial<Options> = {}) => open({ server: server.endpoint, ...login, ...more });

type Meaning = { readonly word: string; readonly kind: 'auth' | 'blocked' | 'refused' | 'throttled' | 'gibberish'; readonly exit: number; readonly wait?: number; readonly all?: true };
const WORDS: readonly Meaning[] = [
  { word: 'badauth', kind: 'auth', exit: 77, all: true },
  { word: '!donator', kind: 'blocked', exit: 76, all: true },
  { word: 'badagent', kind: 'blocked', exit: 76, all: true },
  { word: 'abuse', kind: 'blocked', exit: 76, all: true },
  { word: '911', kind: 'throttled', exit: 75, wait: 1800, all: true },
  { word: 'dnserr', kind: 'throttled', exit: 75, wait: 1800, all: true },
  { word: 'servererror', kind: 'throttled', exit: 75, wait: 600, all: true },
  { word: 'interror', kind: 'throttled', exit: 75, wait: 60, all: true },
  { word: 'w30s', kind: 'throttled', exit: 75, wait: 30, all: true },
  { word: 'w5m', kind: 'throttled', exit: 75, wait: 300, all: true },
  { word: 'w2h', kind: 'throttled', exit: 75, wait: 7200, all: true },
  { word: 'interval', kind: 'throttled', exit: 75, wait: 300 },
  { word: '!yours', kind: 'refused', exit: 76 },
  { word: '!active', kind: 'refused', exit: 76 },
  { word: 'nohost', kind: 'refused', exit: 76 },
  { word: 'notfqdn', kind: 'refused', exit: 76 },
  { word: 'numhost', kind: 'refused', exit: 76 },
  { word: 'badsys', kind: 'refused', exit: 76 },
  { word: 'badip', kind: 'refused', exit: 76 },
  { word: 'badrequest', kind: 'refused', exit: 76 },
  { word: 'fatal', kind: 'refused', exit: 76 },
  { word: 'good 127.0.0.1', kind: 'blocked', exit: 76 },
  { word: 'nochg 127.0.0.1', kind: 'blocked', exit: 76 },
  { word: 'good 198.51.100.99', kind: 'gibberish', exit: 76 },
  { word: 'good morning', kind: 'gibberish', exit: 76 },
  { word: 'goodbye', kind: 'gibberish', exit: 76 },
  { word: 'ok', kind: 'gibberish', exit: 76 },
  { word: '', kind: 'gibberish', exit: 76 },
  { word: 'Please log in to this network', kind: 'gibberish', exit: 76 },
  { word: '<html><body>good 203.0.113.7</body></html>', kind: 'gibberish', exit: 76 },
  { word: '<!DOCTYPE html>\ngood 203.0.113.7', kind: 'gibberish', exit: 76 },
];

describe('one name', () => {
  for (const { word, kind, exit, wait } of WORDS) {
    for (const [form, body] of [
      ['plain', word],
      ['with CRLF, BOM and capitals', `\ufeff\r\n${word.toUpperCase()}\r\n`],
    ] as const) {
      test(`${JSON.stringify(word)} ${form}: ${kind}, exit ${exit}`, async () => {
        server.answer({ body });
        const [result] = await (await account()).write([change('home.example.com', A)]);
        expect(result).toMatchObject({ kind: 'failed', failure: { kind } });
        if (result?.kind !== 'failed') return;
        expect(HANDLING[result.failure.kind].exit).toBe(exit);
        expect(result.failure.retryAfterSeconds).toBe(wait);
        expect(server.requests).toHaveLength(1);
      });
    }
  }

  for (const status of [400, 401, 403, 404, 500, 503]) {
    test(`words of failure count with status ${status} too`, async () => {
      for (const { word, kind } of WORDS.filter((one) => one.kind !== 'gibberish' && !/\d\.\d/.test(one.word))) {
        server.answer({ status, body: word });
        const results = await (await account()).write([change('home.example.com', A)]);
        expect(kindsOf(results), word).toEqual([kind]);
      }
    });
  }

  const STATUS: readonly (readonly [status: number, body: string, kind: string, exit: number])[] = [
    [401, '', 'auth', 77],
    [403, '<html><title>Forbidden</title></html>', 'auth', 77],
    [404, 'not found', 'refused', 76],
    [404, '<html><title>Not found</title></html>', 'gibberish', 76],
    [429, 'good 203.0.113.7', 'throttled', 75],
    [500, '', 'unavailable', 75],
    [502, '<html>203.0.113.7</html>', 'unavailable', 75],
    [503, 'good 203.0.113.7', 'unavailable', 75],
    [504, 'nochg 203.0.113.7', 'unavailable', 75],
    [511, '<html>log in</html>', 'gibberish', 76],
    [301, 'good 203.0.113.7', 'gibberish', 76],
    [302, '', 'gibberish', 76],
    [307, '', 'gibberish', 76],
    [400, 'good 203.0.113.7', 'gibberish', 76],
    [418, 'short and stout', 'gibberish', 76],
    [204, '', 'gibberish', 76],
  ];
  for (const [status, body, kind, exit] of STATUS) {
    test(`status ${status} with ${JSON.stringify(body)}: ${kind}, exit ${exit}`, async () => {
      server.answer({ status, body, headers: status >= 300 && status < 400 ? { location: `${server.endpoint}/elsewhere` } : {} });
      const [result] = await (await account()).write([change('home.example.com', A)]);
      expect(result).toMatchObject({ kind: 'failed', failure: { kind } });
      if (result?.kind === 'failed') expect(HANDLING[result.failure.kind].exit).toBe(exit);
      expect(server.requests).toHaveLength(1);
    });
  }

  test('Retry-After is heeded with 429 and 503', async () => {
    for (const status of [429, 503]) {
      server.answer({ status, headers: { 'retry-after': '56' } });
      const [result] = await (await account()).write([change('home.example.com', A)]);
      expect(result).toMatchObject({ failure: { retryAfterSeconds: 56 } });
    }
  });

  test('good and nochg are successes, with what is stored, in any spelling of the address', async () => {
    for (const body of ['good 2001:db8::7', 'good', 'GOOD 2001:DB8:0:0:0:0:0:7\r\n', 'good 2001:db8::7 (updated)']) {
      server.answer({ body });
      const [result] = await (await account()).write([change('home.example.com', AAAA)]);
      expect(result, body).toMatchObject({ kind: 'written' });
    }
    server.answer({ body: `nochg ${A}` });
    const [same] = await (await account()).write([change('home.example.com', A)]);
    expect(same).toMatchObject({ kind: 'written', note: expect.stringContaining('already'), stored: { values: [A] } });
  });

  test('the request is the one the protocol asks for', async () => {
    await (await account()).write([change('home.example.com', A)]);
    const [request] = server.requests;
    expect(request?.method).toBe('GET');
    expect(`${request?.url.pathname}${request?.url.search}`).toBe(`/nic/update?hostname=home.example.com&myip=${A}`);
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('user:secret').toString('base64')}`);
    expect(request?.headers['user-agent']).toMatch(/^ddns-update\//);
  });

  test('a connection that is refused is a network failure that surely changed nothing; a reset may have', async () => {
    const [refused] = await (await open({ server: `http://127.0.0.1:${await freePort()}`, ...login })).write([change('home.example.com', A)]);
    expect(refused).toMatchObject({ failure: { kind: 'network', phase: 'connect' } });
    server.answer('reset');
    const [reset] = await (await account()).write([change('home.example.com', A)]);
    expect(reset).toMatchObject({ failure: { kind: 'network', phase: 'reply' } });
  });
});

describe('several names', () => {
  const names = ['a.example.com', 'b.example.com', 'c.example.com'];
  const changes = names.map((name) => change(name, A));

  test('one call, one line per name in order', async () => {
    server.say('b.example.com', 'nohost');
    const results = await (await account()).write(changes);
    server.say('b.example.com');
    expect(kindsOf(results)).toEqual(['written', 'refused', 'written']);
    expect(results[1]).toMatchObject({ failure: { detail: expect.stringContaining('no such name') } });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.url.searchParams.get('hostname')).toBe(names.join());
  });

  for (const { word, kind, exit, wait, all } of WORDS.filter(({ word }) => word !== '' && !word.includes('\n'))) {
    test(`${JSON.stringify(word)} for the second of three: ${kind}`, async () => {
      server.answer({ body: `good ${A}\n${word}\nnochg ${A}\n` });
      const results = await (await account()).write(changes);
      if (word.includes('<')) return expect(new Set(kindsOf(results))).toEqual(new Set(['gibberish']));
      expect(kindsOf(results)).toEqual(['written', kind, 'written']);
      const second = results[1];
      if (second?.kind !== 'failed') return;
      expect(HANDLING[second.failure.kind].exit).toBe(exit);
      expect(second.failure.retryAfterSeconds).toBe(wait);
    });

    test(`${JSON.stringify(word)} as the only line: ${all ? 'all of them' : 'never a success for a name it was not said of'}`, async () => {
      server.answer({ body: word });
      const results = await (await account()).write(changes);
      expect(kindsOf(results)).not.toContain('written');
      expect(kindsOf(results)[0]).toBe(kind);
      if (all) expect(kindsOf(results)).toEqual([kind, kind, kind]);
      if (all) expect(server.requests).toHaveLength(1);
    });
  }

  test('one refusal for all: each is asked alone, and those that are fine go through', async () => {
    const tools = fakeTools(({ url }) => {
      const hostname = new URL(url).searchParams.get('hostname') ?? '';
      return plain(hostname.includes(',') || hostname === 'b.example.com' ? 'nohost' : `good ${A}`);
    });
    expect(kindsOf(await (await open({ server: 'dyn.example', ...login }, tools)).write(changes))).toEqual(['written', 'refused', 'written']);
  });

  test('a name without a line has failed', async () => {
    server.answer({ body: `good ${A}\n` });
    expect(kindsOf(await (await account()).write(changes))).toEqual(['written', 'gibberish', 'gibberish']);
    server.answer({ body: `good ${A}\nabuse` });
    expect(kindsOf(await (await account()).write(changes))).toEqual(['written', 'blocked', 'blocked']);
  });

  test('more lines than names: nothing is believed', async () => {
    server.answer({ body: `good ${A}\n`.repeat(4) });
    expect(kindsOf(await (await account()).write(changes))).toEqual(['gibberish', 'gibberish', 'gibberish']);
  });

  test('twenty names a call; after a stop word the rest is not sent', async () => {
    const many = Array.from({ length: 45 }, (_, at) => change(`h${at}.example.com`, A));
    expect(new Set(kindsOf(await (await account()).write(many)))).toEqual(new Set(['written']));
    expect(server.requests.map(({ url }) => url.searchParams.get('hostname')?.split(',').length)).toEqual([20, 20, 5]);
    for (const { word, kind } of WORDS.filter(({ all }) => all)) {
      server.requests.length = 0;
      server.answer({ body: word });
      expect(new Set(kindsOf(await (await account()).write(many))), word).toEqual(new Set([kind]));
      expect(server.requests, word).toHaveLength(1);
    }
  });

  test('what was not sent is never called unconfirmed', async () => {
    const many = Array.from({ length: 21 }, (_, at) => change(`h${at}.example.com`, A));
    server.answer({ status: 503 });
    const results = await (await account()).write(many);
    expect(kindsOf(results)[0]).toBe('unavailable');
    expect(kindsOf(results)[20]).toBe('throttled');
    expect(server.requests).toHaveLength(1);
  });
});

describe('both families', () => {
  const both = [change('home.example.com', A), change('home.example.com', AAAA)];
  test('two calls to a server that is not known to take both at once, IPv4 first', async () => {
    expect(kindsOf(await (await account()).write(both))).toEqual(['written', 'written']);
    expect(server.requests.map(({ url }) => url.searchParams.get('myip'))).toEqual([A, AAAA]);
  });
  test('one call with joint', async () => {
    expect(kindsOf(await (await account({ joint: true })).write(both))).toEqual(['written', 'written']);
    expect(server.requests.map(({ url }) => url.searchParams.get('myip'))).toEqual([`${A},${AAAA}`]);
  });
  test('an answer that names one of them only is no success for the other', async () => {
    server.answer({ body: `good ${A}` });
    expect(kindsOf(await (await account({ joint: true })).write(both))).toEqual(['written', 'gibberish']);
    server.answer({ body: `good ${A}\ngood ${AAAA}` });
    expect(kindsOf(await (await account({ joint: true })).write(both))).toEqual(['written', 'written']);
  });
});

describe('options', () => {
  const problems = (options: Options) => dyndns2.problems?.(options) ?? [];
  test('say what is wrong with them', () => {
    expect(problems({ server: 'http://dyn.example.com', ...login })).toEqual([expect.stringContaining('insecure')]);
    expect(problems({ server: 'http://dyn.example.com', insecure: true, ...login })).toEqual([]);
    expect(problems({ server: 'ftp://dyn.example.com', ...login })).toEqual([expect.stringContaining('server')]);
    expect(problems({ server: 'https://u:p@dyn.example.com', ...login })).toEqual([expect.stringContaining('server')]);
    expect(problems({ server: 'dyn.example.com:8443', ...login })).toEqual([]);
    expect(problems({ server: 'dyn.example.com', username: 'a:b', password: new Secret('x') })).toEqual([expect.stringContaining('colon')]);
  });

  test('a server may be a host, a port, a path or a URL; endpoint takes the place of it', async () => {
    const urlFor = async (options: Options) => {
      let url = '';
      const tools = fakeTools((request) => {
        url = request.url;
        return plain('good');
      });
      await (await open({ ...login, ...options }, tools)).write([change('home.example.com', A)]);
      return url.replace(/hostname=.*/, '');
    };
    expect(await urlFor({ server: 'dyn.example' })).toBe('https://dyn.example/nic/update?');
    expect(await urlFor({ server: 'dyn.example:8443' })).toBe('https://dyn.example:8443/nic/update?');
    expect(await urlFor({ server: 'dyn.example/update.php?v=2' })).toBe('https://dyn.example/update.php?v=2&');
    expect(await urlFor({ server: 'http://127.0.0.1:8080' })).toBe('http://127.0.0.1:8080/nic/update?');
    expect(await urlFor({ server: 'dyn.example', endpoint: 'http://127.0.0.1:8080/prefix/' })).toBe('http://127.0.0.1:8080/prefix/nic/update?');
  });
});

describe('secrets', () => {
  const name = fc.constantFrom('home.example.com', 'a-b.example.com', '*.example.com');
  const nasty = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });

  test('none can break out of its place in a URL', async () => {
    await fc.assert(
      fc.asyncProperty(name, nasty, async (host, text) => {
        fc.pre(!/^\.\.?$/.test(text));
        let request: HttpRequest | undefined;
        const tools = fakeTools((sent) => {
          request = sent;
          return plain('addresses updated');
        });
        await (await serviceOf('dynv6').open({ token: new Secret(text) }, tools)).write([change(host, A)]);
        const url = new URL(request?.url ?? '');
        expect(url.origin + url.pathname + url.hash).toBe('https://dynv6.com/api/update');
        expect([...url.searchParams.keys()]).toEqual(['zone', 'token', 'ipv4']);
        expect(url.searchParams.get('token')).toBe(text);
        expect(url.searchParams.get('zone')).toBe(host);
      }),
    );
  });

  test('none can break out of its place in a header', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (username, password) => {
        fc.pre(!username.includes(':'));
        let request: HttpRequest | undefined;
        const tools = fakeTools((sent) => {
          request = sent;
          return plain('good');
        });
        await (await open({ server: 'dyn.example', username, password: new Secret(password) }, tools)).write([change('home.example.com', A)]);
        const [scheme, credentials = ''] = request?.headers['authorization']?.split(' ') ?? [];
        expect(scheme).toBe('Basic');
        expect(Buffer.from(credentials, 'base64').toString()).toBe(`${username}:${password}`);
      }),
    );
  });

  test('none is in any failure, whatever the server says about it', async () => {
    const secretText = fc.stringMatching(/^[\x21-\x7e]{8,30}$/);
    const forms = [(text: string) => text, encodeURIComponent, (text: string) => Buffer.from(text).toString('base64'), (text: string) => JSON.stringify(text)];
    await fc.assert(
      fc.asyncProperty(secretText, fc.constantFrom(...forms), fc.constantFrom(200, 400, 401, 403, 404, 500), fc.constantFrom('', 'nohost ', 'KO ', 'what is '), async (text, form, status, word) => {
        for (const [manifest, options] of [
          [dyndns2, { server: 'dyn.example', username: 'user', password: new Secret(text) }],
          [serviceOf('duckdns'), { token: new Secret(text) }],
          [serviceOf('directnic'), { updateUrl: new Secret(`https://directnic.example/dns/gateway/${encodeURIComponent(text)}/`) }],
        ] as const) {
          const tools = fakeTools(() => plain(`${word}${form(text)}`, status));
          const results = await (await manifest.open(options, tools)).write([change('home.duckdns.org', A)]);
          expect(JSON.stringify(results)).not.toContain(JSON.stringify(text).slice(1, -1));
          expect(JSON.stringify(results)).not.toContain(form(text));
        }
      }),
    );
  });
});
