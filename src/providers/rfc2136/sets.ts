/** The RRset of one key among the records of an answer. */
import { addressOf, type Fqdn, type IpAddress, partsOf, type RecordKey, type RecordSet, type ResourceRecord, recordSet, TYPE } from '../../sdk/index.ts';

/** Those at `name` itself. */
export const recordsAt = (records: readonly ResourceRecord[], name: Fqdn): readonly ResourceRecord[] => records.filter((record) => record.name.toLowerCase() === name);

/** The set of this key; undefined: there is none. */
export function setAt(key: RecordKey, records: readonly ResourceRecord[]): RecordSet | undefined {
  const { name, type } = partsOf(key);
  const own = recordsAt(records, name).filter((record) => record.type === (type === 'A' ? TYPE.A : TYPE.AAAA));
  const values = own.map(addressOf).filter((value): value is IpAddress => value !== undefined);
  return values.length === 0 ? undefined : recordSet({ name, type }, values, Math.min(...own.map(({ ttl }) => ttl)));
}
