/** The catalogue: public services that tell a caller's address, as data. Add a row to add a source. */
import type { Family } from '../core/address.ts';
import type { HttpsReading, ServerAddress, Source } from './source.ts';

/** `reserve`: known to work, but not asked unless the config names it. `unverified`: from general knowledge, not from a page of the operator. */
export type CatalogueEntry = Source & { readonly use: 'default' | 'reserve'; readonly unverified?: true };
type Standing = { readonly use: CatalogueEntry['use']; readonly unverified?: true };

const BOTH: readonly Family[] = [4, 6];
const DEFAULT: Standing = { use: 'default' };
const RESERVE: Standing = { use: 'reserve' };
const HEARSAY: Standing = { use: 'reserve', unverified: true };

/** Literals and names with one port; the family of a name is both. */
const at = (port: number, hosts: readonly string[]): readonly ServerAddress[] => hosts.map((host) => ({ host, port, families: host.includes(':') ? [6] : /^[\d.]+$/.test(host) ? [4] : BOTH }));

const dns = (
  id: string,
  operator: string,
  asks: { readonly question: string; readonly class: 'IN' | 'CH'; readonly type: 'address' | 'TXT'; readonly servers: readonly string[] },
  standing: Standing,
): CatalogueEntry => ({
  kind: 'dns',
  id,
  operator,
  families: BOTH,
  question: asks.question,
  class: asks.class,
  type: asks.type,
  servers: at(53, asks.servers),
  ...standing,
});

const stun = (id: string, operator: string, port: number, host: string, standing: Standing, families: readonly Family[] = [4]): CatalogueEntry => ({
  kind: 'stun',
  id,
  operator,
  families,
  servers: [{ host, port, families }],
  ...standing,
});

/** `4`, `6`: a host of that family alone. `both`: one host with both, the family is forced by us. */
type Hosts = { readonly 4?: string; readonly 6?: string; readonly both?: string };

const https = (id: string, operator: string, hosts: Hosts, standing: Standing, read: HttpsReading = { kind: 'plain' }): CatalogueEntry => {
  const urls = [
    ...(hosts[4] === undefined ? [] : [{ url: hosts[4], families: [4] as const }]),
    ...(hosts[6] === undefined ? [] : [{ url: hosts[6], families: [6] as const }]),
    ...(hosts.both === undefined ? [] : [{ url: hosts.both, families: BOTH }]),
  ];
  return { kind: 'https', id, operator, families: BOTH.filter((family) => urls.some(({ families }) => families.includes(family))), urls, read, authenticated: true, ...standing };
};

const json = (...path: readonly string[]): HttpsReading => ({ kind: 'json', path });

const ENTRIES: readonly CatalogueEntry[] = [
  // Whoami over DNS. The servers are asked directly: through a resolver they would tell the resolver's address.
  dns('cloudflare-dns', 'cloudflare', { question: 'whoami.cloudflare', class: 'CH', type: 'TXT', servers: ['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111', '2606:4700:4700::1001'] }, DEFAULT),
  dns(
    'opendns',
    'cisco',
    { question: 'myip.opendns.com', class: 'IN', type: 'address', servers: ['208.67.222.222', '208.67.220.220', '208.67.222.220', '208.67.220.222', '2620:119:35::35', '2620:119:53::53'] },
    DEFAULT,
  ),
  dns(
    'google-dns',
    'google',
    {
      question: 'o-o.myaddr.l.google.com',
      class: 'IN',
      type: 'TXT',
      servers: ['216.239.32.10', '216.239.34.10', '216.239.36.10', '216.239.38.10', '2001:4860:4802:32::a', '2001:4860:4802:34::a', '2001:4860:4802:36::a', '2001:4860:4802:38::a'],
    },
    DEFAULT,
  ),
  dns('quad9-dns', 'quad9', { question: 'whatismyip.on.quad9.net', class: 'IN', type: 'address', servers: ['9.9.9.9', '2620:fe::fe'] }, DEFAULT),

  // STUN. For IPv6 practically only these first two are dependable.
  stun('cloudflare-stun', 'cloudflare', 3478, 'stun.cloudflare.com', DEFAULT, BOTH),
  stun('google-stun', 'google', 19302, 'stun.l.google.com', DEFAULT, BOTH),
  stun('nextcloud-stun', 'nextcloud', 3478, 'stun.nextcloud.com', RESERVE),
  stun('framasoft-stun', 'framasoft', 3478, 'stun.framasoft.org', RESERVE),
  stun('threema-stun', 'threema', 3478, 'stun.threema.ch', RESERVE),
  stun('telnyx-stun', 'telnyx', 3478, 'stun.telnyx.com', RESERVE),
  stun('signalwire-stun', 'signalwire', 3478, 'stun.signalwire.com', RESERVE),
  stun('ipfire-stun', 'ipfire', 3478, 'stun.ipfire.org', RESERVE),
  stun('blackberry-stun', 'blackberry', 3478, 'stun.voip.blackberry.com', RESERVE),
  stun('freeswitch-stun', 'freeswitch', 3478, 'stun.freeswitch.org', RESERVE),
  stun('sipgate-stun', 'sipgate', 10000, 'stun.sipgate.net', RESERVE),
  stun('t-online-stun', 'telekom', 3478, 'stun.t-online.de', RESERVE),
  stun('linphone-stun', 'linphone', 3478, 'stun.linphone.org', RESERVE),
  stun('zoiper-stun', 'zoiper', 3478, 'stun.zoiper.com', RESERVE),
  // One company, so one operator: 1&1 is United Internet, and so is GMX.
  stun('1und1-stun', 'united-internet', 3478, 'stun.1und1.de', RESERVE),
  stun('gmx-stun', 'united-internet', 3478, 'stun.gmx.net', RESERVE),

  // Echo services over HTTPS. Not https://1.1.1.1/cdn-cgi/trace: providers and home routers own that address locally, and it told Cloudflare's own addresses twice.
  https('cloudflare', 'cloudflare', { both: 'https://api.cloudflare.com/cdn-cgi/trace' }, DEFAULT, { kind: 'trace' }),
  https('cloudflare-www', 'cloudflare', { both: 'https://www.cloudflare.com/cdn-cgi/trace' }, RESERVE, { kind: 'trace' }),
  https('icanhazip', 'cloudflare', { 4: 'https://ipv4.icanhazip.com', 6: 'https://ipv6.icanhazip.com' }, DEFAULT),
  https('ipify', 'ipify', { 4: 'https://api.ipify.org', 6: 'https://api6.ipify.org' }, DEFAULT),
  https('amazon', 'amazon', { 4: 'https://checkip.amazonaws.com' }, DEFAULT),
  https('ident.me', 'ident.me', { 4: 'https://v4.ident.me', 6: 'https://v6.ident.me' }, DEFAULT),
  https('tnedi.me', 'ident.me', { 4: 'https://v4.tnedi.me', 6: 'https://v6.tnedi.me' }, RESERVE),
  https('desec', 'desec', { 4: 'https://checkipv4.dedyn.io/', 6: 'https://checkipv6.dedyn.io/' }, DEFAULT),
  https('ifconfig.me', 'ifconfig.me', { both: 'https://ifconfig.me/ip' }, RESERVE),
  // Behind Cloudflare, which could answer in their place: they are no witnesses beside it.
  https('ifconfig.co', 'cloudflare', { both: 'https://ifconfig.co/ip' }, RESERVE),
  https('ifconfig.io', 'cloudflare', { both: 'https://ifconfig.io/ip' }, HEARSAY),
  https('ipinfo', 'ipinfo', { 4: 'https://ipinfo.io/ip', 6: 'https://v6.ipinfo.io/ip' }, RESERVE),
  https('wtfismyip', 'wtfismyip', { 4: 'https://ipv4.wtfismyip.com/text', 6: 'https://ipv6.wtfismyip.com/text' }, RESERVE),
  https('ip.sb', 'ip.sb', { 4: 'https://api-ipv4.ip.sb/ip', 6: 'https://api-ipv6.ip.sb/ip' }, RESERVE),
  https('my-ip.io', 'my-ip.io', { 4: 'https://api4.my-ip.io/v2/ip.txt', 6: 'https://api6.my-ip.io/v2/ip.txt' }, RESERVE),
  https('nsupdate.info', 'nsupdate.info', { 4: 'https://ipv4.nsupdate.info/myip', 6: 'https://ipv6.nsupdate.info/myip' }, RESERVE),
  https('nnev', 'nnev', { 4: 'https://ip4.nnev.de', 6: 'https://ip6.nnev.de' }, RESERVE),
  https('ipleak', 'airvpn', { 4: 'https://ipv4.ipleak.net/json', 6: 'https://ipv6.ipleak.net/json' }, RESERVE, json('ip')),
  https('ipecho', 'ipecho', { 4: 'https://ipecho.net/plain' }, RESERVE),
  https('akamai', 'akamai', { 4: 'https://whatismyip.akamai.com/' }, RESERVE),
  https('dnsomatic', 'cisco', { 4: 'https://myip.dnsomatic.com/' }, RESERVE),
  https('ip.me', 'proton', { both: 'https://ip.me' }, HEARSAY),
  https('curlmyip', 'curlmyip', { 4: 'https://curlmyip.net' }, HEARSAY),
  https('eth0.me', 'eth0.me', { 4: 'https://eth0.me' }, HEARSAY),
  https('l2.io', 'l2.io', { 4: 'https://l2.io/ip' }, HEARSAY),
  https('myexternalip', 'myexternalip', { 4: 'https://myexternalip.com/raw' }, HEARSAY),
  https('ip.tyk.nu', 'tyk.nu', { 4: 'https://ip.tyk.nu' }, HEARSAY),
  https('ipaddress.sh', 'ipaddress.sh', { 4: 'https://ipaddress.sh' }, HEARSAY),
  https('trackip', 'trackip', { 4: 'https://www.trackip.net/ip' }, HEARSAY),
  https('ip.222.at', '222.at', { 4: 'https://ip.222.at/iponly' }, HEARSAY),
  https('ddnsip.cn', 'ddnsip.cn', { 4: 'https://ipv4.ddnsip.cn' }, HEARSAY),
  https('biturl', 'biturl', { 4: 'https://myip.biturl.top' }, HEARSAY),
  https('neu6', 'neu', { 6: 'https://speed.neu6.edu.cn/getIP.php' }, HEARSAY),
  https('ip.pe.kr', 'ip.pe.kr', { 4: 'https://api.ip.pe.kr/' }, HEARSAY),
  https('utilo', 'utilo', { 4: 'https://api.ip.utilo.kr/ip' }, HEARSAY, json('data', 'ip')),
];

export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = Object.fromEntries(ENTRIES.map((entry) => [entry.id, entry]));

/** The built-in mix: at least four operators over DNS, STUN and HTTPS for either family. */
export const DEFAULT_SOURCES: readonly string[] = ENTRIES.filter(({ use }) => use === 'default').map(({ id }) => id);

/** Services that people know from other updaters and that cannot be used: what happened, and what to use instead. */
export const DEAD: Readonly<Record<string, string>> = {
  'domains.google.com': 'shut down together with Google Domains; use google-dns',
  'whatismyipaddress.com': 'its address echo was shut down in November 2021 because of abuse; use ipify',
  seeip: 'its certificate expired in 2023 and it has been offline since; use ident.me',
  'ipw.cn': 'its domain is gone since April 2026; use ddnsip.cn',
  'ipip.net': 'it told wrong addresses and now refuses programs; use ddnsip.cn',
  'ipaddr.site': 'its certificate expired in 2023; use ident.me',
  dnspark: 'it is gone; use desec',
  dyndns: 'checkip.dyndns.org answers over plain http only, with a web page, and repeats what a proxy claims; use amazon',
  '1.1.1.1': 'providers and routers use this address for themselves, and its trace told wrong addresses; use cloudflare or cloudflare-dns',
  he: 'checkip.dns.he.net answers with a web page; use desec',
  joker: 'its check page is a web page; use desec',
  dynu: 'its check page is a web page; use ipify',
  freedns: 'its check page is prose around an address; use ipify',
  spdyn: 'its check page is prose around an address; use nnev',
  'ip4only.me': 'it answers in a form of its own with more than the address; use ipify',
  'myip.dk': 'it wants to be asked at most once in five minutes; use ident.me',
  'findip.kr': 'it answers with a web page; use ip.pe.kr',
  'ip.3322.net': 'it answers over plain http only; use ddnsip.cn',
  oray: 'its check page is prose around an address; use ddnsip.cn',
  yinghualuo: 'its answer has no documented form; use ddnsip.cn',
  akahelp: 'it tells the address of your resolver, not yours; use akamai',
};
