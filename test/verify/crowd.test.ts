/** Whoever serves a zone, or the one above it, may name any number of servers and addresses, those of strangers too: only so many are ever asked. */
import { expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { Fault } from '../../src/core/failure.ts';
import { fqdn } from '../../src/core/name.ts';
import { keyOf } from '../../src/core/record.ts';
import { addressRecord, decodeMessage, encodeMessage, encodeName, type Message, message, type ResourceRecord, soaData, TYPE } from '../../src/core/wire.ts';
import { fakeWorld } from '../../src/testing/index.ts';
import { askAuthority, findAuthority } from '../../src/verify/authority.ts';

const address = (text: string): IpAddress => parseAddress(text) as IpAddress;
const [RESOLVER, ABOVE, OWN] = ['9.9.9.1', '9.9.9.2', '9.9.9.3'].map(address) as [IpAddress, IpAddress, IpAddress];
const ZONE = 'home.example';
const MANY = 2000;

const ns = (server: string): ResourceRecord => ({ name: ZONE, type: TYPE.NS, class: 1, ttl: 60, data: encodeName(server) });
const soa = (zone: string): ResourceRecord => ({
  name: zone,
  type: TYPE.SOA,
  class: 1,
  ttl: 60,
  data: soaData({ primary: 'ns1.home.example', mailbox: 'x.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 }),
});
const stranger = (at: number): IpAddress => address(`11.0.${at >> 8}.${at & 255}`);
const numbered = <T>(make: (at: number) => T): readonly T[] => Array.from({ length: MANY }, (_, at) => make(at));

/** What the zone above and the zone's own server say of the zone's servers; resolvers give strangers any number of addresses. */
type Said = { readonly above: readonly ResourceRecord[]; readonly glue: readonly ResourceRecord[]; readonly own: readonly ResourceRecord[] };

function answerOf(to: string, { questions: [question] }: Message, { above, glue, own }: Said): Partial<Message> | undefined {
  const { name = '', type } = question ?? {};
  const isOurs = name === ZONE || name.endsWith(`.${ZONE}`);
  switch (to) {
    case RESOLVER:
      if (type === TYPE.SOA) return { answers: [soa(name.endsWith('.example') ? ZONE : name)] };
      if (type === TYPE.NS) return { answers: [{ ...ns('ns.example'), name }] };
      if (type === TYPE.A && name === 'ns.example') return { answers: [addressRecord(name, ABOVE, 60)] };
      return { answers: type === TYPE.A ? numbered((at) => addressRecord(name, stranger(at), 60)) : [] };
    case ABOVE:
      return isOurs ? { authorities: above, additionals: glue } : { authoritative: true, answers: [soa('example')] };
    case OWN:
      if (type === TYPE.NS) return { authoritative: true, answers: own };
      return { authoritative: true, ...(type === TYPE.A && name === `box.${ZONE}` ? { answers: [addressRecord(name, OWN, 60)] } : { authorities: [soa(ZONE)] }) };
    default:
      return undefined;
  }
}

/** Everybody who is asked, once per question, while the zone is walked to and asked. */
async function questions(said: Said): Promise<readonly string[]> {
  const asked: string[] = [];
  const world = fakeWorld({
    net: {
      resolvers: async () => [{ address: RESOLVER, port: 53 }],
      datagram: async (peer, bytes) => {
        asked.push(peer.address);
        const question = decodeMessage(bytes) as Message;
        const answer = answerOf(peer.address, question, said);
        if (answer === undefined) throw new Fault({ kind: 'network', phase: 'reply', detail: 'silence', code: 'ETIMEDOUT' });
        return encodeMessage(message({ id: question.id, response: true, questions: question.questions, ...answer }));
      },
    },
  });
  const tools = { ...world, signal: new AbortController().signal };
  const name = fqdn(`box.${ZONE}`);
  const authority = await findAuthority(name, tools);
  await askAuthority(authority, [keyOf({ name, type: 'A' })], tools);
  return asked;
}

const GOOD = addressRecord('ns1.home.example', OWN, 60);
const check = (name: string, said: Partial<Said>): void =>
  test(name, async () => {
    const asked = await questions({ above: [ns('ns1.home.example')], glue: [GOOD], own: [ns('ns1.home.example')], ...said });
    expect(asked).toContain(OWN);
    expect(asked.length).toBeLessThan(1500);
    expect(new Set(asked).size).toBeLessThan(200);
  });

check('addresses of one server, by the zone above', { glue: [GOOD, ...numbered((at) => addressRecord('ns1.home.example', stranger(at), 60))] });
check('servers, by the zone above', { above: [ns('ns1.home.example'), ...numbered((at) => ns(`x${at}.stranger.example`))] });
check('servers, by the zone itself', { own: [ns('ns1.home.example'), ...numbered((at) => ns(`x${at}.stranger.example`))] });
