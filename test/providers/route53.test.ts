/** Route 53: what the conformance suite does not know about it. Signatures, limits, special record sets, zones of one name, waiting for INSYNC. */
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { attempt, type Failure, Fault, troubled } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Change, WriteResult } from '../../src/core/plan.ts';
import { keyOf, type RecordKey, recordSet } from '../../src/core/record.ts';
import { Secret } from '../../src/core/secret.ts';
import { fakeRoute53, type Hosted, type HostedSet, olderRefusal, refusal } from '../../src/providers/route53/fake.ts';
import route53 from '../../src/providers/route53/provider.ts';
import { parseRefusal } from '../../src/providers/route53/refusal.ts';
import { elementsOf, unescapeName, weigh } from '../../src/providers/route53/sets.ts';
import type { HeldSet, Put, Tools, Zone } from '../../src/sdk/index.ts';
import { openProvider } from '../../src/sdk/provider.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';
import type { HttpReply, HttpRequest } from '../../src/world/world.ts';
import { temporaryFolder } from '../support/folder.ts';

const ID = 'AKIDEXAMPLE';
const KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const unwired = (): never => {
  throw new Error('route53 must not use this');
};

/** A fake Route 53 with a record of what it was sent. `answer` may step in before the fake. */
function bench(zones: readonly Hosted[], { answer, env = {}, pendingFor = 0 }: { answer?: (request: HttpRequest, at: number) => HttpReply | undefined; env?: Tools['env']; pendingFor?: number } = {}) {
  const api = fakeRoute53(zones, { pendingFor });
  const sent: HttpRequest[] = [];
  let elapsed = 0;
  let remembered: readonly Zone[] = [];
  const tools: Tools = {
    account: 'aws',
    net: {
      datagram: unwired,
      stream: unwired,
      echo: unwired,
      lookup: unwired,
      interfaces: unwired,
      network: unwired,
      close: unwired,
      async http(request) {
        sent.push(request);
        return answer?.(request, sent.length - 1) ?? api(request);
      },
    },
    clock: {
      now: () => Date.now(),
      elapsed: () => elapsed,
      async sleep(ms) {
        elapsed += ms;
      },
    },
    files: { read: unwired, write: unwired, create: unwired, rename: unwired, remove: unwired, folder: unwired, list: unwired, stat: unwired, touch: unwired },
    processes: { run: unwired, self: unwired, isAlive: unwired },
    random: () => 0,
    signal: new AbortController().signal,
    userAgent: 'ddns-update/0.0.0',
    zones: {
      get: () => remembered,
      set(next) {
        remembered = next;
      },
    },
    redact: (text) => text.split(KEY).join('***'),
    env,
  };
  const open = (options: Partial<Parameters<typeof route53.open>[0]> = {}) => openProvider(route53, { accessKeyId: ID, secretAccessKey: new Secret(KEY), ...options }, tools);
  return { sent, tools, open, zones, elapsed: () => elapsed, remembered: () => remembered };
}

const key = (name: string, type: 'A' | 'AAAA' = 'A'): RecordKey => keyOf({ name: fqdn(name), type });
const zone = (sets: readonly HostedSet[] = [], more: Partial<Hosted> = {}): Hosted => ({ id: 'Z1', name: 'example.com', sets, ...more });
const a = (name: string, ...values: readonly string[]): HostedSet => ({ name, type: 'A', ttl: 60, values });
const set = (name: string, values: readonly string[], ttl?: number) =>
  recordSet(
    { name: fqdn(name), type: values.some((value) => value.includes(':')) ? 'AAAA' : 'A' },
    values.map((value) => parseAddress(value) as NonNullable<ReturnType<typeof parseAddress>>),
    ttl,
  );
const change = (name: string, before: readonly string[], after: readonly string[], ttl = 60): Change => ({
  key: keyOf(set(name, after)),
  before: set(name, before, ttl),
  after: set(name, after, ttl),
});
const failureOf = (result: WriteResult | undefined): Failure | undefined => (result?.kind === 'failed' ? result.failure : undefined);
const failing = async (work: () => Promise<unknown>): Promise<Failure> => {
  const tried = await attempt(work);
  if (tried.kind === 'ok') throw new Error('expected a failure');
  return tried.failure;
};
const many = (count: number, make: (at: number) => HostedSet): readonly HostedSet[] => Array.from({ length: count }, (_, at) => make(at));

describe('signatures', () => {
  afterEach(() => void vi.useRealTimers());

  const hex = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (secret: string | Buffer, text: string): Buffer => createHmac('sha256', secret).update(text).digest();

  /** Signature Version 4 as the AWS documentation words it, apart from the SDK's own. */
  function sign(request: { method: string; path: string; query: string; headers: Readonly<Record<string, string>>; signed: readonly string[]; bodyHash: string }) {
    const canonical = [request.method, request.path, request.query, ...request.signed.map((name) => `${name}:${request.headers[name]?.trim()}`), '', request.signed.join(';'), request.bodyHash].join(
      '\n',
    );
    const date = request.headers['x-amz-date'] ?? '';
    const scope = `${date.slice(0, 8)}/us-east-1/route53/aws4_request`;
    const signingKey = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${KEY}`);
    return { canonicalHash: hex(canonical), signature: hmac(signingKey, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hex(canonical)}`).toString('hex') };
  }

  const headers = { host: 'route53.amazonaws.com', 'x-amz-date': '20231114T221320Z' };
  const BODY_HASH = '5f1f641b7f903472e624d5a3276c791844f853ab7b78b0ca417ae3f095a75a71';

  test('the signer of this test agrees with the known vectors', () => {
    const list = sign({ method: 'GET', path: '/2013-04-01/hostedzonesbyname', query: 'dnsname=example.com&maxitems=1', headers, signed: ['host', 'x-amz-date'], bodyHash: hex('') });
    expect(list).toEqual({ canonicalHash: 'aa84b6065d37b7b73eb63551ce676e12d0294283676a22169cb5402ec4f6c063', signature: 'a8b2c5a9c40e251d51be84ed4febd250af136ee1ba23c11bb681ee3f30d99f3a' });
    const post = sign({ method: 'POST', path: '/2013-04-01/hostedzone/Z123/rrset/', query: '', headers, signed: ['host', 'x-amz-date'], bodyHash: BODY_HASH });
    expect(post).toEqual({ canonicalHash: '198e4b4b3b3a9ebcf8d5357096dd3fe267d42892a3571f7df0ecbe0738aa1246', signature: 'ac8d16256451fdb7b404f18b99093f5c83f157a0675aff41ada301086509d328' });
  });

  test('every request that leaves through our Net carries the signature of exactly what is sent', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2023, 10, 14, 22, 13, 20) });
    const { sent, open } = bench([zone([a('www.example.com', '192.0.2.1'), a('*.example.com', '192.0.2.1')])]);
    const provider = await open();
    await provider.read?.([key('www.example.com'), key('*.example.com')]);
    await provider.write([change('www.example.com', ['192.0.2.1'], ['198.51.100.7']), change('*.example.com', ['192.0.2.1'], ['198.51.100.7'])]);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
    for (const request of sent) {
      const url = new URL(request.url);
      const authorization = request.headers['authorization'] ?? '';
      const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
      expect(signed).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-content-sha256']));
      expect(request.headers['x-amz-date']).toBe('20231114T221320Z');
      const all = { ...request.headers, host: url.host, 'content-length': String(Buffer.byteLength(request.body ?? '')) };
      const own = sign({ method: request.method, path: url.pathname, query: url.search.slice(1), headers: all, signed, bodyHash: hex(request.body ?? '') });
      expect(/Signature=([0-9a-f]+)/.exec(authorization)?.[1]).toBe(own.signature);
      expect(authorization).toContain(`Credential=${ID}/20231114/us-east-1/route53/aws4_request`);
    }
  });

  test('temporary credentials carry their token, and the secret itself is nowhere', async () => {
    const { sent, open } = bench([zone()]);
    await (await open({ sessionToken: new Secret('TOKEN') })).read?.([key('www.example.com')]);
    expect(sent[0]?.headers['x-amz-security-token']).toBe('TOKEN');
    expect(JSON.stringify(sent)).not.toContain(KEY);
  });

  test('keys of the environment serve where the config has none', async () => {
    const { sent, tools } = bench([zone()], { env: { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) } });
    await (await route53.open({}, tools)).read?.([key('www.example.com')]);
    expect(sent[0]?.headers['authorization']).toContain('Credential=AKIDENV/');
  });

  test('half a key is a mistake in the config', () => {
    expect(route53.problems?.({ accessKeyId: ID })).toEqual(['accessKeyId and secretAccessKey belong together, and secretAccessKey is missing']);
    expect(route53.problems?.({ secretAccessKey: new Secret(KEY) })).toHaveLength(1);
    expect(route53.problems?.({})).toEqual([]);
    expect(route53.problems?.({ accessKeyId: ID, secretAccessKey: new Secret(KEY) })).toEqual([]);
  });

  test('a clock that is wrong is made good for once, and named when that does not help', async () => {
    const skewed = (): HttpReply => {
      const { headers: plain, ...reply } = refusal(403, 'SignatureDoesNotMatch', 'Signature expired: 20231114T221320Z is now earlier than 20231114T223000Z');
      return { ...reply, headers: { ...plain, date: new Date(Date.now() + 3_600_000).toUTCString() } };
    };
    const once = bench([zone([a('www.example.com', '192.0.2.1')])], { answer: (_, at) => (at === 0 ? skewed() : undefined) });
    const found = await (await once.open()).read?.([key('www.example.com')]);
    expect(found?.get(key('www.example.com'))).toMatchObject({ values: ['192.0.2.1'] });
    const dates = once.sent.map(({ headers: { 'x-amz-date': date = '' } }) => Date.parse(date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5')));
    expect((dates[1] ?? 0) - (dates[0] ?? 0)).toBeGreaterThan(3_500_000);

    const always = bench([zone()], { answer: skewed });
    const failure = await failing(async () => (await always.open()).read?.([key('www.example.com')]));
    expect(failure).toMatchObject({ kind: 'unavailable', hint: expect.stringContaining('set the clock') });
    expect(failure.detail).toContain("this machine's clock is 60 minutes behind Amazon's");
  });
});

describe('calls and limits', () => {
  test('a thousand changed records in a zone of a thousand, nothing remembered: zones, four pages, two batches', async () => {
    const { sent, open, zones } = bench([zone(many(1000, (at) => a(`host-${at}.example.com`, '192.0.2.1')))]);
    const provider = await open();
    const keys = Array.from({ length: 1000 }, (_, at) => key(`host-${at}.example.com`));
    await provider.read?.(keys);
    const results = await provider.write(keys.map((_, at) => change(`host-${at}.example.com`, ['192.0.2.1'], ['198.51.100.7'])));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(sent).toHaveLength(7);
    expect(zones[0]?.sets.every(({ values, ttl }) => values.join() === '198.51.100.7' && ttl === 60)).toBe(true);
  });

  test('values of 39 letters fill a batch before a thousand records do', async () => {
    const before = '2001:db8:1111:2222:3333:4444:5555:6666';
    const after = '2001:db8:1111:2222:3333:4444:5555:7777';
    const sets = many(500, (at) => ({ name: `h${at}.example.com`, type: 'AAAA', ttl: 60, values: [before] }));
    const { sent, open, zones } = bench([zone(sets)]);
    const provider = await open();
    await provider.read?.(sets.map(({ name }) => key(name, 'AAAA')));
    await provider.write(sets.map(({ name }) => change(name, [before], [after])));
    expect(sent.filter(({ method }) => method === 'POST')).toHaveLength(2);
    expect(zones[0]?.sets.every(({ values }) => values[0] === after)).toBe(true);
  });

  test('a request never weighs more than Route 53 takes, an UPSERT twice', () => {
    expect(weigh([{ Action: 'UPSERT', ResourceRecordSet: { Name: 'x.', Type: 'A', ResourceRecords: [{ Value: '192.0.2.1' }] } }])).toEqual({ records: 2, characters: 18 });
    const address = fc.ipV4().map((text) => parseAddress(text) as NonNullable<ReturnType<typeof parseAddress>>);
    fc.assert(
      fc.property(fc.array(address, { maxLength: 8 }), fc.array(fc.ipV4(), { minLength: 1, maxLength: 8 }), (values, old) => {
        const put: Put<HeldSet> = { after: recordSet({ name: fqdn('www.example.com'), type: 'A' }, values), held: { name: 'www.example.com', type: 'A', values: old, ttl: 60 } };
        const weight = weigh(elementsOf(put));
        expect(weight.records).toBe(old.length + put.after.values.length);
        expect(weight.characters).toBe([...old, ...put.after.values].join('').length);
      }),
    );
  });

  test('more than a hundred hosted zones are read to the last', async () => {
    const others = Array.from({ length: 150 }, (_, at): Hosted => ({ id: `ZZ${at}`, name: `z${at}.test`, sets: [] }));
    const { sent, open } = bench([...others, zone([a('www.example.com', '192.0.2.1')])]);
    const found = await (await open()).read?.([key('www.example.com')]);
    expect(found?.get(key('www.example.com'))).toMatchObject({ values: ['192.0.2.1'], ttl: 60 });
    expect(sent).toHaveLength(3);
  });

  test('five requests a second and no more', async () => {
    const { sent, open, elapsed } = bench([zone(many(1000, (at) => a(`host-${at}.example.com`, '192.0.2.1')))]);
    await (await open()).read?.(Array.from({ length: 10 }, (_, at) => key(`host-${at}.example.com`)));
    expect(sent).toHaveLength(5);
    expect(elapsed()).toBeGreaterThanOrEqual(800);
  });
});

describe('reading', () => {
  test('a start position is not a filter: what comes next in the zone is not taken for the name asked for', async () => {
    const { open } = bench([zone([a('x.example.com', '192.0.2.9'), { name: 'www.example.com', type: 'TXT', ttl: 5, values: ['"a"'] }])]);
    const found = await (await open()).read?.([key('www.example.com'), key('aaa.example.com')]);
    expect([...(found?.values() ?? [])]).toEqual([undefined, undefined]);
  });

  test('the wildcard and other octal escapes are read', async () => {
    expect(unescapeName('\\052.Example.com.')).toBe('*.Example.com');
    expect(unescapeName('a\\041b.example.com.')).toBe('a!b.example.com');
    for (const names of [['*.example.com'], ['*.example.com', 'a.example.com', 'b.example.com', 'c.example.com']]) {
      const { open } = bench([zone([a('*.example.com', '192.0.2.1'), a('example.com', '192.0.2.2')])]);
      const found = await (await open()).read?.(names.map((name) => key(name)));
      expect(found?.get(key('*.example.com'))).toMatchObject({ values: ['192.0.2.1'] });
    }
  });

  const special: readonly [label: string, xml: string, says: RegExp][] = [
    ['weighted', '<SetIdentifier>one</SetIdentifier><Weight>10</Weight>', /has weighted routing \("one"\)/],
    ['latency', '<SetIdentifier>one</SetIdentifier><Region>eu-west-1</Region>', /has latency routing/],
    ['geolocation', '<SetIdentifier>one</SetIdentifier><GeoLocation><CountryCode>KR</CountryCode></GeoLocation>', /has geolocation routing/],
    ['failover', '<SetIdentifier>one</SetIdentifier><Failover>PRIMARY</Failover>', /has failover routing/],
    ['multivalue', '<SetIdentifier>one</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer>', /has multivalue routing/],
  ];
  test.each(special)('a %s set is left alone, and why is said before anything is written', async (_, xml, says) => {
    const sets = [{ ...a('www.example.com', '192.0.2.1'), special: xml }, a('ok.example.com', '192.0.2.1')];
    for (const more of [[], ['p.example.com', 'q.example.com', 'r.example.com']]) {
      const { open, zones } = bench([zone(sets)]);
      const provider = await open();
      const found = await provider.read?.(['www.example.com', 'ok.example.com', ...more].map((name) => key(name)));
      expect(found?.get(key('www.example.com'))).toMatchObject({ kind: 'refused', detail: expect.stringMatching(says) });
      expect(found?.get(key('ok.example.com'))).toMatchObject({ values: ['192.0.2.1'] });
      const [refused, written] = await provider.write([change('www.example.com', ['192.0.2.1'], ['198.51.100.7']), change('ok.example.com', ['192.0.2.1'], ['198.51.100.7'])]);
      expect(failureOf(refused)).toMatchObject({ kind: 'refused' });
      expect(written).toMatchObject({ kind: 'written' });
      expect(zones[0]?.sets).toContainEqual(sets[0]);
    }
  });

  test('an alias is left alone, and what it stands for is named', async () => {
    const alias = {
      name: 'www.example.com',
      type: 'A',
      values: [],
      special: '<AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>lb.eu-west-1.elb.amazonaws.com.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>',
    };
    const { open, zones } = bench([zone([alias])]);
    const provider = await open();
    expect((await provider.read?.([key('www.example.com')]))?.get(key('www.example.com'))).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('an alias of lb.eu-west-1.elb.amazonaws.com'),
    });
    expect(failureOf((await provider.write([change('www.example.com', [], ['198.51.100.7'])]))[0])?.kind).toBe('refused');
    expect(zones[0]?.sets).toEqual([alias]);
  });
});

describe('zones of one name', () => {
  const publicZone = () => zone([a('www.example.com', '192.0.2.1')]);
  const privateZone = () => zone([a('www.example.com', '192.0.2.2')], { id: 'ZPRIVATE', private: true });
  const valueIn = async (zones: readonly Hosted[], options: Parameters<ReturnType<typeof bench>['open']>[0] = {}) =>
    (await (await bench(zones).open(options)).read?.([key('www.example.com')]))?.get(key('www.example.com'));

  test('the public one is meant, unless private ones are asked for or one is named', async () => {
    expect(await valueIn([privateZone(), publicZone()])).toMatchObject({ values: ['192.0.2.1'] });
    expect(await valueIn([publicZone(), privateZone()], { private: true })).toMatchObject({ values: ['192.0.2.2'] });
    expect(await valueIn([publicZone(), privateZone()], { zoneId: 'ZPRIVATE' })).toMatchObject({ values: ['192.0.2.2'] });
    expect(await valueIn([publicZone(), privateZone()], { zoneId: '/hostedzone/Z1' })).toMatchObject({ values: ['192.0.2.1'] });
  });

  test('with two public ones somebody has to say which, and names elsewhere go on', async () => {
    const zones = [publicZone(), zone([], { id: 'Z9' }), zone([a('www.other.test', '192.0.2.3')], { id: 'Z7', name: 'other.test' })];
    const one = bench(zones);
    const found = await (await one.open()).read?.([key('www.example.com'), key('www.other.test')]);
    expect(found?.get(key('www.example.com'))).toMatchObject({ kind: 'config', detail: 'several hosted zones are called example.com: Z1 or Z9', hint: 'say which one with zoneId' });
    expect(found?.get(key('www.other.test'))).toMatchObject({ values: ['192.0.2.3'] });
    expect(one.remembered()).toEqual([]);
    expect(await valueIn(zones, { zoneId: 'Z1' })).toMatchObject({ values: ['192.0.2.1'] });
  });

  test('a remembered zone is not asked for again; one that is gone is, once', async () => {
    const one = bench([publicZone()]);
    await (await one.open()).read?.([key('www.example.com')]);
    expect(one.remembered()).toEqual([{ name: 'example.com', id: 'Z1' }]);
    await (await one.open()).read?.([key('www.example.com')]);
    expect(one.sent).toHaveLength(3);

    const moved = bench([zone([a('www.example.com', '192.0.2.1')], { id: 'ZNEW' })]);
    moved.tools.zones.set([{ name: 'example.com', id: 'ZOLD' }]);
    const found = await (await moved.open()).read?.([key('www.example.com')]);
    expect(found?.get(key('www.example.com'))).toMatchObject({ values: ['192.0.2.1'] });
    expect(moved.sent.map(({ url }) => new URL(url).pathname.split('/').slice(2).join('/'))).toEqual(['hostedzone/ZOLD/rrset', 'hostedzone', 'hostedzone/ZNEW/rrset']);
  });
});

describe('writing', () => {
  test('the TTL that is there stays; a new set gets 300 s', async () => {
    const { open, zones } = bench([zone([a('www.example.com', '192.0.2.1')])]);
    const provider = await open();
    await provider.write([
      { key: key('www.example.com'), before: set('www.example.com', ['192.0.2.1'], 60), after: set('www.example.com', ['198.51.100.7']) },
      { key: key('new.example.com'), before: recordSet({ name: fqdn('new.example.com'), type: 'A' }, []), after: set('new.example.com', ['198.51.100.7']) },
    ]);
    expect(zones[0]?.sets.map(({ name, ttl }) => [name, ttl])).toEqual([
      ['www.example.com', 60],
      ['new.example.com', 300],
    ]);
  });

  test('a set that another host changed after it was read is refused as a conflict, not overwritten; the others are written', async () => {
    const { open, zones } = bench([zone(many(6, (at) => a(`h${at}.example.com`, '192.0.2.1')))], {});
    const provider = await open();
    const names = Array.from({ length: 6 }, (_, at) => `h${at}.example.com`);
    await provider.read?.(names.map((name) => key(name)));
    const raced = zones[0] as Hosted;
    raced.sets = raced.sets.map((one) => (one.name === 'h3.example.com' ? { ...one, values: ['203.0.113.99'] } : one));
    const results = await provider.write(names.map((name) => change(name, ['192.0.2.1'], ['198.51.100.7'])));
    expect(results.map((result) => failureOf(result)?.kind)).toEqual([undefined, undefined, undefined, 'conflict', undefined, undefined]);
    expect(raced.sets.find(({ name }) => name === 'h3.example.com')?.values).toEqual(['203.0.113.99']);
    expect(raced.sets.filter(({ values }) => values[0] === '198.51.100.7')).toHaveLength(5);
  });

  test('values are deleted as Route 53 spells them', async () => {
    const { open, zones } = bench([zone([{ name: 'www.example.com', type: 'AAAA', ttl: 60, values: ['2001:0DB8:0:0:0:0:0:1'] }])]);
    const provider = await open();
    const results = await provider.write([change('www.example.com', ['2001:db8::1'], ['2001:db8::2'])]);
    expect(results[0]).toMatchObject({ kind: 'written' });
    expect(zones[0]?.sets).toEqual([{ name: 'www.example.com', type: 'AAAA', ttl: 60, values: ['2001:db8::2'] }]);
  });

  test('one change that is refused for itself does not take the others of its batch down', async () => {
    const refuse = (request: HttpRequest) =>
      request.body?.includes('bad.example.com') ? olderRefusal(['[RRSet of type A with DNS name bad.example.com. is not permitted: a conflicting RRSet of type CNAME exists]']) : undefined;
    const { open, zones } = bench([zone(many(20, (at) => a(`h${at}.example.com`, '192.0.2.1')))], { answer: refuse });
    const names = ['bad.example.com', ...Array.from({ length: 20 }, (_, at) => `h${at}.example.com`)];
    const provider = await open();
    const results = await provider.write(names.map((name) => change(name, name.startsWith('bad') ? [] : ['192.0.2.1'], ['198.51.100.7'])));
    expect(failureOf(results[0])).toMatchObject({ kind: 'refused', detail: expect.stringContaining('conflicting RRSet of type CNAME') });
    expect(results.slice(1).every(({ kind }) => kind === 'written')).toBe(true);
    expect(zones[0]?.sets.every(({ values }) => values[0] === '198.51.100.7')).toBe(true);
  });

  test('an earlier change of the zone that is still under way is waited for, but not for ever', async () => {
    const busy = () => refusal(400, 'PriorRequestNotComplete', 'The request was rejected because Route 53 was still processing a prior request.');
    const soon = bench([zone([a('www.example.com', '192.0.2.1')])], { answer: ({ method }, at) => (method === 'POST' && at < 4 ? busy() : undefined) });
    expect((await (await soon.open()).write([change('www.example.com', ['192.0.2.1'], ['198.51.100.7'])]))[0]).toMatchObject({ kind: 'written' });
    const never = bench([zone([a('www.example.com', '192.0.2.1')])], { answer: ({ method }) => (method === 'POST' ? busy() : undefined) });
    expect(failureOf((await (await never.open()).write([change('www.example.com', ['192.0.2.1'], ['198.51.100.7'])]))[0])).toMatchObject({ kind: 'throttled' });
    expect(never.sent.filter(({ method }) => method === 'POST')).toHaveLength(4);
  });

  test('settled asks every five seconds until every change is INSYNC, or the time is over', async () => {
    const one = bench([zone([a('www.example.com', '192.0.2.1')])], { pendingFor: 3 });
    const provider = await one.open();
    expect(await provider.settled?.(60_000)).toBe(true);
    await provider.write([change('www.example.com', ['192.0.2.1'], ['198.51.100.7'])]);
    const [calls, from] = [one.sent.length, one.elapsed()];
    expect(await provider.settled?.(7000)).toBe(false);
    expect(await provider.settled?.(60_000)).toBe(true);
    expect(one.sent.length - calls).toBe(4);
    expect(one.elapsed() - from).toBeGreaterThanOrEqual(10_000);
  });
});

describe('refusals', () => {
  const cases: readonly [code: string, status: number, kind: Failure['kind'], hint: RegExp | undefined][] = [
    ['Throttling', 400, 'throttled', undefined],
    ['ThrottlingException', 400, 'throttled', undefined],
    ['InvalidClientTokenId', 403, 'auth', /access key does not exist/],
    ['SignatureDoesNotMatch', 403, 'auth', /secret access key/],
    ['ExpiredToken', 403, 'auth', /temporary credentials have run out/],
    ['AccessDenied', 403, 'auth', /allow route53:ListHostedZones/],
    ['OptInRequired', 403, 'blocked', undefined],
    ['NoSuchHostedZone', 404, 'refused', /zoneId/],
    ['InvalidInput', 400, 'refused', undefined],
    ['InternalFailure', 500, 'unavailable', undefined],
    ['ServiceUnavailable', 503, 'unavailable', undefined],
  ];
  test.each(cases)('%s (%i) is %s, and stops the reading', async (code, status, kind, hint) => {
    const { open, sent } = bench([zone()], { answer: () => refusal(status, code, `Sorry, ${KEY}`) });
    const failure = await failing(async () => (await open()).read?.([key('www.example.com')]));
    expect(failure.kind).toBe(kind);
    expect(failure.detail).toContain(code);
    expect(JSON.stringify(failure)).not.toContain(KEY);
    if (hint) expect(failure.hint).toMatch(hint);
    expect(sent).toHaveLength(1);
  });

  test('both dialects are read, and nothing else', () => {
    expect(parseRefusal(refusal(400, 'InvalidChangeBatch', '[x &amp; y]').body)).toEqual({ code: 'InvalidChangeBatch', messages: ['[x & y]'] });
    expect(parseRefusal(olderRefusal(['one', 'two']).body)).toEqual({ code: 'InvalidChangeBatch', messages: ['one', 'two'] });
    expect(parseRefusal('<html><Code>AccessDenied</Code></html>')).toBeUndefined();
    expect(parseRefusal('')).toBeUndefined();
  });

  test.each([
    ['a web page', '<!doctype html><html><body>Log in</body></html>'],
    ['nothing', ''],
    ['an answer that was cut short', '<?xml version="1.0"?><ListHostedZonesResponse xmlns="x"><HostedZones><HostedZone><Id>/hosted'],
    ['an answer without its list', '<?xml version="1.0"?><ListHostedZonesResponse xmlns="x"><IsTruncated>true</IsTruncated></ListHostedZonesResponse>'],
  ])('%s with status 200 is gibberish, never an empty account', async (_, body) => {
    const { open } = bench([zone()], { answer: () => ({ status: 200, headers: { 'content-type': 'text/html' }, body }) });
    expect((await failing(async () => (await open()).read?.([key('www.example.com')]))).kind).toBe('gibberish');
  });

  test('without any credentials it says where they may come from', async () => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials');
    vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config');
    try {
      const { tools, sent } = bench([zone()]);
      const failure = await failing(async () => (await route53.open({}, tools)).read?.([key('www.example.com')]));
      expect(failure).toMatchObject({ kind: 'auth', hint: expect.stringContaining('AWS_ACCESS_KEY_ID'), lookAgainSeconds: 900 });
      expect(troubled(failure, undefined, { now: 0, random: 0, digest: '' }).until).toBe(900_000);
      expect(sent).toHaveLength(0);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('what the network throws is passed on as it is', async () => {
    const { open } = bench([zone()], {
      answer: () => {
        throw new Fault({ kind: 'network', phase: 'connect', detail: 'nobody listens there' });
      },
    });
    expect(await failing(async () => (await open()).read?.([key('www.example.com')]))).toMatchObject({ kind: 'network', phase: 'connect' });
  });
});

describe('temporary credentials', () => {
  const [IDENTITY, SESSION, SECRET] = ['eyJhbGciOiJSUzI1NiJ9.made-up-identity.c2ln', 'FwoGZXIvYXdzEMade/Up+Session==', 'made/up+secret/of/the/role'];
  const handedOut = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>${SESSION}</SessionToken><SecretAccessKey>${SECRET}</SecretAccessKey><Expiration>2096-11-22T22:00:00Z</Expiration><AccessKeyId>ASIAEXAMPLE</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  const repeating = ({ headers }: HttpRequest) => refusal(403, 'AccessDenied', `not with ${headers['x-amz-security-token']}`);
  afterEach(() => vi.unstubAllEnvs());

  /** One reading with these files and this environment; `elsewhere` answers for everybody but Route 53, which repeats the session. */
  const asked = async (files: Readonly<Record<string, string>>, env: (folder: string) => Readonly<Record<string, string>>, elsewhere: HttpReply) => {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_PROFILE: undefined, AWS_EC2_METADATA_DISABLED: 'true' };
    const set = { ...none, AWS_SHARED_CREDENTIALS_FILE: `${folder}/credentials`, AWS_CONFIG_FILE: `${folder}/config`, ...env(folder) };
    for (const [name, value] of Object.entries(set)) vi.stubEnv(name, value);
    const world = fakeWorld({ now: Date.now(), http: (request) => (new URL(request.url).hostname === 'route53.amazonaws.com' ? repeating(request) : elsewhere) });
    const done = await attempt(async () => (await route53.open({}, toolsIn(world))).read?.([key('www.example.com')]));
    return { done, world, shown: [...world.traced, JSON.stringify(done)].join('\n') };
  };
  const identity = (folder: string) => ({ AWS_WEB_IDENTITY_TOKEN_FILE: `${folder}/identity`, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/ddns' });

  test('for a web identity show nowhere, and neither does the identity', async () => {
    const { world, shown } = await asked({ identity: IDENTITY }, identity, { status: 200, headers: {}, body: handedOut });
    expect(world.requests.map(({ body = '' }) => body.includes(IDENTITY))).toEqual([true, false]);
    expect(world.requests[1]?.headers['x-amz-security-token']).toBe(SESSION);
    expect(shown).toContain('not with ***');
    for (const secret of [IDENTITY, SESSION, SECRET]) expect(shown).not.toContain(secret);
  });

  test('are refused in the words of who refuses', async () => {
    const { done, world } = await asked({ identity: IDENTITY }, identity, refusal(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    const failure = { kind: 'auth', detail: expect.stringMatching(/^AWS refused to give temporary credentials/), hint: expect.stringContaining('trust policy') };
    expect(done).toMatchObject({ kind: 'failed', failure });
    expect(world.requests).toHaveLength(1);
  });

  test('of a log-in (aws login) are renewed, and show nowhere', async () => {
    const [session, refreshToken, next] = ['arn:aws:iam::123456789012:user/ddns', 'made-up-refresh-token', 'made-up-next-refresh-token'];
    const dpopKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' });
    const accessToken = { accessKeyId: 'ASIAOLD', secretAccessKey: 'old', sessionToken: 'old', accountId: '123456789012', expiresAt: '2026-01-01T00:00:00Z' };
    const files = {
      config: `[default]\nregion = eu-central-1\nlogin_session = ${session}\n`,
      [`${createHash('sha256').update(session).digest('hex')}.json`]: JSON.stringify({ accessToken, clientId: 'cli', refreshToken, dpopKey }),
    };
    const renewed = { accessToken: { accessKeyId: 'ASIANEW', secretAccessKey: SECRET, sessionToken: SESSION }, tokenType: 'aws_sigv4', expiresIn: 900, refreshToken: next };
    const reply = { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(renewed) };
    const { world, shown } = await asked(files, (folder) => ({ AWS_LOGIN_CACHE_DIRECTORY: folder }), reply);
    expect(world.requests[0]?.body).toContain(refreshToken);
    expect(world.requests[1]?.headers['x-amz-security-token']).toBe(SESSION);
    for (const secret of [refreshToken, next, SESSION, SECRET]) expect(shown).not.toContain(secret);
  });
});
