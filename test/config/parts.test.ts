/** The small parts of the config: suggestions, times, servers, places of files, positions in JSON. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, quickDigest } from '../../src/config/digest.ts';
import { parseJson } from '../../src/config/json.ts';
import { parseDuration, parseResolver, parseServer } from '../../src/config/network.ts';
import { printKeys } from '../../src/config/place.ts';
import { configFolders, stateFolder } from '../../src/config/places.ts';
import { closest, editDistance } from '../../src/config/suggest.ts';

describe('suggestions', () => {
  test.each([
    ['recrods', 'records'],
    ['Token', 'token'],
    ['tok', undefined],
    ['toke', 'token'],
    ['xyz', undefined],
  ])('%s → %s', (typed, meant) => {
    expect(closest(typed, ['records', 'accounts', 'token'])).toBe(meant);
  });

  test('the distance is symmetric, zero only for equals, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[abc]{0,8}$/), fc.stringMatching(/^[abc]{0,8}$/), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(editDistance('abcd', 'abdc')).toBe(1);
  });
});

test.each([
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['0s', undefined],
  ['31d', undefined],
  ['5', undefined],
  ['m', undefined],
  ['-5m', undefined],
  ['1.5h', undefined],
  ['', undefined],
])('a time: %s', (written, ms) => {
  const parsed = parseDuration(written);
  expect(typeof parsed === 'number' ? parsed : undefined).toBe(ms);
});

test.each([
  ['127.0.0.1:5300', { host: '127.0.0.1', port: 5300, families: [4] }],
  ['127.0.0.1', { host: '127.0.0.1', port: 53, families: [4] }],
  ['[::1]:5300', { host: '::1', port: 5300, families: [6] }],
  ['[::1]', { host: '::1', port: 53, families: [6] }],
  ['2001:DB8::1', { host: '2001:db8::1', port: 53, families: [6] }],
  ['NS.Example.', { host: 'ns.example', port: 53, families: [4, 6] }],
  ['localhost:1', { host: 'localhost', port: 1, families: [4, 6] }],
])('a server: %s', (written, expected) => {
  expect(parseServer(written, 53)).toEqual(expected);
});

test.each([['host:0'], ['host:65536'], ['host:'], [':53'], [''], ['1.2.3'], ['[x]:1'], ['a b'], ['http://x'], ['-x.example'], ['::1:5300:']])('no server: %s', (written) => {
  expect(parseServer(written, 53)).toEqual({ problem: expect.any(String) });
});

test('a resolver is an address', () => {
  expect(parseResolver('::1')).toBe('[::1]:53');
  expect(parseResolver('dns.example')).toEqual({ problem: expect.stringContaining('a resolver is given by its address') });
});

test('places are printed as a person would write them', () => {
  expect(printKeys(['records', 3, 'ttl'])).toBe('records[3].ttl');
  expect(printKeys(['accounts', 'my box', 'token'])).toBe('accounts["my box"].token');
});

test('equal values have equal digests, others do not', () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (a, b) => {
      const [left, right] = [canonicalJson(JSON.parse(a)), canonicalJson(JSON.parse(b))];
      expect(quickDigest(left) === quickDigest(right)).toBe(left === right);
      expect(quickDigest(left)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

describe('where files live', () => {
  const linux = { platform: 'linux', root: false } as const;
  const root = { platform: 'linux', root: true } as const;
  test.each([
    [{ HOME: '/h' }, linux, ['/h/.config/ddns-update'], '/h/.local/state/ddns-update'],
    [{ HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s' }, linux, ['/c/ddns-update'], '/s/ddns-update'],
    [{ HOME: '/h', XDG_CONFIG_HOME: 'c', XDG_STATE_HOME: 's' }, linux, ['/h/.config/ddns-update'], '/h/.local/state/ddns-update'],
    [{ HOME: '/root' }, root, ['/etc/ddns-update'], '/var/lib/ddns-update'],
    [{ HOME: '/root', XDG_CONFIG_HOME: '/c' }, root, ['/c/ddns-update', '/etc/ddns-update'], '/var/lib/ddns-update'],
    [{}, linux, ['/etc/ddns-update'], '/var/lib/ddns-update'],
    [{ HOME: '/h', STATE_DIRECTORY: '/run/a:/run/b', CONFIGURATION_DIRECTORY: '/etc/a' }, linux, ['/etc/a', '/h/.config/ddns-update'], '/run/a'],
    [{ HOME: '/h', STATE_DIRECTORY: '/run/a', DDNS_UPDATE_STATE: '/mine' }, linux, ['/h/.config/ddns-update'], '/mine'],
    [
      { HOME: '/Users/h' },
      { platform: 'darwin', root: false } as const,
      ['/Users/h/.config/ddns-update', '/Users/h/Library/Application Support/ddns-update'],
      '/Users/h/Library/Application Support/ddns-update/state',
    ],
    [
      { USERPROFILE: 'C:\\Users\\h', APPDATA: 'C:\\Users\\h\\AppData\\Roaming', LOCALAPPDATA: 'C:\\Users\\h\\AppData\\Local' },
      { platform: 'win32', root: false } as const,
      ['C:\\Users\\h\\AppData\\Roaming\\ddns-update'],
      'C:\\Users\\h\\AppData\\Local\\ddns-update\\state',
    ],
  ])('%j on %j', (env, host, config, state) => {
    expect(configFolders(env, host)).toEqual(config);
    expect(stateFolder(undefined, env, host)).toBe(state);
    expect(stateFolder('/flag', env, host)).toBe('/flag');
  });
});

describe('JSON with comments', () => {
  /** Where the language leaves freedom: blanks, comments, trailing commas. */
  const noisy = (value: unknown, noise: string): string => {
    if (Array.isArray(value)) return `[${value.map((one) => `${noise}${noisy(one, noise)}${noise}`).join(',')}${value.length > 0 ? `,${noise}` : noise}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const pairs = Object.entries(value).map(([key, one]) => `${noise}${JSON.stringify(key)}${noise}:${noise}${noisy(one, noise)}${noise}`);
    return `{${pairs.join(',')}${pairs.length > 0 ? `,${noise}` : noise}}`;
  };

  test('comments and trailing commas change nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\n', '// x ",}]\n', '/* " ,] */', ' \t// a\n/* b */\n'), (value, noise) => {
        const parsed = parseJson(noisy(value, noise));
        expect(parsed.kind).toBe('parsed');
        if (parsed.kind === 'parsed') expect(JSON.stringify(parsed.document.value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test('what is cut short is broken, with a position, and never throws', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (value, share) => {
        const text = JSON.stringify(value, undefined, 1);
        const parsed = parseJson(text.slice(0, Math.floor(text.length * share)));
        expect(parsed).toMatchObject({ kind: 'broken', problems: [{ line: expect.any(Number), column: expect.any(Number) }] });
      }),
    );
  });

  test('every key is on its line', () => {
    const parsed = parseJson('{\n"a": [\n1, {\n"b":\n2}],\n"c": 3}');
    if (parsed.kind !== 'parsed') throw new Error(parsed.kind);
    const lines = [[], ['a'], ['a', 0], ['a', 1], ['a', 1, 'b'], ['a', 1, 'x'], ['c'], ['d']].map(parsed.document.lineOf);
    expect(lines).toEqual([1, 2, 3, 3, 4, 3, 6, 1]);
  });

  test('deep nesting ends in a sentence', () => {
    expect(parseJson('// x\n'.concat('['.repeat(100_000)))).toMatchObject({ kind: 'broken', problems: [{ message: 'nested too deeply' }] });
  });
});
