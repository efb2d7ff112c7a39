/** Sets that are replaced many at a time, and removed one record after the other. */
import { expect, it } from 'vitest';
import { fqdn } from '../../src/core/name.ts';
import { attempt, Fault, type HeldRecord, type HeldSet, type Put, pack, type RecordSet, recordSet, replacing, type SetOfRecords, type Zone } from '../../src/sdk/index.ts';
import { address } from '../../src/testing/stage.ts';

const zone: Zone = { name: 'example.com', id: 'z1' };
const after = (name: string, ...values: readonly string[]): RecordSet => recordSet({ name: fqdn(`${name}.example.com`), type: 'A' }, values.map(address));
const held = (...ids: readonly string[]): SetOfRecords<HeldRecord> => ({
  name: 'a.example.com',
  type: 'A',
  values: [],
  records: ids.map((id) => ({ id, name: 'a.example.com', type: 'A', value: id })),
});

function calls(refused?: string) {
  const log: string[] = [];
  const made = replacing<SetOfRecords<HeldRecord>, HeldRecord>({
    most: 3,
    recordsOf: ({ records }) => records,
    async send(_zone, puts) {
      log.push(`send ${puts.map(({ after: { name } }) => name).join(' ')}`);
      return puts.map(() => undefined);
    },
    async remove(_zone, { id }) {
      if (id === refused) throw new Fault({ kind: 'refused', detail: 'it said no' });
      log.push(`remove ${id}`);
    },
  });
  return { ...made, log };
}

it('a set that says something is sent, one that shall go is removed record by record', async () => {
  const { put, log } = calls();
  await put(zone, { after: after('a', '198.51.100.1'), held: held('1', '2') });
  await put(zone, { after: after('a'), held: held('1', '2') });
  await put(zone, { after: after('a'), held: undefined });
  expect(log).toEqual(['send a.example.com', 'remove 1', 'remove 2']);
});

it('what shall go is never in a batch, and a batch holds no more records than allowed', () => {
  const { batch } = calls();
  const puts = [after('a', '198.51.100.1', '198.51.100.2'), after('b', '198.51.100.1'), after('c'), after('d', '198.51.100.1')].map((one): Put<HeldSet> => ({ after: one, held: undefined }));
  expect(pack(puts as never, batch.limits).map((group) => group.map((put) => (put as Put<HeldSet>).after.name.split('.')[0]))).toEqual([['a', 'b'], ['c'], ['d']]);
});

it('a removal that fails midway admits that something is gone', async () => {
  const { put } = calls('2');
  const one = await attempt(() => put(zone, { after: after('a'), held: held('1', '2') }));
  expect(one).toMatchObject({ kind: 'failed', failure: { kind: 'refused', partly: true } });
});
