/** Any name server that takes dynamic updates (RFC 2136) signed with a key (TSIG, RFC 8945): BIND, Knot, PowerDNS, and those who host them. */
import { choice, defineProvider, Fault, flag, group, isTsigAlgorithm, optional, parseName, type Secret, secret, type TsigKey, text, weakTsigAlgorithms } from '../../sdk/index.ts';
import { openExchange } from './exchange.ts';
import { reader } from './read.ts';
import { parseServers } from './server.ts';
import { INITIAL_TTL } from './update.ts';
import { writer } from './write.ts';
import { zoneFinder } from './zones.ts';

export default defineProvider({
  api: 1,
  id: 'rfc2136',
  name: 'DNS UPDATE (RFC 2136) with TSIG',
  reference: 'https://www.rfc-editor.org/rfc/rfc2136',
  checked: '2026-11-22',
  evidence: 'official',
  also: ['nsupdate', 'BIND', 'Knot DNS', 'dynamic update', 'TSIG'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: 1000 },
  options: {
    server: text('the primary name server: HOST, HOST:PORT or [IPv6]:PORT; several, separated by commas, are tried in this order', { example: 'ns1.example.com' }),
    zone: optional(text('the zone that the names are in; without it the server is asked', { example: 'example.com' })),
    key: optional(
      group('the TSIG key that the server knows; without it updates are sent unsigned', {
        name: text('the name of the key', { example: 'ddns' }),
        algorithm: optional(
          text('hmac-sha256, hmac-sha384, hmac-sha512 or hmac-sha1; hmac-md5 and hmac-sha224 only with insecure: true', {
            pattern: /^hmac-(sha(1|224|256|384|512)|md5(\.sig-alg\.reg\.int)?)\.?$/i,
            must: 'must be one of hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha1',
            example: 'hmac-sha256',
          }),
          'hmac-sha256',
        ),
        secret: secret('the secret of the key in base64; or, with file:, the whole file that tsig-keygen wrote'),
        insecure: optional(flag('take hmac-md5 or hmac-sha224 for this key, which nobody should use any more')),
      }),
    ),
    transport: optional(choice('how to send: over TCP, or as datagrams where a message fits into one', ['tcp', 'udp']), 'tcp'),
  },
  credentials:
    'On the name server, tsig-keygen ddns prints a key for its configuration (Knot: keymgr -t ddns; PowerDNS: pdnsutil generate-tsig-key ddns hmac-sha256). ' +
    'Let it change these names and nothing else: in BIND update-policy { grant ddns name home.example.com. A AAAA; }, in Knot an acl with update-owner: name and update-type: [A, AAAA], ' +
    'in PowerDNS the metadata TSIG-ALLOW-DNSUPDATE. Allow it zone transfers too if you have many names: they are then read in one message.',
  open({ server, endpoint, zone, key, transport }, tools) {
    const servers = parseServers(endpoint ?? server);
    if ('problem' in servers) throw new Fault({ kind: 'config', detail: `server: ${servers.problem}` });
    const signing = key && keyOf(key);
    const named = signing && { name: signing.name, algorithm: signing.algorithm };
    const exchange = openExchange({ servers, key: signing, transport }, tools);
    const zones = zoneFinder({ exchange, configured: zone === undefined ? undefined : zoneName(zone), key: named });
    const read = reader({ exchange, zones, key: named });
    return { read, write: writer({ exchange, zones, read, key: named, transport }) };
  },
});

/** The key, with its secret out of base64, or a Fault that says what is wrong with it. */
function keyOf({ name, algorithm, secret: hidden, insecure }: { readonly name: string; readonly algorithm: string; readonly secret: Secret; readonly insecure?: boolean | undefined }): TsigKey {
  const wrong = (detail: string): Fault => new Fault({ kind: 'config', detail: `key: ${detail}` });
  const chosen = algorithm
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^hmac-md5\.sig-alg\.reg\.int$/, 'hmac-md5');
  if (!isTsigAlgorithm(chosen)) throw wrong(`algorithm: "${algorithm}" is none of hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha1`);
  if (weakTsigAlgorithms.includes(chosen) && insecure !== true)
    throw wrong(`algorithm: ${chosen} should not be used any more (RFC 8945 section 6); make a new key with hmac-sha256, or say insecure: true beside it`);
  const said = hidden.reveal();
  // A file that BIND includes holds the whole clause: key "ddns" { algorithm hmac-sha256; secret "..."; };
  const base64 = (/\bsecret\s+"?([^";]+)"?\s*;/.exec(said)?.[1] ?? said).replace(/\s+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw wrong('secret: is not base64; take it as tsig-keygen prints it, without the quotes');
  const plain = name.replace(/\.$/, '');
  if (!/^[^\s".;{}]{1,63}(\.[^\s".;{}]{1,63})*$/.test(plain)) throw wrong(`name: "${name}" is not the name of a key`);
  return { name: plain, algorithm: chosen, secret: new Uint8Array(bytes) };
}

/** A zone may have a single label, a name may not. */
function zoneName(text: string): string {
  const single = /^[a-z0-9_-]{1,63}\.?$/i.test(text) ? text.toLowerCase().replace(/\.$/, '') : undefined;
  const name = single ?? parseName(text);
  if (typeof name !== 'string') throw new Fault({ kind: 'config', detail: `zone: ${name.problem}` });
  return name;
}
