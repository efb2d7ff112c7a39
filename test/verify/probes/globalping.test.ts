/** Globalping as its documentation, its client and its source describe it: measurements that begin, go on, and end with one result per place. */
import { describe, expect, test } from 'vitest';
import { globalping } from '../../../src/verify/probes/globalping.ts';
import { ADDRESS, ADDRESS6, type Answer, type Asked, certificate, connection, lookAt, looked, NONCE, OLD, PAGE, page } from './stranger.ts';

const ID = 'nzGzfAGL7sZfUs3c';
const BYTES = Array.from({ length: 32 }, (_, at) => (at * 7 + 3).toString(16).padStart(2, '0'));
const FINGERPRINT = BYTES.join('');

const measurement = (results: readonly object[], { target = ADDRESS, status = 'finished', id = ID } = {}): Answer => ({
  body: {
    id,
    type: 'http',
    status,
    createdAt: '2023-07-14T18:25:52.414Z',
    updatedAt: '2023-07-14T18:25:53.207Z',
    target,
    probesCount: results.length,
    results: results.map((result) => ({
      probe: { continent: 'OC', country: 'NZ', city: 'Auckland', asn: 61138, network: 'Zappie Host LLC', tags: ['datacenter-network'], resolvers: ['1.1.1.1'] },
      result,
    })),
  },
});
const ping = (rcv: number, resolvedAddress: string | null = ADDRESS): object => ({
  status: 'finished',
  rawOutput: `PING ${ADDRESS} (${ADDRESS}) on port 443.`,
  resolvedAddress,
  resolvedHostname: ADDRESS,
  timings: rcv === 0 ? [] : [{ rtt: 24.2 }],
  stats: { min: rcv === 0 ? null : 24.174, max: null, avg: null, total: 3, rcv, drop: 3 - rcv, loss: ((3 - rcv) / 3) * 100 },
});
const failed = (rawOutput: string, more: object = {}): object => ({ status: 'failed', rawOutput, ...more });
const http = (more: object): object => ({
  status: 'finished',
  resolvedAddress: ADDRESS,
  headers: { server: 'nginx' },
  rawHeaders: 'server: nginx',
  rawBody: null,
  truncated: false,
  statusCode: 200,
  statusCodeName: 'OK',
  timings: { total: 325, download: 1, firstByte: 219, dns: 0, tls: 36, tcp: 32 },
  tls: null,
  rawOutput: 'HTTP/1.1 200\nserver: nginx',
  ...more,
});
const tls = (more: object = {}): object => ({
  authorized: false,
  error: 'self-signed certificate',
  protocol: 'TLSv1.3',
  cipherName: 'TLS_AES_256_GCM_SHA384',
  createdAt: '2026-10-01T00:00:00.000Z',
  expiresAt: '2026-12-30T23:59:59.000Z',
  issuer: { CN: 'R11' },
  subject: { CN: 'home.example.net', alt: 'DNS:home.example.net, DNS:WWW.example.net, IP Address:203.0.113.5' },
  keyType: 'EC',
  keyBits: 256,
  serialNumber: '03:A1',
  fingerprint256: BYTES.join(':').toUpperCase(),
  publicKey: null,
  ...more,
});

/** Begins, and answers every later question with this. */
const answering =
  (later: Answer) =>
  ({ method }: Asked): Answer =>
    method === 'POST' ? { status: 202, headers: { location: `/v1/measurements/${ID}` }, body: { id: ID, probesCount: 3 } } : later;
const sighted = async (look: Parameters<typeof looked>[1], results: readonly object[], of?: { target: string }) => (await looked(globalping, look, answering(measurement(results, of)))).sighting;

describe('a connection', () => {
  const look = lookAt(connection);

  test('is asked for as three TCP pings of the address from all over the world', async () => {
    const { asked, sighting } = await looked(globalping, look, answering(measurement([ping(3), ping(2), ping(3)])));
    expect(sighting).toEqual({ kind: 'open' });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v1/measurements', `GET /v1/measurements/${ID}`]);
    expect(asked[0]?.body).toEqual({ type: 'ping', target: ADDRESS, limit: 3, measurementOptions: { protocol: 'TCP', port: 443 } });
  });

  test.each([
    ['nobody gets an answer', [ping(0), ping(0), ping(0)], { kind: 'closed', words: 'no answer in time' }],
    ['all are refused', [failed(`PING ${ADDRESS}\nconnect ECONNREFUSED ${ADDRESS}:443`), failed('connect ECONNREFUSED')], { kind: 'closed', words: 'connection refused' }],
    ['one is shut out', [ping(3), ping(0), ping(1)], { kind: 'open', words: '2 of 3 places outside connect (from the others: no answer in time)' }],
    ['one attempt of three is refused', [failed(`PING x\nReply from x (${ADDRESS}) on port 443: tcp_conn=1 time=24 ms\nconnect ECONNREFUSED`)], { kind: 'open' }],
    ['one place is itself at fault', [failed('spawn ENOMEM', { failureSource: 'internal' }), ping(3)], { kind: 'open' }],
    [
      'all places are at fault',
      [failed('', { failureSource: 'internal' }), { status: 'offline', rawOutput: '' }],
      { kind: 'unknown', words: 'the place that looked failed itself (1), no result in time (1)' },
    ],
    ['the address is private', [failed('Private IP ranges are not allowed.')], { kind: 'unknown', words: 'it says "Private IP ranges are not allowed."' }],
    ['there are no results', [], { kind: 'unknown', words: 'it had no place to look from' }],
    ['another address was looked at', [ping(3, OLD), ping(3, OLD)], { kind: 'unknown', words: `it still sees ${OLD}` }],
    ['some looked at another address', [ping(3, OLD), ping(0)], { kind: 'closed', words: 'no answer in time' }],
    ['the address is not told', [ping(3, null)], { kind: 'open' }],
  ])('%s', async (_, results, sighting) => {
    expect(await sighted(look, results)).toEqual(sighting);
  });

  test('over IPv6, however the address is written', async () => {
    const look6 = lookAt(connection, { at: ADDRESS6 });
    const { asked, sighting } = await looked(globalping, look6, answering(measurement([ping(3, '2001:DB8:5:0:0:0:0:1')], { target: ADDRESS6 })));
    expect(sighting).toEqual({ kind: 'open' });
    expect(asked[0]?.body).toMatchObject({ target: ADDRESS6 });
  });

  test('no machine that has IPv6 is a refusal in its own words', async () => {
    const { failure } = await looked(globalping, lookAt(connection, { at: ADDRESS6 }), () => ({
      status: 422,
      body: { error: { type: 'no_probes_found', message: 'No suitable probes supporting IPv6 found.' } },
    }));
    expect(failure).toMatchObject({ kind: 'refused' });
    expect(failure?.detail).toContain('No suitable probes supporting IPv6 found.');
  });
});

describe('waiting', () => {
  test('goes on while the measurement does, no more than twice a second', async () => {
    let polls = 0;
    const { asked, sighting, waitedMs } = await looked(globalping, lookAt(connection), (one) =>
      answering(measurement([++polls > 4 ? ping(3) : { status: 'in-progress', rawOutput: '' }], { status: polls > 4 ? 'finished' : 'in-progress' }))(one),
    );
    expect(sighting).toEqual({ kind: 'open' });
    expect(waitedMs).toBe((asked.length - 1) * 500);
  });

  test('ends after 30 s, with what is there', async () => {
    const { asked, sighting, waitedMs } = await looked(globalping, lookAt(connection), answering(measurement([{ status: 'in-progress', rawOutput: '' }, ping(3)], { status: 'in-progress' })));
    expect(sighting).toEqual({ kind: 'open' });
    expect(waitedMs).toBe(30_000);
    expect(asked).toHaveLength(61);
    expect((await looked(globalping, lookAt(connection), answering(measurement([{ status: 'in-progress', rawOutput: '' }], { status: 'in-progress' })))).sighting).toEqual({
      kind: 'unknown',
      words: 'no result in time',
    });
  });
});

describe('a certificate', () => {
  const look = lookAt(certificate, { port: 8443 });

  test('is asked for by the name, at the address', async () => {
    const { asked, sighting } = await looked(globalping, look, answering(measurement([http({ tls: tls() })])));
    expect(asked[0]?.body).toEqual({
      type: 'http',
      target: ADDRESS,
      limit: 3,
      measurementOptions: { protocol: 'HTTPS', port: 8443, request: { host: 'home.example.net', method: 'HEAD' } },
    });
    expect(sighting).toEqual({
      kind: 'open',
      seen: { kind: 'certificate', fingerprint256: FINGERPRINT, names: ['home.example.net', 'www.example.net'], validTo: Date.parse('2026-12-30T23:59:59Z') },
    });
  });

  test.each([
    ['without names and dates', [http({ tls: tls({ expiresAt: null, subject: {} }) })], { kind: 'open', seen: { kind: 'certificate', fingerprint256: FINGERPRINT } }],
    ['where there is none', [http({ tls: null })], { kind: 'open' }],
    ['where no TLS is spoken', [failed('write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number')], { kind: 'open' }],
    ['where nothing listens', [failed(`connect ECONNREFUSED ${ADDRESS}:8443`)], { kind: 'closed', words: 'connection refused' }],
    ['where nobody answers', [failed('Request timeout.')], { kind: 'closed', words: 'no answer in time' }],
    ['of the old address', [http({ tls: tls(), resolvedAddress: OLD })], { kind: 'unknown', words: `it still sees ${OLD}` }],
  ])('%s', async (_, results, sighting) => {
    expect(await sighted(look, results)).toEqual(sighting);
  });

  test.each(['', 'AA:BB', FINGERPRINT, `${BYTES.join(':')}:00`, BYTES.join(':').replace('0a', 'zz'), 42, null])('whose fingerprint is %j is nonsense', async (fingerprint256) => {
    const { failure } = await looked(globalping, look, answering(measurement([http({ tls: tls({ fingerprint256 }) })])));
    expect(failure).toMatchObject({ kind: 'gibberish' });
  });
});

describe('a page', () => {
  const look = lookAt(page, { port: 80 });

  test('is read by the name, at the address', async () => {
    const { asked, sighting } = await looked(globalping, look, answering(measurement([http({ rawBody: NONCE }), http({ rawBody: NONCE })])));
    expect(asked[0]?.body).toEqual({
      type: 'http',
      target: ADDRESS,
      limit: 3,
      measurementOptions: { protocol: 'HTTP', port: 80, request: { host: 'home.example.net', path: PAGE, method: 'GET' } },
    });
    expect(sighting).toEqual({ kind: 'open', seen: { kind: 'page', status: 200, body: NONCE } });
  });

  test.each([
    ['of another machine', [http({ statusCode: 404, rawBody: '<html>' })], { kind: 'open', seen: { kind: 'page', status: 404, body: '<html>' } }],
    ['that is empty', [http({})], { kind: 'open', seen: { kind: 'page', status: 200, body: '' } }],
    ['where something else than HTTP is spoken', [failed('Parse Error: Expected HTTP/')], { kind: 'open' }],
    [
      'that differs from place to place',
      [http({ rawBody: NONCE }), http({ rawBody: 'blocked' }), http({ rawBody: NONCE })],
      { kind: 'open', seen: { kind: 'page', status: 200, body: NONCE }, besides: [{ kind: 'page', status: 200, body: 'blocked' }], words: '1 of 3 see something else there' },
    ],
  ])('%s', async (_, results, sighting) => {
    expect(await sighted(look, results)).toEqual(sighting);
  });
});

test.each([
  ['of another measurement', measurement([ping(3)], { id: 'another' })],
  ['about another target', measurement([ping(3)], { target: OLD })],
  ['about no address', measurement([ping(3)], { target: 'home.example.net' })],
])('a result %s is nonsense', async (_, answer) => {
  expect((await looked(globalping, lookAt(connection), answering(answer))).failure).toMatchObject({ kind: 'gibberish' });
});

test('an id that leads elsewhere is not followed', async () => {
  const { failure, asked } = await looked(globalping, lookAt(connection), () => ({ body: { id: '../../evil', probesCount: 1 } }));
  expect(failure).toMatchObject({ kind: 'gibberish' });
  expect(asked).toHaveLength(1);
});
