/** Is it still the same account? Told by provider and options as they are written, without looking at any secret that stands elsewhere. */
import type { Account } from './config.ts';
import { canonicalJson, quickDigest } from './digest.ts';

/** `cloudflare 5d41402abc4b2a76`: holds nothing of what the options say. Cheap enough for every round. */
export const identityOf = ({ provider, options }: Account): string => `${provider} ${quickDigest(canonicalJson(options))}`;
