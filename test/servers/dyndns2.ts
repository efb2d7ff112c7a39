/** A dyndns2 server on loopback: checks the login, keeps addresses, and answers for each name, or for the whole request, as the test wants it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Dyndns2Request = { readonly method: string; readonly url: URL; readonly headers: IncomingMessage['headers']; readonly body: string };
/** `hang`: never answers. `reset`: takes the request and drops the connection. */
export type Dyndns2Answer = { readonly status?: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } | 'hang' | 'reset';

export type Dyndns2Server = {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** Every request, in order. */
  readonly requests: Dyndns2Request[];
  /** What is stored: name → addresses. */
  readonly stored: Map<string, readonly string[]>;
  /** The line for this name instead of good or nochg; without a line: as usual again. */
  readonly say: (name: string, line?: string) => void;
  /** The answer to every request; without an answer: as usual again. */
  readonly answer: (answer?: Dyndns2Answer) => void;
  readonly close: () => Promise<void>;
};

/** Starts it on a free port of 127.0.0.1. Any path will do; `hostname` and `myip` are read from the query. */
export async function startDyndns2({ username = 'user', password = 'secret' }: { readonly username?: string; readonly password?: string } = {}): Promise<Dyndns2Server> {
  const requests: Dyndns2Request[] = [];
  const stored = new Map<string, readonly string[]>();
  const lines = new Map<string, string>();
  let always: Dyndns2Answer | undefined;

  const usual = ({ url, headers }: Dyndns2Request): Exclude<Dyndns2Answer, string> => {
    if (headers.authorization !== `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`) return { status: 401, body: 'badauth' };
    if (!headers['user-agent']?.startsWith('ddns-update')) return { body: 'badagent' };
    const names = (url.searchParams.get('hostname') ?? '').split(',').filter((name) => name !== '');
    const addresses = (url.searchParams.get('myip') ?? '').split(',').filter((address) => address !== '');
    if (names.length === 0 || addresses.length === 0) return { body: 'notfqdn' };
    const line = (name: string): string => {
      const said = lines.get(name);
      if (said !== undefined) return said;
      const before = stored.get(name) ?? [];
      const isSame = addresses.every((address) => before.includes(address));
      const families = new Set(addresses.map((address) => address.includes(':')));
      stored.set(name, [...before.filter((address) => !families.has(address.includes(':'))), ...addresses]);
      return `${isSame ? 'nochg' : 'good'} ${addresses.join(',')}`;
    };
    return { body: `${names.map(line).join('\n')}\n` };
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const seen = { method: request.method ?? '', url: new URL(request.url ?? '/', 'http://127.0.0.1'), headers: request.headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      const answer = always ?? usual(seen);
      if (answer === 'hang') return;
      if (answer === 'reset') return void request.socket.destroy();
      response.writeHead(answer.status ?? 200, { 'content-type': 'text/plain', ...answer.headers });
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stored,
    say: (name, line) => void (line === undefined ? lines.delete(name) : lines.set(name, line)),
    answer: (answer) => {
      always = answer;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
