/** What stands on the stage when a law is tried: records to change, and records of strangers. */
import type { RecordSet } from '../core/record.ts';
import type { Contract, FakeRecord } from './contract.ts';
import { type Stage, setFor } from './stage.ts';

export const OLD = '203.0.113.1';
export const NEW = '198.51.100.7';
export const SIBLING = '203.0.113.99';
export const OLD6 = '2001:db8::1';
export const NEW6 = '2001:db8:1::7';

/** What the suite's rounds begin with and want: a value to replace, one to create, one to add beside a sibling, and both families of one name. */
export function scenery({ can, name }: Pick<Stage, 'can' | 'name'>, contract: Contract): { readonly records: readonly Omit<FakeRecord, 'id'>[]; readonly wanted: readonly RecordSet[] } {
  const ttl = seedTtl(can.ttl);
  const extra = contract.extra ? { extra: contract.extra } : {};
  const most = contract.names?.length ?? 4;
  const has4 = can.families.includes(4);
  const has6 = can.families.includes(6);
  const records: Omit<FakeRecord, 'id'>[] = [];
  const wanted: RecordSet[] = [];
  const [type, old, fresh] = has4 ? (['A', OLD, NEW] as const) : (['AAAA', OLD6, NEW6] as const);
  records.push({ name: name(1), type, value: old, ttl, ...extra });
  wanted.push(setFor(name(1), type, [fresh]));
  if (has4 && has6) {
    records.push({ name: name(1), type: 'AAAA', value: OLD6, ttl, ...extra });
    wanted.push(setFor(name(1), 'AAAA', [NEW6]));
  }
  // Names that the user must have made have a value from the beginning.
  if (most >= 2) {
    if (contract.names) records.push({ name: name(2), type, value: old, ttl, ...extra });
    wanted.push(setFor(name(2), type, [fresh]));
  }
  if (most >= 3 && can.values === 'many' && can.readable && has4) {
    records.push({ name: name(3), type, value: OLD, ttl, ...extra }, { name: name(3), type, value: SIBLING, ttl, ...extra });
    wanted.push(setFor(name(3), type, [NEW, SIBLING]));
  }
  return { records: [...records, ...bystanders(contract)], wanted };
}

/** Records of strangers, drawn from a fixed seed. */
export function bystanders(contract: Contract): readonly Omit<FakeRecord, 'id'>[] {
  if (contract.names) return [];
  let seed = 20260822;
  const draw = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % below;
  };
  const zone = contract.zone;
  const made = Array.from({ length: 12 }, (_, at): Omit<FakeRecord, 'id'> => {
    const name = `x${at}.${zone}`;
    const ttl = 3600;
    const forms: readonly Omit<FakeRecord, 'id'>[] = [
      { name, type: 'A', value: `192.0.2.${draw(250) + 1}`, ttl },
      { name, type: 'AAAA', value: `2001:db8:ffff::${(draw(60_000) + 1).toString(16)}`, ttl },
      { name, type: 'TXT', value: `v=${draw(1000)}`, ttl },
      { name, type: 'CNAME', value: `y${draw(9)}.${zone}`, ttl },
    ];
    return forms[draw(forms.length)] as Omit<FakeRecord, 'id'>;
  });
  return [...made, { name: `h1.${zone}`, type: 'TXT', value: 'beside the name that changes', ttl: 3600 }];
}

/** A TTL that the provider takes. */
export function seedTtl(ttl: Stage['can']['ttl']): number {
  if (ttl === 'fixed') return 60;
  const wanted = Math.min(ttl.max, Math.max(ttl.min, 900));
  return ttl.steps?.find((step) => step >= wanted) ?? wanted;
}
