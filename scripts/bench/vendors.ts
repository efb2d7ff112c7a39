/** The providers that the thousand records are written to: two vendors' fakes over HTTP on loopback, and a real BIND 9. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { contract as cloudflare } from '../../src/providers/cloudflare/contract.ts';
import { contract as route53 } from '../../src/providers/route53/contract.ts';
import type { Contract, FakeZone, HttpRequest } from '../../src/testing/index.ts';
import { startNamed } from '../../test/servers/named.ts';

/** `calls`: requests so far; undefined where only the program itself can tell. */
export type Vendor = {
  readonly id: string;
  readonly zone: string;
  readonly account: Readonly<Record<string, unknown>>;
  readonly calls: () => number | undefined;
  readonly port: number;
  readonly close: () => Promise<void>;
};

/** Each with `names` at `address` already. */
export const vendors = (labels: readonly string[], address: string): readonly (() => Promise<Vendor>)[] => [
  () => overHttp('cloudflare', cloudflare, labels, address),
  () => overHttp('route53', route53, labels, address),
  () => bind(labels, address),
];

async function overHttp(id: string, { api, options, zone: name }: Contract, labels: readonly string[], address: string): Promise<Vendor> {
  let [calls, ids] = [0, 0];
  const nextId = (): string => String(++ids).padStart(32, '0');
  const zone: FakeZone = {
    id: id === 'route53' ? 'Z1D633PJN98FT9' : nextId(),
    name,
    nextId,
    records: labels.map((label) => ({ id: nextId(), name: `${label}.${name}`, type: 'A', value: address, ttl: 300 })),
  };
  const answer = api?.(zone, { pageSize: 5_000_000 });
  if (answer === undefined) throw new Error(`${id} has no fake that speaks HTTP`);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls += 1;
      const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
      const body = Buffer.concat(chunks).toString();
      const reply = answer({ method: request.method as HttpRequest['method'], url: `http://${request.headers.host}${request.url}`, headers, ...(body === '' ? {} : { body }), maxBytes: 2 ** 26 });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    id,
    zone: name,
    account: { provider: id, ...options, endpoint: id === 'cloudflare' ? `${endpoint}/client/v4` : endpoint },
    calls: () => calls,
    port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bind(labels: readonly string[], address: string): Promise<Vendor> {
  const named = await startNamed({ records: labels.map((label) => `${label} 300 IN A ${address}\n`).join('') });
  const key = named.keys['ddns'];
  return {
    id: 'rfc2136',
    zone: 'home.example',
    account: { provider: 'rfc2136', server: `127.0.0.1:${named.port}`, zone: 'home.example', key: { name: 'ddns', ...key } },
    calls: () => undefined,
    port: named.port,
    close: named.stop,
  };
}
