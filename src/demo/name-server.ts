/** The authoritative name server of the demo: it serves a zone file over UDP, and is asked over UDP like any other. */
import type { IpAddress } from '../core/address.ts';
import { parseAddress } from '../core/address.ts';
import { addressOf, addressRecord, CLASS, decodeMessage, encodeMessage, type Message, message, type Question, type ResourceRecord, TYPE } from '../core/wire.ts';
import { parseMaster } from '../providers/zonefile/master.ts';
import { type Listening, LOOPBACK, listenDatagrams } from '../world/loopback.ts';
import type { World } from '../world/world.ts';

export const ZONE = 'demo.example';
export const NAME = `box.${ZONE}`;
/** What somebody wrote by hand stays as it is; the demo looks whether that is so. */
export const HANDWRITTEN = '; Written by hand: the cellar is rented until May.\ncellar  IN  A    192.0.2.20   ; do not touch\n';

/** The zone as it is before the story begins. */
export const zoneText = (formerly: string): string => `$ORIGIN ${ZONE}.
$TTL 60
@       IN  SOA  ns.${ZONE}. hostmaster.${ZONE}. 2026010101 3600 600 86400 60
@       IN  NS   ns.${ZONE}.
ns      IN  A    127.0.0.1
${HANDWRITTEN}box     IN  A    ${formerly}
`;

/** Reads the file anew for every question, so there is nothing to reload. */
export const startNameServer = (path: string, files: World['files']): Promise<Listening> =>
  listenDatagrams(4, (query) => {
    const asked = decodeMessage(query);
    const [question] = asked?.questions ?? [];
    if (asked === undefined || question === undefined) return undefined;
    const records = parseMaster(files.read(path) ?? '', { path, zone: ZONE }).records.filter(({ owner }) => owner === question.name.toLowerCase());
    const answers = records.flatMap(
      ({ type, ttl = 0, data }) =>
        recordOf(
          question,
          type,
          ttl,
          data.map(({ text }) => text),
        ) ?? [],
    );
    return encodeMessage(message({ id: asked.id, response: true, authoritative: true, questions: [question], answers, rcode: records.length === 0 ? 3 : 0 }));
  });

/** The wire form of an address that was asked for; undefined for anything else in the zone. */
function recordOf(question: Question, type: string, ttl: number, data: readonly string[]): ResourceRecord | undefined {
  if (TYPE[type as keyof typeof TYPE] !== question.type) return undefined;
  const address = parseAddress(data[0] ?? '');
  return address === undefined ? undefined : addressRecord(question.name, address, ttl);
}

/** The addresses of a type that the name has, as its name server tells them. */
export type Lookup = (type: 'A' | 'AAAA') => Promise<readonly IpAddress[]>;

/** Asks `server` by DNS, one datagram each. The lookup throws Fault `network` when it does not answer. */
export function lookupAt(server: Listening, { net, random }: Pick<World, 'net' | 'random'>): Lookup {
  const address = parseAddress(LOOPBACK[4]);
  if (address === undefined) throw new TypeError('loopback is an address');
  return async (type) => {
    const id = Math.floor(random() * 0x10000);
    let answer: Message | undefined;
    const accept = (bytes: Uint8Array): boolean => {
      answer = decodeMessage(bytes);
      return answer?.response === true && answer.id === id;
    };
    const query = encodeMessage(message({ id, questions: [{ name: NAME, type: TYPE[type], class: CLASS.IN }] }));
    await net.datagram({ address, port: server.port }, query, accept, { timeoutMs: 2000, repeatMs: 500 });
    return (answer?.answers ?? []).flatMap((record) => addressOf(record) ?? []);
  };
}
