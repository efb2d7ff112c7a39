/** Vendors that serve what was written only after they were told to publish it: what is written and not published is lost to the world, and no reading shows it. */
import { attempt, type Failure, Fault } from '../core/failure.ts';
import { zoneOf } from '../core/name.ts';
import type { WriteResult } from '../core/plan.ts';
import type { Provider, Tools, Zone } from './provider.ts';

export type Publishing = {
  /** To be called before anything is written to the zone: an answer that got lost may hide a success. */
  readonly begun: (zone: Zone) => void;
  /** The same provider, which publishes every zone once after a write, and what an earlier round could not publish before it reads. */
  readonly over: (provider: Provider) => Provider;
};

/** `publish` tells the vendor to serve what was written to the zone; twice is once. */
export function publishing(tools: Pick<Tools, 'zones'>, publish: (zone: Zone) => Promise<unknown>): Publishing {
  const due = new Map(tools.zones.get().flatMap((zone) => (zone.unpublished ? [[zone.name, zone] as const] : [])));

  const remember = (): void => {
    const known = tools.zones.get();
    const others = known.filter(({ name }) => !due.has(name)).map(({ name, id }): Zone => ({ name, id }));
    const left = [...due.values()].map(({ name, id }): Zone => ({ name, id, unpublished: true }));
    if (left.length > 0 || known.some(({ unpublished }) => unpublished)) tools.zones.set([...others, ...left]);
  };

  /** Why zones are not published, by their names. A zone that is refused in an earlier round's name may be gone: it is not tried for ever. */
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
    begun: (zone) => void due.set(zone.name, zone),
    over: ({ read, write, ...rest }) => ({
      ...rest,
      ...(read
        ? {
            async read(keys) {
              for (const [name, failure] of await publishAll()) {
                if (failure.kind !== 'refused') throw new Fault(failure);
                due.delete(name);
              }
              try {
                return await read(keys);
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
