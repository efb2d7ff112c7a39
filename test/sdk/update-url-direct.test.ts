/** A request whose sender is what counts: over the family that is meant, and past every proxy. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { redactor } from '../../src/core/secret.ts';
import { openWorld } from '../../src/world/index.ts';

let server: Server;
let seen: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(`${request.socket.remoteAddress} ${request.url}`);
    response.end('good');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(() => new Promise((closed) => server.close(closed)));

test('no proxy is asked, and no other family is tried', async () => {
  const { port } = server.address() as AddressInfo;
  // Nothing listens on the port of the proxy: what goes there fails.
  const world = openWorld({ servers: [], env: { http_proxy: 'http://127.0.0.1:1' }, redactor: redactor() });
  const ask = (host: string, direct?: 4 | 6) =>
    attempt(() => world.net.http({ method: 'GET', url: `http://${host}:${port}/nic/update`, headers: {}, maxBytes: 100, ...(direct === undefined ? {} : { direct }) }, { timeoutMs: 5000 }));
  seen = [];
  expect(await ask('localhost')).toMatchObject({ kind: 'failed', failure: { kind: 'network' } });
  expect(seen).toEqual([]);
  expect(await ask('localhost', 4)).toMatchObject({ kind: 'ok', value: { body: 'good' } });
  expect(seen).toEqual(['127.0.0.1 /nic/update']);
  expect(await ask('localhost', 6)).toMatchObject({ kind: 'failed', failure: { kind: 'network' } });
  expect(seen).toHaveLength(1);
  await world.net.close();
});
