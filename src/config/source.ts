/** What may stand in `detect.sources`: an id of the catalogue, `default` for the built-in mix, or an object that says where to ask and how to read the answer. */
import { type Family, familyOf, parseAddress } from '../core/address.ts';
import type { HttpsReading, ServerAddress, Source } from '../detect/source.ts';
import { CATALOGUE, DEAD, DEFAULT_SOURCES } from '../detect/sources.ts';
import { parseServer } from './network.ts';
import type { Place, Report } from './place.ts';
import { anyText, flag, isMapping, list, object, optional, type Read, type Refusal, refused, required, type Shape, text, word, wrong } from './shape.ts';
import { didYouMean } from './suggest.ts';

/** `dead`: why an id that people still have in their configs is no longer there, and what to take instead. */
export type Catalogue = { readonly known: ReadonlyMap<string, Source>; readonly defaults: readonly Source[]; readonly dead: Readonly<Record<string, string>> };

export function builtInCatalogue(): Catalogue {
  const known = new Map<string, Source>(Object.entries(CATALOGUE));
  return { known, defaults: DEFAULT_SOURCES.flatMap((id) => known.get(id) ?? []), dead: DEAD };
}

const family: Shape<Family> = {
  read: (value, place, report) => {
    if (value === 4 || value === 6) return value;
    report(place, 'must be 4 or 6');
    return undefined;
  },
  schema: { enum: [4, 6] },
};
/** Which families: a list of 4 and 6, each once. */
export const families: Shape<readonly Family[]> = {
  read: (value, place, report) => {
    const found = list(family, { atLeast: 1 }).read(value, place, report);
    if (found && new Set(found).size < found.length) report(place, 'names a family twice');
    return found;
  },
  schema: { type: 'array', items: family.schema, minItems: 1, uniqueItems: true },
};

const operator = 'Who runs it. Sources of one operator count as one witness.';
const ownOperator = 'Whose word it is; by default its own, so that it counts as one more witness.';
const onlyFamily = optional('Answers for this family only.', family);

const reading = text(
  (written): HttpsReading | Refusal => {
    if (written === 'plain' || written === 'trace') return { kind: written };
    const path = /^json:(.+)$/.exec(written)?.[1]?.split('.');
    return path === undefined || path.includes('') ? { problem: `"${written}" is not one of plain, json:PATH (such as json:ip), trace` } : { kind: 'json', path };
  },
  { pattern: '^(plain|trace|json:.+)$' },
);

const KINDS = {
  https: object({
    https: required('URL of a page that says the address. Plain http only to loopback, or with insecure: true.', text(parseUrl, { format: 'uri' })),
    read: optional('plain: the address and nothing else. json:PATH: the field at PATH. trace: a line ip=...', reading),
    family: onlyFamily,
    operator: required(operator, anyText),
    insecure: optional('Allows plain http to another machine: anybody on the way can forge the answer.', flag),
  }),
  dns: object({
    dns: required(
      'HOST:PORT of a name server that answers with the address it is asked from.',
      text((written) => parseServer(written, 53)),
    ),
    question: required(
      'The name to ask for.',
      text((written) => (/^[\w*-]+(\.[\w-]+)*\.?$/.test(written) ? written : { problem: `"${written}" is not a domain name` })),
    ),
    class: optional('Default IN.', word(['IN', 'CH'])),
    type: optional('Default: A over IPv4 and AAAA over IPv6.', word(['A', 'AAAA', 'TXT'])),
    operator: required(operator, anyText),
  }),
  stun: object({
    stun: required(
      'HOST:PORT of a STUN server.',
      text((written) => parseServer(written, 3478)),
    ),
    operator: required(operator, anyText),
  }),
  interface: object({ interface: required('Name of a network interface.', anyText), family: onlyFamily, operator: optional(ownOperator, anyText) }),
  command: object({ command: required('A program and its arguments; it prints the address.', list(anyText, { atLeast: 1 })), family: onlyFamily, operator: optional(ownOperator, anyText) }),
  file: object({ file: required('A file that holds the address.', anyText), family: onlyFamily, operator: optional(ownOperator, anyText) }),
  address: object({
    address: required(
      'This address, always.',
      text((written) => parseAddress(written) ?? { problem: `"${written}" is not an IP address` }),
    ),
    operator: optional(ownOperator, anyText),
  }),
  router: object({
    router: required('Asks the default gateway for its own IPv4 address. auto: by whichever of them it answers to.', word(['auto', 'nat-pmp', 'pcp', 'upnp'])),
    operator: refused('the router is always an operator of its own; leave this out'),
    family: refused('a router tells its IPv4 address only; leave this out'),
  }),
} as const;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as readonly Kind[];

/** In `detect.sources`: all that are asked where nothing is said. */
export const BUILT_IN = 'default';

/** One element of `detect.sources`. */
export function sourceShape({ known, dead }: Catalogue): Shape<Source | typeof BUILT_IN> {
  return {
    read: (value, place, report) => {
      if (value === BUILT_IN) return value;
      if (typeof value === 'string') {
        const source = known.get(value);
        if (value === 'router') report(place, 'the router is asked by { router: auto }');
        else if (source === undefined)
          report(
            place,
            Object.hasOwn(dead, value) ? `${value}: ${dead[value]}` : `"${value}" is not a source we know${didYouMean(value, [BUILT_IN, ...known.keys()])}; ddns-update detect lists those in use`,
          );
        return source;
      }
      if (!isMapping(value)) return wrong(value, 'the id of a source, or a mapping such as { https: URL, operator: NAME }', place, report);
      const kind = kinds.find((key) => Object.hasOwn(value, key));
      if (kind === undefined) {
        report(
          place,
          `must have one of the keys ${kinds.join(', ')}${Object.keys(value)
            .map((key) => didYouMean(key, kinds))
            .join('')}`,
        );
        return undefined;
      }
      return readKind(kind, value, place, report);
    },
    schema: { anyOf: [{ enum: [BUILT_IN, ...known.keys()] }, ...kinds.map((kind) => KINDS[kind].schema)] },
  };
}

function readKind(kind: Kind, value: unknown, place: Place, report: Report): Source | undefined {
  switch (kind) {
    case 'https':
      return asHttps(KINDS.https.read(value, place, report), place, report);
    case 'dns':
      return asDns(KINDS.dns.read(value, place, report), place, report);
    case 'stun': {
      const { stun, operator } = KINDS.stun.read(value, place, report) ?? {};
      return stun && operator ? { kind: 'stun', id: `stun ${hostText(stun)}`, operator, families: stun.families, servers: [stun] } : undefined;
    }
    case 'interface': {
      const { interface: name, family, operator } = KINDS.interface.read(value, place, report) ?? {};
      return name ? { kind: 'interface', interface: name, ...own(`interface ${name}`, family, operator) } : undefined;
    }
    case 'command': {
      const { command, family, operator } = KINDS.command.read(value, place, report) ?? {};
      return command?.[0] === undefined ? undefined : { kind: 'command', command, ...own(`command ${command[0]}`, family, operator) };
    }
    case 'file': {
      const { file, family, operator } = KINDS.file.read(value, place, report) ?? {};
      return file ? { kind: 'file', path: file, ...own(`file ${file}`, family, operator) } : undefined;
    }
    case 'address': {
      const { address, operator } = KINDS.address.read(value, place, report) ?? {};
      return address ? { kind: 'address', address, ...own(`address ${address}`, familyOf(address), operator) } : undefined;
    }
    case 'router': {
      const { router } = KINDS.router.read(value, place, report) ?? {};
      return router && { kind: 'router', router, id: `router ${router}`, operator: 'router', families: [4] };
    }
    default:
      return kind satisfies never;
  }
}

const own = (id: string, family: Family | undefined, operator = id): Pick<Source, 'id' | 'operator' | 'families'> => ({ id, operator, families: family === undefined ? [4, 6] : [family] });

function asHttps(read: Read<typeof KINDS.https> | undefined, place: Place, report: Report): Source | undefined {
  const { https: url, read: reading = { kind: 'plain' }, family, operator, insecure } = read ?? {};
  if (url === undefined || operator === undefined) return undefined;
  const encrypted = url.protocol === 'https:';
  if (!encrypted && !insecure && !isLoopback(url.hostname)) {
    report({ parent: place, key: 'https' }, 'is plain http: anybody on the way can forge the answer; use https, or say insecure: true');
    return undefined;
  }
  const literal = parseAddress(url.hostname.replace(/^\[|\]$/g, ''));
  const families: readonly Family[] = family ? [family] : literal ? [familyOf(literal)] : [4, 6];
  const id = url.host + (url.pathname === '/' ? '' : url.pathname);
  return { kind: 'https', id, operator, families, urls: [{ url: url.href, families }], read: reading, authenticated: encrypted };
}

function asDns(read: Read<typeof KINDS.dns> | undefined, place: Place, report: Report): Source | undefined {
  const { dns: server, question, class: asked = 'IN', type, operator } = read ?? {};
  if (server === undefined || question === undefined || operator === undefined) return undefined;
  const families = server.families.filter((family) => (type === 'A' ? family === 4 : type === 'AAAA' ? family === 6 : true));
  if (families.length === 0) {
    report({ parent: place, key: 'type' }, `asks for the other family than the one in which ${server.host} is reached`);
    return undefined;
  }
  return {
    kind: 'dns',
    id: `dns ${hostText(server)}`,
    operator,
    families,
    servers: [{ ...server, families }],
    question: question.replace(/\.$/, ''),
    class: asked,
    type: type === 'TXT' ? 'TXT' : 'address',
  };
}

const hostText = ({ host, port }: ServerAddress): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** A user and password have no business in a config's URL, and would be shown. */
export function parseUrl(written: string): URL | { readonly problem: string } {
  if (!URL.canParse(written)) return { problem: 'must be a URL such as https://host.example/path' };
  const url = new URL(written);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'must begin with https://' };
  return url.username === '' && url.password === '' ? url : { problem: 'must not hold a user or password' };
}

export const isLoopback = (hostname: string): boolean => /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
