/** Calls one action of a UPnP service: SOAP 1.1 over HTTP (UPnP Device Architecture 2.0 section 3). */
import { Fault } from '../../core/failure.ts';
import type { Deadline, World } from '../../world/world.ts';
import type { Endpoint } from './igd.ts';
import { escapeXml, MAX_XML_BYTES, readXml, textIn, within } from './xml.ts';

/** What the action returned, by name; or the number and words of the error, which say why not. */
export type SoapReply = { readonly kind: 'returned'; readonly values: ReadonlyMap<string, string> } | { readonly kind: 'error'; readonly code: number; readonly words: string };

const TIMEOUT_MS = 2000;

/** `args` in the order that the service prescribes: routers go by it. Throws Fault `network` or `gibberish`. */
export async function callAction(
  { type, controlUrl, over6 }: Endpoint,
  { action, args = [] }: { readonly action: string; readonly args?: readonly (readonly [name: string, value: string])[] },
  { net }: Pick<World, 'net'>,
  { timeoutMs, signal }: Deadline,
): Promise<SoapReply> {
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` };
  const body = encodeCall(type, action, args);
  const reply = await net.echo(
    { url: controlUrl, family: over6 === undefined ? 4 : 6, ...over6, maxBytes: MAX_XML_BYTES, post: { headers, body } },
    { timeoutMs: Math.max(1, Math.min(TIMEOUT_MS, timeoutMs)), signal },
  );
  const gibberish = (what: string): Fault => new Fault({ kind: 'gibberish', phase: 'reply', detail: `${what} when asked for ${action} by UPnP` });
  // Errors come with 500, and from some routers with 200.
  if (reply.status !== 200 && reply.status !== 500) throw gibberish(`answered ${reply.status}${reply.status >= 300 && reply.status < 400 ? ', a redirect that is not followed,' : ''}`);
  const read = readXml(reply.body);
  if (read.kind === 'refused') throw gibberish(`gave an answer that ${read.why}`);
  const { element } = read;
  const inside = element.name === 'Envelope' ? within(element, 'Body') : undefined;
  const returned = inside && within(inside, `${action}Response`);
  if (reply.status === 200 && returned !== undefined) return { kind: 'returned', values: new Map(returned.children.map(({ name, text }) => [name, text.trim()])) };
  const error = inside && within(inside, 'Fault', 'detail', 'UPnPError');
  const code = textIn(error, 'errorCode');
  if (!/^\d{3}$/.test(code)) throw gibberish('gave an answer of another kind');
  return { kind: 'error', code: Number(code), words: textIn(error, 'errorDescription') };
}

export const encodeCall = (type: string, action: string, args: readonly (readonly [name: string, value: string])[]): string =>
  `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${type}">${args
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('')}</u:${action}></s:Body></s:Envelope>\r\n`;
