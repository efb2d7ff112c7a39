/** UPDATE messages (RFC 2136): for each record set what must be there now, and what shall be there; as many sets in one message as fit. */
import { addressRecord, type Change, CLASS, EMPTY, encodeMessage, type IpAddress, OPCODE, partsOf, type RecordSet, type ResourceRecord, recordSet, TYPE } from '../../sdk/index.ts';
import type { Request } from './exchange.ts';

/** What the server must find before it does anything, so that two hosts never overwrite each other unseen. */
export type Guard = { readonly kind: 'exactly'; readonly values: readonly IpAddress[] } | { readonly kind: 'absent' } | { readonly kind: 'unseen' };

/** One change on its way. `stored`: the set as the server has it when it accepts. */
export type Task = { readonly at: number; readonly change: Change; readonly zone: string; readonly guard: Guard; readonly stored: RecordSet };

/** Seconds, for a new record when the config says `auto`. */
export const INITIAL_TTL = 300;

export function taskOf(at: number, change: Change, zone: string): Task {
  const { before, after } = change;
  const present = before !== undefined && before.values.length > 0;
  const guard: Guard = before === undefined ? { kind: 'unseen' } : present ? { kind: 'exactly', values: before.values } : { kind: 'absent' };
  return { at, change, zone, guard, stored: recordSet(partsOf(change.key), after.values, after.ttl ?? (present ? before.ttl : undefined) ?? INITIAL_TTL) };
}

/** One message for these tasks of one zone: prerequisites in the answer section, updates in the authority section. */
export function updateOf(zone: string, tasks: readonly Task[]): Request {
  const names = new Set(tasks.map(({ stored }) => stored.name));
  return {
    ...EMPTY,
    opcode: OPCODE.UPDATE,
    questions: [{ name: zone, type: TYPE.SOA, class: CLASS.IN }],
    answers: [...Array.from(names, noAlias), ...tasks.flatMap(({ stored, guard }) => required(stored, guard))],
    authorities: tasks.flatMap(({ stored }) => wanted(stored)),
  };
}

const typeOf = ({ type }: RecordSet): number => (type === 'A' ? TYPE.A : TYPE.AAAA);
const NO_DATA = new Uint8Array(0);

/** An address beside a CNAME is ignored without a word (RFC 2136 section 3.4.2.2), so its absence is demanded. */
const noAlias = (name: string): ResourceRecord => ({ name, type: TYPE.CNAME, class: CLASS.NONE, ttl: 0, data: NO_DATA });

function required(set: RecordSet, guard: Guard): readonly ResourceRecord[] {
  switch (guard.kind) {
    case 'exactly':
      return guard.values.map((value) => addressRecord(set.name, value, 0));
    case 'absent':
      return [{ name: set.name, type: typeOf(set), class: CLASS.NONE, ttl: 0, data: NO_DATA }];
    case 'unseen':
      return [];
    default:
      return guard satisfies never;
  }
}

const wanted = (set: RecordSet): readonly ResourceRecord[] => [
  { name: set.name, type: typeOf(set), class: CLASS.ANY, ttl: 0, data: NO_DATA },
  ...set.values.map((value) => addressRecord(set.name, value, set.ttl ?? INITIAL_TTL)),
];

/** The tasks in as few messages of at most `room` bytes as their order gives; a set that is too large by itself stays alone. */
export function inMessages(tasks: readonly Task[], room: number): readonly (readonly Task[])[] {
  const messages: Task[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const task of tasks) {
    const head = encodeMessage({ ...updateOf(task.zone, []), id: 0 }).length;
    const own = encodeMessage({ ...updateOf(task.zone, [task]), id: 0 }).length - head;
    const last = messages.at(-1);
    if (last === undefined || last[0]?.zone !== task.zone || size + own > room) {
      messages.push([task]);
      size = head + own;
    } else {
      last.push(task);
      size += own;
    }
  }
  return messages;
}
