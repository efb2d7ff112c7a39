/** What must be different in every request: salts, nonces, request ids. From the world's own source of chance. */
import type { Tools } from './provider.ts';

type Chance = Pick<Tools, 'random'>;

/** So many hexadecimal digits. */
export const randomHex = ({ random }: Chance, digits: number): string => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

/** A random UUID (RFC 9562 section 5.4). */
export const uuid = (chance: Chance): string =>
  [randomHex(chance, 8), randomHex(chance, 4), `4${randomHex(chance, 3)}`, `${'89ab'[Math.floor(chance.random() * 4)]}${randomHex(chance, 3)}`, randomHex(chance, 12)].join('-');
