/** Services that answer in XML, and one that wants it. */
import { CHECKED, DDCLIENT, DDNS_UPDATER, type Part, type Rows } from './parts.ts';

const ZONEEDIT = { ...DDCLIENT, vendor: 'ZoneEdit', website: 'https://www.zoneedit.com', auth: 'basic', minIntervalSeconds: 600, status: 'active' } satisfies Part;

export const rows: Rows = [
  {
    ...CHECKED,
    id: 'freedns42',
    title: 'FreeDNS::42',
    also: ['freedns.42.pl', 'XName'],
    website: 'https://freedns.42.pl',
    reference: 'https://freedns.42.pl',
    evidence: 'unverified',
    status: 'listed',
    login: { username: 'that of the account', password: 'its password', zone: 'the zone, as the account holds it' },
    auth: 'form',
    method: 'POST',
    urlV4: 'https://freedns.42.pl/xmlrpc.php',
    headers: { 'content-type': 'text/xml' },
    // XML-RPC: `*` as the old address stands for all of them.
    body: xmlRpc('{sub}'),
    atApex: { body: xmlRpc('{zone}.') },
    success: '<name>serial</name>',
    errors: [
      {
        match: '<name>faultString</name>[\\s\\S]*(login|password|user)',
        kind: 'auth',
        example: '<fault><value><struct><member><name>faultString</name><value>bad login or password</value></member></struct></value></fault>',
      },
      { match: '<fault>', kind: 'refused', example: '<fault><value><struct><member><name>faultString</name><value>no such zone</value></member></struct></value></fault>' },
    ],
    examples: { success: '<methodResponse><params><param><value><struct><member><name>serial</name><value>2026112001</value></member></struct></value></param></params></methodResponse>' },
    notes: 'IPv4 only. All addresses of the name are replaced; the TTL becomes 600 s.',
    unverified: ['How it words a wrong password.'],
  },
  {
    ...ZONEEDIT,
    id: 'zoneedit',
    title: 'ZoneEdit',
    also: ['zoneedit1'],
    evidence: 'documented',
    login: { username: 'that of the account', password: 'the dynamic DNS token' },
    urlV4: 'https://dynamic.zoneedit.com/auth/dynamic.html?host={hosts}&dnsto={ip}',
    multiHost: { separator: ',', answer: 'each' },
    success: '<SUCCESS\\s+CODE="20[01]"|<ERROR\\s+CODE="707"',
    noChange: 'CODE="(201|707)"',
    errors: [
      { match: 'CODE="708"', kind: 'auth', example: '<ERROR CODE="708" TEXT="Failed Login" ZONE="example.com">' },
      { match: 'CODE="(701|704|709)"', kind: 'refused', example: '<ERROR CODE="701" TEXT="Zone is not set up in this account." ZONE="example.com">' },
      { match: 'CODE="702"', kind: 'throttled', waitSeconds: 600, example: '<ERROR CODE="702" TEXT="Minimum 600 seconds between requests" ZONE="example.com">' },
    ],
    examples: {
      success: '<SUCCESS CODE="200" TEXT="{host} updated to {ip}" ZONE="example.com" HOST="{host}">',
      noChange: '<ERROR CODE="707" TEXT="Duplicate updates for the same host/ip, adjust client settings" ZONE="example.com">',
    },
    notes: 'IPv4 only.',
  },
  {
    ...ZONEEDIT,
    ...DDNS_UPDATER,
    id: 'zoneedit-v2',
    title: 'ZoneEdit, by the DYN panel',
    evidence: 'unverified',
    login: { username: 'that of the account', password: 'the token from the DYN panel' },
    urlV4: 'https://api.cp.zoneedit.com/dyn/generic.php?hostname={host}&myip={ip}',
    success: 'SUCCESS_?\\s*CODE="20[01]"|<ERROR\\s+CODE="707"',
    noChange: 'CODE="(201|707)"',
    errors: [
      { match: 'CODE="708"|failed login', kind: 'auth', example: '<ERROR CODE="708" TEXT="Failed Login" ZONE="example.com">' },
      { match: 'CODE="709"|invalid hostname', kind: 'refused', example: '<ERROR CODE="709" TEXT="Invalid Hostname" ZONE="example.com">' },
      { match: 'CODE="702"|minimum 600 seconds', kind: 'throttled', waitSeconds: 600, example: '<ERROR CODE="702" TEXT="Minimum 600 seconds between requests" ZONE="example.com">' },
    ],
    examples: {
      success: '<SUCCESS CODE="200" TEXT="{host} updated to {ip}" ZONE="example.com" HOST="{host}">',
      noChange: '<SUCCESS CODE="201" TEXT="no records need updating" ZONE="example.com" HOST="{host}">',
    },
    notes: 'IPv4 only.',
  },
  {
    ...CHECKED,
    id: 'dnsever',
    title: 'DNSEver',
    also: ['dnsever.com'],
    website: 'https://kr.dnsever.com',
    reference: 'https://support.dnsever.com/hc/ko/articles/219666827',
    evidence: 'documented',
    status: 'active',
    login: { username: 'the id of the account', password: 'the DDNS authentication code' },
    urlV4: 'https://dyna.dnsever.com/update.php?{hosts}',
    auth: 'basic',
    multiHost: { separator: '&', each: 'host[{host}]={ip}', answer: 'all' },
    success: 'code="70[01]"',
    errors: [
      { match: 'code="10[1-4]"', kind: 'auth', example: '<dnsever><result type="update" code="103" msg="Login Failed"></result></dnsever>' },
      { match: 'code="(20[12]|30[1-4])"', kind: 'refused', example: '<dnsever><result type="update" code="304" msg="not registered"></result></dnsever>' },
      { match: 'code="(203|210|305)"', kind: 'throttled', waitSeconds: 1800, example: '<dnsever><result type="update" code="203" msg="under maintenance"></result></dnsever>' },
      { match: 'numOfFailure="[1-9]', kind: 'refused', example: '<dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="1" msg="" lang="en"></result></dnsever>' },
    ],
    examples: { success: '<dnsever><result type="update" code="701" numOfSuccess="1" numOfFailure="0" msg="" lang="en"><host name="{host}"></host></result></dnsever>' },
    tls: 'likely',
    notes: 'IPv4 only.',
    unverified: ['Its documentation shows plain http; another program uses https.'],
  },
  {
    ...CHECKED,
    id: 'namecheap',
    title: 'Namecheap',
    website: 'https://www.namecheap.com',
    reference: 'https://www.namecheap.com/support/knowledgebase/article.aspx/29/11/how-to-dynamically-update-the-hosts-ip-with-an-http-request/',
    evidence: 'documented',
    status: 'active',
    login: { zone: 'the domain', password: 'its Dynamic DNS password from the Advanced DNS page' },
    urlV4: 'https://dynamicdns.park-your-domain.com/update?host={sub}&domain={zone}&password={password}&ip={ip}',
    auth: 'query',
    // "Done" is also true of failures.
    success: '<ErrCount>0</ErrCount>',
    stored: '<IP>([^<]*)</IP>',
    errors: [
      {
        match: '<ResponseNumber>304156|Passwords do not match',
        kind: 'auth',
        example: '<ErrCount>1</ErrCount><errors><Err1>Passwords do not match</Err1></errors><ResponseNumber>304156</ResponseNumber>',
      },
      {
        match: '<ResponseNumber>31615[34]|Domain name not found|No Records updated|badly formed',
        kind: 'refused',
        example: '<ErrCount>1</ErrCount><errors><Err1>Domain name not found</Err1></errors>',
      },
      { match: '<ResponseNumber>38009[89]|internal server error', kind: 'throttled', waitSeconds: 1800, example: '<ErrCount>1</ErrCount><ResponseNumber>380099</ResponseNumber>' },
    ],
    examples: {
      success:
        '<?xml version="1.0" encoding="utf-16"?><interface-response><Command>SETDNSHOST</Command><IP>{ip}</IP><ErrCount>0</ErrCount><ResponseCount>0</ResponseCount><Done>true</Done></interface-response>',
    },
    minIntervalSeconds: 300,
    wildcard: true,
    notes: 'IPv4 only. The record must be there as "A + Dynamic DNS Record".',
  },
];

/** The one call that takes an address. */
function xmlRpc(name: string): string {
  const member = (key: string, value: string): string => `<member><name>${key}</name><value><string>${value}</string></value></member>`;
  const members = { name, zone: '{zone}', oldaddress: '*', updatereverse: '0', user: '{username}', ttl: '600', newaddress: '{ip}', password: '{password}' };
  return `<?xml version="1.0"?><methodCall><methodName>xname.updateArecord</methodName><params><param><value><struct>${Object.entries(members)
    .map(([key, value]) => member(key, value))
    .join('')}</struct></value></param></params></methodCall>`;
}
