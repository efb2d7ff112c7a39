/** The update-URL shape: what rows may say, and what is made of it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactor, Secret } from '../../src/core/secret.ts';
import { fill, type Place, percentEncode, placeholders } from '../../src/sdk/template.ts';
import { updateUrl } from '../../src/sdk/update-url.ts';
import { accountProblem, type UpdateUrlAccount } from '../../src/sdk/update-url-request.ts';
import { parseRow, type UpdateUrlRowInput } from '../../src/sdk/update-url-row.ts';
import type { HttpReply, HttpRequest } from '../../src/world/world.ts';
import { change, fakeTools, kindsOf, plain } from '../support/update-url.ts';

const A = '203.0.113.7';
const AAAA = '2001:db8::7';
const ROW: UpdateUrlRowInput = {
  id: 'example',
  title: 'Example',
  website: 'https://ddns.example.net',
  login: 'token is on the settings page',
  reference: 'https://ddns.example.net/docs',
  checked: '2026-11-20',
  evidence: 'documented',
  urlV4: 'https://ddns.example.net/up?h={hosts}&ip={ip}',
  urlV6: 'https://ddns.example.net/up?h={hosts}&ip={ip}',
  auth: 'none',
  success: '^OK',
  status: 'active',
};

async function write(
  row: Partial<UpdateUrlRowInput>,
  account: Partial<UpdateUrlAccount>,
  changes: readonly ReturnType<typeof change>[],
  answer: (request: HttpRequest) => HttpReply = () => plain('OK'),
) {
  const seen: HttpRequest[] = [];
  const tools = fakeTools((request) => {
    seen.push(request);
    return answer(request);
  });
  const results = await updateUrl({ row: parseRow({ ...ROW, ...row }), ...account }, tools).write(changes);
  return { seen, results, kinds: kindsOf(results), urls: seen.map(({ url }) => url) };
}
const HOME = [change('home.example.com', A)];
const BOTH = [...HOME, change('home.example.com', AAAA)];
const token = new Secret('s3cret');

describe('rows', () => {
  test.each<readonly [title: string, row: Partial<UpdateUrlRowInput>]>([
    ['a placeholder that is not known', { urlV4: 'https://x.example/?{nothing}' }],
    ['a URL of another kind', { urlV4: 'ftp://x.example/{ip}' }],
    ['a broken pattern', { success: '(' }],
    ['a secret in the body without auth: form', { method: 'POST', body: 'k={token}' }],
    ['plain http without saying so', { urlV4: 'http://x.example/?{ip}', urlV6: undefined }],
    ['nothing that says the address, without saying that it is the sender’s', { urlV4: 'https://x.example/?h={host}' }],
    ['an AAAA that goes only together, without saying that the other is erased', { urlV6: undefined, urlBoth: 'https://x.example/?{ip4}{ip6}' }],
    ['a header in capitals', { headers: { Authorization: 'x' } }],
    ['a date that is none', { checked: 'lately' }],
  ])('%s is refused', (_, row) => expect(() => parseRow({ ...ROW, ...row })).toThrow());

  test('a service that is gone says why', () => {
    expect(accountProblem({ row: parseRow({ ...ROW, status: 'dead', notes: 'closed in 2024' }) })).toBe('Example is no longer there: closed in 2024');
  });
  test('what is missing is named, with where to find it', () => {
    expect(accountProblem({ row: parseRow({ ...ROW, auth: 'bearer' }) })).toBe('Example needs token: token is on the settings page');
    expect(accountProblem({ row: parseRow({ ...ROW, auth: 'bearer' }), password: token })).toBeUndefined();
  });
  test('a service without encryption has to be allowed', () => {
    const row = parseRow({ ...ROW, urlV4: 'http://ddns.example.net/?ip={ip}', urlV6: undefined, tls: 'none' });
    expect(accountProblem({ row })).toContain('insecure');
    expect(accountProblem({ row, insecure: true })).toBeUndefined();
  });
});

describe('logins', () => {
  test('bearer, header, path, form, and a URL the user pasted', async () => {
    expect((await write({ auth: 'bearer' }, { token }, HOME)).seen[0]?.headers['authorization']).toBe('Bearer s3cret');
    expect((await write({ auth: 'header', headers: { authorization: 'Token {token}' } }, { token }, HOME)).seen[0]?.headers['authorization']).toBe('Token s3cret');
    expect((await write({ auth: 'path', urlV4: 'https://ddns.example.net/u/{token}/?address={ip}' }, { token }, HOME)).urls).toEqual([`https://ddns.example.net/u/s3cret/?address=${A}`]);
    expect((await write({ auth: 'form', method: 'POST', urlV4: 'https://ddns.example.net/', body: 'k={token}&ip={ip}' }, { token }, HOME)).seen[0]).toMatchObject({
      method: 'POST',
      body: `k=s3cret&ip=${A}`,
    });
    const pasted = await write({ auth: 'path', urlV4: '{updateUrl}&ip={ip}' }, { more: { updateUrl: new Secret('https://ddns.example.net/dyn?q=a%20b') } }, HOME);
    expect(pasted.urls).toEqual([`https://ddns.example.net/dyn?q=a%20b&ip=${A}`]);
    expect((await write({ auth: 'query', urlV4: 'https://ddns.example.net/?p={md5Password}&ip={ip}' }, { password: new Secret('password') }, HOME)).urls).toEqual([
      `https://ddns.example.net/?p=5f4dcc3b5aa765d61d8327deb882cf99&ip=${A}`,
    ]);
  });
});

describe('calls', () => {
  test('both addresses of a name in one call, names with the same addresses too', async () => {
    const row = { urlBoth: 'https://ddns.example.net/up?h={hosts}&ip={ip4},{ip6}', multiHost: { separator: ';', max: 2, answer: 'all' } } as const;
    const changes = [...BOTH, change('nas.example.com', AAAA), change('nas.example.com', A), change('cam.example.com', A), change('tv.example.com', A), change('pc.example.com', A)];
    const { urls, kinds } = await write(row, {}, changes);
    expect(urls).toEqual([
      `https://ddns.example.net/up?h=home.example.com;nas.example.com&ip=${A},${AAAA}`,
      `https://ddns.example.net/up?h=cam.example.com;tv.example.com&ip=${A}`,
      `https://ddns.example.net/up?h=pc.example.com&ip=${A}`,
    ]);
    expect(new Set(kinds)).toEqual(new Set(['written']));
  });

  test('results are in the order of the changes, whatever the order of the calls', async () => {
    const changes = [change('b.example.com', AAAA), change('a.example.com', A), change('b.example.com', A)];
    const { kinds } = await write({}, {}, changes, ({ url }) => plain(url.includes('b.example.com') && url.includes(AAAA) ? 'no' : 'OK'));
    expect(kinds).toEqual(['gibberish', 'written', 'written']);
  });

  test('where no AAAA can be sent alone none is, and both go together', async () => {
    const row = { otherFamily: 'erased', urlV6: undefined, urlBoth: 'https://ddns.example.net/up?ip={ip4}&ip6={ip6}' } as const;
    const lone = await write(row, {}, BOTH.slice(1));
    expect(lone.seen).toEqual([]);
    expect(lone.kinds).toEqual(['config']);
    expect((await write(row, {}, HOME)).urls).toEqual([`https://ddns.example.net/up?h=home.example.com&ip=${A}`]);
    expect((await write(row, {}, BOTH)).urls).toEqual([`https://ddns.example.net/up?ip=${A}&ip6=${AAAA}`]);
  });

  test('nothing is cleared, and one address is all it holds', async () => {
    const [home] = HOME;
    if (home === undefined) throw new Error('no change');
    const empty = { ...home, after: { ...home.after, values: [] } };
    const { seen, kinds } = await write({}, {}, [empty]);
    expect(seen).toEqual([]);
    expect(kinds).toEqual(['config']);
  });

  test('a name outside of where the names of the account are is not sent', async () => {
    const row = { urlV4: 'https://ddns.example.net/?s={sub}&z={zone}&ip={ip}' };
    const { urls, kinds } = await write(row, { zone: 'example.com' }, [...HOME, change('home.example.org', A), change('example.com', A)]);
    expect(urls.map((url) => new URL(url).searchParams.get('s'))).toEqual(['home', '@']);
    expect(kinds).toEqual(['written', 'config', 'written']);
  });

  test('any set of changes: one result each, and every success was sent', async () => {
    const one = fc.record({ name: fc.integer({ min: 0, max: 60 }).map((at) => `h${at}.example.com`), address: fc.constantFrom(A, '198.51.100.1', AAAA, '2001:db8::8') });
    const some = fc.uniqueArray(one, { selector: ({ name, address }) => `${name} ${address.includes(':')}`, maxLength: 120 });
    const row = { urlBoth: 'https://ddns.example.net/up?h={hosts}&ip={ip4},{ip6}', multiHost: { separator: ',', max: 20, answer: 'each' }, answers: 'dyndns2', success: '^good' } as const;
    await fc.assert(
      fc.asyncProperty(some, async (wanted) => {
        const stored = new Map<string, string>();
        const { kinds, urls } = await write(
          row,
          {},
          wanted.map(({ name, address }) => change(name, address)),
          ({ url }) => {
            const { searchParams } = new URL(url);
            const addresses = (searchParams.get('ip') ?? '').split(',');
            const names = (searchParams.get('h') ?? '').split(',');
            expect(names.length).toBeLessThanOrEqual(20);
            for (const name of names) for (const address of addresses) stored.set(`${name} ${address.includes(':')}`, address);
            return plain(names.map(() => `good ${addresses.join()}`).join('\r\n'));
          },
        );
        expect(kinds).toEqual(wanted.map(() => 'written'));
        for (const { name, address } of wanted) expect(stored.get(`${name} ${address.includes(':')}`)).toBe(address);
        expect(urls.length).toBeLessThanOrEqual(wanted.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('templates', () => {
  test('nothing can break out of its place, and everything arrives as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        fc.pre(value !== '.' && value !== '..');
        const encoded = percentEncode(value);
        expect(encoded).toMatch(/^[A-Za-z0-9\-._~%]*$/);
        expect(decodeURIComponent(encoded)).toBe(value);
        expect(JSON.parse(fill('"{x}"', { x: value }, 'json'))).toBe(value);
        expect(new URL(fill('https://h.example/?a={x}', { x: value }, 'url')).searchParams.get('a')).toBe(value);
      }),
    );
  });
  test('a secret is recognized in the form a template gives it, in every place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 3 }), fc.constantFrom<Place>('url', 'form', 'json'), (value, place) => {
        fc.pre(!'<>***'.includes(value));
        const known = redactor();
        known.learn(new Secret(value));
        expect(known.redact(fill('<{x}>', { x: value }, place))).toBe('<***>');
      }),
    );
  });
  test('what is filled in is not read as a template again', () => {
    expect(fill('{a}{b}', { a: '{b}', b: '1' }, 'text')).toBe('{b}1');
  });
  test('an empty or unknown value is an error, not an empty parameter', () => {
    expect(() => fill('https://h.example/?a={x}', { x: '' }, 'url')).toThrow('{x}');
    expect(() => fill('https://h.example/?a={x}', {}, 'url')).toThrow('{x}');
    expect(() => fill('https://h.example/?a={constructor}', {}, 'url')).toThrow('{constructor}');
    expect(fill('query {viewer} {x}', { x: '1' }, 'text')).toBe('query {viewer} 1');
    expect(placeholders('{a}{b}{a}{ not }')).toEqual(['a', 'b']);
  });
});
