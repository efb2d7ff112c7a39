/**
 * portchecker.io: one machine that tries one connection for one second, IPv4 only.
 * Facts: the routes and the query of its source, https://github.com/dsgnr/portchecker.io; never tried live. Newer versions call `/api/v1/query` deprecated and have the same at `/api/query`.
 */
import * as v from 'valibot';
import { parseAddress } from '../../core/address.ts';
import { Fault } from '../../core/failure.ts';
import type { Look, Sighting } from '../../core/reach.ts';
import { json, orAbsent } from '../../sdk/http.ts';
import { ask, askFor } from './ask.ts';
import type { Probe, ProbeTools } from './probe.ts';

export const portchecker = (endpoint = 'https://portchecker.io'): Probe => ({
  title: 'portchecker.io',
  learns: 'the address and the port',
  cannot: ({ family }) => (family === 6 ? 'it knows IPv4 only' : undefined),
  look: (look, tools) => query(endpoint, look, tools),
});

const ANSWER = v.object({ error: v.literal(false), host: v.string(), check: v.array(v.object({ port: v.number(), status: v.boolean() })) });

async function query(endpoint: string, { address, port }: Look, tools: ProbeTools): Promise<Sighting> {
  const question = { method: 'POST', json: { host: address, ports: [port] }, purpose: 'connect' } as const;
  const first = await askFor({ ...question, url: `${endpoint}/api/v1/query` }, orAbsent(json(ANSWER)), tools);
  const { host, check } = first ?? (await ask({ ...question, url: `${endpoint}/api/query` }, ANSWER, tools));
  const found = check.find((one) => one.port === port);
  if (parseAddress(host) !== address || found === undefined)
    throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${new URL(endpoint).host} was asked about one address and port and told about others` });
  return found.status ? { kind: 'open' } : { kind: 'closed', words: 'no connection within 1 s; whether it is refused or without an answer is not told' };
}
