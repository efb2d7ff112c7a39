/** A config with a provider that is no more, or that lets no program in: one sentence, whatever options stand there. */
import { expect, test } from 'vitest';
import { builtIn, loadConfig } from '../../src/config/load.ts';
import { providers } from '../../src/providers/index.ts';
import { NO_FLAGS, worldOf } from './world.ts';

const known = { ...builtIn(), host: { platform: 'linux' as const, root: false } };
const all = await Promise.all(Object.values(providers).map(async (load) => (await load()).default));
const absent = all.filter((manifest) => manifest.absent !== undefined);
const check = (account: string) => loadConfig({ ...NO_FLAGS, config: 'c.yaml' }, worldOf({ 'c.yaml': `records: [{ name: home.example.com }]\naccounts:\n  mine: ${account}\n` }), 'all', known);

test('there are some', () => expect(absent.length).toBeGreaterThan(15));

test.each(absent)('$id', async ({ id, absent: sentence }) => {
  for (const options of ['', ', username: u, password: { env: P }', ', token: { env: T }']) {
    const { problems } = await check(`{ provider: ${id}${options} }`);
    expect(problems.filter(({ severity }) => severity === 'error').map(({ message }) => message)).toEqual([expect.stringContaining(sentence ?? '')]);
  }
});

test('a service that is old is warned of, one that is not encrypted is refused until that is allowed', async () => {
  expect((await check('{ provider: dnspark, username: u, password: { env: P } }')).problems.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    expect.stringMatching(/^warning: .*old/),
  ]);
  expect((await check('{ provider: pubyun-3322, username: u, password: { env: P } }')).problems).toMatchObject([{ severity: 'error', message: expect.stringContaining('insecure: true') }]);
  expect((await check('{ provider: pubyun-3322, username: u, password: { env: P }, insecure: true }')).problems).toEqual([]);
});

test('one record an account: two names of it are refused', async () => {
  const { problems } = await loadConfig(
    { ...NO_FLAGS, config: 'c.yaml' },
    worldOf({ 'c.yaml': 'records: [{ name: a.example.com }, { name: b.example.com }]\naccounts:\n  mine: { provider: freedns-v2, token: { env: T } }\n' }),
    'all',
    known,
  );
  expect(problems).toMatchObject([{ message: expect.stringContaining('one single record') }, { message: expect.stringContaining('one single record') }]);
});

test('an IPv6 name where only a token for IPv4 is given', async () => {
  const { problems } = await loadConfig(
    { ...NO_FLAGS, config: 'c.yaml' },
    worldOf({ 'c.yaml': 'records: [{ name: a.example.com, families: [4, 6] }]\naccounts:\n  mine: { provider: freedns-v2, token: { env: T } }\n' }),
    'all',
    known,
  );
  expect(problems).toMatchObject([{ severity: 'error', message: expect.stringContaining('IPv6') }]);
});
