/** What a router announces by itself when its outside address changed: NAT-PMP (RFC 6886 section 3.2.1) and PCP (RFC 6887 section 14.1), sent to 224.0.0.1 port 5350. */
import { decodeExternalAddressReply } from './nat-pmp.ts';

/** Where hosts listen for announcements. */
export const ANNOUNCEMENT_PORT = 5350;

const PCP_ANNOUNCE_RESPONSE = [2, 0x80] as const;
const PCP_HEADER = 24;

/** Equal texts say the same thing: an announcement is repeated up to ten times. Undefined: it announces nothing. */
export function announcementIn(payload: Uint8Array): string | undefined {
  const [version, opcode] = payload;
  if (version === PCP_ANNOUNCE_RESPONSE[0] && opcode === PCP_ANNOUNCE_RESPONSE[1] && payload.length >= PCP_HEADER) return 'PCP: the router has begun anew';
  const told = decodeExternalAddressReply(payload);
  return told.kind === 'address' ? `NAT-PMP: ${told.address}` : undefined;
}
