/** Vendors that list the records of one type at a time. */
import { partsOf, type RecordKey, type RecordType } from '../../core/record.ts';
import type { Page } from './pages.ts';

/** The records of each type among `keys`, a page for each. */
export async function typeByType<T>(keys: readonly RecordKey[], cursor: string | number | undefined, list: (type: RecordType) => Promise<readonly T[]>): Promise<Page<T>> {
  const types = [...new Set(keys.map((key) => partsOf(key).type))];
  const type = types.find((one) => one === cursor) ?? types[0];
  if (type === undefined) return { items: [] };
  return { items: await list(type), next: types[types.indexOf(type) + 1] };
}
