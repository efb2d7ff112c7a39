/** `providers`: two hundred of them stay readable, and any word they are known by finds them. */
import { describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { providers } from '../../src/commands/providers.ts';
import { redactor } from '../../src/core/secret.ts';
import { providers as registry } from '../../src/providers/index.ts';
import { choice, defineProvider, type Manifest, optional, secret } from '../../src/sdk/index.ts';
import { ONCE_MORE } from '../support/once-more.ts';
import { NO_FLAGS, worldOf } from './world.ts';

type Facts = Partial<Pick<Manifest, 'also' | 'vendor' | 'absent' | 'unverified' | 'warnings' | 'rate' | 'can' | 'credentials' | 'evidence' | 'exampleName'>>;

const made = (id: string, name: string, facts: Facts = {}): Manifest =>
  defineProvider({
    api: 1,
    id,
    name,
    reference: `https://${id}.example/docs`,
    checked: '2026-11-22',
    evidence: 'documented',
    can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 }, batch: 20 },
    options: { token: secret('API token'), realm: optional(choice('where the account lives', ['eu', 'us'])) },
    environment: { token: [`${id.toUpperCase()}_TOKEN`] },
    credentials: `Make a token at ${name}.`,
    ...facts,
    open: () => ({ write: async () => [] }),
  });

const KNOWN = [
  made('duckdns', 'Duck DNS', { exampleName: 'me.duckdns.org' }),
  made('pond', 'Pond Hosting', { also: ['Duckworth', 'duck pond'] }),
  made('lake', 'Lake', { credentials: 'Ask the duck for a token.' }),
  made('weir', 'Weir', { vendor: 'Duck Industries' }),
  made('duckling', 'Small Birds'),
  made('mallard', 'Mallard', { absent: 'Mallard was closed in 2020. Use lake instead.', also: ['Duckbill'], credentials: 'Was a duck.' }),
  made('slow', 'Slow', {
    evidence: 'unverified',
    unverified: ['The limit is a guess'],
    warnings: ['it is old'],
    rate: { requests: 300, windowSeconds: 300, concurrent: 1, spacingMs: 1500 },
    can: {
      families: [4],
      readable: false,
      wildcard: false,
      apex: false,
      values: 'one',
      ttl: 'fixed',
      minIntervalSeconds: 600,
      refreshDays: 30,
      together: 'needed',
      names: 'one',
      sender: true,
    },
  }),
  made('stepped', 'Stepped', { can: { families: [6], readable: true, wildcard: false, apex: true, values: 'many', ttl: { min: 300, max: 3600, initial: 300, steps: [300, 900, 3600] } } }),
];
const known = Object.fromEntries(KNOWN.map((manifest) => [manifest.id, async () => ({ default: manifest })]));

async function told(args: readonly string[], { json = false, columns, from = known }: { readonly json?: boolean; readonly columns?: number; readonly from?: typeof registry } = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = { out: (line: string) => void out.push(line), err: (line: string) => void err.push(line), json, color: false, terminal: columns !== undefined, loud: 'normal' } as const;
  const { files, env } = worldOf({});
  const invocation: Pick<Invocation, 'output' | 'flags' | 'files' | 'env'> = { flags: NO_FLAGS, files, env, output: { ...output, ...(columns === undefined ? {} : { columns }) } };
  return { exit: await providers(invocation, args, from), out, err };
}

/** The ids of the rows of a table, in order. */
const ids = ({ out }: { readonly out: readonly string[] }): readonly (string | undefined)[] => out.slice(1, out.indexOf('')).map((line) => line.split(' ')[0]);

describe('the list', () => {
  test('has a row for each that can be used, in columns', async () => {
    const list = await told([]);
    expect(list.exit).toBe(0);
    expect(ids(list)).toEqual(['duckdns', 'pond', 'lake', 'weir', 'duckling', 'slow', 'stepped']);
    const at = list.out[0]?.indexOf('addresses') ?? -1;
    for (const line of list.out.slice(1, list.out.indexOf(''))) expect(line.slice(at)).toMatch(/^IPv[46]( IPv6)? +\d+ +(documented|unverified)$/);
  });

  test('fits a terminal: long names are cut, nothing else', async () => {
    const long = { ...known, wide: async () => ({ default: made('wide', 'A very long name of a provider that nobody would write out in full') }) };
    const { out } = await told([], { from: long, columns: 72 });
    for (const line of out.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(72);
    expect(out.find((line) => line.startsWith('wide'))).toMatch(/…\s+IPv4 IPv6\s+20\s+documented$/);
    expect((await told([], { from: long })).out.join('\n')).toContain('would write out in full');
  });

  test('a terminal that does not know its width is given whole lines', async () => {
    expect((await told(['mallard'], { columns: 0 })).out).toEqual(['mallard: Mallard was closed in 2020. Use lake instead.']);
    expect((await told([], { columns: 0 })).out).toEqual((await told([])).out);
  });

  test('as JSON it has everything, also those that are no more', async () => {
    const { providers: all } = JSON.parse((await told([], { json: true })).out.join('\n')) as { readonly providers: readonly Record<string, unknown>[] };
    expect(all.map(({ id }) => id)).toEqual(KNOWN.map(({ id }) => id));
    expect(all.find(({ id }) => id === 'mallard')).toMatchObject({ absent: 'Mallard was closed in 2020. Use lake instead.' });
    expect(all.find(({ id }) => id === 'slow')).toMatchObject({
      unverified: ['The limit is a guess'],
      warnings: ['it is old'],
      rate: { requests: 300 },
      calls: { one: 1 },
      vendor: 'Slow',
    });
    expect(all.find(({ id }) => id === 'pond')).toMatchObject({ also: ['Duckworth', 'duck pond'], can: { batch: 20 }, environment: { token: ['POND_TOKEN'] } });
  });
});

describe('a search', () => {
  test('has the likeliest first: id, name, former names, anything else; in any letter case', async () => {
    for (const word of ['duck', 'DUCK']) expect(ids(await told([word]))).toEqual(['duckdns', 'duckling', 'pond', 'weir', 'lake']);
  });

  test('tells of one that is no more, below', async () => {
    const { out } = await told(['duck']);
    expect(out.join('\n')).toContain('\n\nmallard: Mallard was closed in 2020. Use lake instead.\n');
    expect(await told(['mallard'])).toMatchObject({ exit: 0, out: ['mallard: Mallard was closed in 2020. Use lake instead.'] });
    expect(await told(['duckbill'])).toMatchObject({ exit: 0, out: ['mallard: Mallard was closed in 2020. Use lake instead.'] });
  });

  test('that finds one tells all of it', async () => {
    expect((await told(['duckwor'])).out[0]).toBe('pond: Pond Hosting (also: Duckworth, duck pond)');
    expect((await told(['small', 'birds'])).out[0]).toBe('duckling: Small Birds');
  });

  test('looks at options and their words', async () => {
    expect(ids(await told(['realm']))).toHaveLength(7);
  });

  test('does not mind punctuation, and tries a host name without its last part', async () => {
    const from = { ...known, 'key-one': async () => ({ default: made('key-one', 'Key One') }), 'key-two': async () => ({ default: made('key-two', 'Two', { also: ['two.de'] }) }) };
    expect((await told(['keyone'], { from })).out[0]).toBe('key-one: Key One');
    expect((await told(['twode'], { from })).out[0]).toContain('key-two');
    expect((await told(['duckbill.net'], { from })).out).toEqual(['mallard: Mallard was closed in 2020. Use lake instead.']);
    expect((await told(['lake.example'], { from })).out[0]).toBe('lake: Lake');
    expect(await told(['uckling.com'])).toMatchObject({ exit: 64 });
  });

  test('takes short words for beginnings only', async () => {
    expect(ids(await told(['du']))).toEqual(['duckdns', 'duckling', 'pond', 'weir']);
    expect(await told(['uck'])).toMatchObject({ exit: 64 });
    expect(ids(await told(['token']))).toHaveLength(7);
    expect(await told(['oken'])).toMatchObject({ exit: 64 });
  });

  test('finds several words in a row, and none that two words make together', async () => {
    expect((await told(['duck', 'for'])).out[0]).toBe('lake: Lake');
    expect(await told(['askthe'])).toMatchObject({ exit: 64 });
  });

  test('that finds nothing asks back, and exits 64', async () => {
    expect(await told(['duckdsn'])).toMatchObject({ exit: 64, out: [], err: [expect.stringContaining('did you mean "duckdns"?')] });
    expect(await told(['duckwrth'])).toMatchObject({ exit: 64, err: [expect.stringContaining('did you mean "pond"?')] });
    expect(await told(['ditch'])).toMatchObject({ exit: 64, err: [expect.not.stringContaining('did you mean')] });
    expect(await told(['xyzzy'])).toMatchObject({ exit: 64, err: [expect.not.stringContaining('did you mean')] });
    expect(JSON.parse((await told(['xyzzy'], { json: true })).out.join('\n'))).toMatchObject({ exit: 64 });
  });
});

describe('one', () => {
  test('limits and doubts in words', async () => {
    const { out } = await told(['slow']);
    for (const line of [
      '  Beware: it is old.',
      '  IPv4 only',
      '  wildcard names: no; the domain itself: no; one address per name',
      '  the service decides the TTL',
      '  one record in one call',
      '  one call',
      '  cannot be asked what is there: an update is sent on trust',
      '  at most 300 requests in 5 minutes, one request at a time, at least 1500 ms between two requests; that is kept to',
      '  at most one update in 10 minutes',
      '  one address alone erases the other, so both are always sent together',
      '  an account stands for one single record, whatever the config calls it',
      '  it stores the address that the request comes from, and takes no other',
      '  a name that is not sent again lapses after 30 days; it is sent again in time',
      '  unverified: The limit is a guess.',
    ])
      expect(out).toContain(line);
    expect((await told(['stepped'])).out).toEqual(expect.arrayContaining(['  TTL one of 300, 900, 3600 seconds, 300 for a new record', '  IPv6 only', '      families: [6]']));
  });

  test('its example has a name that it can hold', async () => {
    const { out } = await told(['duckdns']);
    expect(out).toContain('    - name: me.duckdns.org');
    expect(out).toContain('  ddns-update me.duckdns.org --provider duckdns');
  });

  test('fits a terminal', async () => {
    for (const line of (await told(['pond'], { columns: 60 })).out) expect(line.length).toBeLessThanOrEqual(60);
  });
});

test('nothing that is said of ours is taken for a secret', async () => {
  const { redact } = redactor();
  for (const args of [[], ...Object.keys(registry).map((id) => [id])]) for (const line of (await told(args, { from: registry })).out) expect(redact(line)).toBe(line);
});

test('all of ours are read and searched in well under a second, once they are loaded', ONCE_MORE, async () => {
  expect((await told([], { from: registry })).exit).toBe(0);
  const began = performance.now();
  await told(['dns'], { from: registry });
  expect(performance.now() - began).toBeLessThan(500);
});
