/** The webhook protocol's silences: what 204 and 500 do not say is found out, and nothing is called done that is not there. */
import fc from 'fast-check';
import { safeParse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { FilterForm, outsideOf } from '../../src/providers/webhook/filter.ts';
import manifest from '../../src/providers/webhook/provider.ts';
import { type Change, type Fqdn, keyOf, type Provider, parseAddress, parseName, recordSet, type WriteResult } from '../../src/sdk/index.ts';
import { fakeWorld, toolsIn } from '../../src/testing/index.ts';
import { type Shown, type Webhook, webhook } from '../servers/webhook.ts';

const name = (text: string): Fqdn => {
  const parsed = parseName(text);
  if (typeof parsed !== 'string') throw new Error(parsed.problem);
  return parsed;
};
const set = (of: string, values: readonly string[], ttl?: number) =>
  recordSet(
    { name: name(of), type: 'A' },
    values.flatMap((value) => parseAddress(value) ?? []),
    ttl,
  );
const A = (dnsName: string, targets: readonly string[], more: Readonly<Record<string, unknown>> = {}): Shown => ({ dnsName, recordType: 'A', targets, ...more });
const NEW = '198.51.100.7';

const open = async (server: Webhook): Promise<Provider> => {
  const world = fakeWorld({ http: (request) => server.answer(request) });
  return manifest.open({ server: 'http://localhost:8888' }, toolsIn(world));
};

/** Reads what is there, and makes every name say exactly these values. */
async function round(server: Webhook, wanted: readonly ReturnType<typeof set>[]): Promise<readonly WriteResult[]> {
  const provider = await open(server);
  const found = await provider.read?.(wanted.map(keyOf));
  const changes = wanted.map((after): Change => {
    const there = found?.get(keyOf(after));
    const before = there && 'values' in there ? there : recordSet(after, []);
    return { key: keyOf(after), before, after: after.ttl === undefined && before.ttl !== undefined ? { ...after, ttl: before.ttl } : after };
  });
  return provider.write(changes);
}

const kinds = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'failed' ? result.failure.kind : result.kind));

describe('which names are its own', () => {
  const outside = (filter: object, of: string): string | undefined => {
    const parsed = safeParse(FilterForm, filter);
    if (!parsed.success) throw new Error('no filter');
    return outsideOf(parsed.output, name(of));
  };

  test.each([
    [{}, 'home.example.com', true],
    [{ include: null, exclude: null }, 'home.example.com', true],
    [{ include: ['example.com'] }, 'home.example.com', true],
    [{ include: ['example.com'] }, 'example.com', true],
    [{ include: ['EXAMPLE.com.'] }, 'home.example.com', true],
    [{ include: ['example.com'] }, 'home.badexample.com', false],
    [{ include: ['.example.com'] }, 'home.example.com', true],
    [{ include: ['.example.com'] }, 'example.com', false],
    [{ include: ['example.com'], exclude: ['lan.example.com'] }, 'nas.lan.example.com', false],
    [{ include: ['example.com'], exclude: ['lan.example.com'] }, 'home.example.com', true],
    [{ exclude: ['example.com'] }, 'home.example.org', true],
    [{ filters: ['example.com'] }, 'home.example.org', false],
    [{ Filters: ['example.com'] }, 'home.example.org', false],
    [{ include: ['bücher.example'] }, 'home.bücher.example', true],
    [{ regexInclude: '\\.example\\.com$' }, 'home.example.com', true],
    [{ regexInclude: '(?i)\\.EXAMPLE\\.com$' }, 'home.example.com', true],
    [{ regexInclude: '\\.example\\.com$' }, 'home.example.org', false],
    [{ regexInclude: 'example', regexExclude: '^lan\\.' }, 'lan.example.com', false],
    [{ regexExclude: '^lan\\.' }, 'home.example.com', true],
    [{ regexInclude: '\\Qa\\E(?P<x>' }, 'home.example.com', true],
    [{ include: ['example.com'] }, '*.example.com', true],
  ])('%j holds %s: %s', (filter, of, inside) => {
    expect(outside(filter, of) === undefined).toBe(inside);
  });

  test('a domain holds every name that is below it, and leaving it out leaves them all out', () => {
    fc.assert(
      fc.property(fc.domain(), fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 3 }), (domain, labels) => {
        const below = [...labels, domain].join('.');
        if (typeof parseName(below) !== 'string') return;
        expect(outside({ include: [domain] }, below)).toBeUndefined();
        expect(outside({ exclude: [domain] }, below)).toBeDefined();
      }),
    );
  });

  test('a name outside is refused before anything is sent, and the others are served', async () => {
    const server = webhook();
    server.filter = { include: ['example.com'] };
    const results = await round(server, [set('home.example.com', [NEW]), set('home.example.org', [NEW])]);
    expect(kinds(results)).toEqual(['written', 'refused']);
    expect(results[1]).toMatchObject({ failure: { detail: 'home.example.org is in no domain that the webhook serves: example.com' } });
    expect(JSON.stringify(server.posted)).not.toContain('example.org');
  });
});

test('a thousand changes are one POST', async () => {
  const names = Array.from({ length: 1000 }, (_, at) => `h${at}.example.com`);
  const server = webhook(names.map((of) => A(of, ['203.0.113.1'])));
  expect(
    new Set(
      kinds(
        await round(
          server,
          names.map((of) => set(of, [NEW])),
        ),
      ),
    ),
  ).toEqual(new Set(['written']));
  expect(server.asked).toEqual(['GET /', 'GET /records', 'POST /adjustendpoints', 'POST /records', 'GET /records']);
});

describe('what was there', () => {
  test('labels, settings, TTL, spelling and whatever else it knows stay', async () => {
    const old = A('Home.Example.com.', ['203.0.113.1'], { recordTTL: 77, labels: { owner: 'me' }, providerSpecific: [{ name: 'proxied', value: 'true' }], later: { than: 'we know' } });
    const server = webhook([old]);
    expect(kinds(await round(server, [set('home.example.com', [NEW])]))).toEqual(['written']);
    expect(server.posted).toEqual([{ updateOld: [old], updateNew: [{ ...old, targets: [NEW] }] }]);
  });

  test('a name in Unicode is the same name', async () => {
    const server = webhook([A('home.bücher.example', ['203.0.113.1'])]);
    await round(server, [set('home.bücher.example', [NEW])]);
    expect(server.records).toEqual([A('home.bücher.example', [NEW])]);
  });

  test('endpoints of one name and type are one set', async () => {
    const server = webhook([A('home.example.com', ['203.0.113.1']), A('home.example.com', ['203.0.113.99'])]);
    const provider = await open(server);
    const key = keyOf(set('home.example.com', []));
    expect((await provider.read?.([key]))?.get(key)).toEqual(set('home.example.com', ['203.0.113.1', '203.0.113.99']));
  });

  test('a set that has an identifier is not touched', async () => {
    const server = webhook([A('home.example.com', ['203.0.113.1'], { setIdentifier: 'blue' })]);
    const [result] = await round(server, [set('home.example.com', [NEW])]);
    expect(result).toMatchObject({ kind: 'failed', failure: { kind: 'refused', detail: expect.stringContaining('is one of several with identifiers (blue)') } });
    expect(server.posted).toEqual([]);
  });

  test('a set that shall go is deleted as it was', async () => {
    const old = A('home.example.com', ['203.0.113.1'], { recordTTL: 60 });
    const server = webhook([old]);
    expect(kinds(await round(server, [set('home.example.com', [])]))).toEqual(['written']);
    expect(server.posted).toEqual([{ delete: [old] }]);
    expect(server.asked).not.toContain('POST /adjustendpoints');
  });
});

describe('the webhook adjusts', () => {
  test('settings and TTL are taken over, the address is not', async () => {
    const server = webhook();
    server.adjust.with = (endpoint) => ({ ...endpoint, targets: ['192.0.2.66'], recordTTL: 600, providerSpecific: [{ name: 'proxied', value: 'false' }] });
    expect(kinds(await round(server, [set('home.example.com', [NEW], 60)]))).toEqual(['written']);
    expect(server.posted).toEqual([{ create: [A('home.example.com', [NEW], { recordTTL: 600, providerSpecific: [{ name: 'proxied', value: 'false' }] })] }]);
  });

  test('what it leaves out it does not take; the others are served', async () => {
    const server = webhook();
    server.adjust.with = (endpoint) => (endpoint.dnsName.startsWith('*') ? undefined : endpoint);
    const results = await round(server, [set('*.example.com', [NEW]), set('a.example.com', [NEW]), set('b.example.com', [NEW])]);
    expect(kinds(results)).toEqual(['refused', 'written', 'written']);
    expect(results[0]).toMatchObject({ failure: { detail: '*.example.com A: the webhook at localhost:8888 does not take it' } });
  });
});

describe('what the answer does not say', () => {
  test('204 of a webhook that only pretends is no success', async () => {
    const server = webhook([A('old.example.com', ['203.0.113.1'])]);
    server.dryRun = true;
    const results = await round(server, [set('old.example.com', [NEW]), set('new.example.com', [NEW])]);
    expect(kinds(results)).toEqual(['gibberish', 'gibberish']);
    expect(results[0]).toMatchObject({ failure: { detail: expect.stringContaining('was to become 198.51.100.7, but the provider answered that it is 203.0.113.1') } });
  });

  test('a webhook that shows its changes a moment later is waited for', async () => {
    const server = webhook([A('home.example.com', ['203.0.113.1'])]);
    const provider = await open(server);
    const after = set('home.example.com', [NEW]);
    const before = (await provider.read?.([keyOf(after)]))?.get(keyOf(after)) as Change['after'];
    server.late = 1;
    expect(kinds(await provider.write([{ key: keyOf(after), before, after }]))).toEqual(['written']);
  });

  test.each(['capital', 'strict'] as const)('changes that were not understood are told again in the old spelling: %s', async (reads) => {
    const server = webhook([A('old.example.com', ['203.0.113.1'])]);
    server.reads = reads;
    expect(kinds(await round(server, [set('old.example.com', [NEW]), set('new.example.com', [NEW])]))).toEqual(['written', 'written']);
    expect(server.records).toEqual([A('old.example.com', [NEW]), A('new.example.com', [NEW])]);
  });

  test('500 because of one name does not hold up the others, and that name alone is refused for a while', async () => {
    const names = ['a', 'b', 'bad', 'c', 'd', 'e', 'f'].map((label) => `${label}.example.com`);
    const server = webhook(names.map((of) => A(of, ['203.0.113.1'])));
    server.cannot.add('bad.example.com');
    const results = await round(
      server,
      names.map((of) => set(of, [NEW])),
    );
    expect(kinds(results)).toEqual(names.map((of) => (of === 'bad.example.com' ? 'refused' : 'written')));
    expect(results[2]).toMatchObject({ failure: { lookAgainSeconds: 900, hint: 'the log of the webhook says why' } });
    expect(server.records.filter(({ targets }) => targets[0] === NEW)).toHaveLength(names.length - 1);
  });

  test('a webhook that unmakes what it made is not asked for ever', async () => {
    const names = ['a.example.com', 'b.example.com', 'c.example.com'];
    const server = webhook(names.map((of) => A(of, ['203.0.113.1'])));
    const fickle: Webhook = {
      ...server,
      answer(request) {
        if (!(request.method === 'POST' && request.url.endsWith('/records'))) return server.answer(request);
        const [first] = (JSON.parse(request.body ?? '') as { readonly updateNew: readonly Shown[] }).updateNew;
        server.records = names.map((of) => A(of, of === first?.dnsName ? [NEW] : ['203.0.113.1']));
        server.asked.push('POST /records');
        return { status: 500, headers: {}, body: '' };
      },
    };
    const results = await round(
      fickle,
      names.map((of) => set(of, [NEW])),
    );
    expect(kinds(results)).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(server.asked.filter((path) => path === 'POST /records').length).toBeLessThanOrEqual(names.length);
  });

  test('500 for all of it leaves nobody in doubt', async () => {
    const names = ['a.example.com', 'b.example.com'];
    const server = webhook();
    for (const of of names) server.cannot.add(of);
    expect(
      kinds(
        await round(
          server,
          names.map((of) => set(of, [NEW])),
        ),
      ),
    ).toEqual(['refused', 'refused']);
  });
});

test.each([
  [{ server: 'http://10.0.0.5:8888' }, 1],
  [{ server: 'http://10.0.0.5:8888', insecure: true }, 0],
  [{ server: 'http://127.0.0.1:8888' }, 0],
  [{ server: 'https://webhook.example' }, 0],
])('%j has %d problems', (options, count) => {
  expect(manifest.problems?.(options as never)).toHaveLength(count);
});
