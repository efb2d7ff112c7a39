/** Vendors that serve what was written only after they were told to publish it: what is written and not published is lost to the world, and no reading shows it. */
import { attempt, type Failure, Fault } from '../core/failure.ts';
import { zoneOf } from '../core/name.ts';
import type { WriteResult } from '../core/plan.ts';
import { partsOf } from '../core/record.ts';
import type { Provider, Tools, Zone } from './provider.ts';

export type Publishing = {
  /** To be called before anything is written to the zone: an answer that got lost may hide a success. */
  readonly begun: (zone: Zone) => void;
  /** The same provider, which publishes every zone once after a write, and what an earlier round could not publish before it reads, unless it only looks. */
  readonly over: (provider: Provider) => Provider;
};

/** `publish` tells the vendor to serve what was written to the zone; twice is once. */
export function publishing(tools: Pick<Tools, 'zones' | 'dry'>, publish: (zone: Zone) => Promise<unknown>): Publishing {
  const known = tools.zones.get();
  const due = new Map(known.flatMap((zone) => (zone.unpublished ? [[zone.name, zone] as const] : [])));
  /** Zones that are or were due. */
  const touched = new Map(due);
  // With --force nothing else is remembered: then zones are to be asked for anew, and these are not all.
  if (due.size > 0) tools.zones.set(known.filter(({ unpublished }) => !unpublished));

  const remember = (): void => {
    if (touched.size === 0) return;
    const others = tools.zones.get().filter(({ name }) => !touched.has(name));
    tools.zones.set([...others, ...[...touched.values()].map(({ name, id }): Zone => (due.has(name) ? { name, id, unpublished: true } : { name, id }))]);
  };

  /** Why zones are not published, by their names. */
  const publishAll = async (): Promise<ReadonlyMap<string, Failure>> => {
    const failures = new Map<string, Failure>();
    for (const [name, zone] of [...due]) {
      const done = await attempt(() => publish(zone));
      if (done.kind === 'ok') due.delete(name);
      else failures.set(name, done.failure);
    }
    return failures;
  };

  return {
    begun(zone) {
      due.set(zone.name, zone);
      touched.set(zone.name, zone);
    },
    over: ({ read, write, ...rest }) => ({
      ...rest,
      ...(read
        ? {
            async read(keys) {
              try {
                const failures = tools.dry ? new Map<string, Failure>() : await publishAll();
                const fatal = [...failures.values()].find(({ kind }) => kind !== 'refused');
                if (fatal) throw new Fault(fatal);
                const found = new Map(await read(keys));
                for (const key of keys) {
                  const zone = zoneOf(partsOf(key).name, due.values());
                  const failure = zone && failures.get(zone.name);
                  if (zone === undefined || failure === undefined) continue;
                  const now = found.get(key);
                  // A zone that is gone is not tried for ever; one that is there must not look as if all were well.
                  if (now && 'kind' in now) touched.delete(zone.name);
                  else found.set(key, failure);
                }
                for (const name of due.keys()) if (!touched.has(name)) due.delete(name);
                return found;
              } finally {
                remember();
              }
            },
          }
        : {}),
      async write(changes) {
        try {
          const results = await write(changes);
          const zones = [...due.values()];
          const failures = await publishAll();
          return results.map((result, at): WriteResult => {
            const name = result.kind === 'written' ? changes[at]?.after.name : undefined;
            const failure = name && failures.get(zoneOf(name, zones)?.name ?? '');
            return failure ? { kind: 'failed', failure: { ...failure, partly: true, detail: `${name} was written but not published: ${failure.detail}` } } : result;
          });
        } finally {
          remember();
        }
      },
    }),
  };
}
