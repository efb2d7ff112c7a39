/** A router on loopback that speaks UPnP: SSDP, description and SOAP, each part replaceable by what a broken or hostile one would send. */
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../../src/world/world.ts';
import { realWorld } from './world.ts';

export const IGD = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';
export const IP1 = 'urn:schemas-upnp-org:service:WANIPConnection:1';
export const IP2 = 'urn:schemas-upnp-org:service:WANIPConnection:2';
export const PPP1 = 'urn:schemas-upnp-org:service:WANPPPConnection:1';

/** What one line of the router says: its answer to an action by name, or the number of an error. */
export type Line = { readonly type: string; readonly url: string; readonly says: Readonly<Record<string, Readonly<Record<string, string>> | number>> };
export const line = (address: string, { type = IP1, url = '/ctl/ip', status = 'Connected' }: { type?: string; url?: string; status?: string } = {}): Line => ({
  type,
  url,
  says: { GetStatusInfo: { NewConnectionStatus: status, NewLastConnectionError: 'ERROR_NONE', NewUptime: '77' }, GetExternalIPAddress: { NewExternalIPAddress: address } },
});

export type Behaviour = {
  readonly lines?: readonly Line[];
  /** Datagrams in answer to a search for `target`. `base`: the router's own pages. */
  readonly ssdp?: (target: string, base: string) => readonly (string | Uint8Array)[];
  /** The description, in place of the usual one. */
  readonly describe?: (lines: readonly Line[], base: string) => string | Buffer;
  /** Sees every request first; true: it has been answered. */
  readonly http?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readonly host?: string;
};

export type UpnpRouter = {
  readonly host: string;
  readonly base: string;
  readonly port: number;
  readonly searches: string[];
  /** `GET /path`, or `POST /path Action`. */
  readonly requests: string[];
  readonly posts: { readonly headers: IncomingMessage['headers']; readonly raw: readonly string[]; readonly body: string }[];
  readonly close: () => Promise<void>;
};

export const found = (location: string, { st = IGD, usn = `uuid:00000000-0000-4000-8000-000000000001::${st}` }: { st?: string; usn?: string } = {}): string =>
  `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${st}\r\nUSN: ${usn}\r\nEXT:\r\nSERVER: Test/1 UPnP/1.1 Test/1\r\nLOCATION: ${location}\r\n\r\n`;

const service = ({ type, url }: Line): string =>
  `<service><serviceType>${type}</serviceType><serviceId>urn:upnp-org:serviceId:x</serviceId><SCPDURL>/scpd.xml</SCPDURL><controlURL>${url}</controlURL><eventSubURL>/e</eventSubURL></service>`;

/** Lines of a WANConnectionDevice in a WANDevice in an InternetGatewayDevice. `extra`: first in the root. */
export const description = (lines: readonly Line[], extra = ''): string =>
  `<?xml version="1.0"?>\n<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major><minor>0</minor></specVersion>${extra}<device><deviceType>${IGD}</deviceType><friendlyName>Box</friendlyName><serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3Forwarding:1</serviceType><controlURL>/ctl/l3f</controlURL></service></serviceList><deviceList><device><deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><serviceList><service><serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType><controlURL>/ctl/common</controlURL></service></serviceList><deviceList><device><deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList>${lines.map(service).join('')}</serviceList></device></deviceList></device></deviceList></device></root>\n`;

export const returned = (type: string, action: string, values: Readonly<Record<string, string>>): string =>
  `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action}Response xmlns:u="${type}">${Object.entries(
    values,
  )
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</u:${action}Response></s:Body></s:Envelope>\r\n`;

export const soapError = (code: number, words = 'Some Reason'): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode><errorDescription>${words}</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>`;

export async function upnpRouter({ lines = [], ssdp = (_, base) => [found(`${base}/desc.xml`)], describe = description, http = () => false, host = '127.0.0.1' }: Behaviour): Promise<UpnpRouter> {
  const [searches, requests, posts]: [string[], string[], UpnpRouter['posts']] = [[], [], []];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [type = '', action = ''] = String(request.headers['soapaction'] ?? '')
      .replaceAll('"', '')
      .split('#');
    requests.push(`${request.method} ${request.url}${action === '' ? '' : ` ${action}`}`);
    if (http(request, response)) return;
    const send = (status: number, body: string | Buffer): void => void response.writeHead(status, { 'content-type': 'text/xml; charset="utf-8"' }).end(body);
    if (request.method === 'GET') return request.url === '/desc.xml' ? send(200, describe(lines, base)) : send(404, 'nothing here');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    posts.push({ headers: request.headers, raw: request.rawHeaders, body: Buffer.concat(chunks).toString() });
    const says = lines.find((one) => one.type === type && one.url === request.url)?.says[action];
    if (says === undefined) send(500, soapError(401, 'Invalid Action'));
    else if (typeof says === 'number') send(500, soapError(says));
    else send(200, returned(type, action, says));
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const base = `http://${host}:${(server.address() as AddressInfo).port}`;
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const text = question.toString('latin1');
    searches.push(text);
    for (const reply of ssdp(/^ST: (.*)\r$/m.exec(text)?.[1] ?? '', base)) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return {
    host,
    base,
    port: socket.address().port,
    searches,
    requests,
    posts,
    close: async () => {
      await new Promise<void>((resolve) => void socket.close(() => resolve()));
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** The real world, but SSDP goes to these: what is meant for the gateway to the first, what is meant for the group to those that hear it. */
export function worldOf(gateway: UpnpRouter, group: readonly UpnpRouter[] = []): World {
  const world = realWorld();
  const { search } = world.net;
  if (search === undefined) throw new Error('the real network can search');
  const aimed: typeof search = (question, hear, wait) =>
    search(
      {
        ...question,
        messages: question.messages.flatMap(({ to, payload }) =>
          (to.address === gateway.host ? [gateway] : group).map(({ host, port }) => ({ to: { address: host as typeof to.address, port }, payload })),
        ),
      },
      hear,
      wait,
    );
  return { ...world, net: { ...world.net, search: aimed } };
}
