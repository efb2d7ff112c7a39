/**
 * A process in the internet of the laboratory: seven operators that tell a caller's address in both families, until they are told to tell another or to
 * misbehave. Takes one order a line, as JSON, and answers each with what was asked of every operator so far.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type WhoamiMode, type WhoamiServer, whoamiServer } from '../../servers/dns-whoami.ts';
import { type EchoMode, type EchoServer, echoServer } from '../../servers/echo.ts';
import { type StunMode, type StunServer, stunServer } from '../../servers/stun.ts';
import { SERVERS } from '../topology.ts';

/** `tell`: that address in its family, or `truth`; it stays until the next order. */
export type Order = { readonly tell?: string } & (
  | { readonly operator: 'north' | 'centre'; readonly mode?: WhoamiMode }
  | { readonly operator: 'east'; readonly mode?: StunMode }
  | { readonly operator: 'south' | 'west' | 'coast' | 'island'; readonly mode?: EchoMode }
  | { readonly operator: 'nobody' }
);
export type Asked = Readonly<Record<'north' | 'centre' | 'east' | 'south' | 'west' | 'coast' | 'island', number>>;

type Witness = WhoamiServer | StunServer | EchoServer;

const [certificate = '', key = ''] = process.argv.slice(2);
const tls = { cert: readFileSync(certificate), key: readFileSync(key) };
const families = [4, 6] as const;
const told = new Map<Witness, string>();

/** Tells the address that it was asked from, unless it was told to tell another. */
function truthful<T extends Witness>(witness: T): T {
  const peer = (): string | undefined => {
    const last = witness.peers.at(-1);
    return typeof last === 'object' ? last.address : last;
  };
  return Object.defineProperty(witness, 'tell', { get: () => told.get(witness) ?? peer() ?? '' });
}

const open = async <T extends Witness>(operator: keyof Asked, start: (host: string) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(families.map(async (family) => truthful(await start(SERVERS[operator][family]))));
const witnesses = {
  north: await open('north', (host) => whoamiServer({ host, port: 53, tell: '' })),
  centre: await open('centre', (host) => whoamiServer({ host, port: 53, tell: '' })),
  east: await open('east', (host) => stunServer({ host, port: 3478, tell: '' })),
  south: await open('south', (host) => echoServer({ host, port: 443, tell: '', tls })),
  west: await open('west', (host) => echoServer({ host, port: 443, tell: '', tls, mode: 'json' })),
  coast: await open('coast', (host) => echoServer({ host, port: 443, tell: '', tls, mode: 'trace' })),
  island: await open('island', (host) => echoServer({ host, port: 443, tell: '', tls })),
};

function obey(order: Order): void {
  if (order.operator === 'nobody') return;
  for (const [index, witness] of witnesses[order.operator].entries()) {
    if (order.mode !== undefined) Object.assign(witness, { mode: order.mode });
    if (order.tell === 'truth') told.delete(witness);
    else if (order.tell !== undefined && order.tell.includes(':') === (families[index] === 6)) told.set(witness, order.tell);
  }
}

const count = (of: readonly Witness[]): number => of.reduce((sum, { peers }) => sum + peers.length, 0);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line));
  const { north, centre, east, south, west, coast, island } = witnesses;
  const asked: Asked = { north: count(north), centre: count(centre), east: count(east), south: count(south), west: count(west), coast: count(coast), island: count(island) };
  console.log(JSON.stringify(asked));
}
process.exit();
