/** The services that tell the box its address: three over HTTP of which one lies and one is dead, one over DNS, one over STUN. */
import { type Family, type IpAddress, toBytes } from '../core/address.ts';
import { addressRecord, concat, decodeMessage, encodeMessage, message, u16 } from '../core/wire.ts';
import { type Listening, listenDatagrams, listenHttp } from '../world/loopback.ts';
import type { HttpReply } from '../world/world.ts';
import { LIE, type Place } from './places.ts';

/** Who runs them, as the config names them. */
export const OPERATORS = { web: 'web-echo', liar: 'liar', dead: 'dead', whoami: 'dns-whoami', stun: 'stun' } as const;
const WHOAMI = 'whoami.demo.example';
const HOSTS = { web: 'echo.example', liar: 'liar.example', dead: 'dead.example' } as const;

/** The same for all families. */
export const WEB_SOURCES = (['web', 'liar', 'dead'] as const).map((who) => ({ https: `http://${HOSTS[who]}/`, operator: OPERATORS[who], insecure: true }));

export type Echoes = {
  /** Those that speak DNS and STUN, for `detect.sources` of a config. */
  readonly sources: readonly Readonly<Record<string, unknown>>[];
  /** Those that speak HTTP, by the host that they are in the story. */
  readonly web: Readonly<Record<string, Listening>>;
  /** How often they were asked since they were last told to count from zero. */
  readonly asked: { datagrams: number; requests: number };
};

/** `place` is asked for every answer: where the box is at that moment. What was started is in `listening`, also when this throws Fault `network`, as where there is no such loopback. */
export async function startEchoes(family: Family, place: () => Place, listening: Listening[]): Promise<Echoes> {
  const asked = { datagrams: 0, requests: 0 };
  const heard = <A>(count: keyof typeof asked, answer: A): A => {
    asked[count]++;
    return answer;
  };
  /** A portal answers for everybody, even for the dead. */
  const page = (usually: HttpReply | undefined) => () => heard('requests', place().portal ? LOGIN_PAGE : usually);
  const listen = async (started: Promise<Listening>): Promise<Listening> => {
    const server = await started;
    listening.push(server);
    return server;
  };
  const at = ({ host, port }: Listening): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  const whoami = await listen(listenDatagrams(family, (query) => heard('datagrams', whoamiReply(query, place().address[family]))));
  const stun = await listen(listenDatagrams(family, (query) => heard('datagrams', stunReply(query, place().address[family]))));
  const web = await listen(listenHttp(family, () => page(plain(place().address[family]))()));
  const liar = await listen(listenHttp(family, page(plain(LIE[family]))));
  const dead = await listen(listenHttp(family, page(undefined)));
  return {
    asked,
    sources: [
      { dns: at(whoami), question: WHOAMI, operator: OPERATORS.whoami },
      { stun: at(stun), operator: OPERATORS.stun },
    ],
    web: { [HOSTS.web]: web, [HOSTS.liar]: liar, [HOSTS.dead]: dead },
  };
}

const plain = (address: IpAddress): HttpReply => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: `${address}\n` });

const LOGIN_PAGE: HttpReply = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><html><title>Garage Wi-Fi</title><body><h1>Welcome!</h1><p>Please log in to use this network.</p></body></html>\n',
};

/** The address as an A or AAAA record of whatever name was asked for. */
function whoamiReply(query: Uint8Array, address: IpAddress): Uint8Array | undefined {
  const asked = decodeMessage(query);
  const [question] = asked?.questions ?? [];
  if (asked === undefined || question === undefined) return undefined;
  const record = addressRecord(question.name, address, 0);
  return encodeMessage(message({ id: asked.id, response: true, authoritative: true, questions: [question], answers: question.type === record.type ? [record] : [], rcode: 0 }));
}

/** A Binding success with XOR-MAPPED-ADDRESS (RFC 8489 section 14.2): the address, masked with cookie and transaction id. */
function stunReply(query: Uint8Array, address: IpAddress): Uint8Array | undefined {
  if (query.length < 20 || query[0] !== 0 || query[1] !== 1) return undefined;
  const mask = query.subarray(4, 20);
  const bytes = toBytes(address).map((byte, at) => byte ^ (mask[at] as number));
  const port = u16(40_000 ^ 0x2112);
  const value = concat([Uint8Array.of(0, bytes.length === 4 ? 1 : 2), port, bytes]);
  return concat([u16(0x0101), u16(4 + value.length), mask, u16(0x0020), u16(value.length), value]);
}
