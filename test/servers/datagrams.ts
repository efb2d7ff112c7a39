/** A UDP server on loopback: hands each datagram to `answer` and sends back what that returns. */
import { createSocket, type RemoteInfo } from 'node:dgram';

export type DatagramServer = { readonly port: number; readonly host: string; readonly received: Buffer[]; readonly peers: RemoteInfo[]; close: () => Promise<void> };

/** `answer` returns the replies in order; none is silence. `port` is an ephemeral one unless it is given. */
export async function datagramServer(host: string, answer: (question: Buffer, count: number, from: RemoteInfo) => readonly Uint8Array[], port = 0): Promise<DatagramServer> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: Buffer[] = [];
  const peers: RemoteInfo[] = [];
  socket.on('message', (question, from) => {
    received.push(question);
    peers.push(from);
    for (const reply of answer(question, received.length, from)) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    const failed = (error: Error): void => reject(new Error(`nothing can be served at ${host}, which this test needs: ${error.message}`));
    socket.once('error', failed).bind(port, host, () => resolve(void socket.off('error', failed)));
  });
  return { port: socket.address().port, host, received, peers, close: () => new Promise((resolve) => socket.close(() => resolve())) };
}
