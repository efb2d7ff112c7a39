/** check-host.net as its page about the API describes it: a check begins, and every place answers when it has. */
import { describe, expect, test } from 'vitest';
import { checkHost } from '../../../src/verify/probes/check-host.ts';
import { ADDRESS, ADDRESS6, type Answer, type Asked, certificate, connection, lookAt, looked, OLD } from './stranger.ts';

const NODES = ['us1.node.check-host.net', 'ch1.node.check-host.net', 'pt1.node.check-host.net'];
const begun: Answer = {
  body: {
    ok: 1,
    request_id: '806df9',
    permanent_link: 'https://check-host.net/check-report/806df9',
    nodes: Object.fromEntries(NODES.map((node) => [node, ['us', 'USA', 'Los Angeles', '5.253.30.82', 'AS18978']])),
  },
};
const connected = (address: string = ADDRESS) => [{ address, time: 0.019135 }];
const error = (text: string) => [{ error: text }];
const answering =
  (...said: readonly unknown[]) =>
  ({ path }: Asked): Answer =>
    path === '/check-tcp' ? begun : { body: Object.fromEntries(said.map((one, at) => [NODES[at] ?? '', one])) };
const sighted = async (...said: readonly unknown[]) => (await looked(checkHost, lookAt(connection), answering(...said))).sighting;

describe('a connection', () => {
  test('is tried at the address, from three places', async () => {
    const { asked, sighting } = await looked(checkHost, lookAt(connection), answering(connected(), connected(), connected()));
    expect(sighting).toEqual({ kind: 'open' });
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /check-tcp', 'GET /check-result/806df9']);
    expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({ host: `${ADDRESS}:443`, max_nodes: '3' });
  });

  test('over IPv6 has its address in brackets', async () => {
    const { asked, sighting } = await looked(checkHost, lookAt(connection, { at: ADDRESS6 }), answering(connected(ADDRESS6), error('Network is unreachable'), connected(ADDRESS6)));
    expect(sighting).toEqual({ kind: 'open' });
    expect(asked[0]?.query.get('host')).toBe(`[${ADDRESS6}]:443`);
  });

  test('answers a closer look without having seen anything', async () => {
    expect((await looked(checkHost, lookAt(certificate), answering(connected(), connected(), connected()))).sighting).toEqual({ kind: 'open' });
  });

  test.each([
    ['refused', [error('Connection refused'), error('Connection refused'), error('Connection refused')], { kind: 'closed', words: 'connection refused' }],
    ['dropped', [error('Connection timed out'), error('Connection timed out'), null], { kind: 'closed', words: 'no answer in time' }],
    [
      'refused here, dropped there',
      [error('Connection refused'), error('Connection timed out'), error('Connection timed out')],
      { kind: 'closed', words: 'connection refused (1), no answer in time (2)' },
    ],
    ['two of three', [connected(), connected(), error('Connection timed out')], { kind: 'open', words: '2 of 3 places outside connect (from the others: no answer in time)' }],
    [
      'one of three',
      [connected(), error('Connection timed out'), error('Connection timed out')],
      { kind: 'unknown', words: 'only 1 of 3 places outside connects (from the others: no answer in time)' },
    ],
    ['another address', [connected(OLD), connected(OLD), connected(OLD)], { kind: 'unknown', words: `it still sees ${OLD}` }],
    ['a place that says nothing', [[], [null], [{}]], { kind: 'unknown', words: 'the place that looked does not say what it found' }],
  ])('%s', async (_, said, sighting) => {
    expect(await sighted(...said)).toEqual(sighting);
  });
});

test('places are waited for until all have answered', async () => {
  let polls = 0;
  const { sighting, waitedMs } = await looked(checkHost, lookAt(connection), (one) => answering(connected(), polls++ < 3 ? null : error('Connection refused'), connected())(one));
  expect(sighting).toMatchObject({ kind: 'open', words: expect.stringContaining('2 of 3') });
  expect(waitedMs).toBe(3000);
});

test('places that never answer are left out after 30 s', async () => {
  const { sighting, waitedMs } = await looked(checkHost, lookAt(connection), answering(connected(), null));
  expect(sighting).toEqual({ kind: 'open' });
  expect(waitedMs).toBe(30_000);
  expect(await sighted()).toEqual({ kind: 'unknown', words: 'no result in time' });
});

test('nobody to look is no result', async () => {
  const { sighting, asked } = await looked(checkHost, lookAt(connection), () => ({ body: { ok: 1, request_id: '1', nodes: {} } }));
  expect(sighting).toEqual({ kind: 'unknown', words: 'it had no place to look from' });
  expect(asked).toHaveLength(1);
});

test.each([
  [{ error: 'limit_exceeded' }, 'throttled'],
  [{ error: 'invalid host' }, 'refused'],
  [{ ok: 0 }, 'gibberish'],
  [{ ok: 1, request_id: '../x', nodes: {} }, 'gibberish'],
] as const)('%j is %s', async (body, kind) => {
  expect((await looked(checkHost, lookAt(connection), () => ({ body }))).failure).toMatchObject({ kind });
});

test('a place that is called like something every object has is a place', async () => {
  const nodes = { toString: ['us'], valueOf: ['us'] };
  const { sighting } = await looked(checkHost, lookAt(connection), ({ path }) => (path === '/check-tcp' ? { body: { ok: 1, request_id: '806df9', nodes } } : { body: {} }));
  expect(sighting).toEqual({ kind: 'unknown', words: 'no result in time' });
});
