/** The powerdns provider against a real PowerDNS with its HTTP API. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Change, WriteResult } from '../../src/core/plan.ts';
import powerdns from '../../src/providers/powerdns/provider.ts';
import { startPowerDns } from '../servers/knot-and-powerdns.ts';
import { openOnLoopback } from '../support/account.ts';
import { change, recordKey } from './rfc2136-account.ts';

const KEY = 'a key for tests that nobody else has';
const kinds = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'failed' ? result.failure.kind : result.kind));

let server: Awaited<ReturnType<typeof startPowerDns>>;
beforeAll(async () => {
  server = await startPowerDns({ name: 'ddns', secret: Buffer.from('unused here').toString('base64') }, KEY);
});
afterAll(() => server?.stop());

const open = (apiKey = KEY, options: Readonly<Record<string, unknown>> = {}) => openOnLoopback(powerdns, { endpoint: server.api, server: 'localhost', ...options }, { apiKey });

/** Straight to the server, around the adapter. */
const raw = async (method: string, rrsets?: readonly object[]): Promise<{ readonly rrsets: readonly { readonly name: string; readonly type: string; readonly [more: string]: unknown }[] }> => {
  const response = await fetch(`${server.api}/api/v1/servers/localhost/zones/home.example.`, {
    method,
    headers: { 'x-api-key': KEY, accept: 'application/json' },
    ...(rrsets ? { body: JSON.stringify({ rrsets }) } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text || '{"rrsets":[]}');
};
const box = recordKey('box.home.example');

test('zone found, read, written, removed', async () => {
  const account = await open();
  expect((await account.read([box])).get(box)).toMatchObject({ values: ['198.51.100.7'], ttl: 60 });
  expect(kinds(await account.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9', '203.0.113.10'])]))).toEqual(['written']);
  expect((await account.read([box])).get(box)).toMatchObject({ values: ['203.0.113.9', '203.0.113.10'], ttl: 60 });
  expect(kinds(await account.write([change('box.home.example', ['203.0.113.9', '203.0.113.10'], [])]))).toEqual(['written']);
  expect((await account.read([box])).get(box)).toBeUndefined();
  expect(kinds(await account.write([change('box.home.example', [], ['198.51.100.7'], { ttl: 60 })]))).toEqual(['written']);
});

test('the zone’s name alone, without a final dot, is enough', async () => {
  const account = await open(KEY, { zone: 'home.example' });
  expect((await account.read([box])).get(box)).toMatchObject({ values: ['198.51.100.7'] });
  expect(account.requests()).toBe(1);
});

test('comments and disabled records of a set stay', async () => {
  const name = 'noted.home.example.';
  const records = [
    { content: '198.51.100.7', disabled: false },
    { content: '198.51.100.8', disabled: true },
  ];
  await raw('PATCH', [{ name, type: 'A', ttl: 60, changetype: 'REPLACE', records, comments: [{ content: 'in the hall', account: 'admin', modified_at: 1_700_000_000 }] }]);
  const account = await open();
  expect(kinds(await account.write([change('noted.home.example', ['198.51.100.7'], ['203.0.113.9'], { ttl: 60 })]))).toEqual(['written']);
  const set = (await raw('GET')).rrsets.find((one) => one.name === name);
  expect(set).toMatchObject({ comments: [{ content: 'in the hall', account: 'admin' }] });
  expect(set?.['records']).toEqual(
    expect.arrayContaining([expect.objectContaining({ content: '203.0.113.9', disabled: false }), expect.objectContaining({ content: '198.51.100.8', disabled: true })]),
  );
});

test('a thousand sets are one request, and one that cannot be takes no other down', async () => {
  const many = Array.from({ length: 1000 }, (_, at): Change => change(`h${at}.home.example`, [], [`203.0.113.${at % 250}`], { ttl: 300 }));
  const first = await open();
  await first.read(many.map(({ key }) => key));
  const asked = first.requests();
  expect(new Set(kinds(await first.write(many)))).toEqual(new Set(['written']));
  expect(first.requests() - asked).toBe(1);

  const account = await open();
  const results = kinds(
    await account.write([...many.slice(0, 7).map(({ after }) => change(after.name, after.values, ['203.0.113.251'])), change('cn.home.example', [], ['203.0.113.9'], { ttl: 60 })]),
  );
  expect(results).toEqual([...Array.from({ length: 7 }, () => 'written'), 'refused']);
});

test('a wrong key, and a name outside', async () => {
  await expect((await open('wrong')).read([box])).rejects.toMatchObject({ failure: { kind: 'auth' } });
  expect(kinds(await (await open()).write([change('a.elsewhere.example', [], ['203.0.113.9'])]))).toEqual(['refused']);
});
