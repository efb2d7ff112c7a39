/** West.cn: an account's token, and an account that is configured by halves. */
import { describe, expect, it } from 'vitest';
import { contract } from '../../src/providers/westcn/contract.ts';
import manifest, { westcnToken } from '../../src/providers/westcn/provider.ts';
import { keyOf, Secret } from '../../src/sdk/index.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';
import { setFor } from '../../src/testing/stage.ts';

it('a token is the digest of user, password and time (the vector of lego’s client)', () => {
  expect(westcnToken('zhangsan', '5dh232kfg!*', '1554691950854')).toBe('f17581fb2535b2a7ee4468eb3f96a2a9');
});

it('an account proves itself by user name, time and token', async () => {
  const world = fakeWorld({ http: () => ({ status: 200, headers: {}, body: '{"code":200,"body":{"total":0,"items":[]}}' }) });
  const provider = await manifest.open({ zone: 'example.com', username: 'zhangsan', apiPassword: new Secret('5dh232kfg!*') } as Parameters<typeof manifest.open>[0], toolsIn(world));
  await provider.read?.([keyOf(setFor('home.example.com', 'A', []))]);
  const form = new URLSearchParams(world.requests[0]?.body);
  expect(Object.fromEntries(form)).toMatchObject({ act: 'dnsrec.list', domain: 'example.com', hostname: 'home', username: 'zhangsan', time: String(world.clock.now()) });
  expect(form.get('token')).toBe(westcnToken('zhangsan', '5dh232kfg!*', String(world.clock.now())));
  expect(form.has('apidomainkey')).toBe(false);
});

describe('options', () => {
  const problems = (options: Readonly<Record<string, unknown>>) => manifest.problems?.({ zone: 'example.com', ...options });

  it('a domain key or a user with a password is needed', () => {
    expect(problems({})).toHaveLength(1);
    expect(problems({ username: 'zhangsan' })).toHaveLength(1);
    expect(problems({ username: 'zhangsan', apiPassword: new Secret('x') })).toEqual([]);
    expect(problems({ domainKey: new Secret(String(contract.options['domainKey'])) })).toEqual([]);
  });
});
