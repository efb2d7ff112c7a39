/** Answers one request to the probe-server: connects back to where it came from, and tells what it saw there. */
import { familyOf } from '../core/address.ts';
import { attempt, type Failure } from '../core/failure.ts';
import { isNonce } from '../core/own-page.ts';
import { place } from '../world/trouble.ts';
import type { Net, ServedReply, ServedRequest, World } from '../world/world.ts';
import { type Asked, type Place, readAsked } from './asked.ts';
import { openLimits } from './limits.ts';
import { leafJson, type Told } from './told.ts';

/** `say`: one line for every look. `signal`: ends all looking. */
export type AnswerTools = Pick<World, 'clock' | 'net'> & Pick<Place, 'self' | 'proxy'> & { readonly signal: AbortSignal; readonly say: (line: string) => void };

const CONNECT_MS = 5000;
/** For the handshake, or the page. */
const READ_MS = 5000;
const PAGE_BYTES = 1024;
const WHAT_THIS_IS = 'This is a ddns-update probe-server: it tells a machine that asks whether one of its own ports can be reached from here, and looks at no other machine.\n';

export function openAnswer({ clock, net, self, proxy, signal, say }: AnswerTools): (request: ServedRequest) => Promise<ServedReply> {
  const limits = openLimits();
  return async (request) => {
    const reading = readAsked(request, { own: net.interfaces().map(({ address }) => address), self, proxy });
    if (reading.kind === 'nothing') return { status: 200, headers: {}, body: WHAT_THIS_IS };
    if (reading.kind === 'wrong') return problem(reading.status, reading.words, reading.status === 405 ? { allow: 'GET' } : {});
    const { asked } = reading;
    const entry = limits.enter(asked.address, clock.elapsed());
    if (entry.kind === 'later') {
      say(`${describe(asked)}: not now, it has had too many`);
      return problem(429, `too many looks for ${asked.address}: ask again in ${entry.seconds} s`, { 'retry-after': String(entry.seconds) });
    }
    try {
      const told = await look(asked, net, signal);
      say(`${describe(asked)}: ${'words' in told ? `cannot look: ${told.words}` : outcome(told)}`);
      return 'words' in told ? problem(503, `the probe-server cannot look: ${told.words}`) : json(200, told);
    } finally {
      entry.leave();
    }
  };
}

async function look({ address, port, name, as }: Asked, net: Net, signal: AbortSignal): Promise<Told | { readonly words: string }> {
  const opened = await attempt(() => need(net.knock)({ address, port }, { timeoutMs: CONNECT_MS, signal }));
  const about = { version: 1, address, port } as const;
  if (opened.kind === 'failed') {
    const why = CLOSED[opened.failure.code ?? ''];
    return why === undefined ? { words: opened.failure.detail } : { ...about, open: false, why };
  }
  const wait = { timeoutMs: READ_MS, signal };
  const further = (failure: Failure): Told => ({ ...about, open: true, why: failure.detail });
  switch (as.kind) {
    case 'connection':
      return { ...about, open: true };
    case 'certificate': {
      const shown = await attempt(() => need(net.leaf)({ address, port }, name ?? address, wait));
      return shown.kind === 'ok' ? { ...about, open: true, certificate: leafJson(shown.value) } : further(shown.failure);
    }
    case 'page': {
      const url = `http://${place(address, port)}${as.path}`;
      const got = await attempt(() => net.echo({ url, family: familyOf(address), maxBytes: PAGE_BYTES }, wait));
      if (got.kind === 'failed') return further(got.failure);
      const { status, body } = got.value;
      return { ...about, open: true, page: { status, ...(status === 200 && isNonce(body) ? { body } : {}) } };
    }
    default:
      return as satisfies never;
  }
}

/** What says that the port is closed there. Whatever else goes wrong is trouble of this machine (no route, no sockets left), and tells nothing. */
const CLOSED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection is refused',
  ETIMEDOUT: `there is no answer within ${CONNECT_MS / 1000} s`,
  EHOSTUNREACH: 'the way there ends: a router says that it cannot be reached',
  // Linux's word for "administratively prohibited" in ICMPv6 (RFC 4443 section 3.1).
  EACCES: 'a firewall on the way says no',
};

function need<T>(method: T | undefined): T {
  if (method === undefined) throw new TypeError('this world cannot look');
  return method;
}

const describe = ({ address, port, as }: Asked): string => `${address} port ${port}, ${as.kind}`;
const outcome = ({ open, why, certificate, page }: Told): string =>
  [open ? 'open' : 'closed', certificate && `certificate ${certificate.fingerprint256}`, page && `status ${page.status}`, why].filter((part) => part !== undefined).join(', ');

const json = (status: number, body: unknown, headers: ServedReply['headers'] = {}): ServedReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: `${JSON.stringify(body)}\n`,
});
const problem = (status: number, words: string, headers: ServedReply['headers'] = {}): ServedReply => json(status, { version: 1, problem: words }, headers);
