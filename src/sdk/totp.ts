/** Codes of a second factor that change every half minute (TOTP, RFC 6238, with the digest and the six digits that every vendor uses). */
import { createHmac } from 'node:crypto';
import { Fault } from '../core/failure.ts';
import type { Secret } from '../core/secret.ts';

const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code at `now`, in milliseconds since 1970. `shared`: the secret in base 32 as the vendor shows it, blanks and letters' case do not matter. Throws Fault `auth` where it is none. */
export function oneTimePassword(shared: Secret, now: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / STEP_MS)));
  const mac = createHmac('sha1', fromBase32(shared)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

/** RFC 4648 section 6; what does not fill a byte at the end is padding. */
function fromBase32(shared: Secret): Buffer {
  const letters = shared
    .reveal()
    .replace(/[\s-]|=+$/g, '')
    .toUpperCase();
  const values = [...letters].map((letter) => BASE32.indexOf(letter));
  if (letters === '' || values.includes(-1))
    throw new Fault({ kind: 'auth', detail: 'the shared secret of the second factor is not in base 32', hint: 'copy the whole of it again: letters, and digits from 2 to 7' });
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
