/** One who looks from outside, on loopback over real HTTP: answers as the test says, remembers what was asked. Time passes as fast as nobody waits for it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { familyOf } from '../../../src/core/address.ts';
import { attempt, type Failure } from '../../../src/core/failure.ts';
import { fqdn } from '../../../src/core/name.ts';
import type { Look, Sighting } from '../../../src/core/reach.ts';
import type { Probe, ProbeTools } from '../../../src/verify/probes/probe.ts';
import { realWorld } from '../../servers/world.ts';
import { address } from '../../support/address.ts';

export type Asked = { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly headers: Readonly<Record<string, unknown>>; readonly body: unknown };
/** Strings are sent as they are, everything else as JSON. */
export type Answer = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: unknown };

export const ADDRESS = '203.0.113.5';
export const ADDRESS6 = '2001:db8:5::1';
export const OLD = '198.51.100.7';
export const PAGE = '/.well-known/ddns-update/0123456789abcdef0123456789abcdef';
export const NONCE = 'f00dfeedf00dfeedf00dfeedf00dfeed';

export const lookAt = (as: Look['as'], { at = ADDRESS, port = 443, name = 'home.example.net' } = {}): Look => ({ name: fqdn(name), family: familyOf(address(at)), address: address(at), port, as });
export const connection = { kind: 'connection' } as const;
export const certificate = { kind: 'certificate' } as const;
export const page = { kind: 'page', path: PAGE } as const;

export type Outcome = { readonly sighting?: Sighting; readonly failure?: Failure; readonly asked: readonly Asked[] /** How long we would have waited. */; readonly waitedMs: number };

/** Lets a probe look, with a stranger who answers the nth question by `answer`. */
export async function looked(probe: (endpoint: string) => Probe, look: Look, answer: (asked: Asked, nth: number) => Answer, signal = new AbortController().signal): Promise<Outcome> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://stranger');
      const text = Buffer.concat(chunks).toString();
      const one: Asked = { method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) };
      asked.push(one);
      const { status = 200, headers = {}, body } = answer(one, asked.length);
      const json = typeof body !== 'string';
      response.writeHead(status, { ...(json ? { 'content-type': 'application/json' } : {}), ...headers }).end(json ? JSON.stringify(body) : body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const world = realWorld();
  let waitedMs = 0;
  const clock = {
    ...world.clock,
    elapsed: () => waitedMs,
    sleep: async (ms: number) => {
      waitedMs += ms;
    },
  };
  const tools: ProbeTools = { net: world.net, random: world.random, clock, signal, userAgent: 'ddns-update/0.0.0 (test)' };
  try {
    const found = await attempt(() => probe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).look(look, tools));
    return { ...(found.kind === 'ok' ? { sighting: found.value } : { failure: found.failure }), asked, waitedMs };
  } finally {
    await world.net.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

/** What every probe must make of a stranger who is none. */
export const WEATHERS: readonly { readonly name: string; readonly answer: Answer; readonly kind: Failure['kind'] }[] = [
  { name: 'a web page', answer: { headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Just a moment...</title>' }, kind: 'gibberish' },
  { name: 'no JSON', answer: { body: 'open' }, kind: 'gibberish' },
  { name: 'JSON of another form', answer: { body: { open: true } }, kind: 'gibberish' },
  { name: 'an empty body', answer: { body: '' }, kind: 'gibberish' },
  { name: 'more than anybody reads', answer: { body: `"${'x'.repeat(600_000)}"` }, kind: 'gibberish' },
  { name: 'a redirect', answer: { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' }, kind: 'gibberish' },
  { name: 'asked too often', answer: { status: 429, headers: { 'retry-after': '3600' }, body: { error: { type: 'too_many_requests', message: 'Too many requests.' } } }, kind: 'throttled' },
  { name: 'out of order', answer: { status: 503, body: 'down' }, kind: 'unavailable' },
  { name: 'a challenge for browsers', answer: { status: 403, headers: { 'content-type': 'text/html' }, body: '<html>prove that you are human</html>' }, kind: 'refused' },
];
