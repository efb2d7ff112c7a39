/**
 * check-host.net: some fifty machines in data centres, of which three are asked to connect.
 * Facts: https://check-host.net/about/api; never tried live. That IPv6 addresses go in brackets, and its limits, are not documented.
 */
import * as v from 'valibot';
import { parseAddress } from '../../core/address.ts';
import type { Failure } from '../../core/failure.ts';
import type { Look, Sighting } from '../../core/reach.ts';
import { jsonIn } from '../../sdk/http.ts';
import type { HttpReply } from '../../world/world.ts';
import { ask, settled } from './ask.ts';
import { excerpt, type Place, placeOf, together } from './places.ts';
import type { Probe, ProbeTools } from './probe.ts';

const PLACES = 3;
const POLL = { everyMs: 1000, mostMs: 30_000 };

export const checkHost = (endpoint = 'https://check-host.net'): Probe => ({
  title: 'check-host.net',
  learns: 'the address and the port; its report has a public link',
  cannot: () => undefined,
  look: (look, tools) => askPlaces(endpoint, look, tools),
});

const BEGUN = v.object({ ok: v.literal(1), request_id: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)), nodes: v.record(v.string(), v.unknown()) });
/** Per place: null until it is done, then one attempt: `{address, time}` in seconds, or `{error}`. */
const ATTEMPT = v.object({ address: v.nullish(v.string()), time: v.nullish(v.number()), error: v.nullish(v.string()) });
const RESULT = v.record(v.string(), v.nullable(v.array(v.nullable(ATTEMPT))));

async function askPlaces(endpoint: string, look: Look, tools: ProbeTools): Promise<Sighting> {
  const host = `${look.family === 6 ? `[${look.address}]` : look.address}:${look.port}`;
  const { request_id: id, nodes } = await ask({ url: `${endpoint}/check-tcp`, query: { host, max_nodes: PLACES }, purpose: 'connect', refusal }, BEGUN, tools);
  const places = Object.keys(nodes);
  if (places.length === 0) return together([]);
  const poll = () => ask({ url: `${endpoint}/check-result/${id}`, purpose: 'tell who could connect', refusal }, RESULT, tools);
  const results = await settled(poll, (said) => places.every((place) => attemptsIn(said, place) != null), POLL, tools);
  return together(places.map((place) => foundFrom(attemptsIn(results, place), look)));
}

/** A stranger names the places. */
const attemptsIn = (results: v.InferOutput<typeof RESULT>, place: string): v.InferOutput<typeof RESULT>[string] | undefined => (Object.hasOwn(results, place) ? results[place] : undefined);

function foundFrom(attempts: v.InferOutput<typeof RESULT>[string] | undefined, look: Look): Place {
  if (attempts == null) return { kind: 'blind', words: 'no result in time' };
  const [said] = attempts;
  if (said?.error != null) return placeOf(said.error);
  if (said?.time == null) return { kind: 'blind', words: 'the place that looked does not say what it found' };
  if (said.address != null && parseAddress(said.address) !== look.address) return { kind: 'blind', words: `it still sees ${parseAddress(said.address) ?? 'another address'}` };
  return { kind: 'open' };
}

/** Says no with any status: `{"error": "limit_exceeded"}`. */
function refusal(reply: HttpReply): Failure | undefined {
  const said = v.safeParse(v.object({ error: v.string() }), jsonIn(reply)?.value);
  if (!said.success) return undefined;
  return { kind: /limit/i.test(said.output.error) ? 'throttled' : 'refused', detail: `check-host.net refuses to look: ${excerpt(said.output.error)}` };
}
