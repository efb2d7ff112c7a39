/** The page by which a machine is told from all others: a path that nobody can guess, and a text that nobody else has. */
import type { Page } from './reach.ts';

const FOLDER = '/.well-known/ddns-update/';
const DIGITS = /^[0-9a-f]{32}$/;

/** `token` and `nonce`: 128 bits of chance each, as 32 hexadecimal digits. */
export const ownPage = (token: string, nonce: string): Page => ({ path: `${FOLDER}${token}`, nonce });

/** Where it is found: Let's Debug looks nowhere but in the folder of certificate authorities (RFC 8555 section 8.3). */
export const placesOf = ({ path }: Page): readonly string[] => [path, `/.well-known/acme-challenge/${path.slice(FOLDER.length)}`];

/** Can this be the path of such a page, of anybody? Nothing but the path itself: no query, no detour. */
export const isPagePath = (path: string): boolean => path.startsWith(FOLDER) && DIGITS.test(path.slice(FOLDER.length));

/** Can this be the text of such a page? */
export const isNonce = (body: string): boolean => DIGITS.test(body);
