/**
 * webhook: any provider of external-dns that runs as a webhook. It takes more than others because its answers tell little: 204 says that the
 * changes were taken, not that they were made, and 500 not which of them could not be. So what was written is read again; see calls.ts.
 */
import { defineProvider, flag, optional, recordSets, secret, secrets, url } from '../../sdk/index.ts';
import { openCalls } from './calls.ts';
import type { Held } from './endpoints.ts';
import { outsideOf } from './filter.ts';

const SERVER = 'http://localhost:8888';

export default defineProvider({
  api: 1,
  id: 'webhook',
  name: 'external-dns webhook',
  reference: 'https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/webhook-provider',
  checked: '2026-11-22',
  evidence: 'documented',
  also: ['external-dns', 'kubernetes'],
  unverified: ['Which TTLs, wildcards and names with several addresses are taken depends on the webhook; what it cannot hold it refuses itself.'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 2_147_483_647, initial: 300 }, batch: 100_000 },
  options: {
    server: optional(url('where the webhook listens', { example: SERVER }), SERVER),
    token: optional(secret('sent as Authorization: Bearer, where something in front of the webhook asks for it')),
    headers: optional(secrets('further headers for every request')),
    insecure: optional(flag('allow plain http to another machine, which shows everything to everybody on the way')),
  },
  environment: { server: ['WEBHOOK_PROVIDER_URL'], token: ['WEBHOOK_PROVIDER_TOKEN'] },
  example: { server: SERVER },
  credentials:
    'None are needed on one machine: start the webhook of your provider, which is given the credentials of the provider itself, and let it listen on localhost only, by default at port 8888. ' +
    'Whoever can reach that port can change your names.',
  problems: ({ server, insecure }) =>
    insecure === true || !/^http:/i.test(server) || /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(server).hostname)
      ? []
      : ['server is plain http on another machine, so everything would be sent in the open: use https, or allow it with insecure: true'],
  open({ server, token, headers = {}, endpoint }, tools) {
    const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]);
    const calls = openCalls(tools, {
      base: (endpoint ?? server).replace(/\/+$/, ''),
      headers: { ...(token ? { authorization: `Bearer ${token.reveal()}` } : {}), ...Object.fromEntries(given) },
    });
    return recordSets<Held>(tools, {
      zones: { kind: 'none', outside: async (name) => outsideOf(await calls.filter(), name) },
      list: async () => ({ items: await calls.list() }),
      put: async (_zone, put) => (await calls.apply([put]))[0],
      batch: { limits: [], send: (_zone, puts) => calls.apply(puts) },
    });
  },
});
