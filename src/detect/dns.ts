/** Asks a name server that answers with the address of whoever asks. Every reply is checked; on a plain datagram that is all the trust there is. */
import { type Family, parseAddress } from '../core/address.ts';
import { addressOf, CLASS, decodeMessage, encodeMessage, type Message, message, RCODE_NAMES, type ResourceRecord, TYPE, textsOf } from '../core/wire.ts';
import type { Deadline, Outlook, Peer } from '../world/world.ts';
import { type Asker, ballotOf, failed, type Told, told } from './ask.ts';
import { askServers } from './servers.ts';
import type { DnsSource } from './source.ts';

/** A whoami answer needs no more; RFC 1035 section 4.2.1. */
const MAX_BYTES = 512;
/** This many replies that are not to our question mean that somebody is guessing. */
const STRANGERS = 3;

export const askDns: Asker<DnsSource> = (source, family, asked, world, deadline) =>
  ballotOf(source, family, asked, world, () => askServers(source, family, asked, world, deadline, (peer, wait) => exchange(source, family, peer, world, wait)));

async function exchange(source: DnsSource, family: Family, peer: Peer, world: Outlook, wait: Deadline & { readonly repeatMs?: number }): Promise<Told> {
  const from = world.clock.elapsed();
  // Letters in mixed case are bits a forger has to guess (draft-vixie-dnsext-dns0x20); class CH is answered from other tables.
  const mixed = await once(source, family, source.class === 'IN' ? mixCase(source.question, world.random) : source.question, peer, world, wait);
  if (mixed !== 'case lost') return mixed;
  const timeoutMs = Math.max(1, wait.timeoutMs - (world.clock.elapsed() - from));
  const plain = await once(source, family, source.question.toLowerCase(), peer, world, { ...wait, timeoutMs });
  return plain === 'case lost' ? failed('forged', 'answered another question than ours') : plain;
}

/** One question with one id; `case lost`: the reply fits but for the case of its letters, which some servers do not keep. */
async function once(source: DnsSource, family: Family, name: string, peer: Peer, world: Outlook, wait: Deadline & { readonly repeatMs?: number }): Promise<Told | 'case lost'> {
  const id = Math.floor(world.random() * 0x10000);
  const type = source.type === 'TXT' ? TYPE.TXT : family === 4 ? TYPE.A : TYPE.AAAA;
  const question = { name, type, class: CLASS[source.class] };
  let strangers = 0;
  let verdict: Told | 'case lost' | undefined;
  const accept = (bytes: Uint8Array): boolean => {
    const reply = decodeMessage(bytes);
    const fit = reply === undefined ? 'stranger' : fits(reply, { id, ...question });
    if (reply === undefined || fit === 'stranger') {
      strangers++;
      if (strangers >= STRANGERS) verdict = failed('forged', `${strangers} replies came that were not to our question: somebody is guessing`);
    } else if (fit === 'case lost') verdict = 'case lost';
    else verdict = bytes.length > MAX_BYTES ? failed('nonsense', `answered with ${bytes.length} bytes where ${MAX_BYTES} are the most`) : read(reply, question, family);
    return verdict !== undefined;
  };
  await world.net.datagram(peer, encodeMessage(message({ id, recursionDesired: source.class === 'IN', questions: [question] })), accept, wait);
  return verdict ?? failed('nonsense', 'gave no answer');
}

type Question = { readonly name: string; readonly type: number; readonly class: number };

/** Is it the reply to our question, to the letter? */
function fits(reply: Message, asked: Question & { readonly id: number }): 'exact' | 'case lost' | 'stranger' {
  const [question, ...more] = reply.questions;
  if (!reply.response || reply.opcode !== 0 || reply.id !== asked.id || question === undefined || more.length > 0) return 'stranger';
  if (question.type !== asked.type || question.class !== asked.class || question.name.toLowerCase() !== asked.name.toLowerCase()) return 'stranger';
  return question.name === asked.name ? 'exact' : 'case lost';
}

/** The address in a reply to our question. Source of the odd cases: what resolvers on the way answer in the place of a whoami server. */
function read(reply: Message, asked: Question, family: Family): Told {
  if (reply.truncated) return failed('nonsense', 'answered with a truncated reply');
  if (reply.rcode !== 0) return failed('refused', `answered ${RCODE_NAMES[reply.rcode] ?? `code ${reply.rcode}`}: it does not know the question, or another resolver on the way answers in its place`);
  if (reply.answers.length > 1) return failed('forged', `gave ${reply.answers.length} answers where one is due: another resolver on the way answers in its place`);
  const [answer] = reply.answers;
  if (answer === undefined) return failed('nonsense', 'gave an empty answer');
  if (answer.type !== asked.type || answer.class !== asked.class || answer.name.toLowerCase() !== asked.name.toLowerCase()) return failed('forged', 'answered with a record of another name or type');
  return asked.type === TYPE.TXT ? readText(answer, family) : readAddress(answer);
}

function readAddress(answer: ResourceRecord): Told {
  const address = addressOf(answer);
  return address === undefined ? failed('nonsense', 'answered with a malformed address record') : told(address);
}

function readText(answer: ResourceRecord, family: Family): Told {
  const texts = textsOf(answer);
  const [text, ...more] = texts ?? [];
  if (text === undefined || more.length > 0) return failed('nonsense', 'answered with a text record of another form');
  const address = parseAddress(text, family);
  if (address !== undefined) return told(address);
  const other = parseAddress(text);
  if (other !== undefined) return failed('forged', `told ${other} over IPv${family}: another resolver on the way answers in its place`, { told: other });
  return failed('forged', `answered ${JSON.stringify(text.slice(0, 40))}, which is no address: another resolver on the way answers in its place`);
}

const mixCase = (name: string, random: () => number): string => name.replace(/[a-z]/gi, (letter) => (random() < 0.5 ? letter.toLowerCase() : letter.toUpperCase()));
