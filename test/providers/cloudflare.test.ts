/** What is peculiar to Cloudflare: batches, what PATCH keeps, automatic TTLs, zones, and what a refused token lacks. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { fqdn } from '../../src/core/name.ts';
import { contract } from '../../src/providers/cloudflare/contract.ts';
import manifest from '../../src/providers/cloudflare/provider.ts';
import { attempt, type Change, type IpAddress, keyOf, type Provider, parseAddress, type RecordSet, recordSet, Secret, type Zone } from '../../src/sdk/index.ts';
import { type FakeRecord, type FakeWorld, type FakeZone, fakeWorld, type HttpReply, type HttpRequest, toolsIn } from '../../src/testing/index.ts';
import { openHttp } from '../../src/world/http.ts';

const TOKEN = String(contract.options['token']);
type Options = { readonly zone?: string; readonly zoneId?: string; readonly proxied?: boolean; readonly endpoint?: string; readonly token?: string };
type Stage = { readonly world: FakeWorld; readonly zone: FakeZone; readonly provider: Provider; readonly asked: () => readonly string[]; readonly zones: { list: readonly Zone[] } };

async function stage(records: readonly Omit<FakeRecord, 'id'>[], options: Options = {}, change: (request: HttpRequest, own: () => HttpReply) => HttpReply = (_request, own) => own()): Promise<Stage> {
  let ids = 0;
  const nextId = () => (++ids).toString(16).padStart(32, '0');
  const zone: FakeZone = { id: 'e'.repeat(32), name: 'example.com', records: records.map((record) => ({ ...record, id: nextId() })), nextId };
  const api = contract.api?.(zone, { pageSize: 100_000 });
  if (api === undefined) throw new TypeError('the contract has no API');
  const world = fakeWorld({ secrets: [TOKEN], http: (request) => change(request, () => api(request)) });
  const zones = { list: [] as readonly Zone[] };
  const { token = TOKEN, proxied = false, ...rest } = options;
  const provider = await manifest.open({ token: new Secret(token), proxied, ...rest } as Parameters<typeof manifest.open>[0], toolsIn(world, { zones }));
  const asked = () => world.requests.map(({ method, url }) => `${method} ${new URL(url).pathname.replace('/client/v4', '').replace(zone.id, 'Z')}`);
  return { world, zone, provider, asked, zones };
}

const set = (name: string, values: readonly string[], ttl?: number): RecordSet =>
  recordSet(
    { name: fqdn(name), type: 'A' },
    values.map((value) => parseAddress(value) as IpAddress),
    ttl,
  );
const change = (name: string, before: readonly string[], after: readonly string[], ttl?: number): Change => ({ key: keyOf(set(name, [])), before: set(name, before), after: set(name, after, ttl) });
const a = (name: string, value: string, more: Partial<FakeRecord> = {}): Omit<FakeRecord, 'id'> => ({ name, type: 'A', value, ttl: 3600, ...more });
const error = (status: number, code: number, message = 'no'): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }),
});
const failureOf = async (work: Promise<unknown> | undefined) => {
  const done = await attempt(async () => work);
  if (done.kind === 'ok') throw new Error('it did not fail');
  return done.failure;
};

describe('calls', () => {
  it('one record: zones, one filtered list, one PATCH that sends the address alone', async () => {
    const { world, provider, asked } = await stage([a('home.example.com', '203.0.113.1', { extra: { proxied: true, comment: 'mine', tags: ['a:b'] } }), a('x.example.com', '203.0.113.1')]);
    await provider.read?.([keyOf(set('home.example.com', []))]);
    await provider.write([change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]);
    expect(asked()).toEqual(['GET /zones', 'GET /zones/Z/dns_records', `PATCH /zones/Z/dns_records/${'1'.padStart(32, '0')}`]);
    expect(new URL(world.requests[1]?.url ?? '').searchParams.get('name.exact')).toBe('home.example.com');
    expect(JSON.parse(world.requests[2]?.body ?? '')).toEqual({ content: '198.51.100.7' });
  });

  it('what the proxy stands before is said to be told otherwise to visitors, whether it was so or is made so', async () => {
    const { provider } = await stage([a('home.example.com', '203.0.113.1', { extra: { proxied: true } }), a('bare.example.com', '203.0.113.1')], { proxied: true });
    const results = await provider.write([
      change('home.example.com', ['203.0.113.1'], ['198.51.100.7']),
      change('bare.example.com', ['203.0.113.1'], ['198.51.100.7']),
      change('new.example.com', [], ['198.51.100.7']),
    ]);
    expect(results.map((result) => (result.kind === 'written' ? result.stored?.proxied : result))).toEqual([true, undefined, true]);
  });

  it('a thousand records, cold: seven', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `h${at}.example.com`);
    const { provider, asked } = await stage(names.map((name) => a(name, '203.0.113.1')));
    await provider.read?.(names.map((name) => keyOf(set(name, []))));
    const results = await provider.write(names.map((name) => change(name, ['203.0.113.1'], ['198.51.100.7'])));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(asked()).toHaveLength(7);
  });

  it('a listing is followed to its end, whatever it says of itself and however small its pages are', async () => {
    const names = Array.from({ length: 7 }, (_, at) => `h${at}.example.com`);
    const infos = [(page: number) => ({ page, per_page: 3, total_pages: 3, total_count: 7 }), (page: number) => ({ page, per_page: 3, total_count: 7 }), () => ({ total_count: 7 })];
    for (const info of infos) {
      const { provider } = await stage([], {}, ({ method, url }, own) => {
        const { pathname, searchParams } = new URL(url);
        if (method !== 'GET' || !pathname.endsWith('/dns_records')) return own();
        const page = Number(searchParams.get('page'));
        const result = names.slice((page - 1) * 3, page * 3).map((name, at) => ({ id: `${page}${at}`, name, type: 'A', content: '203.0.113.1', ttl: 60 }));
        return { status: 200, headers: {}, body: JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info(page) }) };
      });
      const found = await provider.read?.(names.map((name) => keyOf(set(name, []))));
      expect([...(found?.values() ?? [])]).toEqual(names.map((name) => set(name, ['203.0.113.1'], 60)));
    }
  });

  it('nothing peculiar is sent along, and the environment has no say', async () => {
    process.env['CLOUDFLARE_CUSTOM_HEADERS'] = 'X-Evil: 1';
    process.env['CLOUDFLARE_BASE_URL'] = 'https://elsewhere.example';
    try {
      const { world, provider } = await stage([]);
      await provider.read?.([keyOf(set('home.example.com', []))]);
      expect(world.requests[0]?.url).toMatch(/^https:\/\/api\.cloudflare\.com\/client\/v4\/zones\?/);
      expect(world.requests[0]?.headers).toEqual({ accept: 'application/json', authorization: `Bearer ${TOKEN}`, 'user-agent': 'ddns-update/test' });
    } finally {
      delete process.env['CLOUDFLARE_CUSTOM_HEADERS'];
      delete process.env['CLOUDFLARE_BASE_URL'];
    }
  });

  it('an endpoint of one’s own, with or without a final slash', async () => {
    for (const endpoint of ['http://127.0.0.1:8080/client/v4', 'http://127.0.0.1:8080/client/v4/']) {
      const { world, provider } = await stage([], { endpoint });
      await provider.read?.([keyOf(set('home.example.com', []))]);
      expect(world.requests[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/client\/v4\/zones\?/);
    }
  });
});

describe('a batch that is refused', () => {
  const names = Array.from({ length: 200 }, (_, at) => `h${at}.example.com`);

  it('one bad record fails alone, within a few calls', async () => {
    const { provider, zone, asked } = await stage([...names.map((name) => a(name, '203.0.113.1')), a('h77.example.com', '203.0.113.50')]);
    const changes = names.map((name) =>
      name === 'h77.example.com' ? change(name, ['203.0.113.1', '203.0.113.50'], ['198.51.100.7', '203.0.113.50'], 59) : change(name, ['203.0.113.1'], ['198.51.100.7']),
    );
    const results = await provider.write(changes);
    const failed = results.flatMap((result, at) => (result.kind === 'failed' ? [`${names[at]} ${result.failure.kind}`] : []));
    expect(failed).toEqual(['h77.example.com refused']);
    expect(zone.records.filter(({ value }) => value === '198.51.100.7')).toHaveLength(199);
    expect(asked().length).toBeLessThan(25);
  });

  it('where batches are not offered at all, single calls do it', async () => {
    const { provider, zone } = await stage(
      names.slice(0, 30).map((name) => a(name, '203.0.113.1')),
      {},
      (request, own) => (request.url.endsWith('/batch') ? error(404, 7000) : own()),
    );
    const results = await provider.write(names.slice(0, 30).map((name) => change(name, ['203.0.113.1'], ['198.51.100.7'])));
    expect(results.every(({ kind }) => kind === 'written')).toBe(true);
    expect(zone.records.every(({ value }) => value === '198.51.100.7')).toBe(true);
  });
});

describe('TTL', () => {
  const read = async (record: Omit<FakeRecord, 'id'>) => {
    const { provider } = await stage([record]);
    const key = keyOf(set('home.example.com', []));
    return (await provider.read?.([key]))?.get(key);
  };

  it('automatic is what resolvers are told, 300 s; a proxied record has none of its own', async () => {
    expect(await read(a('home.example.com', '203.0.113.1', { ttl: 1 }))).toEqual(set('home.example.com', ['203.0.113.1'], 300));
    expect(await read(a('home.example.com', '203.0.113.1', { ttl: 1, extra: { proxied: true } }))).toEqual({ ...set('home.example.com', ['203.0.113.1']), proxied: true });
    expect(await read(a('home.example.com', '203.0.113.1', { ttl: 120 }))).toEqual(set('home.example.com', ['203.0.113.1'], 120));
  });

  it('automatic stays automatic when the address changes, and an explicit one is sent', async () => {
    const { provider, zone } = await stage([a('home.example.com', '203.0.113.1', { ttl: 1 }), a('nas.example.com', '203.0.113.1', { ttl: 1 })]);
    await provider.write([change('home.example.com', ['203.0.113.1'], ['198.51.100.7'], 300), change('nas.example.com', ['203.0.113.1'], ['198.51.100.7'], 60)]);
    expect(zone.records.map(({ ttl }) => ttl)).toEqual([1, 60]);
  });

  it('new records are automatic unless told, and behind the proxy only if the option says so', async () => {
    const plain = await stage([]);
    await plain.provider.write([change('home.example.com', [], ['198.51.100.7']), change('nas.example.com', [], ['198.51.100.7'], 600)]);
    expect(plain.zone.records.map(({ ttl, extra }) => [ttl, extra])).toEqual([
      [1, undefined],
      [600, undefined],
    ]);
    const proxied = await stage([], { proxied: true });
    const results = await proxied.provider.write([change('home.example.com', [], ['198.51.100.7'], 600)]);
    expect(results[0]).toMatchObject({ kind: 'written', stored: set('home.example.com', ['198.51.100.7']) });
    expect(proxied.zone.records).toMatchObject([{ ttl: 1, extra: { proxied: true } }]);
  });
});

describe('zones', () => {
  it('with zone and zoneId nothing is asked for', async () => {
    const { provider, asked } = await stage([], { zone: 'Example.com.', zoneId: 'e'.repeat(32) });
    await provider.write([change('home.example.com', [], ['198.51.100.7'])]);
    expect(asked()).toEqual(['GET /zones/Z/dns_records', 'POST /zones/Z/dns_records']);
  });

  it('are listed over many pages of fifty', async () => {
    const many = Array.from({ length: 120 }, (_, at) => ({ id: at.toString(16).padStart(32, '0'), name: `zone${at}.example`, status: 'active' }));
    const { provider, asked, zones } = await stage([], {}, ({ url }, own) => {
      const { pathname, searchParams } = new URL(url);
      if (!pathname.endsWith('/zones')) return own();
      const page = Number(searchParams.get('page'));
      const result = many.slice((page - 1) * 50, page * 50);
      return {
        status: 200,
        headers: {},
        body: JSON.stringify({ success: true, errors: [], messages: [], result, result_info: { page, per_page: 50, count: result.length, total_count: 120, total_pages: 3 } }),
      };
    });
    await attempt(async () => provider.read?.([keyOf(set('a.zone119.example', []))]));
    expect(zones.list).toHaveLength(120);
    expect(asked().filter((one) => one === 'GET /zones')).toHaveLength(3);
  });

  it('a read-only record is refused by name', async () => {
    const { provider } = await stage([a('home.example.com', '203.0.113.1', { extra: { meta: { read_only: true } } })]);
    const [result] = await provider.write([change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]);
    expect(result).toMatchObject({ kind: 'failed', failure: { kind: 'refused', detail: expect.stringContaining('read-only') } });
  });
});

describe('a refused token', () => {
  const refusing = (answer: HttpReply, verify?: HttpReply) => (request: HttpRequest, own: () => HttpReply) =>
    request.url.endsWith('/verify') ? (verify ?? own()) : request.url.includes('/dns_records') ? answer : own();
  const key = keyOf(set('home.example.com', []));

  it('that is valid lacks a permission, and which is told', async () => {
    const { provider, asked } = await stage([], {}, refusing(error(403, 10000, 'Authentication error')));
    const failure = await failureOf(provider.read?.([key]));
    expect(failure).toMatchObject({
      kind: 'auth',
      detail: expect.stringContaining('the token itself is valid'),
      hint: expect.stringContaining('Zone > DNS > Edit and Zone > Zone > Read for the zone example.com'),
    });
    expect(asked().filter((one) => one.includes('verify'))).toHaveLength(1);
  });

  it('that is expired is told so', async () => {
    const verify: HttpReply = { status: 200, headers: {}, body: '{"success":true,"errors":[],"messages":[],"result":{"id":"1","status":"expired"}}' };
    const { provider } = await stage([], {}, refusing(error(403, 10000), verify));
    expect((await failureOf(provider.read?.([key]))).detail).toContain('the token is expired');
  });

  it.each([
    [400, 6003, /malformed/],
    [403, 9109, /does not accept this token/],
    [401, 1000, /does not know this token/],
  ])('%i with code %i', async (status, code, says) => {
    const { provider } = await stage([], {}, (_request, _own) => error(status, code));
    const failure = await failureOf(provider.read?.([key]));
    expect(failure.kind).toBe('auth');
    expect(failure.detail).toMatch(says);
    expect(JSON.stringify(failure)).not.toContain(TOKEN);
  });

  it('that no token can look like is not sent', async () => {
    for (const token of ['', ' abc', 'töken', 'a\nb']) expect((await failureOf(stage([], { token }))).kind).toBe('auth');
  });
});

describe('other refusals', () => {
  it.each([
    [400, 81053, 'refused', /CNAME/],
    [404, 81044, 'conflict', /gone/],
    [403, 1038, 'refused', /\.tk/],
    [400, 9005, 'refused', /9005|400/],
    [429, 971, 'throttled', /429/],
    [503, 1000, 'unavailable', /503/],
  ])('%i with code %i is %s', async (status, code, kind, says) => {
    const { provider } = await stage([a('home.example.com', '203.0.113.1')], {}, (request, own) => (request.method === 'PATCH' ? error(status, code, 'Content must be valid') : own()));
    const [result] = await provider.write([change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]);
    expect(result).toMatchObject({ kind: 'failed', failure: { kind, detail: expect.stringMatching(says) } });
  });

  it('a CNAME in the way is removed at Cloudflare, where no config shows it: it is looked at again', async () => {
    const { provider } = await stage([], {}, (request, own) => (request.method === 'POST' ? error(400, 81054, 'A CNAME record with that host already exists') : own()));
    const [result] = await provider.write([change('home.example.com', [], ['198.51.100.7'])]);
    expect(result).toMatchObject({ failure: { kind: 'refused', lookAgainSeconds: 3600 } });
  });

  it('its own rate limit header tells how long to wait', async () => {
    const { provider } = await stage([a('home.example.com', '203.0.113.1')], {}, (request, own) =>
      request.method === 'PATCH' ? { ...error(429, 971), headers: { ratelimit: '"default";r=0;t=77' } } : own(),
    );
    const [result] = await provider.write([change('home.example.com', ['203.0.113.1'], ['198.51.100.7'])]);
    expect(result).toMatchObject({ failure: { retryAfterSeconds: 77 } });
  });
});

describe('over a real connection', () => {
  it('reads and writes a thousand records, and closes behind itself', async () => {
    const names = Array.from({ length: 1000 }, (_, at) => `h${at}.example.com`);
    let ids = 0;
    const nextId = () => (++ids).toString(16).padStart(32, '0');
    const zone: FakeZone = { id: 'e'.repeat(32), name: 'example.com', records: names.map((name) => ({ ...a(name, '203.0.113.1'), id: nextId() })), nextId };
    const api = contract.api?.(zone, { pageSize: 400 });
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = Buffer.concat(chunks).toString();
      const reply = api?.({ method: request.method as HttpRequest['method'], url: `http://localhost${request.url}`, headers, maxBytes: 0, ...(body === '' ? {} : { body }) });
      response.writeHead(reply?.status ?? 500, reply?.headers).end(reply?.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const real = openHttp({ env: {}, trace: () => {} });
    try {
      const tools = toolsIn(fakeWorld({ secrets: [TOKEN], net: { http: real.http } }));
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/v4`;
      const provider = await manifest.open({ token: new Secret(TOKEN), proxied: false, endpoint } as Parameters<typeof manifest.open>[0], tools);
      expect((await provider.read?.(names.map((name) => keyOf(set(name, [])))))?.size).toBe(1000);
      const results = await provider.write(names.map((name) => change(name, ['203.0.113.1'], ['198.51.100.7'])));
      expect(results.every(({ kind }) => kind === 'written')).toBe(true);
      expect(zone.records.every(({ value }) => value === '198.51.100.7')).toBe(true);
    } finally {
      await real.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
