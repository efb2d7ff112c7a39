/** Sends the updates, and when the server refuses a message of many finds out which of its records stand in the way, so that the others are done. */
import { type Change, type Failure, LOOK_AGAIN_SECONDS, partsOf, printSet, type RecordSet, recordSet, sameValues, type WriteResult } from '../../sdk/index.ts';
import type { Exchange } from './exchange.ts';
import type { Read } from './read.ts';
import { type Asked, isKeyDenied, isTrusted, missedPrerequisite, type Reply, refusalOf } from './refusal.ts';
import { inMessages, type Task, taskOf, updateOf } from './update.ts';
import type { ZoneFinder } from './zones.ts';

/** Messages that one write may cost beyond those that carry everything once: enough to find every refused name among a hundred, and some among thousands. */
const extraMessages = (records: number): number => Math.max(64, Math.min(2 * records, 256));

export function writer({
  exchange,
  zones,
  read,
  key,
  transport,
}: {
  readonly exchange: Exchange;
  readonly zones: ZoneFinder;
  readonly read: Read;
  readonly key: Asked['key'];
  readonly transport: 'tcp' | 'udp';
}) {
  return async (changes: readonly Change[]): Promise<readonly WriteResult[]> => {
    const results: WriteResult[] = [];
    const zoneOfName = await zones.find(changes.map(({ key: one }) => partsOf(one).name));
    const tasks: Task[] = [];
    for (const [at, change] of changes.entries()) {
      const zone = zoneOfName.get(partsOf(change.key).name);
      if (typeof zone === 'string') tasks.push(taskOf(at, change, zone));
      else results[at] = { kind: 'failed', failure: zone as Failure };
    }
    tasks.sort((a, b) => (a.zone === b.zone ? 0 : a.zone < b.zone ? -1 : 1));
    // A small datagram would make many messages of a large write.
    const room = tasks.length > 8 && transport === 'udp' ? exchange.room + 65_535 - 512 : exchange.room;
    const first = inMessages(tasks, room);
    const queue = [...first];
    const refused: { readonly task: Task; readonly failure: Failure }[] = [];
    let accepted = 0;
    let allowance = first.length + extraMessages(tasks.length);
    let lost: Failure | undefined;
    const fail = (batch: readonly Task[], failure: Failure): void => {
      for (const { at } of batch) results[at] = { kind: 'failed', failure };
    };
    const done = ({ at, stored, guard }: Task): void => {
      accepted++;
      results[at] = { kind: 'written', stored, ...(guard.kind === 'unseen' ? { note: 'what was there before could not be asked, so it was replaced unseen' } : {}) };
    };

    for (let batch = queue.shift(); batch !== undefined; batch = queue.shift()) {
      if (lost) {
        fail(batch, { kind: 'network', phase: 'connect', detail: `not sent, because ${lost.detail}` });
        continue;
      }
      if (allowance-- <= 0) {
        fail(batch, { kind: 'conflict', detail: `${exchange.server()} refuses some names that were sent together with this one, and it is not known yet which`, hint: 'the next round tries again' });
        continue;
      }
      const zone = (batch[0] as Task).zone;
      const [reply] = (await exchange.ask([updateOf(zone, batch)])) as [Reply | Failure];
      if ('kind' in reply) {
        fail(batch, reply);
        if (reply.kind === 'network') lost = reply;
        continue;
      }
      const about: Asked = { what: describe(batch, zone), zone, server: exchange.server(), key, now: exchange.now() };
      const failure = refusalOf(reply, about, exchange.isKeyKnown() ? 'key-known' : 'key-unproven');
      if (failure === undefined) batch.forEach(done);
      else if (missedPrerequisite(reply)) queue.push(...(await explain(batch, reply.message.rcode, failure)));
      else if (isAboutNames(reply, failure) && batch.length > 1) queue.push(...halves(batch));
      else if (isAboutNames(reply, failure)) for (const task of batch) refused.push({ task, failure });
      else fail(batch, failure);
    }

    // When the server accepts other names, it is not the key that is wrong: only these names are out of its reach.
    for (const { task, failure } of refused) {
      const only: Failure = {
        kind: 'refused',
        detail: failure.detail,
        hint: 'let the key change this name too, or remove it from the config; it is looked at again in an hour',
        lookAgainSeconds: LOOK_AGAIN_SECONDS,
      };
      results[task.at] = { kind: 'failed', failure: accepted > 0 ? only : failure };
    }
    if (accepted === 0 && refused.length > 0) {
      const [{ failure }] = refused as [(typeof refused)[number]];
      for (const { at } of tasks) {
        const result = results[at];
        if (result?.kind === 'failed' && result.failure.kind === 'conflict') results[at] = { kind: 'failed', failure };
      }
    }
    return results;

    /** Refused for what it would change, not for who asks: signed by a server that knows the key, or said by one that signed with it before. */
    function isAboutNames(reply: Reply, failure: Failure): boolean {
      return failure.kind === 'auth' && (isTrusted(reply) || (isKeyDenied(reply) && exchange.isKeyKnown()));
    }

    /** Reads again what a missed prerequisite is about. What changed is a conflict, what is already so is done; the rest is returned to be sent again. */
    async function explain(batch: readonly Task[], rcode: number, failure: Failure): Promise<readonly (readonly Task[])[]> {
      const now = await read(batch.map(({ change }) => change.key));
      const open: Task[] = [];
      for (const task of batch) {
        const found = now.get(task.change.key);
        if (found !== undefined && 'kind' in found) fail([task], found);
        else if (isSo(found, task)) done({ ...task, stored: found ?? task.stored });
        else if (isAsBelieved(found, task)) open.push(task);
        else fail([task], overtaken(task, found));
      }
      if (open.length === 0) return [];
      if (open.length < batch.length) return [open];
      if (open.length > 1) return halves(open);
      return single(open[0] as Task, rcode, failure);
    }

    /** One record that reads as believed, and yet the server says that it does not exist: what was read was made up from a wildcard. */
    function single(task: Task, rcode: number, failure: Failure): readonly (readonly Task[])[] {
      if (task.guard.kind === 'exactly' && rcode === 8) return [[{ ...task, guard: { kind: 'absent' } }]];
      fail([task], failure);
      return [];
    }
  };
}

const halves = (batch: readonly Task[]): readonly (readonly Task[])[] => [batch.slice(0, Math.ceil(batch.length / 2)), batch.slice(Math.ceil(batch.length / 2))];

const describe = (batch: readonly Task[], zone: string): string => {
  const [first] = batch as [Task];
  return batch.length === 1 ? `the update of ${first.stored.name} ${first.stored.type} in zone ${zone}` : `the update of ${batch.length} records of zone ${zone}, ${first.stored.name} among them`;
};

/** Has somebody, or an earlier message of ours whose answer was lost, done it already? */
function isSo(found: RecordSet | undefined, { stored, change }: Task): boolean {
  if (found === undefined) return stored.values.length === 0;
  return sameValues(found, stored) && (change.after.ttl === undefined || found.ttl === change.after.ttl);
}

function isAsBelieved(found: RecordSet | undefined, { change }: Task): boolean {
  if (change.before === undefined) return true;
  return sameValues(found ?? recordSet(partsOf(change.key), []), change.before);
}

const overtaken = ({ change, stored }: Task, found: RecordSet | undefined): Failure => ({
  kind: 'conflict',
  detail: `${stored.name} ${stored.type} was changed by somebody else at the same moment: it was ${change.before?.values.join(', ') || 'not there'} and is now ${found?.values.join(', ') || 'gone'}, so it was not overwritten (wanted: ${printSet(stored)})`,
});
