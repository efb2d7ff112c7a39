/** Which zone of the server each name is in: said in the config, or found by asking the server for the SOA record of the name itself. */
import { type Failure, type Fqdn, question, type ResourceRecord, relativeTo, suffixes, TYPE, zoneOf } from '../../sdk/index.ts';
import type { Exchange } from './exchange.ts';
import { type Asked, questionRefusalOf, type Reply } from './refusal.ts';

export type ZoneFinder = {
  /** The zone of each name, or why there is none that could be written to. */
  readonly find: (names: Iterable<Fqdn>) => Promise<ReadonlyMap<Fqdn, string | Failure>>;
  /** As `find`, but asks for each name anew and on its own: for names that turn out to be below a zone cut. */
  readonly findBelowCut: (names: Iterable<Fqdn>) => Promise<ReadonlyMap<Fqdn, string | Failure>>;
};

/** So many names are asked about one by one; of more, only the first of each zone. */
const FEW = 8;

export function zoneFinder({ exchange, configured, key }: { readonly exchange: Exchange; readonly configured: string | undefined; readonly key: Asked['key'] }): ZoneFinder {
  const zones = new Set<string>(configured === undefined ? [] : [configured]);
  const own = new Map<Fqdn, string>();

  async function askFor(names: readonly Fqdn[]): Promise<ReadonlyMap<Fqdn, string | Failure>> {
    const found = new Map<Fqdn, string | Failure>();
    // Where the name is an alias its SOA question is answered for the target: the name above tells then.
    let open = names.map((name) => ({ name, at: suffixes(name)[0] ?? name }));
    while (open.length > 0) {
      const replies = await exchange.ask(open.map(({ at }) => question(at, TYPE.SOA)));
      const next: typeof open = [];
      for (const [index, { name, at }] of open.entries()) {
        const reply = replies[index] as Reply | Failure;
        const zone = 'kind' in reply ? reply : zoneIn(reply, at, { what: `the question which zone ${name} is in`, zone: undefined, server: exchange.server(), key, now: exchange.now() });
        if (zone === 'above') next.push({ name, at: at.slice(at.indexOf('.') + 1) });
        else found.set(name, zone);
      }
      open = next;
    }
    for (const [name, zone] of found) {
      if (typeof zone !== 'string') continue;
      zones.add(zone);
      own.set(name, zone);
    }
    return found;
  }

  const known = (name: Fqdn): string | undefined =>
    own.get(name) ??
    zoneOf(
      name,
      [...zones].map((zone) => ({ name: zone })),
    )?.name;

  return {
    async find(names) {
      const found = new Map<Fqdn, string | Failure>();
      let open = [...new Set(names)];
      while (open.length > 0) {
        const left: Fqdn[] = [];
        for (const name of open) {
          const zone = known(name);
          if (zone !== undefined) found.set(name, zone);
          else if (configured === undefined) left.push(name);
          else found.set(name, { kind: 'config', detail: `${name} is not in the zone ${configured} of this account`, hint: 'correct zone, or leave it out: it is then found by asking the server' });
        }
        const asked = await askFor(left.length <= FEW ? left : left.slice(0, 1));
        for (const [name, zone] of asked) found.set(name, zone);
        open = left.filter((name) => !asked.has(name));
      }
      return found;
    },
    findBelowCut: (names) => askFor([...names]),
  };
}

/** The zone that an answer to a SOA question names; `above`: ask for the name above. */
function zoneIn(reply: Reply, name: string, asked: Asked): string | Failure | 'above' {
  const { message } = reply;
  const refusal = questionRefusalOf(reply, asked);
  if (refusal) return refusal;
  const holder = (records: readonly ResourceRecord[]): string | undefined => {
    const owner = records.find(({ type }) => type === TYPE.SOA)?.name.toLowerCase();
    return owner !== undefined && relativeTo(name as Fqdn, owner) !== undefined ? owner : undefined;
  };
  const alias = message.answers.some(({ type }) => type === TYPE.CNAME);
  const zone = alias ? undefined : (holder(message.answers) ?? holder(message.authorities));
  if (zone !== undefined && message.authoritative) return zone;
  if (alias && name.includes('.')) return 'above';
  return {
    kind: 'config',
    detail: `${asked.server} is not authoritative for ${name}: ${delegation(message.authorities) ?? 'it has no zone for it'}`,
    hint: 'name the primary server of the zone that holds this name',
  };
}

const delegation = (records: readonly ResourceRecord[]): string | undefined => {
  const cut = records.find(({ type }) => type === TYPE.NS);
  return cut && `${cut.name} is delegated to other servers`;
};
