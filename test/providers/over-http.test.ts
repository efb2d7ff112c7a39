/** Every adapter against its vendor's fake over a real socket, reached through `endpoint`: what is signed is what arrives, paths are the vendor's own, and the trace shows no secret. */
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { parseAddress } from '../../src/sdk/index.ts';
import type { Contract, HttpReply, HttpRequest } from '../../src/testing/index.ts';
import { type AnyManifest, assertNoSecrets, round, setFor, stage } from '../../src/testing/stage.ts';
import { openHttp } from '../../src/world/http.ts';

const folder = new URL('../../src/providers/', import.meta.url);
const ids = readdirSync(folder).filter((id) => existsSync(new URL(`${id}/contract.ts`, folder)));

for (const id of ids) {
  const [{ default: manifest }, { contract }]: [{ default: AnyManifest }, { contract: Contract }] = await Promise.all([
    import(`${folder.href}${id}/provider.ts`),
    import(`${folder.href}${id}/contract.ts`),
  ]);
  if (contract.api === undefined || contract.names !== undefined) continue;
  it(id, async () => {
    let answer: ((request: HttpRequest) => HttpReply) | undefined;
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const reply = answer?.({ method: request.method as HttpRequest['method'], url: `http://${request.headers.host}${request.url}`, headers, maxBytes: 1e6, ...(body === '' ? {} : { body }) });
      response.writeHead(reply?.status ?? 500, reply?.headers).end(reply?.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const traced: string[] = [];
    let redact = (line: string): string => line;
    // As `--trace` shows it: line by line, so that what is learned afterwards is too late.
    const real = openHttp({ env: {}, trace: (line) => void traced.push(redact(line)) });
    try {
      const on = stage(manifest, contract, {
        options: { ...contract.options, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
        intercept: ({ request }) => request && real.http(request, { timeoutMs: 5000, signal: AbortSignal.timeout(5000) }),
      });
      redact = on.world.redactor.redact;
      answer = contract.api?.(on.zone, { pageSize: 100 });
      const provider = await on.open({ cold: true });
      const [type, ...values] = on.can.families.includes(4) ? (['A', '203.0.113.1', '198.51.100.7'] as const) : (['AAAA', '2001:db8::1', '2001:db8::7'] as const);
      for (const value of values) {
        for (const name of [`home.${contract.zone}`, ...(on.can.wildcard ? [`*.${contract.zone}`] : [])]) {
          const { failures } = await round(provider, [setFor(name, type, [value])]);
          expect(failures).toEqual([]);
          expect(on.zone.records.filter((record) => record.name === name && record.type === type).map((record) => parseAddress(record.value))).toEqual([value]);
        }
      }
      await provider.close?.();
      expect(traced.length).toBeGreaterThan(0);
      assertNoSecrets({ ...on, world: { ...on.world, traced } }, undefined);
    } finally {
      await real.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
}
