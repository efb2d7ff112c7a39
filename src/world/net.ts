/** The network, for real: every method opens its own socket or resolver and closes it. Loads what is heavy only when it is used. */
import { elapsedMs } from './clock.ts';
import { datagram } from './datagram.ts';
import { interfaces } from './interfaces.ts';
import { network } from './network.ts';
import type { Net, World } from './world.ts';

export type NetOptions = Pick<World, 'env' | 'trace'> & {
  /** `HOST:PORT` of literals, from `dns.servers` of the config; empty: the system's resolvers. */
  readonly servers: readonly string[];
  /** Sent to echo services and providers. */
  readonly userAgent?: string;
};

const USER_AGENT = 'ddns-update';

export function openNet({ servers, env, trace, userAgent }: NetOptions): Net {
  let opened: Promise<{ readonly http: Net['http']; close(): Promise<void> }> | undefined;
  const openHttp = (): NonNullable<typeof opened> => {
    opened ??= import('./http.ts').then(({ openHttp }) => openHttp({ env, trace, lookup, ...(userAgent === undefined ? {} : { userAgent }) }));
    return opened;
  };
  const lookup: Net['lookup'] = async (host, family, wait) => (await import('./lookup.ts')).lookup(servers, host, family, wait);
  return {
    datagram: (peer, payload, accept, wait) =>
      traced(
        `datagram ${peer.address} port ${peer.port}, ${payload.length} bytes`,
        (reply) => `${reply.length} bytes`,
        () => datagram(peer, payload, accept, wait),
      ),
    stream: (peer, payload, done, wait) =>
      traced(
        `${wait.serverName === undefined ? 'tcp' : 'tls'} ${peer.address} port ${peer.port}, ${payload.length} bytes`,
        () => 'answered',
        async () => (await import('./stream.ts')).stream(peer, payload, done, wait),
      ),
    echo: (request, wait) =>
      traced(
        `${request.post === undefined ? 'GET' : 'POST'} ${request.url} over IPv${request.family}`,
        ({ status, body }) => `${status}, ${JSON.stringify(body.slice(0, 200))}`,
        async () => (await import('./echo.ts')).echo(request, wait, { userAgent: userAgent ?? USER_AGENT, lookup }),
      ),
    http: async (request, wait) => (await openHttp()).http(request, wait),
    lookup: (host, family, wait) =>
      traced(
        `lookup ${host}`,
        (addresses) => addresses.join(', '),
        () => lookup(host, family, wait),
      ),
    resolvers: async () => (await import('./resolvers.ts')).resolvers(servers),
    interfaces,
    network: () => network(async (command, wait) => (await import('./run-program.ts')).runProgram(command, wait, env)),
    router6: async () => (await import('./router6.ts')).router6(async (command, wait) => (await import('./run-program.ts')).runProgram(command, wait, env)),
    departure: async (family) => (await import('./departure.ts')).departure(family),
    search: (question, hear, wait) =>
      traced(
        `search by ${question.by}, ${question.messages.length} datagrams`,
        () => 'answered',
        async () => (await import('./search.ts')).search(question, hear, wait),
      ),
    knock: (peer, wait) =>
      traced(
        `knock ${peer.address} port ${peer.port}`,
        () => 'open',
        async () => (await import('./knock.ts')).knock(peer, wait),
      ),
    leaf: (peer, serverName, wait) =>
      traced(
        `certificate of ${serverName} at ${peer.address} port ${peer.port}${wait.offer === undefined ? '' : ` (${wait.offer})`}`,
        ({ fingerprint256 }) => fingerprint256,
        async () => (await import('./leaf.ts')).leaf(peer, serverName, wait),
      ),
    serve: (port, answer, bind) => {
      const told: typeof answer = (request) =>
        traced(
          `served ${request.method} ${request.target} to ${request.from}`,
          ({ status }) => `${status}`,
          () => answer(request),
        );
      return traced(
        `listen on ${bind ?? 'all addresses'} port ${port}`,
        (serving) => `port ${serving.port}`,
        async () => (await import('./listener.ts')).listen(port, told, bind),
      );
    },
    close: async () => {
      await (await opened)?.close();
    },
  };

  async function traced<T>(asked: string, summary: (answer: T) => string, work: () => Promise<T>): Promise<T> {
    const from = elapsedMs();
    const line = (end: string): void => trace(`${asked} -> ${end}, ${Math.round(elapsedMs() - from)} ms`);
    try {
      const answer = await work();
      line(summary(answer));
      return answer;
    } catch (thrown) {
      line(thrown instanceof Error ? thrown.message : String(thrown));
      throw thrown;
    }
  }
}
