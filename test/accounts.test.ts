/** What an account is opened with: the provider's own words without secrets, and plain http only where the user allowed it. */
import { expect, test } from 'vitest';
import { type OpenAccount, openAccount } from '../src/accounts.ts';
import { defineProvider, type Tools } from '../src/sdk/index.ts';
import { fakeWorld } from '../src/testing/index.ts';
import type { HttpRequest } from '../src/world/world.ts';

/** Opens an account of a provider that does nothing, and resolves with its tools. */
const toolsOf = async (options: Readonly<Record<string, unknown>>, seen: HttpRequest[] = []): Promise<Tools> => (await opened(options, seen)).tools;

async function opened(options: Readonly<Record<string, unknown>>, seen: HttpRequest[] = []): Promise<{ readonly tools: Tools; readonly account: OpenAccount }> {
  let tools: Tools | undefined;
  const manifest = defineProvider({
    api: 1,
    id: 'nothing',
    name: 'Nothing',
    reference: 'https://example.com/',
    checked: '2026-11-22',
    evidence: 'unverified',
    can: { families: [4], readable: false, wildcard: false, apex: false, values: 'one', ttl: 'fixed' },
    options: {},
    credentials: 'None.',
    open(_options, given) {
      tools = given;
      return { write: async () => [] };
    },
  });
  const world = fakeWorld({
    secrets: ['hunter2'],
    http: (request) => {
      seen.push(request);
      return { status: 204, headers: {}, body: '' };
    },
  });
  const registry = { nothing: async () => ({ default: manifest }) };
  const account = await openAccount(
    { name: 'mine', provider: 'nothing', options },
    { state: { accounts: {} }, signal: new AbortController().signal },
    world,
    registry as unknown as Parameters<typeof openAccount>[3],
  );
  if (tools === undefined) throw new Error('it was not opened');
  return { tools, account };
}

test("a provider's own words can be repeated without the secrets in them", async () => {
  expect((await toolsOf({})).redact?.('your password hunter2 is wrong')).toBe('your password *** is wrong');
});

test('what the vendor hands out is kept from its words too', async () => {
  const { learn, redact } = await toolsOf({});
  learn?.('s3ss1on');
  expect(redact?.('the session s3ss1on has run out')).toBe('the session *** has run out');
});

test('a zone whose id holds a secret is known in this round and not remembered', async () => {
  const { tools, account } = await opened({});
  const zones = [
    { name: 'example.com', id: 'z1' },
    { name: 'example.net', id: 'key-hunter2' },
  ];
  tools.zones.set(zones);
  expect({ now: tools.zones.get(), remembered: account.zones() }).toEqual({ now: zones, remembered: zones.slice(0, 1) });
});

test.each([
  [{ insecure: true }, true],
  [{}, undefined],
])('with %j every request of the account may be plain http: %s', async (options, allowed) => {
  const seen: HttpRequest[] = [];
  const { net } = await toolsOf({ endpoint: 'https://dns.example.com/', ...options }, seen);
  await net.http({ method: 'GET', url: 'http://dns.example.com/', headers: {}, maxBytes: 10 }, { timeoutMs: 1000 });
  expect(seen[0]?.insecure).toBe(allowed);
});
