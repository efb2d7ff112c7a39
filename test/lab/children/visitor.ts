/** A process of somebody far away: looks a name up as everybody does and visits what it finds; prints what came of it in each family, as JSON. */
import { Resolver } from 'node:dns/promises';
import { type ClientRequest, get, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecurely } from 'node:https';
import { SERVERS } from '../topology.ts';

/** `found`: the page at each address, or why there is none; `secure`: likewise over TLS. */
export type Visit = Readonly<Record<4 | 6, { readonly addresses: readonly string[]; readonly found: readonly string[]; readonly secure: readonly string[] }>>;

const [name = ''] = process.argv.slice(2);
const resolver = new Resolver({ timeout: 1000, tries: 2 });
resolver.setServers([SERVERS.resolver[4]]);

type Get = (options: RequestOptions & { servername: string }, heard: (response: IncomingMessage) => void) => ClientRequest;
const visit = (ask: Get, host: string, port: number): Promise<string> =>
  new Promise((resolve) => {
    const request = ask({ host, port, servername: name, timeout: 1000, headers: { host: name } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body.trim()));
    });
    request.on('timeout', () => request.destroy(new Error('timed out'))).on('error', (error) => resolve(error.message));
  });

const [four = [], six = []] = await Promise.all([resolver.resolve4(name), resolver.resolve6(name)].map((found) => found.catch(() => [])));
const found = async (addresses: readonly string[]): Promise<Visit[4]> => ({
  addresses,
  found: await Promise.all(addresses.map((address) => visit(get, address, 80))),
  secure: await Promise.all(addresses.map((address) => visit(getSecurely, address, 443))),
});
console.log(JSON.stringify({ 4: await found(four), 6: await found(six) }));
