/** What nobody can guess. */
import { randomBytes } from 'node:crypto';

/** 128 bits of the system's best chance, as 32 hexadecimal digits in lower case. */
export const token = (): string => randomBytes(16).toString('hex');
