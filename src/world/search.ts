/** One question to several places at once, answered by whoever hears it from whatever port: how devices in the local network are found (SSDP). */
import { createSocket, type Socket } from 'node:dgram';
import type { IpAddress } from '../core/address.ts';
import { closeSocket } from './datagram.ts';
import { type Phase, within } from './trouble.ts';
import type { Deadline, Search } from './world.ts';

/** See `Net.search`. The socket is not connected: an answer may come from another port than was asked, so every answer's sender is told. */
export async function search({ by, messages, hops, repeatMs, lingerMs }: Search, hear: (reply: Uint8Array, from: string) => boolean, wait: Deadline): Promise<void> {
  const local = await towards(by, wait);
  const socket = open();
  const timers: NodeJS.Timeout[] = [];
  let phase: Phase = 'connect';
  const end = (): void => {
    for (const timer of timers) clearTimeout(timer);
    closeSocket(socket);
  };
  return within<void>({ who: by, timeoutMs: wait.timeoutMs, signal: wait.signal, phase: () => phase, end }, ({ done, fail }) => {
    const send = (): void => {
      let unsent = 0;
      for (const { to, payload } of messages) {
        // One way may be closed while another is open (no multicast here): only when none is, nobody was asked.
        socket.send(payload, to.port, to.address, (error) => {
          if (error === null) phase = 'reply';
          else if (++unsent === messages.length) fail(error);
        });
      }
    };
    let pleased = false;
    socket.on('error', fail);
    socket.on('message', (reply, from) => {
      try {
        if (!hear(reply, from.address) || pleased) return;
        pleased = true;
        timers.push(setTimeout(done, lingerMs));
      } catch (thrown) {
        fail(thrown);
      }
    });
    socket.bind({ address: local, port: 0, exclusive: true }, () => {
      try {
        socket.setMulticastInterface(local);
        socket.setMulticastTTL(hops);
        send();
        timers.push(setTimeout(send, repeatMs));
      } catch (thrown) {
        // The interface is gone since its address was asked for.
        fail(thrown);
      }
    });
  });
}

/** The address of this machine that faces `host`. Asks the kernel alone: connecting a datagram socket sends nothing. */
function towards(host: IpAddress<4>, { timeoutMs, signal }: Deadline): Promise<string> {
  const socket = open();
  return within<string>({ who: host, timeoutMs, signal, phase: () => 'connect', end: () => closeSocket(socket) }, ({ done, fail }) => {
    socket.on('error', fail);
    // A callback would be called for an error as well.
    socket.on('connect', () => done(socket.address().address));
    socket.connect(9, host);
  });
}

/** Peers are literals: without this Node would load its whole resolver. */
const open = (): Socket => createSocket({ type: 'udp4', lookup: (address, _options, callback) => callback(null, address, 4) });
