/** portchecker.io as the routes of its source answer. */
import { expect, test } from 'vitest';
import { portchecker } from '../../../src/verify/probes/portchecker.ts';
import { ADDRESS, certificate, connection, lookAt, looked, OLD, page } from './stranger.ts';

const answer = (status: unknown, { host = ADDRESS, port = 443 } = {}) => ({ body: { error: false, msg: null, host, check: [{ port, status }] } });

test('is asked about the address and the port', async () => {
  const { asked, sighting } = await looked(portchecker, lookAt(connection), () => answer(true));
  expect(sighting).toEqual({ kind: 'open' });
  expect(asked).toMatchObject([{ method: 'POST', path: '/api/v1/query', body: { host: ADDRESS, ports: [443] } }]);
});

test('does not tell a refusal from silence', async () => {
  expect((await looked(portchecker, lookAt(connection), () => answer(false))).sighting).toEqual({
    kind: 'closed',
    words: 'no connection within 1 s; whether it is refused or without an answer is not told',
  });
});

test.each([certificate, page])('answers a closer look ($kind) without having seen anything', async (as) => {
  expect((await looked(portchecker, lookAt(as), () => answer(true))).sighting).toEqual({ kind: 'open' });
});

test('where the old route is gone, the new one is taken', async () => {
  const { asked, sighting } = await looked(portchecker, lookAt(connection), ({ path }) => (path === '/api/query' ? answer(true) : { status: 404, body: { detail: 'Not Found' } }));
  expect(sighting).toEqual({ kind: 'open' });
  expect(asked.map(({ path }) => path)).toEqual(['/api/v1/query', '/api/query']);
});

test.each([
  ['another host', answer(true, { host: OLD })],
  ['another port', answer(true, { port: 80 })],
  ['no port', { body: { error: false, msg: null, host: ADDRESS, check: [] } }],
  ['neither yes nor no', answer('open')],
  ['an error with the status of success', { body: { error: true, msg: 'A host must be defined', host: null, check: [] } }],
])('an answer about %s is nonsense', async (_, said) => {
  expect((await looked(portchecker, lookAt(connection), () => said)).failure).toMatchObject({ kind: 'gibberish' });
});

test('a refusal comes with its own words', async () => {
  const { failure } = await looked(portchecker, lookAt(connection), () => ({
    status: 400,
    body: { error: true, host: ADDRESS, check: [], msg: `IPv4 address '${ADDRESS}' does not appear to be public` },
  }));
  expect(failure).toMatchObject({ kind: 'refused' });
  expect(failure?.detail).toContain('does not appear to be public');
});
