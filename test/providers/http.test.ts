/** http: what the user's template becomes, and that only what the user called a success is one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import http from '../../src/providers/http/provider.ts';
import { percentEncode } from '../../src/sdk/template.ts';
import type { HttpReply, HttpRequest } from '../../src/world/world.ts';
import { startDyndns2 } from '../servers/dyndns2.ts';
import { change, fakeTools, kindsOf, plain, realTools } from '../support/update-url.ts';

const A = '203.0.113.7';
const AAAA = '2001:db8::7';
type Options = Parameters<typeof http.open>[0];
const BASE: Options = { url: 'https://ddns.example.net/up?host={name}&ip={ip}', success: '/^(good|nochg)\\b/' };
const HOME = [change('home.example.com', A)];

async function write(options: Partial<Options>, reply: HttpReply | string = 'good', changes = HOME) {
  const seen: HttpRequest[] = [];
  const tools = fakeTools((request) => {
    seen.push(request);
    return typeof reply === 'string' ? plain(reply) : reply;
  });
  const results = await (await http.open({ ...BASE, ...options }, tools)).write(changes);
  return { seen, results, kinds: kindsOf(results) };
}
const problems = (options: Partial<Options>) => http.problems?.({ ...BASE, ...options }) ?? [];
const families = (options: Partial<Options>) => (typeof http.can === 'function' ? http.can({ ...BASE, ...options }).families : []);

describe('what is sent', () => {
  test('a GET, one per name and address', async () => {
    const { seen, kinds } = await write({}, 'good', [...HOME, change('home.example.com', AAAA), change('nas.example.com', A)]);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET https://ddns.example.net/up?host=home.example.com&ip=${A}`,
      `GET https://ddns.example.net/up?host=nas.example.com&ip=${A}`,
      `GET https://ddns.example.net/up?host=home.example.com&ip=${AAAA}`,
    ]);
    expect(kinds).toEqual(['written', 'written', 'written']);
  });

  test('every placeholder', async () => {
    const { seen } = await write({
      url: 'https://ddns.example.net/{zone}/{sub}/{type}?u={username}&p={password}&t={token}&k={key}&ip={ip4}',
      zone: 'Example.com',
      username: 'me@example.com',
      password: new Secret('a b'),
      token: new Secret('c/d'),
      secrets: { key: new Secret('e&f') },
    });
    expect(seen[0]?.url).toBe(`https://ddns.example.net/example.com/home/A?u=me%40example.com&p=a%20b&t=c%2Fd&k=e%26f&ip=${A}`);
  });

  test('headers, bodies and logins', async () => {
    const form = await write({ url: 'https://ddns.example.net/', body: 'n={name}&a={ip}&k={token}', token: new Secret('x&y=z') });
    expect(form.seen[0]).toMatchObject({ method: 'POST', body: `n=home.example.com&a=${A}&k=x%26y%3Dz`, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    const json = await write({
      url: 'https://ddns.example.net/',
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', 'X-Key': 'k {token}' },
      body: '{"a":"{ip}","k":"{token}"}',
      token: new Secret('"}'),
    });
    expect(json.seen[0]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'application/json', 'x-key': 'k "}' } });
    expect(JSON.parse(json.seen[0]?.body ?? '')).toEqual({ a: A, k: '"}' });
    const basic = await write({ auth: 'basic', username: 'me', password: new Secret('pw') });
    expect(basic.seen[0]?.headers['authorization']).toBe(`Basic ${btoa('me:pw')}`);
    const bearer = await write({ auth: 'bearer', token: new Secret('tok') });
    expect(bearer.seen[0]?.headers['authorization']).toBe('Bearer tok');
  });

  test('a secret with a line break is not put into a header', async () => {
    const { seen, kinds, results } = await write({ auth: 'bearer', token: new Secret('to\r\nken: x') });
    expect(seen).toEqual([]);
    expect(kinds).toEqual(['config']);
    expect(JSON.stringify(results)).not.toContain('ken: x');
  });

  test('nor is one that means another folder put into a URL', async () => {
    for (const text of ['.', '..']) expect((await write({ url: 'https://ddns.example.net/{token}/up?ip={ip}', token: new Secret(text) })).kinds).toEqual(['config']);
  });

  test('both addresses together where there is a URL for both', async () => {
    const options = { urlBoth: 'https://ddns.example.net/both?host={name}&v4={ip4}&v6={ip6}' };
    const { seen, kinds } = await write(options, 'good', [...HOME, change('home.example.com', AAAA)]);
    expect(seen.map(({ url }) => url)).toEqual([`https://ddns.example.net/both?host=home.example.com&v4=${A}&v6=${AAAA}`]);
    expect(kinds).toEqual(['written', 'written']);
    expect((await write(options)).seen.map(({ url }) => url)).toEqual([`https://ddns.example.net/up?host=home.example.com&ip=${A}`]);
  });

  test('which families follow from the templates', () => {
    expect(families({})).toEqual([4, 6]);
    expect(families({ url: 'https://x.example/?a={ip4}' })).toEqual([4]);
    expect(families({ url: 'https://x.example/?a={ip6}' })).toEqual([6]);
    expect(families({ url: 'https://x.example/?a={ip4}', url6: 'https://x.example/?b={ip6}' })).toEqual([4, 6]);
  });

  test('no secret and no name changes anything but its own value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom('home.example.com', '*.example.com'), async (text, name) => {
        fc.pre(!/^\.\.?$/.test(text));
        const options = {
          url: 'https://ddns.example.net/{token}/up?host={name}&t={token}&ip={ip}',
          headers: { 'content-type': 'application/json' },
          body: '{"t":"{token}","u":1}',
          token: new Secret(text),
        };
        const { seen } = await write(options, 'good', [change(name, A)]);
        const url = new URL(seen[0]?.url ?? '');
        expect(url.origin).toBe('https://ddns.example.net');
        expect(url.pathname).toBe(`/${percentEncode(text)}/up`);
        expect([...url.searchParams]).toEqual([
          ['host', name],
          ['t', text],
          ['ip', A],
        ]);
        expect(url.hash).toBe('');
        expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ t: text, u: 1 });
      }),
    );
  });
});

describe('what is believed', () => {
  const cases: readonly (readonly [title: string, options: Partial<Options>, reply: HttpReply | string, kind: string])[] = [
    ['a pattern', {}, 'good 203.0.113.7', 'written'],
    ['another text', {}, 'bad', 'gibberish'],
    ['the whole text', { success: 'stored {ip}' }, `stored ${A}\n`, 'written'],
    ['not only part of it', { success: 'stored {ip}' }, `not stored ${A}`, 'gibberish'],
    ['dots are dots', { success: 'stored {ip}' }, 'stored 203x0.113.7', 'gibberish'],
    ['what needs no change', { noChange: 'same' }, 'same', 'written'],
    ['any 2xx when so configured', { success: 'status' }, plain('', 204), 'written'],
    ['but not a web page', { success: 'status' }, plain('<html><body>Please log in</body></html>'), 'gibberish'],
    ['nor a redirect', { success: 'status' }, plain('', 302, { location: 'https://elsewhere.example/' }), 'gibberish'],
    ['a web page only with a < in the pattern', { success: '/<b>OK/' }, plain('<html><body><b>OK</b></body></html>'), 'written'],
    ['a web page that happens to match', { success: '/OK/' }, plain('<html><body>OK</body></html>'), 'gibberish'],
    ['no success with status 500', {}, plain('good', 500), 'unavailable'],
    ['an empty answer', {}, '', 'gibberish'],
    ['401', {}, plain('', 401), 'auth'],
    ['429', {}, plain('good', 429), 'throttled'],
    ['words of failure', { failures: { denied: 'auth' } }, 'access denied', 'auth'],
    ['patterns of failure, before success', { failures: { '/good but/': 'blocked' } }, 'good but not for you', 'blocked'],
  ];
  for (const [title, options, reply, kind] of cases) test(title, async () => expect((await write(options, reply)).kinds).toEqual([kind]));

  test('over the real network', async () => {
    const server = await startDyndns2();
    try {
      const options: Options = { url: `${server.endpoint}/nic/update?hostname={name}&myip={ip}`, auth: 'basic', username: 'user', password: new Secret('secret'), success: '/^(good|nochg)\\b/' };
      expect(kindsOf(await (await http.open(options, realTools())).write(HOME))).toEqual(['written']);
      expect(server.stored.get('home.example.com')).toEqual([A]);
    } finally {
      await server.close();
    }
  });
});

describe('what is wrong with options', () => {
  test.each<readonly [title: string, options: Partial<Options>, says: string]>([
    ['a placeholder nobody knows', { url: 'https://x.example/?a={ip}&b={adress}' }, '{adress}'],
    ['no address anywhere', { url: 'https://x.example/?a={name}' }, '{ip}'],
    ['both addresses in one url', { url: 'https://x.example/?a={ip4}&b={ip6}' }, 'urlBoth'],
    ['a user and password in the URL', { url: 'https://u:p@x.example/?a={ip}' }, 'without a user and password'],
    ['a placeholder in the host', { url: 'https://{token}.example/?a={ip}' }, 'before its path'],
    ['plain http', { url: 'http://x.example/?a={ip}' }, 'insecure'],
    ['a broken pattern', { success: '/(/' }, 'not a regular expression'],
    ['an unknown kind of failure', { failures: { no: 'never' } }, 'one of auth'],
    ['a secret with a name that is taken', { secrets: { ip: new Secret('x') } }, 'already means'],
    ['a password that is not there', { auth: 'basic' }, 'username'],
  ])('%s', (_, options, says) => expect(problems(options).join('\n')).toContain(says));

  test('plain http to this machine, or when allowed', () => {
    expect(problems({ url: 'http://127.0.0.1:8080/?a={ip}' })).toEqual([]);
    expect(problems({ url: 'http://x.example/?a={ip}', insecure: true })).toEqual([]);
  });
});
