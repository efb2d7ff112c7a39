/** What the zone holds now: a question per record for a few, one zone transfer for many. */
import {
  attempt,
  type Failure,
  Fault,
  type Fqdn,
  keyOf,
  LOOK_AGAIN_SECONDS,
  type Message,
  partsOf,
  question,
  type RecordKey,
  type RecordSet,
  type ResourceRecord,
  suffixes,
  TYPE,
  targetOf,
} from '../../sdk/index.ts';
import type { Exchange } from './exchange.ts';
import { type Asked, questionRefusalOf, type Reply, refusalOf } from './refusal.ts';
import { recordsAt, setAt } from './sets.ts';
import { madeUp } from './wildcard.ts';
import type { ZoneFinder } from './zones.ts';

export type Read = (keys: readonly RecordKey[]) => Promise<Map<RecordKey, RecordSet | Failure | undefined>>;

/** Up to so many records are asked for one by one. */
const FEW = 8;

export function reader({ exchange, zones, key }: { readonly exchange: Exchange; readonly zones: ZoneFinder; readonly key: Asked['key'] }): Read {
  const asked = (what: string, zone: string): Asked => ({ what, zone, server: exchange.server(), key, now: exchange.now() });
  let transferRefused = false;

  async function askEach(zone: string, keys: readonly RecordKey[]): Promise<Map<RecordKey, RecordSet | Failure | undefined>> {
    const found = new Map<RecordKey, RecordSet | Failure | undefined>();
    const replies = await exchange.ask(keys.map((one) => question(partsOf(one).name, partsOf(one).type === 'A' ? TYPE.A : TYPE.AAAA)));
    for (const [at, one] of keys.entries()) {
      const reply = replies[at] as Reply | Failure;
      found.set(one, 'kind' in reply ? reply : await setIn(reply, one, asked(`the question for ${partsOf(one).name} ${partsOf(one).type}`, zone), zone));
    }
    for (const set of await madeUp(exchange, zone, [...found.values()].filter(isSet))) found.set(keyOf(set), undefined);
    return found;
  }

  async function setIn(reply: Reply, one: RecordKey, about: Asked, zone: string): Promise<RecordSet | Failure | undefined> {
    const { name } = partsOf(one);
    const { message } = reply;
    const refusal = questionRefusalOf(reply, about);
    if (refusal) return refusal;
    const alias = recordsAt(message.answers, name).find(({ type }) => type === TYPE.CNAME);
    if (alias) return (await comesFromWildcard(alias, name, zone)) ? undefined : aliasFailure(name, alias);
    if (!message.authoritative) return { kind: 'config', detail: `${about.server} is not authoritative for ${name}`, hint: 'name the primary server of the zone that holds this name' };
    return setAt(one, message.answers);
  }

  /** An alias made up from `*.` is not at the name itself; a record there may be added. */
  async function comesFromWildcard(alias: ResourceRecord, name: Fqdn, zone: string): Promise<boolean> {
    if (name.startsWith('*.')) return false;
    const parents = suffixes(name)
      .slice(1)
      .filter((parent) => parent === zone || parent.endsWith(`.${zone}`));
    const replies = await exchange.ask(parents.map((parent) => question(`*.${parent}`, TYPE.CNAME)));
    return replies.some((reply) => !('kind' in reply) && reply.message.answers.some((one) => one.type === TYPE.CNAME && targetOf(one) === targetOf(alias)));
  }

  /** Undefined: the server does not hand out the zone, or it is too large; questions tell as well. */
  async function transfer(zone: string, keys: readonly RecordKey[]): Promise<Map<RecordKey, RecordSet | Failure | undefined> | undefined> {
    const names = new Set(keys.map((one) => partsOf(one).name));
    const records = new Map<string, ResourceRecord[]>();
    const cuts = new Set<string>();
    let soas = 0;
    const take = (message: Message): boolean => {
      for (const record of message.answers) {
        const owner = record.name.toLowerCase();
        if (record.type === TYPE.SOA && owner === zone && ++soas === 2) return true;
        if (record.type === TYPE.NS && owner !== zone) cuts.add(owner);
        if (names.has(owner as Fqdn) && WANTED.has(record.type)) records.set(owner, [...(records.get(owner) ?? []), record]);
      }
      return false;
    };
    const ended = await attempt(() => exchange.transfer(zone, take));
    if (ended.kind === 'failed') {
      if (ended.failure.kind === 'network' && ended.failure.phase !== 'reply') throw new Fault(ended.failure);
      return undefined;
    }
    if (ended.value !== undefined) {
      const failure = refusalOf(ended.value, asked(`a transfer of zone ${zone}`, zone));
      // A wrong secret or clock stands in the way of everything; a transfer that is not allowed does not.
      if (failure && ended.value.verdict.kind === 'rejected') throw new Fault(failure);
      return undefined;
    }
    const found = new Map<RecordKey, RecordSet | Failure | undefined>();
    const below: RecordKey[] = [];
    for (const one of keys) {
      const { name } = partsOf(one);
      const here = records.get(name) ?? [];
      const alias = here.find(({ type }) => type === TYPE.CNAME);
      if (suffixes(name).some((suffix) => cuts.has(suffix))) below.push(one);
      else found.set(one, alias ? aliasFailure(name, alias) : setAt(one, here));
    }
    for (const [one, set] of await readBelow(below)) found.set(one, set);
    return found;
  }

  /** What the zone holds below a cut is not its own: the zone below decides, if this server has it. */
  async function readBelow(keys: readonly RecordKey[]): Promise<ReadonlyMap<RecordKey, RecordSet | Failure | undefined>> {
    const found = new Map<RecordKey, RecordSet | Failure | undefined>();
    if (keys.length === 0) return found;
    const zoneOfName = await zones.findBelowCut(new Set(keys.map((one) => partsOf(one).name)));
    for (const one of keys) {
      const zone = zoneOfName.get(partsOf(one).name);
      if (typeof zone === 'string') for (const [key, set] of await askEach(zone, [one])) found.set(key, set);
      else found.set(one, zone);
    }
    return found;
  }

  return async (keys) => {
    const found = new Map<RecordKey, RecordSet | Failure | undefined>();
    const zoneOfName = await zones.find(keys.map((one) => partsOf(one).name));
    const byZone = new Map<string, RecordKey[]>();
    for (const one of keys) {
      const zone = zoneOfName.get(partsOf(one).name);
      if (typeof zone === 'string') byZone.set(zone, [...(byZone.get(zone) ?? []), one]);
      else found.set(one, zone);
    }
    for (const [zone, own] of byZone) {
      const whole = own.length > FEW && !transferRefused ? await transfer(zone, own) : undefined;
      transferRefused ||= own.length > FEW && whole === undefined;
      for (const [one, set] of whole ?? (await askEach(zone, own))) found.set(one, set);
    }
    return found;
  };
}

const isSet = (found: RecordSet | Failure | undefined): found is RecordSet => found !== undefined && 'values' in found;

const WANTED: ReadonlySet<number> = new Set([TYPE.A, TYPE.AAAA, TYPE.CNAME]);

/** Nothing may stand beside a CNAME (RFC 1034 section 3.6.2); servers ignore the attempt without a word (RFC 2136 section 3.4.2.2). */
export const aliasFailure = (name: string, alias?: ResourceRecord): Failure => {
  const target = alias && targetOf(alias);
  return {
    kind: 'refused',
    detail: `${name} is an alias (CNAME${target === undefined ? '' : ` to ${target}`}), and no address can stand beside it`,
    hint: 'delete the CNAME, or configure the name it leads to; it is looked at again in an hour',
    lookAgainSeconds: LOOK_AGAIN_SECONDS,
  };
};
