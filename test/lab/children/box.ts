/**
 * A process in a machine at home: what visitors come for, over HTTP and HTTPS, which says whose it is. Takes one order a line, as JSON, and answers each when
 * it is obeyed.
 */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createInterface } from 'node:readline';

/** `https`: with a certificate of its own name, with that of another host, or not at all. */
export type Shown = { readonly http: 'on' | 'off'; readonly https: 'good' | 'wrong-host' | 'off' };

const [whose = '', certificate = '', key = '', otherCertificate = '', otherKey = ''] = process.argv.slice(2);
const greet: RequestListener = (_, response) => void response.end(`${whose}\n`);
const pairs = {
  good: { cert: readFileSync(certificate), key: readFileSync(key) },
  'wrong-host': { cert: readFileSync(otherCertificate), key: readFileSync(otherKey) },
} as const;

const listening = new Set<Server>();
async function show({ http, https }: Shown): Promise<void> {
  const closed = [...listening].map((server) => {
    const gone = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return gone;
  });
  await Promise.all(closed);
  listening.clear();
  const open = async (server: Server, port: number): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '::', resolve));
    listening.add(server);
  };
  if (http === 'on') await open(createServer(greet), 80);
  if (https !== 'off') await open(createSecureServer(pairs[https], greet), 443);
}

await show({ http: 'on', https: 'good' });
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  await show(JSON.parse(line));
  console.log('done');
}
process.exit();
