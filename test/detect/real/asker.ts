/** A process of its own that asks sources and prints the ballots: what it trusts is decided by its environment when it starts. */
import type { Family } from '../../../src/core/address.ts';
import { askHttps } from '../../../src/detect/https.ts';
import type { HttpsSource } from '../../../src/detect/source.ts';
import { prefixes } from '../../servers/sources.ts';
import { realWorld } from '../../servers/world.ts';

const questions = JSON.parse(process.argv[2] ?? '[]') as readonly { readonly source: HttpsSource; readonly family: Family }[];
const policy = { allow: prefixes('127.0.0.0/8', '::1/128'), deny: [] };
console.log(JSON.stringify(await Promise.all(questions.map(({ source, family }) => askHttps(source, family, { policy }, realWorld(), { timeoutMs: 4000 })))));
