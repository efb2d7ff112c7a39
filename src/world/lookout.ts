/**
 * Sees where the box is plugged in, for `watch`. On Linux a handful of small files of /proc and /sys, once a second: measured at 0.05 to 0.12 % of a core
 * for the whole program (twice a second it was four times as much), and the same in containers, where `ip monitor` often is not. Elsewhere the
 * addresses of the interfaces, which Node tells, and, when they change or every half minute, what the programs of network.ts say.
 */
import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { ANNOUNCEMENT_PORT, announcementIn } from '../core/announcement.ts';
import type { Look, Sight } from '../core/watching.ts';
import { elapsedMs } from './clock.ts';
import { textOf } from './interfaces.ts';
import { networkFromProc } from './network.ts';
import type { Network } from './world.ts';

export type Lookout = {
  /** What there is to see now, and what the gateway announced since the last time. */
  readonly look: () => Promise<Look>;
  readonly close: () => void;
};

const PROGRAMS_EVERY_MS = 30_000;
/** What is kept of announcements between two looks. */
const ANNOUNCEMENTS_MOST = 16;

/** `network`: see `Net.network`. */
export async function openLookout(network: () => Promise<Network | undefined>): Promise<Lookout> {
  const sightOf = process.platform === 'linux' ? linuxSight() : elsewhere(network);
  const ears = await listen();
  return {
    look: async () => {
      const sight = await sightOf();
      const announced = ears.take().flatMap(({ from, text }) => (from === sight.network?.gateway ? [text] : []));
      return { sight, announced, wall: Date.now(), elapsed: elapsedMs() };
    },
    close: ears.close,
  };
}

function linuxSight(): () => Promise<Sight> {
  // Of a machine with thousands of routes only those are gone through that are others than a second ago.
  const networkIn = unlessSame((texts) => networkFromProc({ route: texts[0] ?? '', route6: () => texts[1] ?? '', arp: texts[2] ?? '' }));
  const routesIn = unlessSame(([route = '']) => routes4(route).join('\n'));
  const leadingIn = unlessSame(([route = '', route6 = '']) => leading(route, route6));
  return async () => {
    const [route, route6, arp] = [textOf('/proc/net/route'), textOf('/proc/net/ipv6_route'), textOf('/proc/net/arp')];
    const marks = [addresses(), routesIn([route]), ...routes6(route6), ...flags6(textOf('/proc/net/if_inet6')), ...leadingIn([route, route6]).map(plugsOf)];
    return { network: networkIn([route, route6, arp]), marks: marks.join('\n') };
  };
}

/** Asks `find` only for other texts than the last time. */
function unlessSame<T>(find: (texts: readonly string[]) => T): (texts: readonly string[]) => T {
  let last: { readonly texts: readonly string[]; readonly found: T } | undefined;
  return (texts) => {
    if (last === undefined || texts.some((text, at) => text !== last?.texts[at])) last = { texts, found: find(texts) };
    return last.found;
  };
}

/** Without the columns RefCnt and Use. */
const routes4 = (text: string): readonly string[] =>
  rowsOf(text)
    .slice(1)
    .map(([name, to, gateway, flags, , , metric, mask]) => [name, to, gateway, flags, metric, mask].join(' '))
    .sort();

/** Without the counters, and without what every interface has by itself (fe80::/10, ff00::/8), which containers make and unmake all day. */
const routes6 = (text: string): readonly string[] =>
  rowsOf(text)
    .filter(([to = '', , , , , , , , , name]) => name !== 'lo' && !/^f[ef]/.test(to))
    .map(([to, bits, , , via, metric, , , flags, name]) => [to, bits, via, metric, flags, name].join(' '))
    .sort();

/** Of scope "global" (0x00): that an address is tentative no longer, or deprecated now, is a change. */
const flags6 = (text: string): readonly string[] =>
  rowsOf(text)
    .filter(([, , , scope]) => scope === '00')
    .map(([address, , , , flags, name]) => [address, flags, name].join(' '))
    .sort();

/** The interfaces with a default route. */
const leading = (route: string, route6: string): readonly string[] =>
  [...new Set([...rowsOf(route).flatMap(([name, to]) => (to === '00000000' && name ? [name] : [])), ...rowsOf(route6).flatMap((row) => (row[1] === '00' && row[9] ? [row[9]] : []))])].filter(
    (name) => name !== 'lo',
  );

/** How often its cable went in or out: two homes may look the same otherwise. */
const plugsOf = (name: string): string => `${name} ${textOf(`/sys/class/net/${name}/carrier_changes`).trim()}`;

const rowsOf = (text: string): readonly (readonly string[])[] => text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));

/** All but those that every interface gives itself. */
const addresses = (): string =>
  Object.entries(networkInterfaces())
    .flatMap(([name, rows = []]) => rows.filter(({ internal, address }) => !internal && !/^fe[89ab]/.test(address)).map(({ cidr, address }) => `${name} ${cidr ?? address}`))
    .sort()
    .join('\n');

function elsewhere(network: () => Promise<Network | undefined>): () => Promise<Sight> {
  let last: { readonly marks: string; readonly at: number; readonly network: Network | undefined } | undefined;
  return async () => {
    const marks = addresses();
    if (last === undefined || last.marks !== marks || elapsedMs() - last.at >= PROGRAMS_EVERY_MS) last = { marks, at: elapsedMs(), network: await network() };
    return { network: last.network, marks };
  };
}

/** Routers send to all hosts, a group that every interface is in by itself. Where the port is taken nothing is heard, and nothing is lost but time. */
function listen(): Promise<{ readonly take: () => readonly { readonly from: string; readonly text: string }[]; readonly close: () => void }> {
  let heard: { readonly from: string; readonly text: string }[] = [];
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (payload, { address }) => {
    const text = announcementIn(payload);
    if (text !== undefined && heard.length < ANNOUNCEMENTS_MOST) heard.push({ from: address, text });
  });
  const take = (): typeof heard => {
    const taken = heard;
    heard = [];
    return taken;
  };
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close();
      resolve({ take, close: () => {} });
    });
    socket.bind(ANNOUNCEMENT_PORT, () => {
      socket.removeAllListeners('error').on('error', () => {});
      resolve({ take, close: () => void socket.close() });
    });
  });
}
