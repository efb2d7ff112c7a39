/** The config's keys, each with what it may be and what it means: read by the loader, and printed as JSON Schema. */
import { parseSuffix } from '../core/address.ts';
import { type Port, parsePort } from '../core/mapping.ts';
import { parseName } from '../core/name.ts';
import { type ProbeChoice, PUBLIC_PROBES } from '../core/reach.ts';
import { isPlugin, PLUGIN_NAME } from '../plugins/name.ts';
import { parseDuration, parseRange, parseResolver } from './network.ts';
import { inside, type Place } from './place.ts';
import { anyText, flag, isMapping, list, mapping, object, optional, refused, required, type Shape, text, whole, word, wrong } from './shape.ts';
import { type Catalogue, families, isLoopback, parseUrl, sourceShape } from './source.ts';
import { closest } from './suggest.ts';

/** An account before its manifest has seen it: options as they stand. */
export type WrittenAccount = { readonly provider: string; readonly options: Readonly<Record<string, unknown>> };

/** RFC 2181 section 8. */
const LONGEST_TTL = 2 ** 31 - 1;
const seconds = whole(1, LONGEST_TTL, 'seconds as a whole number');
const SHORTEST_PREFIX = 16;
const ttl: Shape<number | 'auto'> = {
  read: (value, place, report) => (value === 'auto' ? 'auto' : seconds.read(value, place, (at, message) => report(at, `${message}, or auto`))),
  schema: { anyOf: [{ const: 'auto' }, seconds.schema] },
};

const record = object({
  name: required('The name to keep: a full domain name. IDN is accepted; *.name where the provider can.', text(parseName)),
  account: optional('A key of accounts; may be left out when there is only one.', anyText),
  families: optional('4: the A record. 6: the AAAA record. Default [4].', families),
  ttl: optional('Seconds. Default auto: keep what is there, else the default of the provider.', ttl),
  sharing: optional(
    'How a name with several values is shared. auto: a lone value is replaced, among several only the one we published. replace: the set becomes exactly our address. own: ours is added beside the others.',
    word(['auto', 'replace', 'own']),
  ),
  suffix: optional(
    'Fixed host bits of another machine behind the same router, put behind the detected IPv6 prefix: "::a00:27ff:fe12:3456/64".',
    text((written) => {
      const suffix = parseSuffix(written);
      if (suffix === undefined) return { problem: `"${written}" is not a suffix such as "::a00:27ff:fe12:3456/64" (no bits may be set in the part that the prefix gives)` };
      // No network is given so short a prefix, and with less of it special ranges could come out: ::/8 with none.
      if (suffix.bits < SHORTEST_PREFIX) return { problem: `"${written}" keeps fewer than ${SHORTEST_PREFIX} bits of the detected address, so that what comes out would be no address of this line` };
      return suffix;
    }),
  ),
});

const account = (providers: readonly string[], stranger: Stranger): Shape<WrittenAccount> => ({
  read: (value, place, report) => {
    if (!isMapping(value)) return wrong(value, 'a mapping of keys to values', place, report);
    const { provider, ...options } = value;
    if (provider === undefined) {
      const keys = Object.keys(value);
      const meant = closest('provider', keys) ?? keys.find((key) => /^(protocol|service|type|dns_?provider)$/i.test(key));
      report(place, `"provider" is missing${meant === undefined ? '' : ` (is "${meant}" meant to be it?)`}; ddns-update providers lists them`);
      return undefined;
    }
    const at = inside(place, 'provider');
    if (typeof provider !== 'string') return wrong(provider, 'text', at, report);
    // Whether the package is there, and what its options are, is looked at when the account is.
    if (providers.includes(provider) || isPlugin(provider)) return { provider, options };
    stranger(provider, at);
    return undefined;
  },
  schema: { type: 'object', properties: { provider: { anyOf: [{ enum: providers }, { type: 'string', pattern: `^${PLUGIN_NAME}$` }] } }, required: ['provider'] },
});

const durationText = text(parseDuration, { pattern: '^(\\d+[smhd])+$' });
/** A number is told to lack its unit, not its quotes. */
const duration: typeof durationText = { ...durationText, read: (value, place, report) => durationText.read(typeof value === 'number' ? String(value) : value, place, report) };

const portNumber = whole(1, 65_535, 'a port');
const portText = text(parsePort, { pattern: '^[0-9]{1,5}(:[0-9]{1,5})?(/(tcp|udp))?$' });
const port: Shape<Port> = {
  read: (value, place, report) => portText.read(typeof value === 'number' ? String(value) : value, place, report),
  schema: { anyOf: [portNumber.schema, portText.schema] },
};

const probeId = word(['none', ...PUBLIC_PROBES]);
const ownProbe = object({
  url: required('Where your ddns-update probe-server is.', text(parseUrl, { format: 'uri' })),
  insecure: optional('Allows plain http to another machine: anybody on the way can forge the answer.', flag),
});
const probe: Shape<ProbeChoice> = {
  read: (value, place, report) => {
    if (typeof value === 'string' && /^https?:/i.test(value)) {
      report(place, 'a probe of your own is written { url: "https://..." }');
      return undefined;
    }
    if (!isMapping(value)) return probeId.read(value, place, report);
    const { url, insecure = false } = ownProbe.read(value, place, report) ?? {};
    if (url === undefined) return undefined;
    if (url.protocol === 'https:' || insecure || isLoopback(url.hostname)) return { url: url.href, insecure };
    report(inside(place, 'url'), 'is plain http: anybody on the way can forge the answer; use https, or say insecure: true');
    return undefined;
  },
  schema: { anyOf: [probeId.schema, ownProbe.schema] },
};

const drift = word(['restore', 'report', 'off']);

const later = (what: string): ReturnType<typeof refused> => refused(`${what} not supported by this version; remove this key`);

/** Is told of a provider that is neither known nor a package, and reports it. */
export type Stranger = (provider: string, place: Place) => void;

/** The whole file. */
export const configShape = (providers: readonly string[], catalogue: Catalogue, stranger: Stranger) =>
  object({
    $schema: optional('Where this schema is, for editors.', anyText),
    records: required('The names to keep.', list(record, { atLeast: 1 })),
    accounts: required(
      'Providers with their credentials, each under a name of your choice.',
      mapping({ pattern: /^[\p{L}\p{N}][\p{L}\p{N}_.@-]*$/u, must: 'is not a name for an account: letters, digits and _ . @ - only' }, account(providers, stranger)),
    ),
    detect: optional(
      'How the public address is found.',
      object({
        sources: optional(
          'Who is asked: ids of the catalogue, objects, and the word default for the built-in mix, to add to it. Default: the built-in mix.',
          list(sourceShape(catalogue), { atLeast: 1 }),
        ),
        quorum: optional('Distinct operators that must agree on a change. Default 2.', whole(1, 20)),
        fullEvery: optional('How often all sources are asked although nothing seems changed. Default 1h.', duration),
        allow: optional('Ranges that are published although they are special-purpose.', list(text(parseRange))),
        deny: optional('Ranges that are never published.', list(text(parseRange))),
        drift: optional('The same as drift beside detect.', drift),
      }),
    ),
    dns: optional('Resolvers instead of those of the system.', object({ servers: required('ADDRESS or ADDRESS:PORT.', list(text(parseResolver), { atLeast: 1 })) })),
    verify: optional(
      'Look after a change whether the name servers have it.',
      object({
        resolvers: optional('Public resolvers to compare with: ADDRESS or ADDRESS:PORT.', list(text(parseResolver))),
        ports: optional('Ports that should be reachable from outside.', list(whole(1, 65535, 'a port'))),
        probe: optional(
          'Who connects to those ports from outside, and so learns name, address and port. none (default): nobody. Or a public service by its id, or { url: ... } of your own ddns-update probe-server.',
          probe,
        ),
      }),
    ),
    router: optional('What the router is asked for.', object({ map: optional('Ports that are to lead here from outside: 443, "443/udp", "8443:443" (outside, then here).', list(port)) })),
    notify: later('notifications are'),
    heartbeat: later('heartbeats are'),
    drift: optional(
      'What happens to a record that somebody else changed, which every full ballot looks for at the name servers of its zone. restore: it is put back. report: it is told. off: nobody is asked. Default restore.',
      drift,
    ),
    schedule: later('scheduling from the config is'),
  });
