/** Records in sets: nothing is lost, nothing is mixed, and what one record forbids its set forbids. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HeldRecord, inSets } from '../../src/sdk/index.ts';

const record = fc.record({ id: fc.uuid(), name: fc.constantFrom('a.example', 'A.example', 'b.example'), type: fc.constantFrom('A', 'AAAA'), value: fc.ipV4(), ttl: fc.integer({ min: 1, max: 9 }) });

it('every record is in exactly one set, with its own kind, and in order', () => {
  fc.assert(
    fc.property(fc.array(record), (records) => {
      const sets = inSets(records);
      expect(sets.flatMap((set) => set.records).sort((a, b) => records.indexOf(a) - records.indexOf(b))).toEqual(records);
      const keys = sets.map(({ name, type }) => `${name.toLowerCase()} ${type}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const set of sets) {
        expect(set.records.every(({ name, type }) => name.toLowerCase() === set.name.toLowerCase() && type === set.type)).toBe(true);
        expect(set.values).toEqual(set.records.map(({ value }) => value));
        expect(set.ttl).toBe(Math.min(...set.records.map(({ ttl }) => ttl)));
      }
    }),
  );
});

it('one locked record locks its set, and no other', () => {
  const held = (id: string, name: string, locked?: string): HeldRecord => ({ id, name, type: 'A', value: '198.51.100.1', ...(locked === undefined ? {} : { locked }) });
  expect(inSets([held('1', 'a.example'), held('2', 'a.example', 'is switched off'), held('3', 'b.example')]).map(({ locked }) => locked)).toEqual(['has a record that is switched off', undefined]);
});
