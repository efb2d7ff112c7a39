/** Asks resolvers whether the signatures (DNSSEC) of a name fit: like a cache only after all authoritative servers have it, because a question fills it. */
import { attempt, type Failure } from '../core/failure.ts';
import type { Rung } from '../core/ladder.ts';
import type { RecordSet } from '../core/record.ts';
import { extendedErrorsOf, isAboutSignatures, readSigned, type SignatureAnswer, signaturesRung } from '../core/signatures.ts';
import { RCODE_NAMES, TYPE } from '../core/wire.ts';
import { askResolver, askSigned, type Resolver, type Tools } from './ask.ts';

const SERVFAIL = 2;
/** A resolver may repeat for so long what was wrong only for a moment (RFC 2308 section 7.1; a second and more in unbound and BIND). */
const FORGOTTEN_MS = 6000;

/** The rung; undefined where no resolver checks signatures. */
export const signaturesOf = async (set: RecordSet, resolvers: readonly Resolver[], tools: Tools): Promise<Rung | undefined> =>
  signaturesRung(set, await Promise.all(resolvers.map((resolver) => askOne(set, resolver, tools))), tools.clock.now());

/** It is the signatures that a resolver refuses when it has an answer as soon as it shall not check them, and when that is still so a little later. */
async function askOne(set: RecordSet, { name: resolver, peer }: Resolver, tools: Tools): Promise<SignatureAnswer> {
  const question = [peer, set.name, TYPE[set.type]] as const;
  const ask = (checkingDisabled: boolean) => attempt(() => askSigned(...question, checkingDisabled, tools));
  for (let patient = true; ; patient = false) {
    const checked = await ask(false);
    if (checked.kind === 'failed') {
      // Some forwarders drop whatever wishes for something: who answers without wishes checks nothing.
      const plain = await attempt(() => askResolver(...question, tools));
      return plain.kind === 'ok' ? { resolver, kind: 'unchecked' } : { resolver, kind: 'silent', failure: checked.failure };
    }
    const answer = readSigned(resolver, set, checked.value);
    if (answer !== undefined) return answer;
    const { rcode } = checked.value;
    // Whoever does not know the wish for signatures (RFC 6891 section 7) checks none.
    if (rcode === 1 || rcode === 4) return { resolver, kind: 'unchecked' };
    if (rcode !== SERVFAIL) return silent(resolver, `it answers with ${RCODE_NAMES[rcode] ?? `code ${rcode}`}`);
    const unchecked = await ask(true);
    if (unchecked.kind === 'failed' || readSigned(resolver, set, unchecked.value) === undefined) return silent(resolver, 'it answers with SERVFAIL, be signatures checked or not');
    const why = extendedErrorsOf(checked.value);
    if (why.some(isAboutSignatures) || !patient) return { resolver, kind: 'refused', why };
    await tools.clock.sleep(FORGOTTEN_MS, tools.signal);
    if (tools.signal.aborted) return silent(resolver, 'there was no time to ask again');
  }
}

const silent = (resolver: string, detail: string): SignatureAnswer => ({ resolver, kind: 'silent', failure: { kind: 'network', phase: 'lookup', detail } satisfies Failure });
