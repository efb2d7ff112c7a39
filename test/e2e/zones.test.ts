/** Zones are remembered across rounds, but never so that a name ends up in the parent of the zone that holds it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { openHome } from './home.ts';

/** Just enough of Cloudflare's API to list zones and records and to create a record. */
async function startApi() {
  const zones = new Map<string, string[]>([['example.com', []]]);
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push(`${request.method} ${request.url}`);
      const zone = /zones\/([^/]+)\/dns_records/.exec(request.url ?? '')?.[1];
      const records = zones.get(zone ?? '') ?? [];
      const show = (name: string) => ({ id: name, name, type: 'A', content: '203.0.113.9', ttl: 1 });
      const created = request.method === 'POST' ? (JSON.parse(body).posts ?? [JSON.parse(body)]) : [];
      for (const { name } of created) records.push(name);
      const listed = zone === undefined ? [...zones.keys()].map((name) => ({ id: name, name, status: 'active' })) : records.map(show);
      const shown = created.map(({ name }: { name: string }) => show(name));
      const result = request.method === 'POST' ? (request.url?.endsWith('/batch') ? { posts: shown } : shown[0]) : listed;
      response.end(JSON.stringify({ success: true, errors: [], messages: [], result, result_info: { page: 1, total_pages: 1 } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { zones, seen, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('a zone that was made after the others were remembered holds the names below it, once the config names them or --force asks', async () => {
  const api = await startApi();
  const configOf = (...names: readonly string[]) => ({
    records: names.map((name) => ({ name })),
    accounts: { cloud: { provider: 'cloudflare', token: 'c0nf0rmance-Token_0123456789abcdefghijkl', endpoint: api.endpoint } },
  });
  const home = await openHome(configOf('home.example.com'));
  expect((await home.run()).exit).toBe(0);
  api.zones.set('garage.example.com', []);
  home.configure(configOf('home.example.com', 'door.garage.example.com'));
  expect((await home.run()).exit).toBe(0);
  expect(Object.fromEntries(api.zones)).toEqual({ 'example.com': ['home.example.com'], 'garage.example.com': ['door.garage.example.com'] });
  const before = api.seen.length;
  expect((await home.run(['--force'])).exit).toBe(0);
  expect(api.seen.slice(before)[0]).toMatch(/^GET \/client\/v4\/zones\?/);
});
