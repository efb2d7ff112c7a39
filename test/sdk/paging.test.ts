/** Listings that tell a total: read to their end whatever the vendor's page size, and never for ever. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attempt } from '../../src/core/failure.ts';
import { allPages, fromOffset, type Page, untilEmpty, untilTotal } from '../../src/sdk/index.ts';

const items = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);
const sizes = { count: fc.integer({ min: 0, max: 60 }), size: fc.integer({ min: 1, max: 20 }), tells: fc.boolean() };

/** Reads a list of `count` through pages made by `page`; gives what was read and in how many calls. */
async function read(page: (cursor: string | number | undefined) => Page<number>): Promise<{ readonly found: readonly number[]; readonly calls: number }> {
  let calls = 0;
  const found = await allPages('the list', async (cursor) => {
    calls++;
    return page(cursor);
  });
  return { found, calls };
}

it('numbered pages are read to their end, with one call more at most', () =>
  fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ count, size, tells }) => {
      const all = items(count);
      const { found, calls } = await read((cursor) => untilTotal(all.slice((Number(cursor ?? 1) - 1) * size, Number(cursor ?? 1) * size), cursor, tells ? count : null));
      expect(found).toEqual(all);
      expect(calls).toBeLessThanOrEqual(Math.ceil(count / size) + 1);
      if (tells && count <= size) expect(calls).toBe(1);
    }),
  ));

it('pages by offset are read to their end, and in no call too many where the total is told', () =>
  fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ count, size, tells }) => {
      const all = items(count);
      const { found, calls } = await read((cursor) => fromOffset(all.slice(Number(cursor ?? 0), Number(cursor ?? 0) + size), cursor, tells ? count : undefined));
      expect(found).toEqual(all);
      expect(calls).toBe(tells ? Math.max(1, Math.ceil(count / size)) : Math.ceil(count / size) + 1);
    }),
  ));

it('a listing that ends before its total is not taken for all', async () => {
  const one = await attempt(() => read((cursor) => untilTotal(cursor === undefined ? [1, 2] : [], cursor, 5)));
  expect(one).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
});

it('a server that knows no pages gives all at once, again and again', async () => {
  expect((await read((cursor) => untilEmpty([1, 2], cursor))).found).toEqual([1, 2]);
  expect((await read((cursor) => fromOffset([1, 2], cursor, undefined))).found).toEqual([1, 2]);
  expect(await attempt(() => read((cursor) => untilTotal([1, 2], cursor, 5)))).toMatchObject({ kind: 'failed', failure: { kind: 'gibberish' } });
});
