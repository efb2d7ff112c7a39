/**
 * Let's Debug: asks port 80 of every address of a name as a certificate authority would, and tells what went wrong.
 * Facts: https://github.com/letsdebug/letsdebug, its README and source; never tried live.
 * It says at which address it was, and what it read there, only of what it did not expect. So it is told to expect what nobody has: then it must tell of
 * every address, and repeats our page without having been told what stands there.
 */
import * as v from 'valibot';
import { type IpAddress, parseAddress } from '../../core/address.ts';
import { Fault } from '../../core/failure.ts';
import type { Look, Sighting } from '../../core/reach.ts';
import { randomHex } from '../../sdk/nonce.ts';
import { ask, settled } from './ask.ts';
import { alone, excerpt, type Place, placeOf } from './places.ts';
import type { Probe, ProbeTools } from './probe.ts';

/** It asks browsers to come back after 3 s; a look takes up to 10 s for every address, and then it asks Let's Encrypt. */
const POLL = { everyMs: 3000, mostMs: 60_000 };

export const letsdebug = (endpoint = 'https://letsdebug.net'): Probe => ({
  title: "Let's Debug",
  learns: 'the name, and shows what it finds there to anybody who asks it',
  cannot: ({ port }) => (port === 80 ? undefined : 'it looks at port 80 only'),
  look: (look, tools) => test(endpoint, look, tools),
});

const BEGUN = v.object({ ID: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });
const PROBLEM = v.object({ name: v.string(), explanation: v.string(), detail: v.nullish(v.string()) });
const TEST = v.object({
  id: v.number(),
  domain: v.string(),
  status: v.picklist(['Queued', 'Processing', 'Complete', 'Cancelled']),
  result: v.nullish(v.object({ error: v.nullish(v.string()), problems: v.nullish(v.array(PROBLEM)) })),
});
type Problem = v.InferOutput<typeof PROBLEM>;

async function test(endpoint: string, look: Look, tools: ProbeTools): Promise<Sighting> {
  const expected = randomHex(tools, 32);
  // It asks for nothing but files in /.well-known/acme-challenge/: the page must be there too, by the last part of its path.
  const path = look.as.kind === 'page' ? { http_request_path: look.as.path.slice(look.as.path.lastIndexOf('/') + 1) } : {};
  const json = { method: 'http-01', domain: look.name, options: { ...path, http_expect_response: expected } };
  const { ID: id } = await ask({ method: 'POST', url: `${endpoint}/`, json, purpose: 'begin a test' }, BEGUN, tools);
  const poll = () => ask({ url: `${endpoint}/${look.name}/${id}`, purpose: 'tell the result of a test' }, TEST, tools);
  const { domain, status, result, ...told } = await settled(poll, (said) => said.status === 'Complete' || said.status === 'Cancelled', POLL, tools);
  const { host } = new URL(endpoint);
  if (told.id !== id || domain !== look.name) throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${host} was asked for the result of one test and told that of another` });
  if (status !== 'Complete') return { kind: 'unknown', words: 'no result in time' };
  if (result?.error) throw new Fault({ kind: 'unavailable', detail: `${host} could not look: ${excerpt(result.error)}` });
  return sightingOf(result?.problems ?? [], look, expected);
}

function sightingOf(problems: readonly Problem[], look: Look, expected: string): Sighting {
  const placed = problems.map((problem) => ({ problem, at: addressOf(problem) }));
  const ours = placed.find(({ at }) => at === look.address);
  if (ours !== undefined) return alone(foundIn(ours.problem, look, expected));
  const others = [...new Set(placed.flatMap(({ at }) => (at === undefined || at.includes(':') !== (look.family === 6) ? [] : [at])))];
  if (others.length > 0) return { kind: 'unknown', words: `it still sees ${others.join(', ')}` };
  const lookup = problems.find(({ name }) => name === 'NoRecords' || name === 'DNSLookupFailed' || name === 'ReservedAddress');
  return {
    kind: 'unknown',
    words: lookup === undefined ? 'it does not say what it found at this address' : `it finds no address of the name that it could ask: ${excerpt(lookup.detail ?? lookup.name)}`,
  };
}

/** `example.net has an A (IPv4) record (192.0.2.1) but ...`; problems of other kinds tell it in their trace alone. */
function addressOf({ name, explanation, detail }: Problem): IpAddress | undefined {
  const told = /^A(?:AAA)?NotWorking$/.test(name) ? /record \(([\da-f.:]+)\)/.exec(explanation) : /\(using initial IP ([\da-f.:]+)\)/.exec(traceOf(detail));
  return parseAddress(told?.[1] ?? '');
}

const TRACE = '\n\nTrace:\n';
/** What comes after the last such line: before it stands whatever the machine has answered. */
const traceOf = (detail: string | null | undefined): string => (detail?.includes(TRACE) ? detail.slice(detail.lastIndexOf(TRACE) + TRACE.length) : '');

function foundIn({ detail }: Problem, look: Look, expected: string): Place {
  const text = detail ?? '';
  const trace = traceOf(text);
  const cause = trace === '' ? text : text.slice(0, -trace.length - TRACE.length);
  const status = /Server response: HTTP (\d{3})/.exec(trace)?.[1];
  const intro = `This test expected the server to respond with "${expected}" but instead we got a response beginning with "`;
  if (cause.startsWith(intro) && cause.endsWith('"')) {
    // Of a redirect it read what stands at its end; any other status may be meant for the folder, which is not the page's own.
    const isPage = look.as.kind === 'page' && status === '200' && !trace.includes('Received redirect');
    return isPage ? { kind: 'open', seen: { kind: 'page', status: 200, body: cause.slice(intro.length, -1) } } : { kind: 'open' };
  }
  // The name is left out of what is read: it may be called like a cause.
  return status === undefined ? placeOf(cause.replaceAll(look.name, '')) : { kind: 'open' };
}
