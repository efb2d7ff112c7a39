/** A probe-server of the user's own: connects back to whoever asks, so that what it says is about the address we came from. */
import { familyOf, parseAddress } from '../../core/address.ts';
import { Fault } from '../../core/failure.ts';
import type { Look, Sighting } from '../../core/reach.ts';
import { readTold } from '../../probe-server/told.ts';
import type { HttpReply } from '../../world/world.ts';
import { visited } from '../identity.ts';
import type { Probe, ProbeTools } from './probe.ts';

/** `url`: with a path where a proxy gives it one. `insecure`: plain http to another machine is meant. */
export type OwnProbe = { readonly url: string; readonly insecure: boolean };

/** The server itself takes 10 s at most. */
const ANSWER_MS = 15_000;
/** A server that is asked too much says for how long; longer than this nobody waits. */
const PATIENCE_SECONDS = 10;
const MAX_BYTES = 65_536;

export function ownProbe({ url, insecure }: OwnProbe): Probe {
  const { host, hostname, protocol } = new URL(url);
  const literal = parseAddress(hostname.replace(/^\[(.*)\]$/, '$1'));
  const only = literal && familyOf(literal);
  const open = protocol === 'http:' && !insecure && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  return {
    title: `your own probe-server at ${host}`,
    learns: 'the name, the address and the port',
    cannot: ({ family }) => (only === undefined || only === family ? undefined : `it is asked at an IPv${only} address, and looks where it is asked from`),
    otherwise: adviceFor(host),
    look: async (look, tools) => {
      if (open)
        throw new Fault({
          kind: 'config',
          detail: `${protocol}//${host} is not encrypted: anybody on the way could forge what it says`,
          hint: 'use https:, or say insecure: true beside the url of the probe',
        });
      const reply = await ask(questionFor(url, look), look, tools);
      return judge(reply, look, host);
    },
  };
}

const adviceFor = (host: string): string => `see whether verify.probe.url is right, and ddns-update probe-server runs at ${host}`;

/** What may be secret in the URL of a probe-server behind a proxy that asks for a password: values of its query, and very long words of its path. */
export function secretsIn({ url }: OwnProbe): readonly string[] {
  const { pathname, searchParams } = new URL(url);
  return [...[...searchParams.values()].filter(({ length }) => length >= 8), ...pathname.split('/').filter(({ length }) => length >= 16)];
}

/** What the URL has already stays. */
function questionFor(url: string, { name, port, as }: Look): string {
  const question = new URL(url);
  for (const [key, value] of Object.entries({ port: String(port), as: as.kind, name: visited(name), ...(as.kind === 'page' ? { path: as.path } : {}) })) question.searchParams.set(key, value);
  question.hash = '';
  return question.href;
}

/** Over the family of the look and past every proxy; from the very address where it is this machine's own, because IPv6 would choose a temporary one. Asked again while it is too busy. */
async function ask(url: string, { address, family }: Look, { net, clock, signal }: ProbeTools): Promise<HttpReply> {
  const bind = net.interfaces().find((own) => own.address === address)?.address;
  for (let patience = PATIENCE_SECONDS; ; ) {
    const reply = await net.echo({ url, family, bind, maxBytes: MAX_BYTES }, { timeoutMs: ANSWER_MS, signal });
    const seconds = Math.max(1, Number(reply.headers['retry-after'] ?? Number.NaN));
    if (reply.status !== 429 || !(seconds <= patience)) return reply;
    patience -= seconds;
    await clock.sleep(seconds * 1000, signal);
  }
}

function judge({ status, body }: HttpReply, look: Look, host: string): Sighting {
  const told = readTold(parse(body));
  if (told === undefined)
    throw new Fault({
      kind: 'gibberish',
      phase: 'reply',
      detail: `${host} does not answer as a probe-server does (status ${status})`,
      hint: adviceFor(host),
    });
  if ('problem' in told) return { kind: 'unknown', words: `${host} did not look: ${told.problem}` };
  if (told.address !== look.address) return { kind: 'unknown', words: `${host} sees this machine at ${told.address}, not at ${look.address}: a VPN, a second line, or a proxy that hides who asks` };
  if (told.port !== look.port) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${host} looked at port ${told.port}, not at port ${look.port}` });
  return told.sighting;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
