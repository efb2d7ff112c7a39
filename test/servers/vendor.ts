/** A vendor's API on loopback, as the contract of its adapter makes it, over a zone that the test can look into. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Contract, FakeZone, HttpRequest } from '../../src/testing/index.ts';

export type Vendor = {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly zone: FakeZone;
  /** `METHOD /path`, in order. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
};

export async function startVendor({ api, zone: name }: Pick<Contract, 'api' | 'zone'>): Promise<Vendor> {
  let ids = 0;
  const zone: FakeZone = { id: 'f'.repeat(32), name, records: [], nextId: () => (++ids).toString(16).padStart(8, '0') };
  const answer = api?.(zone, { pageSize: 100 });
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = `http://${request.headers.host}${request.url}`;
      asked.push(`${request.method} ${new URL(url).pathname}`);
      const headers = Object.fromEntries(Object.entries(request.headers).map(([key, value]) => [key, String(value)]));
      const body = Buffer.concat(chunks).toString();
      const reply = answer?.({ method: request.method as HttpRequest['method'], url, headers, ...(body === '' ? {} : { body }), maxBytes: 1 << 20 });
      response.writeHead(reply?.status ?? 404, reply?.headers ?? {});
      response.end(reply?.body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    zone,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
