/** dyndns2: the services that are told by one URL, by name or at any server. */
import { accountProblem, capabilitiesOf, choice, defineProvider, Fault, flag, optional, type Secret, secret, text, type UpdateUrlAccount, type UpdateUrlRow, updateUrl } from '../../sdk/index.ts';
import { IDS, ROWS, rowOf } from './rows.ts';

const options = {
  service: optional(choice('a service that is known by name', IDS)),
  server: optional(text('any other server that speaks dyndns2: a URL, or host:port with the usual path /nic/update', { example: 'https://dyndns.example.com/nic/update' })),
  username: optional(text('user name, where the service has one')),
  password: optional(secret('password, key or token')),
  token: optional(secret('another word for password, for services that call it a token')),
  zone: optional(text('the domain as the provider knows it, where the service wants names relative to it', { example: 'example.com' })),
  id: optional(text('number of the tunnel, for Tunnel Broker')),
  joint: optional(flag('with server: it takes an IPv4 and an IPv6 address together, joined by a comma')),
  insecure: optional(flag('allow plain http, which shows the password to everybody on the way')),
};

type Options = {
  readonly service?: string | undefined;
  readonly server?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly token?: Secret | undefined;
  readonly zone?: string | undefined;
  readonly id?: string | undefined;
  readonly joint?: boolean | undefined;
  readonly insecure?: boolean | undefined;
  readonly endpoint?: string | undefined;
};

export default defineProvider({
  api: 1,
  id: 'dyndns2',
  name: 'dyndns2 services',
  reference: 'https://help.dyn.com/remote-access-api/',
  checked: '2026-11-20',
  evidence: 'documented',
  can: (given) => {
    const account = accountOf(given);
    return typeof account === 'string' ? { families: [4, 6], readable: false, wildcard: true, apex: true, values: 'one', ttl: 'fixed' } : capabilitiesOf(account.row);
  },
  options,
  environment: { username: ['DYNDNS2_USERNAME'], password: ['DYNDNS2_PASSWORD'], token: ['DYNDNS2_TOKEN'] },
  example: { service: 'noip', username: 'the-user-of-your-key', password: { env: 'DYNDNS2_PASSWORD' } },
  credentials: ['What goes into username and password depends on the service.', ...[...ROWS.values()].map(describe)].join('\n  '),
  problems: (given) => {
    const account = accountOf(given);
    const problem = typeof account === 'string' ? account : accountProblem(account);
    return problem === undefined ? [] : [problem];
  },
  open: (given, tools) => {
    const account = accountOf(given);
    if (typeof account === 'string') throw new Fault({ kind: 'config', detail: account });
    return updateUrl(account, tools);
  },
});

/** How to log in to one service, and what else to know of it. */
function describe({ id, title, login, notes, evidence }: UpdateUrlRow): string {
  return `${title} (service: ${id})${evidence === 'unverified' ? ', unverified' : ''}: ${login}.${notes === undefined ? '' : ` ${notes}`}`;
}

/** The account these options describe, or what is wrong with them together. */
function accountOf({ service, server, username, password, token, zone, id, joint, insecure, endpoint }: Options): UpdateUrlAccount | string {
  if (service !== undefined && server !== undefined) return 'service and server exclude each other: a service has its own server, and endpoint takes the place of it';
  if (password !== undefined && token !== undefined) return 'password and token are two words for one thing: leave one of them out';
  const login = { username, password, token, zone: zone?.toLowerCase().replace(/\.$/, ''), more: { id }, endpoint, insecure };
  if (service !== undefined) {
    const row = ROWS.get(service);
    return row === undefined ? `no service is called ${service}` : { row, ...login };
  }
  if (server === undefined) return `say which server: service (${IDS.join(', ')}) or server (any that speaks dyndns2)`;
  const url = urlOfServer(server, insecure === true);
  return typeof url === 'string' ? url : { row: rowOf(url.href, { joint: joint === true }), ...login };
}

/** `host`, `host:port`, `host/path` or a URL. */
function urlOfServer(server: string, insecure: boolean): URL | string {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(server);
  const text = hasScheme ? server : `${insecure ? 'http' : 'https'}://${server}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || /[{}]/.test(server))
    return 'server must be a host, host:port or a http(s) URL without a user and password in it';
  if (url.protocol === 'http:' && !insecure && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
    return 'server is plain http, so the password would be sent in the open: use https, or allow it with insecure: true';
  if (url.pathname === '/' && url.search === '') url.pathname = '/nic/update';
  url.hash = '';
  return url;
}
