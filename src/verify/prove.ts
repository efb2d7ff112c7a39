/** Asks the authoritative servers for what was written, again and again until all of them have it or the time for that is over. */
import { compareAddresses, type IpAddress } from '../core/address.ts';
import { type Attempt, attempt } from '../core/failure.ts';
import type { Bar } from '../core/ladder.ts';
import type { Fqdn } from '../core/name.ts';
import { judge, type Proof } from '../core/proof.ts';
import { keyOf, type RecordSet } from '../core/record.ts';
import { eachOf } from '../sdk/shapes/batches.ts';
import { inTime, type Tools } from './ask.ts';
import { type Authority, askAuthority, findAuthority, nothingLearned } from './authority.ts';
import type { ZoneTrouble } from './zone.ts';

/** Between two looks; secondaries are notified within a second or two. */
const PAUSE_MS = 1000;
const AT_ONCE = 16;

/** `signed`: the zone above a zone on the way vouches for its keys, so that some resolvers tell nothing of it whose signatures do not fit.
 * `troubles`: what else is wrong with the zone, as clauses; `bar`: what of that keeps visitors away. `beside`: where visitors over the other family are led, of sets it was asked for. */
export type Proved = Proof & { readonly signed: boolean; readonly troubles: readonly string[]; readonly bar?: Bar; readonly beside?: readonly IpAddress[] };

/** What became of each set. One that could not be asked for in time is not in it; one whose servers cannot be found is a failure. `tell` hears of every look. `isAlone`: nobody keeps the
 * record of the other family, so what stands there is asked for too. */
export async function prove(
  wanted: readonly RecordSet[],
  tools: Tools,
  longestMs: number,
  tell: (set: RecordSet, proof: Attempt<Proved>) => void = () => {},
  isAlone: (set: RecordSet) => boolean = () => false,
): Promise<ReadonlyMap<RecordSet, Attempt<Proved>>> {
  return inTime(longestMs, tools, async (within) => {
    let learned = nothingLearned();
    const authorities = new Map<Fqdn, Promise<Attempt<Authority>>>();
    const authorityOf = (name: Fqdn): Promise<Attempt<Authority>> => {
      const found = authorities.get(name) ?? attempt(() => findAuthority(name, within, learned));
      authorities.set(name, found);
      return found;
    };
    const proofs = new Map<RecordSet, Attempt<Proved>>();
    const look = async (set: RecordSet): Promise<void> => {
      if (within.signal.aborted) return;
      const authority = await authorityOf(set.name);
      const proof = authority.kind === 'failed' ? authority : { kind: 'ok' as const, value: await ask(set, authority.value, within, isAlone(set)) };
      // What was cut off in the middle says nothing about those who had no time to answer.
      if (!within.signal.aborted || isCertain(proof)) {
        proofs.set(set, proof);
        tell(set, proof);
      }
      // What could not be found may be there a little later; an alias may have been what a server that is behind remembers.
      if (isUnheard(proof) || (authority.kind === 'ok' && authority.value.aliases.length > 0)) authorities.delete(set.name);
    };
    let open = wanted;
    for (let looks = 1; open.length > 0 && !within.signal.aborted; looks++) {
      await eachOf(open, AT_ONCE, look);
      open = open.filter((set) => mayChange(proofs.get(set), looks));
      if (open.some(({ name }) => !authorities.has(name))) learned = nothingLearned();
      if (open.length > 0) await tools.clock.sleep(PAUSE_MS, within.signal);
    }
    return proofs;
  });
}

async function ask(set: RecordSet, authority: Authority, tools: Tools, isAlone: boolean): Promise<Proved> {
  const answers = await askAuthority(authority, [keyOf(set)], tools);
  const troubles = authority.troubles.flatMap(({ kind, words }) => (TOLD_BY_ANSWERS.has(kind) ? [] : [words]));
  const [bar] = authority.troubles.flatMap(({ kind, words }) => (MENDED_BY[kind] === undefined ? [] : [{ words, advice: MENDED_BY[kind] }]));
  const proof = judge(set, answers.get(keyOf(set)) ?? [], authority);
  const beside = isAlone && proof.kind === 'proven' ? await besides(set, authority, tools) : [];
  return { ...proof, signed: authority.vouched, troubles, ...(bar === undefined ? {} : { bar }), ...(beside.length === 0 ? {} : { beside }) };
}

/** The name, and the type of the other family. */
export const otherFamily = ({ name, type }: RecordSet): Pick<RecordSet, 'name' | 'type'> => ({ name, type: type === 'A' ? 'AAAA' : 'A' });

async function besides(set: RecordSet, authority: Authority, tools: Tools): Promise<readonly IpAddress[]> {
  const other = keyOf(otherFamily(set));
  const answers = (await askAuthority(authority, [other], tools)).get(other) ?? [];
  return [...new Set(answers.flatMap(({ answer }) => (answer.kind === 'holds' ? answer.values : [])))].sort(compareAddresses);
}

/** What keeps visitors away by itself, and how that ends. */
const MENDED_BY: { readonly [K in ZoneTrouble['kind']]?: string } = {
  'alias-loop': 'let one of these names lead elsewhere',
  'broken-chain': 'sign the zone with the keys that are vouched for, or take its DS record away at the registrar',
};

/** What the answers of the servers tell by themselves. */
const TOLD_BY_ANSWERS: ReadonlySet<ZoneTrouble['kind']> = new Set(['lame', 'not-delegated']);

/** Whatever those who were not heard would have said. */
const isCertain = (proof: Attempt<Proof>): boolean => proof.kind === 'ok' && proof.value.kind === 'not-yet';

const isUnheard = (proof: Attempt<Proof>): boolean => proof.kind === 'failed' || proof.value.kind === 'unknown';

/** One that is silent, or does not serve the zone, after so many looks is not just being started. */
const MOST_LOOKS = 10;

/** Is it worth another look? What a person must mend does not mend itself in seconds; nobody was heard, once, because a network had just begun to work. */
function mayChange(proof: Attempt<Proof> | undefined, looks: number): boolean {
  if (proof === undefined) return true;
  if (isUnheard(proof)) return looks === 1;
  const kind = proof.kind === 'ok' ? proof.value.kind : undefined;
  return kind === 'not-yet' || ((kind === 'lame' || kind === 'silent') && looks < MOST_LOOKS);
}
