/** Keeps mappings alive for as long as a process runs: knows when there is something to do, and does it. */
import type { Family } from '../core/address.ts';
import { dueAt, isDue, type Port, portKey } from '../core/mapping.ts';
import type { Instant } from '../core/record.ts';
import { NOTHING, readState } from '../recall.ts';
import type { World } from '../world/world.ts';
import type { MapRequest } from './desk.ts';
import { findHere, type Here, type WantedHere, wantedHere } from './here.ts';
import { keepMappings } from './keep.ts';
import type { MapReport } from './outcome.ts';

/** `look`: whatever has changed shows in the routes, the addresses or the memory. `anew`: what was refused is asked for again. `forgotten`: the router says that it has begun anew. */
export type Nudge = 'look' | 'anew' | 'forgotten';
export type Renewal = {
  /** Costs nothing, and is false most of the time. */
  readonly isDue: (now: Instant) => boolean;
  readonly nudge: (why: Nudge) => void;
  /**
   * Renews those of `ports` whose lifetime is half over, and makes those that are not as they should be where this machine is now; undefined when nothing was
   * to be done, which costs a look at the routes and at the state. Throws Fault `locked` and `state`.
   */
  readonly keep: (ports: readonly Port[], request: MapRequest, world: World) => Promise<MapReport | undefined>;
};

/** What a router refused, or gave to somebody else: nobody changes that within minutes, but it may lapse. */
const REFUSED_MS = 15 * 60_000;
/** A router that does not answer may be starting; one that never does is asked every quarter of an hour. */
const SILENT_MS = { first: 60_000, most: 15 * 60_000 };
/** One that is about to lapse is worth a question so often. */
const SOONEST_MS = 15_000;
/** Nothing to renew, and nothing to wait for but a nudge. */
const IDLE_MS = 3_600_000;
/** Anybody in the local network may have announced what is taken for the router's word. */
const FORGOTTEN_EVERY_MS = 60_000;

/** `of`: what was asked for in vain, and is not asked for again before `until`, as long as this machine is where it was. */
type Rest = { readonly place: string; readonly of: ReadonlySet<string>; readonly from: Instant; readonly until: Instant };

export function openRenewal(): Renewal {
  let rest: Rest | undefined;
  let next: { readonly from: Instant; readonly until: Instant } | undefined;
  let forgotten: { readonly isNews: boolean; readonly from: Instant; readonly until: Instant } = { isNews: false, from: 0, until: 0 };
  let silences = 0;
  const isAllDue = (now: Instant): boolean => forgotten.isNews && isOver(forgotten, now);

  return {
    isDue: (now) => isAllDue(now) || next === undefined || isOver(next, now),
    nudge(why) {
      if (why === 'forgotten') forgotten = { ...forgotten, isNews: true };
      else next = undefined;
      if (why === 'anew') rest = undefined;
    },
    async keep(ports, request, world) {
      const begun = world.clock.now();
      // Should it be broken off.
      next = { from: begun, until: begun + SILENT_MS.first };
      const { here, wanted } = await looked(ports, request, world);
      if (rest?.place !== placeOf(here, ports)) [rest, silences] = [undefined, 0];
      const isResting = (one: WantedHere): boolean => rest?.of.has(keyOf(one)) === true && !isOver(rest, begun);
      const isAll = isAllDue(begun);
      const due = wanted.filter((one) => (one.row !== undefined && isAll) || (isMissing(one, begun) && !isResting(one)));
      if (isAll) forgotten = { isNews: false, from: begun, until: begun + FORGOTTEN_EVERY_MS };
      if (due.length === 0) {
        next = { from: begun, until: nextAt(wanted, rest, begun) };
        return undefined;
      }
      const of = (family: Family): readonly Port[] => due.filter((one) => one.family === family).map(({ port }) => port);
      const report = await keepMappings({ 4: of(4), 6: of(6) }, ports, request, world);
      if (request.signal.aborted) return report;
      const now = world.clock.now();
      const after = await looked(ports, request, world);
      const missing = after.wanted.filter((one) => isMissing(one, now));
      silences = isSilent(report) ? silences + 1 : 0;
      rest = missing.length === 0 ? undefined : { place: placeOf(after.here, ports), of: new Set(missing.map(keyOf)), from: now, until: now + pauseMs(report, silences, missing, now) };
      next = { from: now, until: nextAt(after.wanted, rest, now) };
      return report;
    },
  };
}

/** A clock that was set back makes everything due. */
const isOver = ({ from, until }: { readonly from: Instant; readonly until: Instant }, now: Instant): boolean => now < from || now >= until;
const isMissing = ({ row }: WantedHere, now: Instant): boolean => row === undefined || isDue(row, now);
const keyOf = ({ family, port }: WantedHere): string => portKey(port, family);
const isSilent = ({ outcomes }: MapReport): boolean => outcomes.some((outcome) => outcome.kind === 'failed' && outcome.failure.kind === 'network');

/** Until those that are missing now are asked for again; half of what is left to one that is still there. */
function pauseMs(report: MapReport, silences: number, missing: readonly WantedHere[], now: Instant): number {
  const left = missing.flatMap(({ row }) => (row?.until === undefined ? [] : [Math.max(SOONEST_MS, (row.until - now) / 2)]));
  const isRefused = report.outcomes.some(({ kind }) => kind === 'failed' || kind === 'taken' || kind === 'leads-here');
  return Math.min(...left, isSilent(report) ? Math.min(SILENT_MS.first * 2 ** Math.min(silences - 1, 10), SILENT_MS.most) : isRefused ? REFUSED_MS : IDLE_MS);
}

async function looked(ports: readonly Port[], { stateFolder, policy }: MapRequest, world: World): Promise<{ readonly here: Here; readonly wanted: readonly WantedHere[] }> {
  const read = readState(stateFolder, world);
  const state = typeof read === 'string' ? NOTHING : read;
  const here = await findHere({ policy, published: state.families[6]?.address }, world);
  return { here, wanted: wantedHere(ports, here, state.mappings ?? {}) };
}

/** When the first of them is to be renewed, or asked for again. */
function nextAt(wanted: readonly WantedHere[], rest: Rest | undefined, now: Instant): Instant {
  const times = wanted.map((one) => (rest?.of.has(keyOf(one)) ? rest.until : one.row === undefined ? now : dueAt(one.row)));
  return Math.min(now + IDLE_MS, ...times);
}

const placeOf = ({ network, four, six }: Here, ports: readonly Port[]): string => JSON.stringify([network?.gateway, four.kind === 'router' && four.own, six.kind === 'router' && six.own, ports]);
