/** A config is read, or every problem in it is told with its place, alike in JSON, YAML and TOML. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtIn, loadConfig } from '../../src/config/load.ts';
import { KNOWN, load, NO_FLAGS, told, worldOf } from './world.ts';

const JSON_GOOD = `{
  // who
  "records": [
    { "name": "Home.Example.com.", "account": "main", "families": [4, 6], "ttl": 300 },
    { "name": "nas.example.com", "account": "main", "families": [6], "suffix": "::a00:27ff:fe12:3456/64", },
    { "name": "한국.example.com", "account": "old", "sharing": "own" }
  ],
  "accounts": { "main": { "provider": "many", "token": { "env": "T" } }, /* the old one */ "old": { "provider": "single" } },
  "detect": { "quorum": 3, "fullEvery": "1h30m", "allow": ["10.0.0.0/8"], "deny": ["2001:db8::/32"] },
  "dns": { "servers": ["127.0.0.1:5300", "::1"] },
  "verify": { "resolvers": ["1.1.1.1"], "ports": [443], "probe": "none" },
}`;

const YAML_GOOD = `# who
records:
  - name: Home.Example.com.
    account: main
    families: [4, 6]
    ttl: 300
  - { name: nas.example.com, account: main, families: [6], suffix: "::a00:27ff:fe12:3456/64" }
  - name: 한국.example.com
    account: old
    sharing: own
accounts:
  main: { provider: many, token: { env: T } }
  old: { provider: single }
detect: { quorum: 3, fullEvery: 1h30m, allow: [10.0.0.0/8], deny: ["2001:db8::/32"] }
dns: { servers: ["127.0.0.1:5300", "::1"] }
verify: { resolvers: [1.1.1.1], ports: [443], probe: none }
`;

const TOML_GOOD = `[[records]]
name = "Home.Example.com."
account = "main"
families = [4, 6]
ttl = 300

[[records]]
name = "nas.example.com"
account = "main"
families = [6]
suffix = "::a00:27ff:fe12:3456/64"

[[records]]
name = "한국.example.com"
account = "old"
sharing = "own"

[accounts.main]
provider = "many"
token = { env = "T" }
[accounts.old]
provider = "single"

[detect]
quorum = 3
fullEvery = "1h30m"
allow = ["10.0.0.0/8"]
deny = ["2001:db8::/32"]
[dns]
servers = ["127.0.0.1:5300", "::1"]
[verify]
resolvers = ["1.1.1.1"]
ports = [443]
probe = "none"
`;

test.each([
  ['c.json', JSON_GOOD],
  ['c.yaml', YAML_GOOD],
  ['c.toml', TOML_GOOD],
])('%s is read', async (path, source) => {
  const loaded = await load(path, source);
  expect(told(loaded)).toEqual([]);
  if (loaded.kind !== 'ok') throw new Error(loaded.kind);
  const { targets, accounts, detect, dns, verify, stateFolder } = loaded.config;
  expect(targets).toMatchObject([
    { name: 'home.example.com', type: 'A', family: 4, account: 'main', ttl: 300, sharing: 'auto' },
    { name: 'home.example.com', type: 'AAAA', family: 6, account: 'main', ttl: 300, sharing: 'auto' },
    { name: 'nas.example.com', type: 'AAAA', account: 'main', ttl: 'auto', suffix: { bits: 64 } },
    { name: 'xn--3e0b707e.example.com', type: 'A', account: 'old', sharing: 'own' },
  ]);
  expect(accounts).toEqual({ main: { name: 'main', provider: 'many', options: { token: { env: 'T' } } }, old: { name: 'old', provider: 'single', options: {} } });
  expect(detect).toMatchObject({ quorum: 3, fullEveryMs: 5_400_000, listed: false, policy: { allow: [{ text: '10.0.0.0/8' }], deny: [{ text: '2001:db8::/32' }] } });
  expect(detect.sources.length).toBeGreaterThan(3);
  expect(dns.servers).toEqual(['127.0.0.1:5300', '[::1]:53']);
  expect(verify).toEqual({ resolvers: ['1.1.1.1:53'], ports: [443], probe: 'none' });
  expect(stateFolder).toBe('/home/me/.local/state/ddns-update');
});

test('a suffix that leaves next to nothing of the detected prefix is refused: its address would be one of a special range', async () => {
  const withSuffix = (suffix: string) => load('c.json', JSON.stringify({ records: [{ name: 'nas.example.com', families: [6], suffix }], accounts: { main: { provider: 'many', token: 'a' } } }));
  for (const short of ['::1/0', '::1/1', '::a00:27ff:fe12:3456/15'])
    expect(told(await withSuffix(short))).toEqual([`1: records[0].suffix: "${short}" keeps fewer than 16 bits of the detected address, so that what comes out would be no address of this line`]);
  expect(told(await withSuffix('::a00:27ff:fe12:3456/61'))).toEqual([]);
});

describe('every problem at once, with its line', () => {
  test('JSON', async () => {
    const loaded = await load(
      'c.json',
      `{
  "recrods": [],
  "records": [
    { "name": "home.example.com", "account": "mian", "ttl": "300" },
    { "name": "home", "familes": [4] },
    { "name": "a.example.com", "account": "main", "families": [4, 5],
      "suffix": "::1/64", "sharing": "mine" },
    "text",
    { "account": "main" }
  ],
  "accounts": {
    "main": { "provider": "mnay" },
    "a b": { "token": "x" },
    "old": { "provider": "single", "password": "a", "password": "b" }
  },
  "detect": { "quorum": 0, "fullEvery": "5 minutes", "allow": ["10.0.0.1/8"], "sources": ["seeip", "opendsn", { "http": "x" }, { "https": "http://echo.example", "operator": "me" }, { "router": "natpmp" }, { "router": "auto", "family": 6 }, "router"] },
  "notify": [],
  "verify": { "probe": "https://x", "ports": [0] }
}`,
    );
    expect(told(loaded)).toEqual([
      '2: recrods: is not known here; did you mean "records"?',
      '4: records[0].ttl: must be seconds as a whole number from 1 to 2147483647, not text (leave out the quotes), or auto',
      '4: records[0].account: "mian" is not one of the accounts main, a b, old; did you mean "main"?',
      '5: records[1].name: "home" is not a full name: it has no domain',
      '5: records[1].familes: is not known here; did you mean "families"?',
      '5: records[1]: "account" is missing; there are several: main, a b, old',
      '6: records[2].families[1]: must be 4 or 6',
      '7: records[2].sharing: "mine" is not one of auto, replace, own',
      '7: records[2].suffix: is for IPv6 only; say families: [6] (or [4, 6])',
      '8: records[3]: must be a mapping of keys to values, not text',
      '9: records[4]: "name" is missing',
      '12: accounts.main.provider: "mnay" is not a provider we know; did you mean "many"?; ddns-update providers lists them',
      '13: accounts["a b"]: is not a name for an account: letters, digits and _ . @ - only',
      '13: accounts["a b"]: "provider" is missing; ddns-update providers lists them',
      '14: accounts.old.password: stands twice in one mapping',
      '16: detect.quorum: must be a whole number from 1 to 20, not 0',
      '16: detect.fullEvery: "5 minutes" is not a time such as 90s, 5m, 1h or 1d',
      '16: detect.allow[0]: "10.0.0.1/8" is not a range such as 10.0.0.0/8 or 2001:db8::/32 (no bits may be set to the right of its length)',
      '16: detect.sources[0]: seeip: its certificate expired in 2023 and it has been offline since; use ident.me',
      '16: detect.sources[1]: "opendsn" is not a source we know; did you mean "opendns"?; ddns-update detect lists those in use',
      '16: detect.sources[2]: must have one of the keys https, dns, stun, interface, command, file, address, router; did you mean "https"?',
      '16: detect.sources[3].https: is plain http: anybody on the way can forge the answer; use https, or say insecure: true',
      '16: detect.sources[4].router: "natpmp" is not one of auto, nat-pmp, pcp, upnp; did you mean "nat-pmp"?',
      '16: detect.sources[5].family: a router tells its IPv4 address only; leave this out',
      '16: detect.sources[6]: the router is asked by { router: auto }',
      '17: notify: notifications are not supported by this version; remove this key',
      '18: verify.probe: a probe of your own is written { url: "https://..." }',
      '18: verify.ports[0]: must be a port from 1 to 65535, not 0',
    ]);
  });

  test.each([
    ['c.yaml', 'records:\n  - name: a.example.com\n    ttl: 0\n  - nmae: b.example.com\naccounts:\n  main:\n    provider: many\n    tokn: abc\n'],
    ['c.toml', '[[records]]\nname = "a.example.com"\nttl = 0\n[[records]]\nnmae = "b.example.com"\n[accounts.main]\nprovider = "many"\ntokn = "abc"\n'],
    ['c.json', '{"records": [{\n"name": "a.example.com",\n"ttl": 0}, {\n"nmae": "b.example.com"}],\n"accounts": {"main":{\n"provider":"many",\n"tokn":"abc"}}}\n'],
  ])('%s', async (path, source) => {
    const problems = told(await load(path, source));
    const bare = problems.map((problem) => problem.replace(/^\d+: /, ''));
    expect(bare).toEqual([
      'records[0].ttl: must be seconds as a whole number from 1 to 2147483647, not 0, or auto',
      expect.stringMatching(/^records\[1\](: "name" is missing|\.nmae: is not known here; did you mean "name"\?)$/),
      expect.stringMatching(/^records\[1\](: "name" is missing|\.nmae: is not known here; did you mean "name"\?)$/),
      expect.stringMatching(/^accounts\.main(: "token" is missing|\.tokn: is not known)/),
      expect.stringMatching(/^accounts\.main(: "token" is missing|\.tokn: is not known)/),
    ]);
    const lines = problems.map((problem) => Number(/^\d+/.exec(problem)?.[0]));
    const lineOf = (key: string): number => source.split('\n').findIndex((line) => line.includes(key)) + 1;
    expect(lines[0]).toBe(lineOf('ttl'));
    expect(lines).toContain(lineOf('nmae'));
    expect(lines).toContain(lineOf('tokn'));
  });

  test('any unknown key is told, wherever it stands', async () => {
    const places = ['records.0', 'detect', 'verify', 'dns', '', 'accounts.main', 'accounts.main.key'];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places), fc.stringMatching(/^[a-z]{3,12}[0-9]$/), async (where, key) => {
        const config: Record<string, unknown> = {
          records: [{ name: 'a.example.com' }],
          accounts: { main: { provider: 'many', token: 'abcdef', key: { name: 'k', secret: 'YQ==' } } },
          detect: {},
          verify: {},
          dns: { servers: ['127.0.0.1'] },
        };
        const spot = where === '' ? config : where.split('.').reduce<Record<string, unknown>>((at, step) => at[step] as Record<string, unknown>, config);
        spot[key] = 1;
        const path = `${where.replace(/\.0$/, '[0]')}${where === '' ? '' : '.'}${key}`;
        const loaded = await load('c.json', JSON.stringify(config));
        expect(loaded.kind).toBe('invalid');
        expect(loaded.problems.map((problem) => problem.path)).toEqual([path]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('syntax', () => {
  test.each([
    ['c.json', '{\n  "records": [\n', '3:1: the file ends before the "[" of line 2 is closed'],
    ['c.json', '{ "a": 1 "b": 2 }', '1:10: expected "," or "}", found "\\""'],
    ['c.json', "{ 'a': 1 }", '1:3: expected a key in double quotes, found "\'"'],
    ['c.json', '{ "a": tru }', '1:8: expected a value, found "t"'],
    ['c.json', '{ "a": "x\n" }', '1:8: a text in quotes does not end on its line'],
    ['c.json', '{ "a": 1 } x', '1:12: unexpected "x" after the end of the config'],
    ['c.json', '/* x', '1:1: a comment that begins with /* does not end'],
    ['c.json', ' \n', '2:1: the file is empty'],
    ['c.yaml', 'a: 1\na: 2\n', '2:1: this key stands twice in one mapping'],
    ['c.yaml', '', '1:1: the file is empty'],
    ['c.yaml', 'a: "x\n', '2:1: a character is missing (a closing quote or bracket, a ":", a "," or a "-"), or the indentation does not fit'],
    ['c.yaml', 'a:\n  - b: 1\n   c: 2\n', '3:1: a character is missing (a closing quote or bracket, a ":", a "," or a "-"), or the indentation does not fit'],
    ['c.yaml', 'a:\n  b: { c: 1\nd: 2\n', '3:1: the indentation does not fit, or a bracket before it is not closed'],
    ['c.yaml', 'a:\n  - b:c\n    d: 1\n', '2:5: a key must stand on one line; is a ":" missing, or the space after it?'],
    ['c.yaml', 'a: @b\n', '1:4: a text that begins with this character needs quotes'],
    ['c.yaml', 'a:\n\t- b\n', '2:1: YAML does not allow tabs for indentation; use spaces'],
    ['c.yaml', 'a: !secret b\n', '1:4: a tag ("!...") is not known here; a secret is { env: NAME }, { file: PATH } or { command: [...] }'],
    ['c.yaml', 'a: 1\nb:\n  - c: *.example.com\n', '3:8: an alias (*name) has no anchor (&name) before it; a text that begins with "*" needs quotes'],
    [
      'c.yaml',
      `a: &a [1]\n${Array.from({ length: 4 }, (_, at) => `b${at}: &b${at} [${Array(9).fill(at === 0 ? '*a' : `*b${at - 1}`)}]\n`).join('')}`,
      '1:1: aliases (*name) stand for too much: write it out',
    ],
    ['c.toml', 'a = 1\na = 2\n', '2:1: trying to redefine an already defined table or value'],
    ['c.toml', 'a = hello\n', '1:5: a value is missing, or is text without quotes'],
    ['c.toml', 'a = \n', '1:5: a value is missing, or is text without quotes'],
    ['c.toml', 'a = "hello\nb = 1\n', '1:11: a quote is not closed on its line, or a text holds a control character'],
    ['c.toml', '[a\nb = 1\n', '1:3: a "=" or "]" is missing, or a key needs quotes'],
    ['c.conf', 'a = 1', '1:1: a config is named .json, .yaml, .yml or .toml'],
  ])('%s %j', async (path, source, expected) => {
    expect(told(await load(path, source))).toEqual([expected]);
  });

  test('a time without its unit is told to lack it, in quotes or not', async () => {
    for (const time of ['1', '"1"'])
      expect(told(await load('c.yaml', `records: [{ name: a.example.com }]\naccounts: { m: { provider: single } }\ndetect: { fullEvery: ${time} }\n`))).toContain(
        '3: detect.fullEvery: "1" is not a time such as 90s, 5m, 1h or 1d',
      );
  });

  test('a top level that is no mapping is told', async () => {
    for (const [path, source] of [
      ['c.json', '[]'],
      ['c.yaml', '- a'],
    ] as const)
      expect(told(await load(path, source))).toEqual(['1: must be a mapping of keys to values, not a list']);
  });

  test('YAML 1.1 booleans and numbers are plain text', async () => {
    const loaded = await load('c.yaml', 'records: [{ name: no.example.com, account: yes }]\naccounts: { yes: { provider: single, username: no, password: on } }\n');
    expect(told(loaded)).toEqual([]);
    expect(loaded.kind === 'ok' && loaded.config.accounts['yes']?.options).toEqual({ username: 'no', password: 'on' });
  });

  test('text that looks like a comment or a trailing comma stays as it is', async () => {
    const loaded = await load(
      'c.json',
      '{ "records": [{ "name": "a.example.com" },], // x\n "accounts": { "m": { "provider": "single", "username": "a//b /* c */ ,] \\" ,}", "password": "x", }, }, }',
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.kind === 'ok' && loaded.config.accounts['m']?.options['username']).toBe('a//b /* c */ ,] " ,}');
  });

  test('a byte order mark and an ending in capitals do no harm', async () => {
    expect((await load('C.JSON', `\ufeff${JSON_GOOD}`)).kind).toBe('ok');
  });
});

describe('accounts', () => {
  const withAccount = (account: unknown, record: object = {}): string => JSON.stringify({ records: [{ name: 'a.example.com', ...record }], accounts: { m: account } }, undefined, 1);
  const problemsOf = async (account: unknown, record: object = {}): Promise<readonly string[]> =>
    told(await load('c.json', withAccount(account, record))).map((problem) => problem.replace(/^\d+: /, ''));

  test('options are checked by the manifest', async () => {
    expect(await problemsOf({ provider: 'many', token: 12345, zone: 'UPPER', port: '53', tcp: 'yes', tags: 'x', key: { name: 'k', algorithm: 'hmac-sha265', secret: { evn: 'X' } } })).toEqual([
      'accounts.m.token: is a number; write it in quotes',
      'accounts.m.zone: must be a zone in small letters',
      'accounts.m.port: must be a number, not text',
      'accounts.m.tcp: must be true or false, not text',
      'accounts.m.tags: must be a list of texts, not text',
      'accounts.m.key.algorithm: must be one of hmac-sha256, hmac-sha512; did you mean "hmac-sha256"?',
      'accounts.m.key.secret: must be text, { env: NAME }, { file: PATH } or { command: [PROGRAM, ARGUMENT...] }; did you mean "env"?',
    ]);
    expect(await problemsOf({ provider: 'many', token: 'x', key: { name: 'k', algorithm: 'hmac-sha265', secret: 'not base64!' } })).toEqual([
      'accounts.m.key.algorithm: must be one of hmac-sha256, hmac-sha512; did you mean "hmac-sha256"?',
      'accounts.m.key.secret: must be base64',
    ]);
    expect(await problemsOf({ provider: 'many' })).toEqual(['accounts.m: "token" is missing: API token']);
    expect(await problemsOf({ provider: 'many', token: { file: 'a/b' } })).toEqual([
      'accounts.m.token: "file" must be an absolute path, or a bare name that stands in $CREDENTIALS_DIRECTORY or /run/secrets, not "a/b"',
    ]);
    expect(await problemsOf({ provider: 'single', username: 'me' })).toEqual(['accounts.m: a user name needs a password']);
    expect(await problemsOf({ provider: 'many', token: 'abcdef', endpoint: 'http://10.0.0.1/x' })).toEqual([
      'accounts.m.endpoint: is plain http: anybody on the way can read the credentials; use https, or say insecure: true',
    ]);
  });

  test('secrets that stand elsewhere are judged by their form only', async () => {
    expect(await problemsOf({ provider: 'many', token: { env: 'NOT_SET' }, headers: { a: { file: 'name' } }, key: { name: 'k', secret: { command: ['pass', 'x'] } } })).toEqual([]);
    expect(await problemsOf({ provider: 'many', token: 'x', endpoint: 'http://127.0.0.1:80' })).toEqual([]);
    expect(await problemsOf({ provider: 'many', token: 'x', endpoint: 'http://10.0.0.1:80', insecure: true })).toEqual([]);
  });

  test('what the provider cannot do is told at the record', async () => {
    expect(await problemsOf({ provider: 'single' }, { ttl: 300 })).toEqual(['records[0]: a.example.com: m decides the TTL itself; leave out ttl: 300']);
    expect(await problemsOf({ provider: 'single' }, { families: [6] })).toEqual(['records[0]: a.example.com: m cannot hold IPv6 addresses (AAAA records); say families: [4]']);
    expect(await problemsOf({ provider: 'many', token: 'x' }, { ttl: 5 })).toEqual(['records[0]: a.example.com: ttl: 5 is outside what m takes (60 to 86400 seconds)']);
  });

  test('an account that no record uses is a warning, a mistyped provider is pointed at', async () => {
    const source = '{"records": [{"name": "a.example.com", "account": "m"}], "accounts": {"m": {"provider": "single"},\n"n": {"provider": "single"}}}';
    expect(told(await load('c.json', source))).toEqual(['2: warning: accounts.n: is used by no record']);
    expect(await problemsOf({ provider: 'aws' })).toEqual([
      'accounts.m.provider: "aws" is not a provider we know; ddns-update providers lists them. Any service with an update URL can be used with http, any that speaks dyndns2 with dyndns2',
    ]);
    expect(await problemsOf({ provder: 'single' })).toEqual(['accounts.m: "provider" is missing (is "provder" meant to be it?); ddns-update providers lists them']);
  });

  test('a word that means the same elsewhere is recognised', async () => {
    expect(await problemsOf({ provider: 'many', password: 'x' })).toEqual([expect.stringContaining('accounts.m: "token" is missing'), 'accounts.m.password: is not known here; did you mean "token"?']);
    expect(await problemsOf({ provider: 'single', login: 'x', password: 'y', domain: 'z' })).toEqual([
      'accounts.m.login: is not known here; did you mean "username"?',
      'accounts.m.domain: is not known here; did you mean "zone"?',
    ]);
    expect(await problemsOf({ provider: 'single', service: 'noip' })).toEqual(['accounts.m.service: is not known here; a service is a provider of its own here: ddns-update providers noip']);
    expect(await problemsOf({ protocol: 'single' })).toEqual(['accounts.m: "provider" is missing (is "protocol" meant to be it?); ddns-update providers lists them']);
    expect(await problemsOf({ provider: 'single' }, { proxied: true })).toEqual(['records[0].proxied: is not known here; known are name, account, families, ttl, sharing, suffix']);
  });

  test('all that it cannot do is told, each once', async () => {
    expect(await problemsOf({ provider: 'single' }, { name: '*.example.com', families: [4, 6], ttl: 300 })).toEqual([
      'records[0]: *.example.com: m cannot hold wildcard names',
      'records[0]: *.example.com: m decides the TTL itself; leave out ttl: 300',
      'records[0]: *.example.com: m cannot hold IPv6 addresses (AAAA records); say families: [4]',
    ]);
  });

  test('a name outside of what the account can hold is told before anything is sent', async () => {
    expect(await problemsOf({ provider: 'single', zone: 'example.org' })).toEqual([
      'records[0]: a.example.com: is not in example.org, which m names as its zone; correct the zone, or give this name an account of its own',
    ]);
    const config = '{"records": [{"name": "home.example.com"}, {"name": "home.duckdns.org"}], "accounts": {"duckdns": {"provider": "duckdns", "token": "x"}}}';
    const loaded = await loadConfig({ ...NO_FLAGS, config: 'c.json' }, worldOf({ 'c.json': config }), 'all', { ...KNOWN, registry: builtIn().registry });
    expect(told(loaded)).toEqual(['1: records[0]: home.example.com: duckdns only holds names that end in .duckdns.org']);
  });

  test('the domain itself is refused where the provider cannot hold it', async () => {
    expect(await problemsOf({ provider: 'single', zone: 'A.example.com.' })).toEqual(['records[0]: a.example.com: m cannot hold the domain itself, only names in it']);
  });

  test('the same name, type and account twice is an error, at different accounts it is none', async () => {
    const twice = '{"records": [\n{"name": "a.example.com"},\n{"name": "A.example.com.", "families": [6, 4]}],\n"accounts": {"m": {"provider": "single"}}}';
    expect(told(await load('c.json', twice, 'shape'))).toEqual(['3: records[1].name: a.example.com A at m stands twice; it is also in records[0]']);
    const apart = '{"records": [{"name": "a.example.com", "account": "m"}, {"name": "a.example.com", "account": "n"}], "accounts": {"m": {"provider": "single"}, "n": {"provider": "single"}}}';
    expect(told(await load('c.json', apart))).toEqual([]);
  });

  test('a secret as text in a file that others may read is a warning', async () => {
    const source = withAccount({ provider: 'many', token: 'sesame-open' });
    const loaded = await load('c.json', source, 'all', { modes: { 'c.json': 0o644 } });
    expect(loaded.kind).toBe('ok');
    expect(told(loaded)).toEqual(['10: warning: accounts.m.token: the secret stands in a file that others may read: chmod 600 c.json, or use { env: NAME } or { file: PATH }']);
    expect(told(await load('c.json', source))).toEqual([]);
  });

  test('no problem ever holds what stands in the options', async () => {
    const secretText = 'sesame0pen';
    const values = [secretText, [secretText], { [`x`]: secretText }, { env: `${secretText} ` }, { command: secretText }];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('token', 'zone', 'port', 'tcp', 'tags', 'headers', 'key', 'endpoint', 'other'), fc.constantFrom(...values), async (key, value) => {
        const loaded = await load('c.json', withAccount({ provider: 'many', token: 'abc', [key]: value }), 'all', { modes: { 'c.json': 0o644 } });
        expect(JSON.stringify(loaded.problems)).not.toContain(secretText);
      }),
      { numRuns: 60 },
    );
    for (const source of [`{"a": ${secretText}}`, `{"a": "${secretText}`, `"${secretText}" 1`]) expect(told(await load('c.json', source)).join()).not.toContain(secretText);
    for (const source of [`a: ${secretText}: b`, `a: "${secretText}`, `a: [${secretText}`, `a: b\n ${secretText}\n`, `%${secretText}`, `a: *${secretText}`, `a: @${secretText}`, `a: !${secretText} b`])
      expect(told(await load('c.yaml', source)).join()).not.toContain(secretText);
    for (const source of [`a = ${secretText}`, `a = "${secretText}`, `[${secretText}`, `${secretText}`, `a = 1\n"${secretText}" = 1 2`])
      expect(told(await load('c.toml', source)).join()).not.toContain(secretText);
  });
});

describe('sources', () => {
  const withSources = (sources: unknown, more: object = {}, families: readonly number[] = [4]): string =>
    JSON.stringify({ records: [{ name: 'a.example.com', families }], accounts: { m: { provider: 'many', token: { env: 'T' } } }, detect: { sources, ...more } });

  test('objects become sources', async () => {
    const loaded = await load(
      'c.json',
      withSources([
        { https: 'https://echo.example/ip', operator: 'me', read: 'json:data.ip', family: 4 },
        { https: 'http://127.0.0.1:8080/', operator: 'here' },
        { dns: '127.0.0.1:5300', question: 'whoami.example.', class: 'CH', type: 'TXT', operator: 'lab' },
        { dns: 'ns.example', question: 'whoami.example', type: 'AAAA', operator: 'lab' },
        { stun: '[::1]:3479', operator: 'turn' },
        { stun: 'stun.example', operator: 'other' },
        { interface: 'eth0' },
        { command: ['/usr/bin/ip', 'x'], family: 6 },
        { file: '/run/address' },
        { address: '203.0.113.9' },
        { address: '203.0.113.9' },
        'opendns',
      ]),
      'shape',
    );
    expect(told(loaded)).toEqual([]);
    expect(loaded.kind === 'ok' && loaded.config.detect.listed).toBe(true);
    expect(loaded.kind === 'ok' && loaded.config.detect.sources).toMatchObject([
      {
        kind: 'https',
        id: 'echo.example/ip',
        operator: 'me',
        families: [4],
        read: { kind: 'json', path: ['data', 'ip'] },
        authenticated: true,
        urls: [{ url: 'https://echo.example/ip', families: [4] }],
      },
      { kind: 'https', id: '127.0.0.1:8080', families: [4], authenticated: false, read: { kind: 'plain' } },
      { kind: 'dns', id: 'dns 127.0.0.1:5300', families: [4], question: 'whoami.example', class: 'CH', type: 'TXT', servers: [{ host: '127.0.0.1', port: 5300, families: [4] }] },
      { kind: 'dns', families: [6], class: 'IN', type: 'address', servers: [{ host: 'ns.example', port: 53, families: [6] }] },
      { kind: 'stun', id: 'stun [::1]:3479', families: [6], servers: [{ host: '::1', port: 3479 }] },
      { kind: 'stun', families: [4, 6], servers: [{ host: 'stun.example', port: 3478 }] },
      { kind: 'interface', interface: 'eth0', id: 'interface eth0', operator: 'interface eth0', families: [4, 6] },
      { kind: 'command', families: [6], command: ['/usr/bin/ip', 'x'] },
      { kind: 'file', path: '/run/address' },
      { kind: 'address', address: '203.0.113.9', families: [4], id: 'address 203.0.113.9' },
      { kind: 'address', id: 'address 203.0.113.9 (2)' },
      { kind: 'dns', id: 'opendns' },
    ]);
  });

  test('a router is one operator, whatever it is asked by, and tells IPv4 only', async () => {
    const loaded = await load('c.json', withSources(['ipify', 'amazon', { router: 'auto' }, { router: 'pcp' }, 'opendns']));
    expect(told(loaded)).toEqual([]);
    const sources = loaded.kind === 'ok' ? loaded.config.detect.sources : [];
    expect(sources.filter(({ kind }) => kind === 'router')).toEqual([
      { kind: 'router', router: 'auto', id: 'router auto', operator: 'router', families: [4] },
      { kind: 'router', router: 'pcp', id: 'router pcp', operator: 'router', families: [4] },
    ]);
  });

  test('too few sources are a warning, none for a family is an error', async () => {
    const one = { https: 'https://echo.example', operator: 'me', family: 4 };
    expect(told(await load('c.json', withSources([one])))).toEqual([
      '1: warning: detect.sources: for IPv4 these sources have 1 independent operator, so that a quorum of 2 cannot be had: one alone is believed',
    ]);
    expect(told(await load('c.json', withSources([one, { https: 'https://b.example', operator: 'you', family: 4 }])))).toEqual([
      '1: warning: detect.sources: for IPv4 these sources cannot outvote one that lies: a single wrong answer blocks every change until it is gone',
    ]);
    expect(told(await load('c.json', withSources([{ router: 'auto' }, { router: 'upnp' }])))).toEqual([
      '1: detect.sources: for IPv4 there is the router alone, whose word is never enough for a change: add a source outside, such as cloudflare-dns or ipify',
    ]);
    expect(told(await load('c.json', withSources([{ router: 'auto' }], {}, [6])))).toEqual(['1: detect.sources: none of these sources can tell an IPv6 address, but records ask for it']);
    expect(told(await load('c.json', withSources([one], {}, [6])))).toEqual(['1: detect.sources: none of these sources can tell an IPv6 address, but records ask for it']);
  });

  test('a quorum that the sources cannot give is a warning, a source listed twice an error', async () => {
    expect(told(await load('c.json', withSources(['ipify', 'opendns', 'ipify'], { quorum: 3 })))).toEqual(['1: detect.sources[2]: "ipify" stands twice']);
    expect(told(await load('c.json', withSources(['ipify', 'opendns'], { quorum: 3 })))).toEqual([
      '1: warning: detect.sources: for IPv4 these sources have 2 independent operators, so that a quorum of 3 cannot be had: 2 are enough',
    ]);
  });

  test('a source of the wrong form is told', async () => {
    expect(
      told(
        await load(
          'c.json',
          withSources([
            { https: 'https://u:p@echo.example', operator: 'x' },
            { https: 'ftp://echo.example', operator: 'x' },
            { https: 'https://echo.example' },
            { https: 'https://echo.example', read: 'html', operator: 'x' },
            { dns: '[::1]:53', question: 'a.b', type: 'A', operator: 'x' },
            { dns: '300.1.1.1', question: 'a.b', operator: 'x' },
            { stun: 'host:99999', operator: 'x' },
            { address: 'here' },
            5,
          ]),
          'shape',
        ),
      ),
    ).toEqual([
      '1: detect.sources[0].https: must not hold a user or password',
      '1: detect.sources[1].https: must begin with https://',
      '1: detect.sources[2]: "operator" is missing',
      '1: detect.sources[3].read: "html" is not one of plain, json:PATH (such as json:ip), trace',
      '1: detect.sources[4].type: asks for the other family than the one in which ::1 is reached',
      '1: detect.sources[5].dns: "300.1.1.1" is not an IP address',
      '1: detect.sources[6].stun: "host:99999": a port is a number from 1 to 65535',
      '1: detect.sources[7].address: "here" is not an IP address',
      '1: detect.sources[8]: must be the id of a source, or a mapping such as { https: URL, operator: NAME }, not a number',
    ]);
  });
});

describe('where the file is', () => {
  const GOOD = '{"records": [{"name": "a.example.com"}], "accounts": {"m": {"provider": "single"}}}';
  const find = (files: readonly string[], env: Record<string, string> = {}, config?: string) =>
    loadConfig({ ...NO_FLAGS, ...(config === undefined ? {} : { config }) }, worldOf(Object.fromEntries(files.map((path) => [path, GOOD])), { env }), 'shape', KNOWN);

  test('flag, environment, platform folder, in this order', async () => {
    const home = '/home/me/.config/ddns-update/config.json';
    expect(await find([home, '/a.json', '/b.json'], { DDNS_UPDATE_CONFIG: '/b.json' }, '/a.json')).toMatchObject({ kind: 'ok', config: { path: '/a.json' } });
    expect(await find([home, '/b.json'], { DDNS_UPDATE_CONFIG: '/b.json' })).toMatchObject({ kind: 'ok', config: { path: '/b.json' } });
    expect(await find([home])).toMatchObject({ kind: 'ok', config: { path: home } });
    expect(await find(['/x/ddns-update/config.yml'], { XDG_CONFIG_HOME: '/x' })).toMatchObject({ kind: 'ok', config: { path: '/x/ddns-update/config.yml' } });
  });

  test('a missing one says where it was looked for', async () => {
    expect(await find([])).toMatchObject({ kind: 'missing', looked: ['/home/me/.config/ddns-update/config.{json,yaml,yml,toml}'] });
    expect(await find([], {}, '/a.json')).toMatchObject({ kind: 'missing', looked: ['/a.json'] });
  });

  test('two side by side are an error that names both', async () => {
    const loaded = await find(['/home/me/.config/ddns-update/config.json', '/home/me/.config/ddns-update/config.yaml']);
    expect(told(loaded)).toEqual(['there are several configs: /home/me/.config/ddns-update/config.json and /home/me/.config/ddns-update/config.yaml; keep one, or say which with --config']);
  });

  test('the digest changes with every byte of the file', async () => {
    const digest = async (source: string): Promise<string> => {
      const loaded = await load('c.json', source, 'shape');
      return loaded.kind === 'ok' ? loaded.config.digest : loaded.kind;
    };
    expect(await digest(GOOD)).toBe(await digest(GOOD));
    expect(await digest(GOOD)).not.toBe(await digest(`${GOOD} `));
  });
});

describe('without a file', () => {
  const flags = { names: ['home.example.com'], provider: 'many', options: ['token.env=X', 'port=5300', 'tcp=true', 'tags=a,b'], ip: [] };

  test('names and a provider are enough', async () => {
    const loaded = await loadConfig(flags, worldOf({}), 'all', KNOWN);
    expect(loaded).toMatchObject({
      kind: 'ok',
      problems: [],
      config: {
        path: undefined,
        targets: [{ name: 'home.example.com', type: 'A', account: 'many' }],
        accounts: { many: { provider: 'many', fromFlags: true, options: { token: { env: 'X' }, port: '5300' } } },
      },
    });
  });

  test("secrets come from the provider's own variables", async () => {
    const bare = { ...flags, options: [] };
    expect((await loadConfig(bare, worldOf({}, { env: { MANY_API_TOKEN: 'abc', MANY_PORT: '77' } }), 'all', KNOWN)).kind).toBe('ok');
    expect(told(await loadConfig(bare, worldOf({}), 'all', KNOWN))).toEqual([
      'accounts.many: "token" is missing: API token; set MANY_TOKEN in the environment or say --option token.env=NAME; ddns-update providers many tells where to get it',
    ]);
  });

  test('given addresses choose the families', async () => {
    const loaded = await loadConfig({ ...flags, ip: ['2001:DB8::1'] }, worldOf({}), 'shape', KNOWN);
    expect(loaded.kind === 'ok' && loaded.config.targets.map(({ type }) => type)).toEqual(['AAAA']);
    expect(loaded.kind === 'ok' && [...loaded.config.detect.given]).toEqual([[6, '2001:db8::1']]);
  });

  test('a secret on the command line is a warning', async () => {
    expect(told(await loadConfig({ ...flags, options: ['token=sesame'] }, worldOf({}), 'all', KNOWN))).toEqual([
      'warning: accounts.many.token: a secret on the command line can be seen by everybody on this machine; use .env=NAME or .file=PATH',
    ]);
  });

  test.each([
    [{ ...flags, config: '/a' }, '--provider is for use without a config'],
    [{ ...flags, names: [] }, 'needs the names'],
    [{ ...flags, provider: 'mnay' }, 'did you mean "many"'],
    [{ ...flags, options: ['sesame'] }, '--option takes KEY=VALUE'],
    [{ ...flags, options: ['a=1', 'a=2'] }, '--option a is given twice'],
    [{ ...flags, options: ['a=1', 'a.b=2'] }, 'a has a value already'],
    [{ ...NO_FLAGS, options: ['a=1'] }, '--option belongs to --provider'],
    [{ ...NO_FLAGS, ip: ['1.2.3'] }, '--ip 1.2.3: is not an IP address'],
    [{ ...NO_FLAGS, ip: ['1.2.3.4', '1.2.3.5'] }, '--ip is given twice for IPv4'],
  ])('flags that make no sense are a usage fault: %j', async (bad, sentence) => {
    await expect(loadConfig(bad, worldOf({}), 'shape', KNOWN)).rejects.toMatchObject({ failure: { kind: 'usage', detail: expect.stringContaining(sentence) } });
  });
});

test('the shape of 1000 records costs little more than reading them', async () => {
  const source = JSON.stringify({
    records: Array.from({ length: 1000 }, (_, at) => ({ name: `host${at}.example.com`, account: 'm', families: [4, 6], ttl: 300 })),
    accounts: { m: { provider: 'many', token: { env: 'T' } } },
  });
  const time = async (work: () => unknown): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < 15; round++) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  };
  const floor = await time(() => JSON.parse(source));
  const whole = await time(async () => expect((await load('c.json', source, 'shape')).kind).toBe('ok'));
  expect(whole / floor).toBeLessThan(60);
});
