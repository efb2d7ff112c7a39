/** Keys that vendors hand out as a JSON file: the whole file is the secret. */
import { type GenericSchema, type InferOutput, safeParse } from 'valibot';
import { Fault } from '../core/failure.ts';
import type { Secret } from '../core/secret.ts';

/** What is in the file, which may also be given in Base64. Throws Fault `auth` for another. `what` completes "the key is no ...". */
export function keyFile<S extends GenericSchema>(key: Secret, schema: S, what: string): InferOutput<S> {
  const text = key.reveal().trim();
  const parsed = safeParse(schema, json(text.startsWith('{') ? text : Buffer.from(text, 'base64').toString()));
  if (parsed.success) return parsed.output;
  throw new Fault({ kind: 'auth', detail: `the key is no ${what}`, hint: 'give the whole JSON file that was downloaded when the key was made' });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
