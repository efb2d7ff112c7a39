/** A router in memory that speaks PCP over both families, and forgets: what lapses, and everything when it is started anew. It knows its own time alone. */
import type { IpAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import type { Net } from '../../src/world/world.ts';
import { mapReply, readMapRequest } from './port-mapper.ts';

export type LapsingRouter = {
  readonly datagram: Net['datagram'];
  /** Is there a mapping for this address and port that has not lapsed? */
  readonly leadsTo: (client: IpAddress, port: number) => boolean;
  readonly startAnew: () => void;
  /** Answers nothing any more, until it is told to. */
  readonly silence: (is: boolean) => void;
  readonly asked: () => number;
};

/** `now`: milliseconds. `most`: seconds that it grants at most. */
export function lapsingRouter(now: () => number, { most, tell }: { readonly most: number; readonly tell: string }): LapsingRouter {
  let [begun, silent, asked]: [number, boolean, number] = [now(), false, 0];
  const table = new Map<string, { readonly until: number; readonly nonce: string }>();
  const nobody = (): Fault => new Fault({ kind: 'network', phase: 'reply', detail: 'no answer', code: 'ETIMEDOUT' });
  const keyOf = (client: string, port: number): string => `${client} ${port}`;
  return {
    asked: () => asked,
    silence: (is) => {
      silent = is;
    },
    startAnew: () => {
      table.clear();
      begun = now();
    },
    leadsTo: (client, port) => (table.get(keyOf(client.includes(':') ? full(client) : client, port))?.until ?? 0) > now(),
    datagram: async (_peer, payload, accept) => {
      asked++;
      if (silent || payload[0] !== 2) throw nobody();
      const { client, internalPort, nonce, protocol, lifetimeSeconds } = readMapRequest(Buffer.from(payload));
      const key = keyOf(client, internalPort);
      const there = table.get(key);
      const isAnothers = there !== undefined && there.until > now() && there.nonce !== nonce.toString('hex');
      const granted = Math.min(lifetimeSeconds, most);
      if (!isAnothers) table.set(key, { until: now() + granted * 1000, nonce: nonce.toString('hex') });
      const reply = mapReply({
        nonce,
        protocol,
        internalPort,
        externalPort: internalPort,
        address: client.includes(':') ? client : tell,
        lifetimeSeconds: granted,
        epochSeconds: Math.floor((now() - begun) / 1000),
        result: isAnothers ? 2 : 0,
      });
      if (!accept(reply)) throw nobody();
      return reply;
    },
  };
}

/** All eight groups of four digits. */
function full(address: string): string {
  const [head = '', tail] = address.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...(before ?? []), ...Array(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0'), ...(after ?? [])];
  return groups.map((group) => group.padStart(4, '0')).join(':');
}
