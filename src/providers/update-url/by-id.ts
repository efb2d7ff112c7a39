/** Every service that is a row of data, as a provider by its id. Only the row that is asked for is parsed. */
import { absentProvider, type Manifest, parseRow, serviceProvider, type UpdateUrlRow, type UpdateUrlRowInput } from '../../sdk/index.ts';
import { absent } from './rows/absent.ts';
import { rows as byRecord } from './rows/by-record.ts';
import { rows as dyndns2 } from './rows/dyndns2.ts';
import { rows as hosters } from './rows/hosters.ts';
import { rows as keyed } from './rows/keyed.ts';
import { rows as old } from './rows/old.ts';
import { rows as ownWords } from './rows/own-words.ts';
import { rows as registrars } from './rows/registrars.ts';
import { rows as sender } from './rows/sender.ts';
import { rows as several } from './rows/several.ts';
import { rows as small } from './rows/small.ts';
import { rows as tokens } from './rows/tokens.ts';
import { rows as xml } from './rows/xml.ts';

const ROWS: ReadonlyMap<string, UpdateUrlRowInput> = new Map(
  [...byRecord, ...dyndns2, ...hosters, ...keyed, ...old, ...ownWords, ...registrars, ...sender, ...several, ...small, ...tokens, ...xml].map((row) => [row.id, row]),
);

/** The ids of all rows, and of the providers that are known by name only, in the order of the alphabet. */
export const SERVICE_IDS: readonly string[] = [...ROWS.keys(), ...absent.map(({ id }) => id)].sort();

/** The row of this id, with its defaults. Undefined: there is none. */
export function rowOf(id: string): UpdateUrlRow | undefined {
  const row = ROWS.get(id);
  return row && parseRow(row);
}

/** The provider of this id. Throws TypeError for one that is not in SERVICE_IDS. */
export function serviceOf(id: string): Manifest {
  const row = rowOf(id);
  if (row !== undefined) return serviceProvider(row);
  const gone = absent.find((one) => one.id === id);
  if (gone === undefined) throw new TypeError(`no row is called ${id}`);
  return absentProvider(gone);
}
