/** The rfc2136 provider against a real BIND 9. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WriteResult } from '../../src/core/plan.ts';
import { type Named, startNamed } from '../servers/named.ts';
import { type AccountOptions, change, openAccount, recordKey } from './rfc2136-account.ts';

const hosts = Array.from({ length: 1000 }, (_, at) => `host-${String(at).padStart(4, '0')}.home.example`);
const RECORDS = `
box 60 IN A 198.51.100.7
www 60 IN A 198.51.100.1
two 60 IN A 198.51.100.1
two 60 IN A 198.51.100.2
cn IN CNAME www
*.wild 60 IN A 198.51.100.50
*.alias IN CNAME www
child IN NS ns1.child
ns1.child IN A 127.0.0.1
gone IN NS ns.elsewhere.example.
${hosts.map((name) => `${name}. 60 IN A 198.51.100.9`).join('\n')}
`;

let named: Named;
beforeAll(async () => {
  named = await startNamed({ records: RECORDS });
});
afterAll(() => named?.stop());

const server = (): string => `127.0.0.1:${named.port}`;
const open = (key = 'ddns', more: Partial<AccountOptions> = {}, tricks: Parameters<typeof openAccount>[1] = {}) =>
  openAccount({ server: server(), zone: 'home.example', key: { name: key, ...(named.keys[key] as { algorithm: string; secret: string }) }, ...more }, tricks);
const kinds = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'failed' ? result.failure.kind : result.kind));
const failure = (results: readonly WriteResult[]) => {
  const [result] = results;
  if (result?.kind !== 'failed') throw new Error(`expected a failure, got ${JSON.stringify(result)}`);
  return result.failure;
};
const thrown = async (work: Promise<unknown>) => {
  try {
    await work;
  } catch (fault) {
    return (fault as { failure: { kind: string; detail: string; hint?: string } }).failure;
  }
  throw new Error('nothing was thrown');
};

describe.each(['ddns', 'k384', 'k512', 'k1'])('with the key %s', (key) => {
  test.each(['tcp', 'udp'] as const)('over %s: what was written is read, the TTL is kept, and twice is once', async (transport) => {
    const name = `rw-${key}-${transport}.home.example`;
    const account = open(key, { transport });
    expect((await account.read([recordKey(name)])).get(recordKey(name))).toBeUndefined();
    expect(kinds(await account.write([change(name, [], ['198.51.100.3'], { ttl: 77 })]))).toEqual(['written']);
    expect((await account.read([recordKey(name)])).get(recordKey(name))).toEqual({ name, type: 'A', values: ['198.51.100.3'], ttl: 77 });
    const again = change(name, ['198.51.100.3'], ['198.51.100.4', '198.51.100.5'], { beforeTtl: 77 });
    expect(await account.write([again])).toMatchObject([{ kind: 'written', stored: { values: ['198.51.100.4', '198.51.100.5'], ttl: 77 } }]);
    expect(kinds(await account.write([again]))).toEqual(['written']);
    expect((await account.read([recordKey(name)])).get(recordKey(name))).toMatchObject({ values: ['198.51.100.4', '198.51.100.5'], ttl: 77 });
    expect(kinds(await account.write([change(name, ['198.51.100.4', '198.51.100.5'], [])]))).toEqual(['written']);
    expect((await account.read([recordKey(name)])).get(recordKey(name))).toBeUndefined();
    if (transport === 'udp') expect(account.counts.datagrams).toBeGreaterThan(0);
    else expect(account.counts.datagrams).toBe(0);
  });
});

test('a stale belief is a conflict that says what is there, and nothing is overwritten', async () => {
  const account = open();
  expect(failure(await account.write([change('www.home.example', ['198.51.100.99'], ['203.0.113.1'])]))).toMatchObject({
    kind: 'conflict',
    detail: 'www.home.example A was changed by somebody else at the same moment: it was 198.51.100.99 and is now 198.51.100.1, so it was not overwritten (wanted: www.home.example A 203.0.113.1)',
  });
  expect(failure(await account.write([change('www.home.example', [], ['203.0.113.1'])])).kind).toBe('conflict');
  expect(failure(await account.write([change('no-such.home.example', ['198.51.100.1'], ['203.0.113.1'])])).kind).toBe('conflict');
  expect((await account.read([recordKey('www.home.example')])).get(recordKey('www.home.example'))).toMatchObject({ values: ['198.51.100.1'] });
});

test('an address is never put beside a CNAME', async () => {
  const account = open();
  const at = recordKey('cn.home.example');
  expect((await account.read([at])).get(at)).toMatchObject({
    kind: 'refused',
    lookAgainSeconds: 3600,
    detail: 'cn.home.example is an alias (CNAME to www.home.example), and no address can stand beside it',
  });
  expect(failure(await account.write([change('cn.home.example', [], ['203.0.113.1'])]))).toMatchObject({ kind: 'refused' });
  expect(failure(await account.write([change('cn.home.example', undefined, ['203.0.113.1'])]))).toMatchObject({ kind: 'refused' });
});

test('what a wildcard makes up is not taken for a record: the name gets its own', async () => {
  const account = open();
  const at = recordKey('x.wild.home.example');
  expect((await account.read([at])).get(at)).toBeUndefined();
  expect(kinds(await account.write([change('x.wild.home.example', ['198.51.100.50'], ['203.0.113.2'])]))).toEqual(['conflict']);
  expect(kinds(await account.write([change('x.wild.home.example', [], ['203.0.113.2'])]))).toEqual(['written']);
  expect((await account.read([at])).get(at)).toMatchObject({ values: ['203.0.113.2'] });
  const same = recordKey('same.wild.home.example');
  expect(kinds(await account.write([change('same.wild.home.example', [], ['198.51.100.50'])]))).toEqual(['written']);
  expect((await account.read([same])).get(same)).toMatchObject({ values: ['198.51.100.50'] });
  const beside = recordKey('y.alias.home.example');
  expect((await account.read([beside])).get(beside)).toBeUndefined();
  expect(kinds(await account.write([change('y.alias.home.example', [], ['203.0.113.3'])]))).toEqual(['written']);
  const star = recordKey('*.wild.home.example');
  expect(kinds(await account.write([change('*.wild.home.example', ['198.51.100.50'], ['203.0.113.4'])]))).toEqual(['written']);
  expect((await account.read([star])).get(star)).toMatchObject({ values: ['203.0.113.4'] });
});

test('A and AAAA of one name, and the apex', async () => {
  const account = open();
  const results = await account.write([change('home.example', [], ['203.0.113.7']), change('home.example', [], ['2001:db8::7'], { type: 'AAAA' })]);
  expect(kinds(results)).toEqual(['written', 'written']);
  const keys = [recordKey('home.example'), recordKey('home.example', 'AAAA')];
  const read = await account.read(keys);
  expect(keys.map((key) => read.get(key))).toMatchObject([{ values: ['203.0.113.7'] }, { values: ['2001:db8::7'] }]);
});

test('what was there before may be unknown, and then that is said', async () => {
  expect(await open().write([change('blind.home.example', undefined, ['203.0.113.8'])])).toMatchObject([{ kind: 'written', note: expect.stringContaining('unseen') }]);
});

describe('what BIND refuses has a name and a kind', () => {
  const update = () => [change('box.home.example', ['198.51.100.7'], ['203.0.113.1'])];
  test('wrong secret', async () => {
    const account = open('ddns', { key: { name: 'ddns', secret: Buffer.from('another secret').toString('base64') } });
    expect(failure(await account.write(update()))).toMatchObject({ kind: 'auth', detail: expect.stringContaining('BADSIG') });
    const [read] = (await account.read([recordKey('box.home.example')])).values();
    expect(read).toMatchObject({ kind: 'auth', detail: expect.stringContaining('not signed') });
    expect(await thrown(account.read(hosts.map((name) => recordKey(name))))).toMatchObject({ kind: 'auth' });
  });
  test('unknown key, and the right key with another algorithm', async () => {
    const unknown = open('ddns', { key: { name: 'nobody', secret: named.keys['ddns']?.secret as string } });
    expect(failure(await unknown.write(update()))).toMatchObject({ kind: 'auth', detail: expect.stringMatching(/knows no key "nobody" with hmac-sha256.*BADKEY/) });
    const other = open('ddns', { key: { name: 'ddns', algorithm: 'hmac-sha512', secret: named.keys['ddns']?.secret as string } });
    expect(failure(await other.write(update()))).toMatchObject({ kind: 'auth', detail: expect.stringContaining('BADKEY') });
  });
  test.each([
    [-3600, 'slow'],
    [3600, 'fast'],
  ])('a clock that is %i s off', async (seconds, word) => {
    const said = failure(await open('ddns', {}, { clockMs: seconds * 1000 }).write(update()));
    expect(said).toMatchObject({ kind: 'unavailable', hint: expect.stringContaining('clock') });
    expect(said.detail).toMatch(new RegExp(`BADTIME.*this machine's clock is (3599|3600|3601) s ${word}$`));
  });
  test('a clock that is 200 s off is fine', async () => {
    expect(kinds(await open('ddns', {}, { clockMs: 200_000 }).write([change('late.home.example', undefined, ['203.0.113.1'])]))).toEqual(['written']);
  });
  test('no key', async () => {
    const { key: _key, ...bare } = { server: server(), zone: 'home.example', key: undefined };
    expect(failure(await openAccount(bare).write(update()))).toMatchObject({ kind: 'auth', detail: expect.stringMatching(/without a key \(REFUSED\)/) });
  });
  test('names outside of the policy: only they are refused, the others are done', async () => {
    const account = open('narrow');
    const alone = await account.write([change('other.home.example', [], ['203.0.113.1'])]);
    // The policy is changed at the server, where no config shows it.
    expect(failure(alone)).toMatchObject({ kind: 'auth', detail: expect.stringContaining('REFUSED'), lookAgainSeconds: 3600 });
    const results = await account.write([
      change('other.home.example', [], ['203.0.113.1']),
      change('box.home.example', ['198.51.100.7'], ['203.0.113.9']),
      change('third.home.example', [], ['203.0.113.1']),
    ]);
    expect(kinds(results)).toEqual(['refused', 'written', 'refused']);
    expect(kinds(await account.write([change('box.home.example', ['203.0.113.9'], ['198.51.100.7'])]))).toEqual(['written']);
  });
  test('one name of a hundred is within the policy: that one is written', async () => {
    const account = open('narrow');
    const names = Array.from({ length: 100 }, (_, at) => (at === 77 ? 'box.home.example' : `foreign-${at}.home.example`));
    const results = await account.write(names.map((name) => change(name, name === 'box.home.example' ? ['198.51.100.7'] : [], ['203.0.113.9'])));
    expect(kinds(results)).toEqual(names.map((name) => (name === 'box.home.example' ? 'written' : 'refused')));
    expect(account.counts.requests).toBeLessThanOrEqual(201);
    expect(kinds(await account.write([change('box.home.example', ['203.0.113.9'], ['198.51.100.7'])]))).toEqual(['written']);
  });
  test('a zone without updates, a zone that is not served, a name outside', async () => {
    const account = open('ddns', { zone: 'static.example' });
    expect(failure(await account.write([change('box.static.example', ['198.51.100.7'], ['203.0.113.1'])]))).toMatchObject({ kind: 'auth', detail: expect.stringContaining('REFUSED') });
    const nowhere = open('ddns', { zone: 'nowhere.example' });
    expect(failure(await nowhere.write([change('box.nowhere.example', [], ['203.0.113.1'])]))).toMatchObject({ kind: 'config', detail: expect.stringContaining('NOTAUTH') });
    expect(failure(await open().write([change('box.elsewhere.example', [], ['203.0.113.1'])]))).toMatchObject({ kind: 'config', detail: expect.stringContaining('not in the zone') });
  });
  test('a zone that is the parent of what the server has', async () => {
    const account = open('ddns', { zone: 'example' });
    expect(failure(await account.write([change('box.home.example', ['198.51.100.7'], ['203.0.113.1'])])).kind).toBe('config');
  });
  test('MD5 works where the config says so', async () => {
    const md5 = { name: 'md5', ...(named.keys['md5'] as { algorithm: string; secret: string }) };
    expect(() => open('ddns', { key: md5 })).toThrow(/hmac-md5 should not be used/);
    expect(kinds(await open('ddns', { key: { ...md5, insecure: true } }).write([change('md5.home.example', undefined, ['203.0.113.1'])]))).toEqual(['written']);
  });
});

describe('without a zone in the config', () => {
  const found = (key = 'ddns') => openAccount({ server: server(), key: { name: key, ...(named.keys[key] as { algorithm: string; secret: string }) } });
  test('the server is asked, and the child zone wins', async () => {
    const account = found();
    const keys = ['deep.child.home.example', 'box.home.example', 'cn.home.example', 'box.static.example'].map((name) => recordKey(name));
    const read = await account.read(keys);
    expect(keys.map((key) => read.get(key))).toMatchObject([{ values: ['198.51.100.20'] }, { values: ['198.51.100.7'] }, { kind: 'refused' }, { values: ['198.51.100.7'] }]);
    expect(kinds(await account.write([change('new.child.home.example', [], ['203.0.113.5']), change('new.home.example', [], ['203.0.113.5'])]))).toEqual(['written', 'written']);
  });
  test('names that it does not serve, delegated or foreign, are the config’s to correct', async () => {
    const keys = ['a.gone.home.example', 'a.foreign.example'].map((name) => recordKey(name));
    const read = await found().read(keys);
    expect(keys.map((key) => read.get(key))).toMatchObject([
      { kind: 'config', detail: expect.stringContaining('delegated') },
      { kind: 'config', detail: expect.stringContaining('REFUSED') },
    ]);
  });
  test('a thousand names and some below a cut: the transfer is not believed beyond its zone', async () => {
    const account = found();
    const deep = recordKey('deep.child.home.example');
    const read = await account.read([...hosts.slice(0, 20).map((name) => recordKey(name)), deep]);
    expect(read.get(deep)).toMatchObject({ values: ['198.51.100.20'] });
  });
});

describe('a thousand records', () => {
  const keys = hosts.map((name) => recordKey(name));
  test('cold, with the zone to be found: at most ten messages, all changed, TTL kept', async () => {
    const account = openAccount({ server: server(), key: { name: 'ddns', ...(named.keys['ddns'] as { algorithm: string; secret: string }) } });
    const read = await account.read(keys);
    expect([...read.values()].every((set) => set !== undefined && 'values' in set && set.values[0] === '198.51.100.9' && set.ttl === 60)).toBe(true);
    const results = await account.write(hosts.map((name) => change(name, ['198.51.100.9'], ['203.0.113.10'], { beforeTtl: 60 })));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(account.counts.requests).toBeLessThanOrEqual(10);
    const after = await account.read(keys);
    expect([...after.values()].every((set) => set !== undefined && 'values' in set && set.values[0] === '203.0.113.10' && set.ttl === 60)).toBe(true);
  });
  test('three of them changed by somebody else: those three are conflicts, the others are done', async () => {
    const rival = open();
    const stolen = [hosts[3], hosts[500], hosts[999]] as string[];
    await rival.write(stolen.map((name) => change(name, ['203.0.113.10'], ['203.0.113.66'])));
    const account = open();
    const results = await account.write(hosts.map((name) => change(name, ['203.0.113.10'], ['203.0.113.11'], { beforeTtl: 60 })));
    expect(hosts.filter((_, at) => results[at]?.kind === 'failed')).toEqual(stolen);
    expect(new Set(kinds(results))).toEqual(new Set(['written', 'conflict']));
    expect(account.counts.requests).toBeLessThanOrEqual(12);
  });
  test('where the zone is not handed out, questions over a few connections tell the same', async () => {
    const account = open('reader');
    const read = await account.read(keys);
    expect([...read.values()].filter((set) => set !== undefined && 'values' in set && set.values.length === 1)).toHaveLength(1000);
    expect(account.counts.connections).toBeLessThanOrEqual(6);
  });
  test('nor are a thousand names below a wildcard taken for records: all are created at once', async () => {
    const account = open('reader');
    const names = hosts.map((name) => name.replace('.home.', '.many.home.'));
    const star = change('*.many.home.example', [], ['198.51.100.50']);
    expect(kinds(await account.write([star]))).toEqual(['written']);
    expect([...(await account.read(names.map((name) => recordKey(name)))).values()].filter((set) => set !== undefined)).toEqual([]);
    const results = await account.write(names.map((name) => change(name, [], ['203.0.113.2'])));
    expect(new Set(kinds(results))).toEqual(new Set(['written']));
  });
  test('as datagrams too: what does not fit into one goes over TCP', async () => {
    const account = open('ddns', { transport: 'udp' });
    const results = await account.write(hosts.map((name, at) => change(name, undefined, [`203.0.113.${at % 200}`])));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(account.counts.requests).toBeLessThanOrEqual(10);
  });
});

test('two hosts race for one name twenty times: never a blind overwrite, always exactly one winner', async () => {
  const at = recordKey('race.home.example');
  const [a, b] = [open(), open()];
  for (let turn = 0; turn < 20; turn++) {
    const before = (await a.read([at])).get(at);
    const values = before !== undefined && 'values' in before ? before.values : [];
    const mine = [`203.0.113.${100 + turn}`];
    const theirs = [`198.51.100.${100 + turn}`];
    const [first, second] = await Promise.all([a.write([change('race.home.example', values, mine)]), b.write([change('race.home.example', values, theirs)])]);
    expect([...kinds(first), ...kinds(second)].sort()).toEqual(['conflict', 'written']);
    const now = (await a.read([at])).get(at);
    expect(now).toMatchObject({ values: first[0]?.kind === 'written' ? mine : theirs });
  }
});
