/** A caching resolver, as millions of people have one at their provider: it goes from the zone above to the name servers, and keeps what it is told as long as it may. */
import type { IpAddress } from '../core/address.ts';
import { negativeSecondsOf, referralIn, secondsOf } from '../core/authoritative.ts';
import { attempt, Fault } from '../core/failure.ts';
import { belongs, question } from '../core/question.ts';
import { decodeMessage, encodeMessage, type Message, message, type ResourceRecord, TYPE } from '../core/wire.ts';
import { type Listening, listenDatagrams } from '../world/loopback.ts';
import type { Net, World } from '../world/world.ts';
import { ABOVE, SERVERS } from './name-server.ts';
import { known } from './places.ts';

/** Where it is in the story's internet. */
export const RESOLVER = '192.0.2.53';

type Kept = Pick<Message, 'rcode' | 'answers' | 'authorities'> & { readonly until: number };
/** `net`: as it is seen from the internet. */
type Asking = { readonly net: Pick<Net, 'datagram'> } & Pick<World, 'clock' | 'random'>;

export function startResolver(asking: Asking): Promise<Listening> {
  const cache = new Map<string, Kept>();
  return listenDatagrams(4, async (query) => {
    const asked = decodeMessage(query);
    const [first] = asked?.questions ?? [];
    if (asked === undefined || asked.response || first === undefined) return undefined;
    const head = { id: asked.id, response: true, recursionDesired: true, recursionAvailable: true, questions: [first] };
    const key = `${first.name.toLowerCase()} ${first.type}`;
    const now = asking.clock.now();
    let kept = cache.get(key);
    if (kept === undefined || kept.until <= now) {
      const found = await attempt(() => find(first.name.toLowerCase(), first.type, asking));
      if (found.kind === 'failed') return encodeMessage(message({ ...head, rcode: 2 }));
      kept = { ...found.value, until: asking.clock.now() + secondsIn(found.value) * 1000 };
      cache.set(key, kept);
    }
    const left = Math.max(0, Math.ceil((kept.until - asking.clock.now()) / 1000));
    const aged = (records: readonly ResourceRecord[]): readonly ResourceRecord[] => records.map((record) => ({ ...record, ttl: Math.min(record.ttl, left) }));
    return encodeMessage(message({ ...head, rcode: kept.rcode, answers: aged(kept.answers), authorities: aged(kept.authorities) }));
  });
}

function secondsIn({ answers, authorities }: Message): number {
  if (answers.length > 0) return Math.min(...answers.map(secondsOf));
  const soa = authorities.find(({ type }) => type === TYPE.SOA);
  return soa === undefined ? 0 : negativeSecondsOf(soa);
}

/** From the zone above down to whoever answers with authority. Throws Fault `network`. */
async function find(name: string, type: number, asking: Asking): Promise<Message> {
  let at: { readonly zone: string; readonly server: IpAddress } = { zone: ABOVE, server: known(SERVERS.above, 4) };
  for (;;) {
    const reply = await exchange(at.server, name, type, asking);
    const referral = referralIn(reply, name, at.zone);
    if (referral === undefined) return reply;
    const [server] = [...referral.glue.values()].flat();
    if (server === undefined) throw new Fault({ kind: 'network', phase: 'lookup', detail: `${at.zone} leads to servers of ${referral.zone} without their addresses` });
    at = { zone: referral.zone, server };
  }
}

/** One question and its answer. Throws Fault `network` for silence. */
export async function exchange(server: IpAddress, name: string, type: number, { net, random }: Pick<Asking, 'net' | 'random'>, recursionDesired = false): Promise<Message> {
  const id = Math.floor(random() * 0x10000);
  const asked = { ...question(name, type), recursionDesired };
  let found: Message | undefined;
  const accept = (bytes: Uint8Array): boolean => {
    const reply = decodeMessage(bytes);
    if (reply?.id === id && belongs(reply, asked)) found = reply;
    return found !== undefined;
  };
  await net.datagram({ address: server, port: 53 }, encodeMessage({ ...asked, id }), accept, { timeoutMs: 2000, repeatMs: 500 });
  if (found === undefined) throw new TypeError('an accepted reply is kept');
  return found;
}
