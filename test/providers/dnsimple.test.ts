/** DNSimple's plans and tokens: what the suite's one account does not show. */
import { describe, expect, it } from 'vitest';
import { contract } from '../../src/providers/dnsimple/contract.ts';
import manifest from '../../src/providers/dnsimple/provider.ts';
import type { HttpReply } from '../../src/testing/index.ts';
import { type Interception, round, setFor, stage, truth } from '../../src/testing/stage.ts';

const json = (status: number, body: unknown): HttpReply => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const names = ['h1', 'h2', 'h3'].map((host) => `${host}.example.com`);
const wanted = names.map((name) => setFor(name, 'A', ['198.51.100.7']));

function account(intercept: Interception, options = contract.options) {
  const paths: string[] = [];
  const on = stage(manifest, contract, {
    records: names.map((name) => ({ name, type: 'A', value: '203.0.113.1', ttl: 3600 })),
    options,
    intercept(exchange) {
      paths.push(`${exchange.request?.method} ${new URL(exchange.request?.url ?? '').pathname}`);
      return intercept(exchange);
    },
  });
  return { ...on, paths };
}
const at =
  (path: RegExp, reply: HttpReply): Interception =>
  ({ request }) =>
    path.test(request?.url ?? '') ? Promise.resolve(reply) : undefined;

describe('DNSimple', () => {
  it.each([{ message: 'Your plan does not include batches' }, {}])('a plan without batches is asked for one once, and its records are changed one by one: %j', async (body) => {
    const on = account(at(/\/batch$/, json(412, body)));
    expect((await round(await on.open(), wanted)).failures).toEqual([]);
    for (const set of wanted) expect(truth(on.zone, set)).toEqual(['198.51.100.7']);
    expect(on.paths.filter((path) => path.endsWith('/batch'))).toHaveLength(1);
    expect(on.paths.filter((path) => path.startsWith('PATCH'))).toHaveLength(3);
  });

  it('where a token can see several accounts, it asks which is meant', async () => {
    const two = at(/\/accounts$/, json(200, { data: [{ id: 731 }, { id: 732 }] }));
    expect((await round(await account(two).open(), wanted)).failures).toMatchObject([{ kind: 'auth', hint: expect.stringContaining('account') }]);
    const named = account(two, { ...contract.options, account: '731' });
    expect((await round(await named.open(), wanted)).failures).toEqual([]);
    expect(named.paths).not.toContain('GET /v2/accounts');
  });
});
