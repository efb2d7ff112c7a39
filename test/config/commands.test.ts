/** `check` and `providers`: what they print, and that what they print can be used. */
import { describe, expect, test } from 'vitest';
import { check } from '../../src/commands/check.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { providers } from '../../src/commands/providers.ts';
import { example } from '../../src/config/example.ts';
import { builtIn, loadConfig } from '../../src/config/load.ts';
import { Fault } from '../../src/core/failure.ts';
import { redactor } from '../../src/core/secret.ts';
import { providers as registry } from '../../src/providers/index.ts';
import type { World } from '../../src/world/world.ts';
import { NO_FLAGS, told, worldOf } from './world.ts';

type Said = { readonly out: string[]; readonly err: string[] };

function invocationOf(
  files: Readonly<Record<string, string>>,
  { env = {}, modes = {}, json = false, columns }: { readonly env?: World['env']; readonly modes?: Record<string, number>; readonly json?: boolean; readonly columns?: number } = {},
): {
  readonly invocation: Invocation;
  readonly said: Said;
} {
  const said: Said = { out: [], err: [] };
  const world = worldOf(files, { env, modes });
  const invocation: Invocation = {
    flags: { ...NO_FLAGS, ...(files['c.yaml'] === undefined ? {} : { config: 'c.yaml' }) },
    output: { out: (line) => void said.out.push(line), err: (line) => void said.err.push(line), json, color: false, terminal: false, loud: 'normal', ...(columns === undefined ? {} : { columns }) },
    signal: new AbortController().signal,
    ...world,
    openWorld: () => ({ ...world, redactor: redactor() }) as unknown as World,
  };
  return { invocation, said };
}

const GOOD = 'records: [{ name: a.example.com, families: [4, 6] }]\naccounts:\n  m:\n    provider: cloudflare\n    token: { env: T }\n';

describe('check', () => {
  test('a good config is counted', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD }, { env: { T: 'abcdef' } });
    expect(await check(invocation)).toBe(0);
    expect(said.out).toEqual([expect.stringMatching(/^c\.yaml: ok, 1 name, 1 account, \d+ sources$/)]);
  });

  test('a secret that is not there is told with its line', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual([
      'c.yaml:5: accounts.m.token: the environment variable T is not set',
      '    what belongs there: API token with Zone > DNS > Edit and Zone > Zone > Read for the zone',
      '    cron and systemd know none of the variables of your shell: set it in the crontab or the unit, or write { file: PATH }',
    ]);
  });

  test.each([
    ['a key that is no base64', 'provider: rfc2136\n    server: ns1.example.com\n    key: { name: ddns, secret: { env: T } }', /^c\.yaml:3: accounts\.m: key: secret: is not base64/],
    ['a token that none can be', 'provider: cloudflare\n    token: { env: T }', /^c\.yaml:3: accounts\.m: the Cloudflare token is malformed/],
  ])('what only the adapter itself sees is told too, and nobody is asked: %s', async (_, account, expected) => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('provider: cloudflare\n    token: { env: T }', account) }, { env: { T: 'no such key!' } });
    expect(await check(invocation)).toBe(78);
    expect(said.out[0]).toMatch(expected);
    expect(said.out.join('\n')).not.toMatch(/no such key!|ddns-update check/);
  });

  test('a missing option is told with what it is, where to get it and how to write it', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('    token: { env: T }\n', '') });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual([
      'c.yaml:3: accounts.m: "token" is missing: API token with Zone > DNS > Edit and Zone > Zone > Read for the zone',
      expect.stringMatching(/^ {4}where to get it: At https:\/\/dash\.cloudflare\.com\/.* choose Create Token/),
      '    how to write it: token: { env: CLOUDFLARE_API_TOKEN }',
      '    all about Cloudflare: ddns-update providers cloudflare',
    ]);
  });

  test('several missing options are one message', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('provider: cloudflare\n    token: { env: T }', 'provider: rfc2136') });
    expect(await check(invocation)).toBe(78);
    expect(said.out.filter((line) => line.includes('missing'))).toEqual([expect.stringMatching(/^c\.yaml:3: accounts\.m: "server" (and|is)/)]);
  });

  test('on a terminal nothing is wider than it, and what goes on is set in', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('    token: { env: T }\n', '') }, { columns: 70 });
    expect(await check(invocation)).toBe(78);
    expect(said.out.length).toBeGreaterThan(6);
    for (const line of said.out) expect(line.length).toBeLessThanOrEqual(70);
    for (const line of said.out.slice(1)) expect(line).toMatch(/^ {2}/);
  });

  test('--json has the help beside the message', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('    token: { env: T }\n', '') }, { json: true });
    expect(await check(invocation)).toBe(78);
    const { problems } = JSON.parse(said.out.join('\n')) as { readonly problems: readonly { readonly message: string; readonly help: readonly string[] }[] };
    expect(problems).toHaveLength(1);
    expect(problems[0]?.help).toContain('how to write it: token: { env: CLOUDFLARE_API_TOKEN }');
  });

  test('an option nobody knows is told beside those that are known', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': `${GOOD}    colour: red\n` }, { env: { T: 'abcdef' } });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual(['c.yaml:6: accounts.m.colour: is not known here; cloudflare takes token, zone, zoneId, proxied, endpoint, insecure']);
  });

  test('errors come first, warnings are marked', async () => {
    const text = 'records: [{ name: a.example.com, ttl: -1 }]\naccounts: { m: { provider: cloudflare, token: sesame-open } }\n';
    const { invocation, said } = invocationOf({ 'c.yaml': text }, { modes: { 'c.yaml': 0o644 } });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual([expect.stringMatching(/^c\.yaml:1: records\[0\]\.ttl: must be/), expect.stringMatching(/^c\.yaml:2: warning: accounts\.m\.token: /)]);
    expect(said.out.join()).not.toContain('sesame');
  });

  test('a mistake of syntax is told with line and column', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': 'a: 1\na: 2\n' });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual(['c.yaml:2:1: this key stands twice in one mapping']);
  });

  test('a config that cannot be read is a problem of the config', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD });
    const read = (): never => {
      throw new Fault({ kind: 'state', detail: 'cannot read c.yaml: permission denied (EACCES)' });
    };
    expect(await check({ ...invocation, files: { ...invocation.files, read } })).toBe(78);
    expect(said.out).toEqual(['cannot read c.yaml: permission denied (EACCES); the config must be a file that this user may read']);
  });

  test('a variable as shells write it is not taken for the secret', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD.replace('{ env: T }', ['"$', '{T}"'].join('')) });
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual([expect.stringMatching(/^c\.yaml:5: accounts\.m\.token: is a variable as a shell .* write \{ env: NAME \}$/)]);
  });

  test('no config at all is told too', async () => {
    const { invocation, said } = invocationOf({});
    expect(await check(invocation)).toBe(78);
    expect(said.out).toEqual([expect.stringMatching(/^there is no config: looked for .*ddns-update.config/)]);
  });

  test('--json is one document', async () => {
    const { invocation, said } = invocationOf({ 'c.yaml': GOOD }, { json: true });
    expect(await check(invocation)).toBe(78);
    expect(JSON.parse(said.out.join('\n'))).toEqual({
      version: 1,
      config: 'c.yaml',
      problems: [
        { path: 'accounts.m.token', line: 5, message: 'the environment variable T is not set', severity: 'error', help: [expect.stringContaining('API token'), expect.stringContaining('cron')] },
      ],
      exit: 78,
    });
    expect(said.err).toEqual([]);
  });
});

/** Not those that are known by name only. */
const usable: readonly string[] = (await Promise.all(Object.entries(registry).map(async ([id, load]) => ((await load()).default.absent === undefined ? [id] : [])))).flat();

describe('providers', () => {
  test('all, those that match a word, one, and none', async () => {
    const list = async (...args: string[]): Promise<{ readonly exit: number; readonly said: Said }> => {
      const { invocation, said } = invocationOf({});
      return { exit: await providers(invocation, args), said };
    };
    const all = await list();
    for (const id of usable) expect(all.said.out.some((line) => line.startsWith(`${id} `))).toBe(true);
    expect((await list('dynd')).said.out.filter((line) => /^(dyndns2|dyndns-it) /.test(line))).toHaveLength(2);
    expect((await list('cloudf')).said.out[0]).toBe('cloudflare: Cloudflare');
    expect((await list('cloudflare')).said.out.join('\n')).toMatch(/token \(secret, required\)[\s\S]*CLOUDFLARE_API_TOKEN/);
    expect(await list('cloudflair')).toMatchObject({ exit: 64, said: { out: [], err: [expect.stringContaining('did you mean "cloudflare"?')] } });
  });

  test.each(usable)('the example for %s is a config without a problem', async (id) => {
    const manifest = (await registry[id]?.())?.default;
    if (manifest === undefined) throw new Error(`no ${id}`);
    const loaded = await loadConfig({ ...NO_FLAGS, config: 'c.yaml' }, worldOf({ 'c.yaml': example(manifest).join('\n') }), 'all', { ...builtIn(), host: { platform: 'linux', root: false } });
    // Some say of themselves that they are old; and one that it needs both families.
    const warnings = [...(manifest.warnings ?? []), 'home.example.com: inwx-dyndns forgets'];
    expect(told(loaded).filter((line) => !warnings.some((warning) => line.includes(warning)))).toEqual([]);
  });
});
