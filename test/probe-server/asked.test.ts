/** What the probe-server lets itself be asked, and by whom: whatever is written, nobody but the caller is looked at. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { type Place, readAsked } from '../../src/probe-server/asked.ts';
import type { ServedRequest } from '../../src/world/world.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const PAGE = `/.well-known/ddns-update/${TOKEN}`;
const OWN = '203.0.113.200';
const place: Place = { own: [parseAddress(OWN) as IpAddress], self: false, proxy: true };
const request = (target: string, more: Partial<ServedRequest> = {}): ServedRequest => ({ method: 'GET', target, headers: {}, from: '198.51.100.7', ...more });
const looksAt = (more: Partial<ServedRequest>, at: Place = place): string | undefined => {
  const reading = readAsked(request('/?port=443&as=connection', more), at);
  return reading.kind === 'look' ? reading.asked.address : undefined;
};

describe('a question', () => {
  const good: readonly (readonly [string, object])[] = [
    ['/?port=443&as=connection', { port: 443, as: { kind: 'connection' } }],
    ['/probe?as=certificate&name=Box.Home.Example&port=1', { port: 1, name: 'box.home.example', as: { kind: 'certificate' } }],
    [`/?port=65535&as=page&path=${PAGE}`, { port: 65535, as: { kind: 'page', path: PAGE } }],
    [`/?port=80&as=page&name=box.home.example&path=${encodeURIComponent(PAGE)}`, { port: 80, name: 'box.home.example', as: { kind: 'page', path: PAGE } }],
  ];
  for (const [target, expected] of good) test(`${target} is taken`, () => expect(readAsked(request(target), place)).toEqual({ kind: 'look', asked: { address: '198.51.100.7', ...expected } }));

  const bad: readonly string[] = [
    '/?',
    '/?port=443',
    '/?as=connection',
    '/?port=0&as=connection',
    '/?port=65536&as=connection',
    '/?port=%2080&as=connection',
    '/?port=8e1&as=connection',
    '/?port=-1&as=connection',
    '/?port=443&port=22&as=connection',
    '/?port=443&as=udp',
    '/?port=443&as=connection&address=203.0.113.9',
    '/?port=443&as=connection&host=example.com',
    '/?port=443&as=connection&name=localhost',
    '/?port=443&as=connection&name=10.0.0.1',
    '/?port=443&as=certificate',
    '/?port=443&as=certificate&name=*.home.example',
    '/?port=443&as=certificate&name=a..b',
    '/?port=80&as=page',
    ...[
      '/',
      '/etc/passwd',
      `${PAGE}0`,
      PAGE.slice(0, -1),
      `${PAGE}/`,
      `${PAGE}?a`,
      `${PAGE}#a`,
      `/..${PAGE}`,
      `/.well-known/ddns-update/../../admin/${TOKEN}`,
      `/.well-known/ddns-update/${TOKEN.toUpperCase()}`,
      `/.well-known/ddns-update/${TOKEN}\r\nHost: evil`,
      `/.well-known/ddns-update/%2e%2e%2f${TOKEN.slice(9)}`,
      `//evil.example${PAGE}`,
      `@evil.example${PAGE}`,
    ].map((path) => `/?port=80&as=page&path=${encodeURIComponent(path)}`),
  ];
  for (const target of bad)
    test(`${target} is refused in words`, () => expect(readAsked(request(target), place)).toMatchObject({ kind: 'wrong', status: 400, words: expect.stringMatching(/^[\x20-\x7e]{10,300}$/) }));

  test('none is none', () => {
    for (const target of ['/', '/probe', '*', 'http://evil.example/']) expect(readAsked(request(target), place)).toEqual({ kind: 'nothing' });
  });
  test('other methods are not answered', () => {
    for (const method of ['POST', 'HEAD', 'OPTIONS', 'PUT']) expect(readAsked(request('/?port=443&as=connection', { method }), place)).toMatchObject({ kind: 'wrong', status: 405 });
  });
});

describe('who is looked at', () => {
  test('whoever asks, whatever the headers say', () => {
    expect(looksAt({ from: '198.51.100.7', headers: { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9', host: '203.0.113.9' } })).toBe('198.51.100.7');
    expect(looksAt({ from: '2001:db8::7', headers: { 'x-forwarded-for': '2001:db8::9' } })).toBe('2001:db8::7');
    expect(looksAt({ from: '192.168.1.7', headers: { 'x-forwarded-for': '203.0.113.9' } })).toBe('192.168.1.7');
  });
  test('behind a proxy on the same machine the last that it was told', () => {
    for (const from of ['127.0.0.1', '127.9.9.9', '::1', OWN]) {
      expect(looksAt({ from, headers: { 'x-forwarded-for': '203.0.113.9' } })).toBe('203.0.113.9');
      expect(looksAt({ from, headers: { 'x-forwarded-for': '6.6.6.6, 127.0.0.1 ,203.0.113.9' } })).toBe('203.0.113.9');
      expect(looksAt({ from, headers: { 'x-forwarded-for': '::ffff:203.0.113.9' } })).toBe('203.0.113.9');
    }
  });
  test('nobody but the caller, where no proxy was spoken of: a tunnel that ends here passes on what strangers write', () => {
    for (const from of ['127.0.0.1', '::1', OWN]) {
      expect(looksAt({ from, headers: { 'x-forwarded-for': '203.0.113.9' } }, { ...place, proxy: false })).toBeUndefined();
      expect(looksAt({ from, headers: { 'x-forwarded-for': '203.0.113.9' } }, { ...place, proxy: false, self: true })).toBe(from);
    }
  });
  test('nobody, where the proxy talks nonsense or keeps silent', () => {
    for (const forwarded of ['', 'unknown', '203.0.113.9:1234', '203.0.113.9,', 'evil.example', 'fe80::1%eth0'])
      expect(looksAt({ from: '127.0.0.1', headers: { 'x-forwarded-for': forwarded } })).toBeUndefined();
    expect(looksAt({ from: '127.0.0.1' })).toBeUndefined();
    expect(looksAt({ from: 'fe80::1%eth0' })).toBeUndefined();
  });
  test('never the machine that the probe-server runs on, unless that is a trial', () => {
    for (const own of ['127.0.0.1', '127.0.0.53', '::1', '0.0.0.0', '::', '::ffff:127.0.0.1', OWN]) {
      expect(looksAt({ from: '127.0.0.1', headers: { 'x-forwarded-for': `203.0.113.9, ${own}` } })).toBeUndefined();
      expect(looksAt({ from: '127.0.0.1', headers: { 'x-forwarded-for': own } }, { ...place, self: true })).toBeDefined();
    }
    for (const own of ['127.0.0.1', '::1', OWN]) {
      expect(looksAt({ from: own })).toBeUndefined();
      expect(looksAt({ from: own }, { ...place, self: true })).toBe(own);
    }
  });
  test('whatever a stranger sends, it is the stranger', () => {
    const text = fc.oneof(fc.string({ maxLength: 60 }), fc.constantFrom('203.0.113.9', '127.0.0.1', 'page', 'connection', '443', PAGE));
    const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom('port', 'as', 'name', 'path'), text), text), { maxLength: 5 }).map((pairs) => `/?${new URLSearchParams(pairs)}`);
    fc.assert(
      fc.property(
        fc.oneof(
          query,
          fc.string().map((rest) => `/?${rest}`),
        ),
        fc.dictionary(fc.constantFrom('x-forwarded-for', 'host', 'forwarded'), text),
        (target, headers) => {
          const reading = readAsked(request(target, { headers }), place);
          if (reading.kind === 'look') {
            expect(reading.asked.address).toBe('198.51.100.7');
            if (reading.asked.as.kind === 'page') expect(reading.asked.as.path).toMatch(/^\/\.well-known\/ddns-update\/[0-9a-f]{32}$/);
          }
          if (reading.kind === 'wrong') expect(reading.words).toMatch(/^[\x20-\x7e]+$/);
        },
      ),
    );
  });
});
