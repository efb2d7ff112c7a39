/** dyndns2: any server that speaks it. Services that are known by name are providers of their own, rows of data in ../update-url. */
import { accountProblem, capabilitiesOf, defineProvider, Fault, flag, optional, type Secret, secret, text, type UpdateUrlAccount, updateUrl } from '../../sdk/index.ts';
import { rowOf } from './row.ts';

const options = {
  server: text('a server that speaks dyndns2: a URL, or host:port with the usual path /nic/update', { example: 'https://dyndns.example.com/nic/update' }),
  username: text('user name', { example: 'my-user' }),
  password: secret('password, key or token'),
  joint: optional(flag('it takes an IPv4 and an IPv6 address together, joined by a comma')),
  insecure: optional(flag('allow plain http, which shows the password to everybody on the way')),
};

type Options = {
  readonly server: string;
  readonly username: string;
  readonly password: Secret;
  readonly joint?: boolean | undefined;
  readonly insecure?: boolean | undefined;
  readonly endpoint?: string | undefined;
};

export default defineProvider({
  api: 1,
  id: 'dyndns2',
  name: 'Any dyndns2 server',
  also: ['custom', 'ddns-server', 'remote access API'],
  reference: 'https://help.dyn.com/remote-access-api/',
  checked: '2026-11-20',
  evidence: 'documented',
  can: capabilitiesOf(rowOf('https://server.example/nic/update', { joint: false })),
  options,
  environment: { username: ['DYNDNS2_USERNAME'], password: ['DYNDNS2_PASSWORD'] },
  example: { server: 'https://dyndns.example.com/nic/update', username: 'my-user', password: { env: 'DYNDNS2_PASSWORD' } },
  credentials:
    'Whatever the server gave you; a user or key that can do nothing but update names is better than that of the account. Services that are known by name have their own provider: ddns-update providers WORD finds them.',
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

/** The account these options describe, or what is wrong with them together. */
function accountOf({ server, username, password, joint, insecure, endpoint }: Options): UpdateUrlAccount | string {
  const url = urlOfServer(server, insecure === true);
  // On loopback nobody is on the way.
  return typeof url === 'string' ? url : { row: { ...rowOf(url.href, { joint: joint === true }), tls: 'documented' }, username, password, endpoint, insecure };
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
