/** Everything that can go wrong with one exchange, and what it must be called. */
import { type FailureKind, Fault } from '../core/failure.ts';
import type { HttpReply, HttpRequest } from '../world/world.ts';

export type Weather = {
  readonly title: string;
  /** What a Failure that comes of it may be called. */
  readonly kinds: readonly FailureKind[];
  /** Answers in place of the vendor. `deliver` hands the request to the vendor all the same. `wait`: lets time pass. */
  readonly strike: (scene: {
    readonly request: HttpRequest;
    readonly deliver: () => Promise<HttpReply>;
    readonly wait: (ms: number) => void;
    readonly abort: () => void;
    readonly secrets: readonly string[];
  }) => Promise<HttpReply>;
  /** Only where exchanges are HTTP. */
  readonly http: boolean;
};

const page = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Please log in to use this network.</body></html>';
const reply = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpReply => ({ status, headers, body });
const jsonType = { 'content-type': 'application/json' };
const htmlType = { 'content-type': 'text/html; charset=utf-8' };
const lost = (phase: 'connect' | 'reply', detail: string): Fault => new Fault({ kind: 'network', phase, detail });

export const WEATHERS: readonly Weather[] = [
  { title: 'connection refused', http: false, kinds: ['network'], strike: async () => Promise.reject(lost('connect', 'the host could not be reached (ECONNREFUSED)')) },
  {
    title: 'reset after the request was carried out',
    http: false,
    kinds: ['network'],
    async strike({ deliver }) {
      await deliver();
      throw lost('reply', 'the connection broke (ECONNRESET)');
    },
  },
  { title: 'reset before the request arrived', http: false, kinds: ['network'], strike: async () => Promise.reject(lost('reply', 'the connection broke (ECONNRESET)')) },
  {
    title: 'slow beyond the deadline, carried out',
    http: false,
    kinds: ['network'],
    async strike({ deliver, wait }) {
      await deliver();
      wait(15_000);
      throw lost('reply', 'the host did not answer within 15 s');
    },
  },
  {
    title: 'aborted',
    http: false,
    kinds: ['network'],
    async strike({ abort }) {
      abort();
      throw lost('reply', 'given up while waiting for the answer');
    },
  },
  { title: '401', http: true, kinds: ['auth'], strike: async () => reply(401, '{"message":"unauthorized"}', jsonType) },
  { title: '403', http: true, kinds: ['auth', 'blocked'], strike: async () => reply(403, '{"message":"forbidden"}', jsonType) },
  { title: '429 with Retry-After: 120', http: true, kinds: ['throttled'], strike: async () => reply(429, '{"message":"slow down"}', { ...jsonType, 'retry-after': '120' }) },
  { title: '429 with Retry-After: 2', http: true, kinds: ['throttled'], strike: async () => reply(429, '{"message":"slow down"}', { ...jsonType, 'retry-after': '2' }) },
  { title: '500', http: true, kinds: ['unavailable', 'throttled'], strike: async () => reply(500, '{"message":"internal error"}', jsonType) },
  {
    title: '502 page after the request was carried out',
    http: true,
    kinds: ['unavailable', 'throttled'],
    async strike({ deliver }) {
      await deliver();
      return reply(502, '<html><body><h1>502 Bad Gateway</h1></body></html>', htmlType);
    },
  },
  { title: 'captive portal: a page with status 200', http: true, kinds: ['gibberish'], strike: async () => reply(200, page, htmlType) },
  { title: 'captive portal: 302', http: true, kinds: ['gibberish'], strike: async () => reply(302, '', { location: 'http://login.example/' }) },
  { title: 'empty answer with status 200', http: true, kinds: ['gibberish'], strike: async () => reply(200, '') },
  {
    title: 'answer cut short after the request was carried out',
    http: true,
    kinds: ['gibberish', 'network'],
    async strike({ deliver }) {
      const whole = await deliver();
      // Where the status says it all, only the connection is left to break.
      if (whole.body === '' || whole.status >= 400) throw lost('reply', 'the connection broke (ECONNRESET)');
      return { ...whole, body: whole.body.slice(0, Math.floor(whole.body.length / 2)) };
    },
  },
  {
    title: '400 that repeats the request and its secrets',
    http: true,
    kinds: ['refused', 'auth', 'gibberish', 'conflict', 'blocked'],
    strike: async ({ request, secrets }) => reply(400, JSON.stringify({ message: `bad request ${secrets.join(' ')}`, url: request.url, headers: request.headers, body: request.body ?? '' }), jsonType),
  },
];
