/**
 * Globalping by jsDelivr: machines of volunteers and data centres all over the world.
 * Facts: https://globalping.io/docs/api.globalping.io, its published client and the sources of API and probe; never tried live. IPv6 targets are "experimental" there.
 */
import * as v from 'valibot';
import { parseAddress } from '../../core/address.ts';
import { Fault } from '../../core/failure.ts';
import { type Look, namesIn, type Seen } from '../../core/reach.ts';
import { ask, settled } from './ask.ts';
import { type Place, placeOf, together } from './places.ts';
import type { Probe, ProbeTools } from './probe.ts';

/** Without locations they are spread over the world. */
const PLACES = 3;
/** Its guidelines for clients: 500 ms after each answer. A measurement ends within 30 s. */
const POLL = { everyMs: 500, mostMs: 30_000 };

export const globalping = (endpoint = 'https://api.globalping.io'): Probe => ({
  title: 'Globalping (jsDelivr)',
  learns: 'the name, the address and the port',
  cannot: () => undefined,
  look: async (look, tools) => together(await (look.as.kind === 'connection' ? connect(endpoint, look, tools) : request(endpoint, look, tools))),
});

const ID = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
/** Says nothing of the target but `rawOutput`. `failureSource`: `internal` where the place itself is at fault. */
const UNFINISHED = v.object({ status: v.picklist(['in-progress', 'failed', 'offline', 'timed-out']), rawOutput: v.nullish(v.string()), failureSource: v.nullish(v.string()) });
const PING = v.object({ status: v.literal('finished'), resolvedAddress: v.nullish(v.string()), stats: v.object({ rcv: v.number() }) });
/** `AB:CD:...`, 32 times. */
const FINGERPRINT = v.pipe(
  v.string(),
  v.regex(/^[\da-f]{2}(:[\da-f]{2}){31}$/i),
  v.transform((text) => text.replaceAll(':', '').toLowerCase()),
);
const CERTIFICATE = v.object({ fingerprint256: FINGERPRINT, expiresAt: v.nullish(v.string()), subject: v.nullish(v.object({ alt: v.nullish(v.string()) })) });
const HTTP = v.object({
  status: v.literal('finished'),
  resolvedAddress: v.nullish(v.string()),
  statusCode: v.nullish(v.number()),
  rawBody: v.nullish(v.string()),
  tls: v.nullish(CERTIFICATE),
});

async function connect(endpoint: string, look: Look, tools: ProbeTools): Promise<readonly Place[]> {
  const results = await measure(endpoint, look, { type: 'ping', measurementOptions: { protocol: 'TCP', port: look.port } }, v.variant('status', [PING, UNFINISHED]), tools);
  return results.map((result): Place => {
    if (result.status !== 'finished') return unfinished(result);
    return elsewhere(result, look) ?? (result.stats.rcv > 0 ? { kind: 'open' } : { kind: 'closed', words: 'no answer in time' });
  });
}

/** Aimed at the address; the name goes into `Host` and, with TLS, into SNI. */
async function request(endpoint: string, look: Look, tools: ProbeTools): Promise<readonly Place[]> {
  const { as, name: host, port } = look;
  const options = as.kind === 'page' ? { protocol: 'HTTP', port, request: { host, path: as.path, method: 'GET' } } : { protocol: 'HTTPS', port, request: { host, method: 'HEAD' } };
  const results = await measure(endpoint, look, { type: 'http', measurementOptions: options }, v.variant('status', [HTTP, UNFINISHED]), tools);
  return results.map((result): Place => {
    if (result.status !== 'finished') return unfinished(result);
    const seen = as.kind === 'page' ? pageIn(result) : certificateIn(result);
    return elsewhere(result, look) ?? { kind: 'open', ...(seen === undefined ? {} : { seen }) };
  });
}

/** One result per place. Those that are not there in time are told as `in-progress`. */
async function measure<S extends v.GenericSchema>(
  endpoint: string,
  { address }: Look,
  what: { readonly type: string; readonly measurementOptions: unknown },
  result: S,
  tools: ProbeTools,
): Promise<readonly v.InferOutput<S>[]> {
  const url = `${endpoint}/v1/measurements`;
  const { id } = await ask({ method: 'POST', url, json: { ...what, target: address, limit: PLACES }, purpose: 'begin a measurement' }, v.object({ id: ID }), tools);
  const schema = v.object({ id: ID, status: v.string(), target: v.string(), results: v.array(v.object({ result })) });
  const poll = () => ask({ url: `${url}/${id}`, purpose: 'tell the result of a measurement' }, schema, tools);
  const measured = await settled(poll, ({ status }) => status !== 'in-progress', POLL, tools);
  if (measured.id !== id || parseAddress(measured.target) !== address)
    throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `${new URL(url).host} was asked for the result of one measurement and told that of another` });
  return measured.results.map((one) => one.result);
}

function unfinished({ status, rawOutput, failureSource }: v.InferOutput<typeof UNFINISHED>): Place {
  // Of several attempts one may have come through.
  if (status === 'failed' && failureSource !== 'internal') return /^Reply from /m.test(rawOutput ?? '') ? { kind: 'open' } : placeOf(rawOutput ?? '');
  return { kind: 'blind', words: status === 'failed' ? 'the place that looked failed itself' : 'no result in time' };
}

function elsewhere({ resolvedAddress }: { readonly resolvedAddress?: string | null | undefined }, { address }: Look): Place | undefined {
  if (resolvedAddress == null || parseAddress(resolvedAddress) === address) return undefined;
  return { kind: 'blind', words: `it still sees ${parseAddress(resolvedAddress) ?? 'another address'}` };
}

const pageIn = ({ statusCode, rawBody }: v.InferOutput<typeof HTTP>): Seen | undefined => (statusCode == null ? undefined : { kind: 'page', status: statusCode, body: rawBody ?? '' });

function certificateIn({ tls }: v.InferOutput<typeof HTTP>): Seen | undefined {
  if (tls == null) return undefined;
  const validTo = Date.parse(tls.expiresAt ?? '');
  const alt = tls.subject?.alt;
  const names = alt == null ? undefined : namesIn(alt);
  return { kind: 'certificate', fingerprint256: tls.fingerprint256, ...(names === undefined ? {} : { names }), ...(Number.isNaN(validTo) ? {} : { validTo }) };
}
