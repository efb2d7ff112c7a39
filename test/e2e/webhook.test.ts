/** The program beside a webhook of external-dns that listens on loopback: made, moved, left alone, and refused where it is not responsible. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Shown, type Webhook, webhook } from '../servers/webhook.ts';
import { GARAGE, HOME, openHome } from './home.ts';

async function listening(self: Webhook): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = `http://${request.headers.host}${request.url}`;
      const { status, headers, body } = self.answer({ method: request.method === 'POST' ? 'POST' : 'GET', url, body: Buffer.concat(chunks).toString() });
      response.writeHead(status, headers);
      response.end(body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a webhook is told in one POST, and not asked again while nothing changes', async () => {
  const other: Shown = { dnsName: 'www.example.com', recordType: 'CNAME', targets: ['home.example.com'], labels: { owner: 'default' } };
  const self = webhook([other, { dnsName: 'home.example.com', recordType: 'A', targets: ['203.0.113.1'], recordTTL: 60, labels: { owner: 'default' } }]);
  self.filter = { include: ['example.com'] };
  const home = await openHome({
    records: [{ name: 'home.example.com' }, { name: 'nas.example.com' }, { name: 'home.example.org' }],
    accounts: { k8s: { provider: 'webhook', server: await listening(self) } },
  });
  const first = await home.run();
  expect(first.exit).toBe(76);
  expect(first.stderr).toContain('home.example.org is in no domain that the webhook serves: example.com');
  expect(self.posted).toHaveLength(1);
  expect(self.records).toContainEqual(other);
  expect(self.records).toContainEqual({ dnsName: 'home.example.com', recordType: 'A', targets: [HOME], recordTTL: 60, labels: { owner: 'default' } });
  expect(self.records.find(({ dnsName }) => dnsName === 'nas.example.com')?.targets).toEqual([HOME]);

  const asked = self.asked.length;
  expect((await home.run()).exit).toBe(76);
  expect(self.asked).toHaveLength(asked);
  home.moveTo(GARAGE);
  await home.run();
  expect(self.posted).toHaveLength(2);
  expect(self.records.filter(({ targets }) => targets[0] === GARAGE)).toHaveLength(2);
});
