/** Which name servers to talk to: `HOST`, `HOST:PORT`, `[2001:db8::1]:PORT`, several separated by commas. */

/** `host`: a name or a literal without brackets. */
export type Server = { readonly host: string; readonly port: number };

const DNS_PORT = 53;

/** The servers in `text`, or what is wrong with it. A `dns://` in front is allowed. */
export function parseServers(text: string): readonly Server[] | { readonly problem: string } {
  const servers: Server[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const server = parseServer(part);
    if (server === undefined) return { problem: `"${part}" is not a server: write HOST, HOST:PORT or [IPv6]:PORT` };
    servers.push(server);
  }
  return servers;
}

function parseServer(text: string): Server | undefined {
  const bare = text.replace(/^dns:\/\//i, '').replace(/\/$/, '');
  const colons = bare.split(':').length - 1;
  if (colons > 1 && !bare.startsWith('[')) return /^[0-9a-f:.]+$/i.test(bare) ? { host: bare, port: DNS_PORT } : undefined;
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^\s[\]:/@]+))(?::(\d{1,5}))?$/i.exec(bare);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3] ?? DNS_PORT);
  return host === undefined || port < 1 || port > 65535 ? undefined : { host, port };
}

/** `ns1.example.com:53`, for messages. */
export const printServer = ({ host, port }: Server): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
