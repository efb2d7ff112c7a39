/** Ports for those who must know theirs before they listen: from a range out of which the system gives none to others, so that nobody takes them meanwhile. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below what Linux (32768) and others (49152) give to whoever asks for any. */
const [FIRST, BEYOND] = [20_000, 32_000];
const LOOPBACK = '127.0.0.1';

/** One that nobody uses, neither over TCP nor over UDP; no two of one process are the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (BEYOND - FIRST));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}
const given = new Set<number>();

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const socket = createSocket('udp4');
  const listens = new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, LOOPBACK, () => resolve(true)));
  const bound = new Promise<boolean>((resolve) => socket.once('error', () => resolve(false)).bind(port, LOOPBACK, () => resolve(true)));
  const all = await Promise.all([listens, bound]);
  await Promise.all([new Promise((resolve) => server.close(resolve)), new Promise<void>((resolve) => socket.close(() => resolve()))]);
  return all.every(Boolean);
}
