/** Zones of one name that an account holds several times, where the vendor allows that: which one the world is served from is not for us to guess. */
import { Fault, LOOK_AGAIN_SECONDS } from '../../core/failure.ts';
import type { Zone } from '../provider.ts';

/** Every name once; the ids of namesakes side by side. Ids must hold no blank. */
export function withNamesakes(zones: readonly Zone[]): readonly Zone[] {
  const byName = new Map<string, Zone>();
  for (const { name, id } of zones) {
    const other = byName.get(name);
    byName.set(name, { name, id: other === undefined ? id : `${other.id} ${id}` });
  }
  return [...byName.values()];
}

/** The id of a zone that has no namesake. Throws Fault `refused` for one that has. `hint`: how the user says which is meant. */
export function onlyId({ name, id }: Zone, hint: string): string {
  if (!id.includes(' ')) return id;
  throw new Fault({ kind: 'refused', detail: `there are several zones ${name}: ${id.replaceAll(' ', ', ')}`, hint, lookAgainSeconds: LOOK_AGAIN_SECONDS });
}
