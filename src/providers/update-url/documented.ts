/** Exchanges as the services' own pages show them, by row. What a service is known to say and no page of its own shows is not here. */
import type { Documented } from '../../testing/contract.ts';
import { rowOf } from './by-id.ts';

type Exchange = Omit<Documented, 'page'>;

const A = '203.0.113.7';
const AAAA = '2001:db8::7';

/** Somebody's address is sent for this name, by GET to this path. */
const told = (name: string, path: RegExp, value = A, method: 'GET' | 'POST' = 'GET'): Pick<Documented, 'act' | 'request'> => ({
  act: { kind: 'write', name, type: value.includes(':') ? 'AAAA' : 'A', values: [value] },
  request: { method, path },
});
const says = (body: string, status = 200, headers?: Readonly<Record<string, string>>): Pick<Documented, 'reply'> => ({ reply: { status, body, ...(headers === undefined ? {} : { headers }) } });
const UNASKED = { fake: 'unasked' } as const;

/** What Dyn's remote access API says, and whoever refers to it. */
const dyndns2 = (name: string, path: RegExp, value = A): readonly Exchange[] => [
  { title: 'an update', ...told(name, path, value), ...says(`good ${value}`), ends: 'ok' },
  { title: 'the address it has already', given: [{ name, type: value.includes(':') ? 'AAAA' : 'A', value, ttl: 60 }], ...told(name, path, value), ...says(`nochg ${value}`), ends: 'ok' },
  { title: 'a wrong login', ...told(name, path, value), ...says('badauth', 401), ends: 'auth', ...UNASKED },
  { title: 'a name that is not there', ...told(name, path, value), ...says('nohost'), ends: 'refused', ...UNASKED },
  { title: 'a locked name', ...told(name, path, value), ...says('abuse'), ends: 'blocked', ...UNASKED },
  { title: 'an outage', ...told(name, path, value), ...says('911'), ends: 'throttled', ...UNASKED },
];
const HOME = 'home.example.com';
const usual = (value = A): readonly Exchange[] => dyndns2(HOME, /^\/nic\/update\?hostname=home\.example\.com&myip=/, value);

const desec: readonly Exchange[] = [
  { title: 'IPv4 alone, IPv6 kept', ...told(HOME, /^\/\?hostname=home\.example\.com&myipv4=203\.0\.113\.7&myipv6=preserve$/), ...says('good'), ends: 'ok' },
  { title: 'IPv6 alone, IPv4 kept', ...told(HOME, /^\/\?hostname=home\.example\.com&myipv6=2001:db8::7&myipv4=preserve$/, AAAA), ...says('good'), ends: 'ok' },
  { title: 'a name that is not there', ...told(HOME, /^\//), ...says('nohost', 404), ends: 'refused', ...UNASKED },
  { title: 'too many updates', ...told(HOME, /^\//), ...says('', 429, { 'retry-after': '56' }), ends: 'throttled', ...UNASKED },
];

const he: readonly Exchange[] = [
  ...usual().slice(0, 4),
  { title: 'too soon', ...told(HOME, /^\/nic\/update/), ...says('interval'), ends: 'throttled', ...UNASKED },
  { title: 'no address', ...told(HOME, /^\/nic\/update/), ...says('badip'), ends: 'refused', ...UNASKED },
];

const ipv64 = (path: RegExp): readonly Exchange[] => [
  { title: 'an update', ...told(HOME, path), ...says(`good ${A}`), ends: 'ok' },
  { title: 'a wrong key', ...told(HOME, path), ...says('badauth', 401), ends: 'auth', ...UNASKED },
];

const EXCHANGES: Readonly<Record<string, readonly Exchange[]>> = {
  dyn: [
    ...dyndns2(HOME, /^\/v3\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7$/),
    { title: 'the agent is refused without a word', ...told(HOME, /^\/v3\/update/), ...says('good 127.0.0.1'), ends: 'blocked', ...UNASKED },
    { title: 'a paid feature', ...told(HOME, /^\/v3\/update/), ...says('!donator'), ends: 'blocked', ...UNASKED },
  ],
  noip: [...usual(), ...usual(AAAA).slice(0, 1)],
  dnsomatic: [
    ...dyndns2(HOME, /^\/nic\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG$/),
    { title: 'its DNS is out of order', ...told(HOME, /^\/nic\/update/), ...says('dnserr'), ends: 'throttled', ...UNASKED },
  ],
  dynu: [
    ...dyndns2(HOME, /^\/nic\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7&myipv6=no$/),
    { title: 'IPv6 alone', ...told(HOME, /&myip=no&myipv6=2001:db8::7$/, AAAA), ...says(`good ${AAAA}`), ends: 'ok' },
    { title: 'an outage of its own word', ...told(HOME, /^\/nic\/update/), ...says('servererror'), ends: 'throttled', ...UNASKED },
  ],
  'nsupdate-info': [
    ...usual().slice(0, 3),
    { title: 'a locked host', ...told(HOME, /^\/nic\/update/), ...says('abuse', 403), ends: 'blocked', ...UNASKED },
    { title: 'an address it does not take', ...told(HOME, /^\/nic\/update/), ...says('dnserr'), ends: 'refused', ...UNASKED },
  ],
  'desec-dyndns': desec,
  'desec-dyndns-token': desec,
  ipv64: ipv64(/^\/nic\/update\?key=[^&]+&domain=home\.example\.com&ip=203\.0\.113\.7$/),
  'ipv64-bearer': ipv64(/^\/nic\/update\?domain=home\.example\.com&ip=203\.0\.113\.7$/),
  'he-dns': he,
  'he-dns-basic': he,
  spdyn: [...usual(), { title: 'a host that was switched off', ...told(HOME, /^\/nic\/update/), ...says('fatal'), ends: 'refused', ...UNASKED }],
  freedyn: usual().slice(0, 4),
  mayddns: usual().slice(0, 4),
  'dyn-rs': dyndns2(HOME, /^\/v3\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7$/),
  variomedia: usual().slice(0, 4),
  'ovh-dynhost': dyndns2(HOME, /^\/nic\/update\?system=dyndns&hostname=home\.example\.com&myip=203\.0\.113\.7$/).slice(0, 4),
  'he-tunnelbroker': [
    { title: 'a new end of the tunnel', ...told('h1.example.com', /^\/nic\/update\?hostname=12345&myip=203\.0\.113\.7$/), ...says(`good ${A}`), ends: 'ok' },
    { title: 'the end it has already', ...told('h1.example.com', /^\/nic\/update/), ...says('That IP address is already associated with this IP address'), ends: 'ok', ...UNASKED },
    { title: 'a wrong key', ...told('h1.example.com', /^\/nic\/update/), ...says('badauth'), ends: 'auth', ...UNASKED },
  ],
  'pubyun-3322': [
    ...dyndns2(HOME, /^\/dyndns\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7$/),
    { title: 'a trouble of its own, with the status of one', ...told(HOME, /^\/dyndns\/update/), ...says('interror', 500), ends: 'throttled', ...UNASKED },
  ],
  'domeneshop-dyndns': [
    { title: 'an update', ...told(HOME, /^\/v0\/dyndns\/update\?hostname=home\.example\.com&myip=203\.0\.113\.7$/), ...says('', 204), ends: 'ok' },
    { title: 'a name of another account', ...told(HOME, /^\/v0\/dyndns\/update/), ...says('', 404), ends: 'refused', ...UNASKED },
    { title: 'a wrong token', ...told(HOME, /^\/v0\/dyndns\/update/), ...says('', 401), ends: 'auth', ...UNASKED },
  ],
  ydns: [
    { title: 'an update', ...told(HOME, /^\/api\/v1\/update\/\?host=home\.example\.com&ip=203\.0\.113\.7$/), ...says('ok'), ends: 'ok' },
    { title: 'the older word', ...told(HOME, /^\/api\/v1\/update\//), ...says('good'), ends: 'ok', ...UNASKED },
    { title: 'bad input', ...told(HOME, /^\/api\/v1\/update\//), ...says('', 400), ends: 'refused', ...UNASKED },
    { title: 'a wrong login', ...told(HOME, /^\/api\/v1\/update\//), ...says('', 401), ends: 'auth', ...UNASKED },
    { title: 'an unknown host', ...told(HOME, /^\/api\/v1\/update\//), ...says('', 404), ends: 'refused', ...UNASKED },
  ],
  dyfi: [
    { title: 'an update', ...told(HOME, /^\/nic\/update\?hostname=home\.example\.com$/, '198.51.100.7'), ...says('good 198.51.100.7'), ends: 'ok' },
    { title: 'another address than ours', ...told(HOME, /^\/nic\/update/, '198.51.100.7'), ...says('good 192.0.2.9'), ends: 'gibberish', ...UNASKED },
    { title: 'a name of another account', ...told(HOME, /^\/nic\/update/, '198.51.100.7'), ...says('nohost'), ends: 'refused', ...UNASKED },
  ],
  duckdns: [
    { title: 'an update, at length', ...told('home.duckdns.org', /^\/update\?domains=home&token=[^&]+&ip=203\.0\.113\.7&verbose=true$/), ...says(`OK\n${A}\n\nUPDATED`), ends: 'ok' },
    { title: 'nothing to change', given: [{ name: 'home.duckdns.org', type: 'A', value: A, ttl: 60 }], ...told('home.duckdns.org', /^\/update/), ...says(`OK\n${A}\n\nNOCHANGE`), ends: 'ok' },
    { title: 'in short', ...told('home.duckdns.org', /^\/update/), ...says('OK'), ends: 'ok', ...UNASKED },
    { title: 'a wrong token or name', ...told('home.duckdns.org', /^\/update/), ...says('KO'), ends: 'auth', ...UNASKED },
  ],
  dynv6: [
    { title: 'an update', ...told(HOME, /^\/api\/update\?zone=home\.example\.com&token=[^&]+&ipv4=203\.0\.113\.7$/), ...says('addresses updated'), ends: 'ok' },
    { title: 'nothing to change', given: [{ name: HOME, type: 'A', value: A, ttl: 60 }], ...told(HOME, /^\/api\/update/), ...says('addresses unchanged'), ends: 'ok' },
    { title: 'a wrong token', ...told(HOME, /^\/api\/update/), ...says('invalid authentication token', 401), ends: 'auth', ...UNASKED },
    { title: 'an unknown zone', ...told(HOME, /^\/api\/update/), ...says('zone not found', 404), ends: 'refused', ...UNASKED },
  ],
  namecheap: [
    {
      title: 'an update',
      ...told(HOME, /^\/update\?host=home&domain=example\.com&password=[^&]+&ip=203\.0\.113\.7$/),
      ...says(
        `<?xml version="1.0" encoding="utf-16"?><interface-response><Command>SETDNSHOST</Command><IP>${A}</IP><ErrCount>0</ErrCount><ResponseCount>0</ResponseCount><Done>true</Done></interface-response>`,
      ),
      ends: 'ok',
    },
    {
      title: 'a wrong password',
      ...told(HOME, /^\/update/),
      ...says(
        '<?xml version="1.0" encoding="utf-16"?><interface-response><Command>SETDNSHOST</Command><ErrCount>1</ErrCount><errors><Err1>Passwords do not match</Err1></errors><ResponseNumber>304156</ResponseNumber><Done>true</Done></interface-response>',
      ),
      ends: 'auth',
      ...UNASKED,
    },
  ],
  'regfish-dyndns': [
    { title: 'an update', ...told(HOME, /^\/\?fqdn=home\.example\.com&forcehost=1&token=[^&]+&ipv4=203\.0\.113\.7$/), ...says('success|100|update succeeded!'), ends: 'ok' },
    { title: 'nothing to change', given: [{ name: HOME, type: 'A', value: A, ttl: 60 }], ...told(HOME, /^\//), ...says('success|101|no update needed at this time..'), ends: 'ok' },
    { title: 'a wrong token', ...told(HOME, /^\//), ...says('error|401|'), ends: 'auth', ...UNASKED },
    { title: 'no full name', ...told(HOME, /^\//), ...says('error|412|'), ends: 'refused', ...UNASKED },
  ],
  'key-systems': [
    {
      title: 'an update',
      ...told(HOME, /^\/update\.php\?hostname=home\.example\.com&password=[^&]+&ip=203\.0\.113\.7$/),
      ...says('[RESPONSE]\ncode = 200\ndescription = Command completed successfully'),
      ends: 'ok',
    },
    { title: 'too often', ...told(HOME, /^\/update\.php/), ...says('abuse prevention triggered'), ends: 'throttled', ...UNASKED },
    { title: 'a wrong password', ...told(HOME, /^\/update\.php/), ...says('invalid password'), ends: 'auth', ...UNASKED },
  ],
  'dyn-addr-tools': [{ title: 'an update', ...told('h1.example.com', /^\/\?secret=[^&]+&ip=203\.0\.113\.7$/), ...says('OK'), ends: 'ok' }],
  zoneedit: [
    {
      title: 'an update',
      ...told(HOME, /^\/auth\/dynamic\.html\?host=home\.example\.com&dnsto=203\.0\.113\.7$/),
      ...says(`<SUCCESS CODE="200" TEXT="${HOME} updated to ${A}" ZONE="example.com" HOST="${HOME}">`),
      ends: 'ok',
    },
    { title: 'too soon', ...told(HOME, /^\/auth\//), ...says('<ERROR CODE="702" TEXT="Minimum 600 seconds between requests" ZONE="example.com">'), ends: 'throttled', ...UNASKED },
    {
      title: 'the same again',
      ...told(HOME, /^\/auth\//),
      ...says('<ERROR CODE="707" TEXT="Duplicate updates for the same host/ip, adjust client settings" ZONE="example.com">'),
      ends: 'ok',
      ...UNASKED,
    },
  ],
  'freedns-v2': [
    { title: 'an update', ...told('h1.example.com', /^\/u\/[^/]+\/\?address=203\.0\.113\.7$/), ...says(`Updated h1.example.com from 192.0.2.1 to ${A}`), ends: 'ok' },
    { title: 'nothing to change', ...told('h1.example.com', /^\/u\//), ...says(`No IP change detected for h1.example.com with IP ${A}, skipping update`), ends: 'ok', ...UNASKED },
    { title: 'an unknown token', ...told('h1.example.com', /^\/u\//), ...says('ERROR: Unable to locate this record'), ends: 'auth', ...UNASKED },
  ],
  'dnsmadeeasy-ddns': [
    { title: 'an update', ...told('h1.example.com', /^\/servlet\/updateip\?username=[^&]+&password=[^&]+&id=12345&ip=203\.0\.113\.7$/), ...says('success'), ends: 'ok' },
    { title: 'nothing to change', ...told('h1.example.com', /^\/servlet\/updateip/), ...says('error-record-ip-same'), ends: 'ok', ...UNASKED },
    { title: 'a wrong login', ...told('h1.example.com', /^\/servlet\/updateip/), ...says('error-auth'), ends: 'auth', ...UNASKED },
    { title: 'a suspended account', ...told('h1.example.com', /^\/servlet\/updateip/), ...says('error-auth-suspend'), ends: 'blocked', ...UNASKED },
    { title: 'a record that is not there', ...told('h1.example.com', /^\/servlet\/updateip/), ...says('error-record-invalid'), ends: 'refused', ...UNASKED },
  ],
  dnsever: [
    {
      title: 'an update',
      ...told(HOME, /^\/update\.php\?host\[home\.example\.com\]=203\.0\.113\.7$/),
      ...says(`<dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="0" msg="" lang="en"><host name="${HOME}"></host></result></dnsever>`),
      ends: 'ok',
    },
    { title: 'a wrong login', ...told(HOME, /^\/update\.php/), ...says('<dnsever><result type="update" code="103" msg="Login Failed"></result></dnsever>'), ends: 'auth', ...UNASKED },
  ],
};

/** The exchanges of this row, each with the page it was copied from. */
export const documentedOf = (id: string): readonly Documented[] => (EXCHANGES[id] ?? []).map((exchange) => ({ ...exchange, page: rowOf(id)?.reference ?? '' }));

/** Rows that have some. */
export const DOCUMENTED_IDS: readonly string[] = Object.keys(EXCHANGES);
