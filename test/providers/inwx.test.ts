/** INWX: the second factor, and one call for all records that get the same address. */
import { expect, it } from 'vitest';
import { contract } from '../../src/providers/inwx/contract.ts';
import provider from '../../src/providers/inwx/provider.ts';
import { type Interception, round, setFor, stage } from '../../src/testing/stage.ts';

const SHARED = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 3600 };
const wanted = [setFor('home.example.com', 'A', ['198.51.100.4'])];
const body = (answer: object) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) });

/** A vendor that asks for a second factor; `taken`: what it says to the code. */
function twoFactors(taken: { readonly code: number; readonly msg: string }, totp?: string) {
  const asked: { readonly method: string; readonly params: { readonly tan?: string; readonly id?: unknown } }[] = [];
  const intercept: Interception = async ({ request, deliver }) => {
    const call = JSON.parse(request?.body ?? '{}');
    asked.push(call);
    const own = await (call.method === 'account.unlock' ? body(taken) : deliver());
    return call.method === 'account.login' ? { ...own, body: own.body.replace('"tfa":"0"', '"tfa":"GOOGLE-AUTH"') } : own;
  };
  const options = { ...contract.options, ...(totp === undefined ? {} : { totp }) };
  const on = stage(provider, { ...contract, secretOptions: totp === undefined ? ['password'] : ['password', 'totp'] }, { records: [home], intercept, options });
  return { on, asked };
}

it('gives the code of the second factor after the log-in', async () => {
  const { on, asked } = twoFactors({ code: 1000, msg: 'Command completed successfully' }, SHARED);
  expect((await round(await on.open({ cold: true }), wanted)).failures).toEqual([]);
  expect(asked.slice(0, 3).map(({ method }) => method)).toEqual(['account.login', 'account.unlock', 'nameserver.list']);
  expect(asked[1]?.params.tan).toMatch(/^\d{6}$/);
});

it('a code that was used already is tried again a minute later, not never', async () => {
  const { on } = twoFactors({ code: 2200, msg: 'Authentication error' }, SHARED);
  const { failures } = await round(await on.open({ cold: true }), wanted);
  expect(failures[0]).toMatchObject({ kind: 'auth', lookAgainSeconds: 60 });
});

it('says what to do where a second factor is wanted and none is given', async () => {
  const { on, asked } = twoFactors({ code: 1000, msg: '' });
  const { failures } = await round(await on.open({ cold: true }), wanted);
  expect(failures[0]).toMatchObject({ kind: 'auth', hint: expect.stringContaining('totp') });
  expect(asked.map(({ method }) => method)).toEqual(['account.login']);
});

it('records that get the same address go in one call, and one by one where that is refused', async () => {
  const names = Array.from({ length: 5 }, (_, at) => `h${at + 1}.example.com`);
  const calls: unknown[] = [];
  const on = stage(provider, contract, {
    records: names.map((name) => ({ ...home, name })),
    intercept: ({ request, deliver }) => {
      const { method, params } = JSON.parse(request?.body ?? '{}');
      if (method !== 'nameserver.updateRecord') return deliver();
      calls.push(params.id);
      return Array.isArray(params.id) ? Promise.resolve(body({ code: 2005, msg: 'Parameter value syntax error' })) : deliver();
    },
  });
  const { failures } = await round(
    await on.open({ cold: true }),
    names.map((name) => setFor(name, 'A', ['198.51.100.4'])),
  );
  expect(failures).toEqual([]);
  expect(calls[0]).toEqual([1, 2, 3, 4, 5]);
  expect(calls.filter((id) => !Array.isArray(id))).toEqual([1, 2, 3, 4, 5]);
  expect(on.zone.records.map(({ value }) => value)).toEqual(names.map(() => '198.51.100.4'));
});
