/** The rfc2136 provider against Knot and PowerDNS, where they differ from BIND. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WriteResult } from '../../src/core/plan.ts';
import { type NameServer, startKnot, startPowerDns } from '../servers/knot-and-powerdns.ts';
import { change, openAccount, recordKey } from './rfc2136-account.ts';

const KEY = { name: 'ddns', secret: Buffer.from('a secret for tests that nobody else has').toString('base64') };
const kinds = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'failed' ? result.failure.kind : result.kind));

describe.each([
  ['Knot', startKnot],
  ['PowerDNS', startPowerDns],
] as const)('%s', (_name, start) => {
  let server: NameServer;
  beforeAll(async () => {
    server = await start(KEY);
  });
  afterAll(() => server?.stop());
  const open = (more: Partial<Parameters<typeof openAccount>[0]> = {}, tricks: Parameters<typeof openAccount>[1] = {}) =>
    openAccount({ server: `127.0.0.1:${server.port}`, key: KEY, ...more }, tricks);
  const box = recordKey('box.home.example');

  test.each(['tcp', 'udp'] as const)('over %s: zone found, read, written, read again, put back', async (transport) => {
    const account = open({ transport });
    expect((await account.read([box])).get(box)).toMatchObject({ values: ['198.51.100.7'], ttl: 60 });
    expect(kinds(await account.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9', '203.0.113.10'], { beforeTtl: 60 })]))).toEqual(['written']);
    expect((await account.read([box])).get(box)).toMatchObject({ values: ['203.0.113.9', '203.0.113.10'], ttl: 60 });
    expect(kinds(await account.write([change('box.home.example', ['203.0.113.9', '203.0.113.10'], ['198.51.100.7'], { beforeTtl: 60 })]))).toEqual(['written']);
  });

  test('a stale belief, an alias, a name outside', async () => {
    const account = open();
    expect(kinds(await account.write([change('box.home.example', ['198.51.100.99'], ['203.0.113.9'])]))).toEqual(['conflict']);
    expect(kinds(await account.write([change('box.home.example', [], ['203.0.113.9'])]))).toEqual(['conflict']);
    const alias = recordKey('cn.home.example');
    expect((await account.read([alias])).get(alias)).toMatchObject({ kind: 'refused' });
    expect(kinds(await account.write([change('cn.home.example', [], ['203.0.113.9'])]))).toEqual(['refused']);
    expect(kinds(await account.write([change('a.elsewhere.example', [], ['203.0.113.9'])]))).not.toContain('written');
  });

  test('wrong secret, unknown key, no key: credentials, and nothing is written', async () => {
    const update = [change('box.home.example', ['198.51.100.7'], ['203.0.113.9'])];
    const zone = 'home.example';
    expect(kinds(await open({ zone, key: { ...KEY, secret: Buffer.from('another').toString('base64') } }).write(update))).toEqual(['auth']);
    expect(kinds(await open({ zone, key: { ...KEY, name: 'nobody' } }).write(update))).toEqual(['auth']);
    expect(kinds(await openAccount({ server: `127.0.0.1:${server.port}`, zone }).write(update))).toEqual(['auth']);
    expect((await open().read([box])).get(box)).toMatchObject({ values: ['198.51.100.7'] });
  });

  test('a thousand records, cold: at most ten messages', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `host-${String(at).padStart(4, '0')}.home.example`);
    const first = await open().write(names.map((name) => change(name, [], ['198.51.100.9'], { ttl: 60 })));
    expect(new Set(kinds(first))).toEqual(new Set(['written']));
    const account = open();
    const read = await account.read(names.map((name) => recordKey(name)));
    expect([...read.values()].every((set) => set !== undefined && 'values' in set && set.values[0] === '198.51.100.9' && set.ttl === 60)).toBe(true);
    const results = await account.write(names.map((name) => change(name, ['198.51.100.9'], ['203.0.113.9'], { beforeTtl: 60 })));
    expect(new Set(kinds(results))).toEqual(new Set(['written']));
    expect(account.counts.requests).toBeLessThanOrEqual(10);
  });
});

test('Knot disowns a key when a name is outside its acl: that name is refused, the others are written, the account goes on', async () => {
  const server = await startKnot(KEY, 'box');
  try {
    const account = openAccount({ server: `127.0.0.1:${server.port}`, zone: 'home.example', key: KEY });
    await account.read([recordKey('box.home.example'), recordKey('other.home.example')]);
    const results = await account.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.9'], { beforeTtl: 60 }), change('other.home.example', [], ['203.0.113.9'])]);
    expect(kinds(results)).toEqual(['written', 'refused']);
    expect(results[1]).toMatchObject({ failure: { detail: expect.stringContaining('does not allow') } });
  } finally {
    await server.stop();
  }
});
