/** A provider that cannot be used, known by name all the same: whoever writes it into a config is told why, and what to do instead. */

import { Fault } from '../core/failure.ts';
import { optional, secret, text } from './options.ts';
import { defineProvider, type Manifest } from './provider.ts';

/** `gone`: it was closed. `none`: it has no public way to change a record that is known to us. */
export type Absent = {
  readonly id: string;
  readonly title: string;
  readonly also?: readonly string[];
  readonly website: string;
  readonly reference: string;
  readonly checked: string;
  readonly kind: 'gone' | 'none';
  /** Why, and since when where that is known: completes the title to a sentence. */
  readonly why: string;
  /** What to use in its place: a sentence. */
  readonly instead: string;
};

/** Refused by `check`, and before anything is sent. Takes the options people have in their configs, so that this is the one thing they are told. */
export function absentProvider({ id, title, also, website, reference, checked, why, instead }: Absent): Manifest {
  const sentence = `${title} ${why}. ${instead}`;
  const options = {
    username: optional(text('not used any more')),
    password: optional(secret('not used any more')),
    token: optional(secret('not used any more')),
    zone: optional(text('not used any more')),
  };
  return defineProvider({
    api: 1,
    id,
    name: title,
    ...(also === undefined ? {} : { also }),
    reference,
    checked,
    evidence: 'unverified',
    absent: sentence,
    can: { families: [4, 6], readable: false, wildcard: true, apex: true, values: 'one', ttl: { min: 1, max: 2_147_483_647, initial: 300 } },
    options,
    credentials: `${sentence} ${website}`,
    problems: () => [sentence],
    open: () => {
      throw new Fault({ kind: 'config', detail: sentence });
    },
  });
}
