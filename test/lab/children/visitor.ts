/** A process of somebody far away: looks a name up as everybody does and visits what it finds; prints what came of it in each family, as JSON. */
import { Resolver } from 'node:dns/promises';
import { get } from 'node:http';
import { SERVERS } from '../topology.ts';

const [name = ''] = process.argv.slice(2);
const resolver = new Resolver({ timeout: 1000, tries: 2 });
resolver.setServers([SERVERS.resolver[4]]);

const visit = (host: string): Promise<string> =>
  new Promise((resolve) => {
    const request = get({ host, port: 80, timeout: 1000, headers: { host: name } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body.trim()));
    });
    request.on('timeout', () => request.destroy(new Error('timed out'))).on('error', (error) => resolve(error.message));
  });

const [four = [], six = []] = await Promise.all([resolver.resolve4(name), resolver.resolve6(name)].map((found) => found.catch(() => [])));
const found = async (addresses: readonly string[]): Promise<unknown> => ({ addresses, found: await Promise.all(addresses.map(visit)) });
console.log(JSON.stringify({ 4: await found(four), 6: await found(six) }));
