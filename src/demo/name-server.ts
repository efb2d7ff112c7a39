/** The authoritative name servers of the demo: those of the zone, which serve a zone file, and that of the zone above, which leads to them. Asked over UDP like any other. */
import { familyOf, type IpAddress, parseAddress } from '../core/address.ts';
import { isBelow, isWithin } from '../core/authoritative.ts';
import { typeOf } from '../core/record.ts';
import { addressRecord, CLASS, decodeMessage, encodeMessage, encodeName, message, type Question, type ResourceRecord, soaData, TYPE } from '../core/wire.ts';
import { parseMaster, type ZoneRecord } from '../providers/zonefile/master.ts';
import { type Listening, listenDatagrams } from '../world/loopback.ts';

export const ABOVE = 'example';
export const ZONE = `demo.${ABOVE}`;
export const NAME = `box.${ZONE}`;
/** Who serves which zone, and where in the story's internet. */
export const SERVERS = { above: '192.0.2.10', first: '192.0.2.11', second: '192.0.2.12' } as const;
/** What somebody wrote by hand stays as it is; the demo looks whether that is so. */
export const HANDWRITTEN = '; Written by hand: the cellar is rented until May.\ncellar  IN  A    192.0.2.20   ; do not touch\n';

/** Seconds. */
export const USUAL_TTL = 3600;

const DELEGATION = `${ZONE}. IN NS ns1.${ZONE}.\n${ZONE}. IN NS ns2.${ZONE}.\nns1.${ZONE}. IN A ${SERVERS.first}\nns2.${ZONE}. IN A ${SERVERS.second}\n`;

/** The zone as it is before the story begins. */
export const zoneText = (formerly: readonly IpAddress[]): string => `$ORIGIN ${ZONE}.
$TTL ${USUAL_TTL}
@       IN  SOA  ns1.${ZONE}. hostmaster.${ZONE}. 2026010101 3600 600 86400 60
${DELEGATION}${HANDWRITTEN}${formerly.map((address) => `box     IN  ${typeOf(familyOf(address))}    ${address}\n`).join('')}`;

export const ABOVE_TEXT = `$ORIGIN ${ABOVE}.
$TTL ${USUAL_TTL}
@       IN  SOA  ns.${ABOVE}. hostmaster.${ABOVE}. 2026010101 3600 600 86400 60
@       IN  NS   ns.${ABOVE}.
ns      IN  A    ${SERVERS.above}
${DELEGATION}`;

/** `text` is read anew for every question, so there is nothing to reload. */
export const startNameServer = (zone: string, text: () => string): Promise<Listening> =>
  listenDatagrams(4, (query) => reply(query, zone, parseMaster(text(), { path: `the zone ${zone}`, zone }).records));

function reply(query: Uint8Array, zone: string, records: readonly ZoneRecord[]): Uint8Array | undefined {
  const asked = decodeMessage(query);
  const [question] = asked?.questions ?? [];
  if (asked === undefined || asked.response || question === undefined) return undefined;
  const head = { id: asked.id, response: true, recursionDesired: asked.recursionDesired, questions: [question] };
  const name = question.name.toLowerCase();
  if (!isWithin(name, zone)) return encodeMessage(message({ ...head, rcode: 5 }));
  const cut = records.find(({ owner, type }) => type === 'NS' && isBelow(owner, zone) && isWithin(name, owner) && !(name === owner && question.type === TYPE.DS))?.owner;
  const of = (owner: string, type: number): readonly ResourceRecord[] => records.filter((record) => record.owner === owner).flatMap((record) => wireOf(record, type) ?? []);
  if (cut !== undefined) {
    const glue = records.filter(({ owner }) => isWithin(owner, cut)).flatMap((record) => wireOf(record, TYPE.A) ?? []);
    return encodeMessage(message({ ...head, authorities: of(cut, TYPE.NS), additionals: glue }));
  }
  const answers = of(name, question.type).map((record) => ({ ...record, name: question.name }));
  const exists = records.some(({ owner }) => isWithin(owner, name));
  return encodeMessage(message({ ...head, authoritative: true, answers, authorities: answers.length > 0 ? [] : of(zone, TYPE.SOA), rcode: exists ? 0 : 3 }));
}

/** The wire form of a record of the type that was asked for; undefined for any other. */
function wireOf({ owner, type, ttl = 0, data }: ZoneRecord, asked: Question['type']): ResourceRecord | undefined {
  if (TYPE[type as keyof typeof TYPE] !== asked) return undefined;
  const [first = '', second = '', ...numbers] = data.map(({ text }) => text);
  const head = { name: owner, type: asked, class: CLASS.IN, ttl };
  switch (asked) {
    case TYPE.A:
    case TYPE.AAAA: {
      const address = parseAddress(first);
      return address && addressRecord(owner, address, ttl);
    }
    case TYPE.NS:
      return { ...head, data: encodeName(first) };
    case TYPE.SOA: {
      const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers.map(Number);
      return { ...head, data: soaData({ primary: first, mailbox: second, serial, refresh, retry, expire, minimum }) };
    }
    default:
      return undefined;
  }
}
