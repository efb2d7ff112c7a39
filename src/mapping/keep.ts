/** Makes, renews and removes port mappings and pinholes under the lock, and remembers them: what we asked for is on disk before the router hears of it. */
import type { Family } from '../core/address.ts';
import { type Mapping, mayBePinhole, type Port, portKey, printPort } from '../core/mapping.ts';
import type { World } from '../world/world.ts';
import { atRouter, type MapRequest } from './desk.ts';
import type { Here } from './here.ts';
import type { MapOutcome, MapReport } from './outcome.ts';
import type { Session } from './session.ts';

/** Of these ports those that are to be asked for, by family. */
export type Wanted = { readonly [F in Family]: readonly Port[] };

/** Makes every one of `ports` lead here, or keeps it so; twice is once. Throws Fault `locked` and `state`; what the router says is in the outcomes. */
export const makeMappings = (ports: readonly Port[], request: MapRequest, world: World): Promise<MapReport> => keepMappings({ 4: ports, 6: ports.filter(mayBePinhole) }, ports, request, world);

/** As `makeMappings`, but asks for `wanted` alone, and for those of `ports` that the router turns out to have forgotten. */
export const keepMappings = (wanted: Wanted, ports: readonly Port[], request: MapRequest, world: World): Promise<MapReport> =>
  atRouter(request, world, async ({ four, six, here, table, save }) => {
    const notes: string[] = wanted[4].flatMap((port) => leftFor(table()[portKey(port, 4)], four));
    if (here.six.kind === 'none' && here.six.why !== undefined && wanted[6].length > 0) notes.push(`no pinholes for IPv6: ${here.six.why}`);
    if (here.six.kind === 'router') {
      const translated = wanted[4].filter((port) => !mayBePinhole(port)).map(printPort);
      if (translated.length > 0) notes.push(`no pinhole for ${translated.join(' and ')}: IPv6 translates no ports, so only one that is the same on both sides can be opened`);
    }
    const isForgotten = (session: Session, family: Family) => (port: Port) => !wanted[family].includes(port) && session.isForgotten(port);
    const make4 = async (): Promise<readonly MapOutcome[]> => {
      if (four === undefined) return nothingHere(here, wanted[4]);
      const made = await makeAll(four, wanted[4], ports, save);
      return [...made, ...(await eachOf(ports.filter(isForgotten(four, 4)), four.make))];
    };
    const make6 = async (): Promise<readonly MapOutcome[]> => {
      if (here.six.kind === 'none') return [];
      // The hole of an address of before is left to lapse: visitors may still come by it, and without that address nobody may take it back.
      six.intend(wanted[6]);
      save();
      const made = await eachOf(wanted[6], six.make);
      return [...made, ...(await eachOf(ports.filter(mayBePinhole).filter(isForgotten(six, 6)), six.make))];
    };
    const [mapped, opened] = await Promise.all([make4(), make6()]);
    return judged(mapped, opened, notes, here);
  });

/** Removes what we made of `ports`, or, with `all`, everything we remember to have made as well. Throws like `makeMappings`. */
export const removeMappings = (ports: readonly Port[], scope: 'these' | 'all', request: MapRequest, world: World): Promise<MapReport> =>
  atRouter(request, world, async ({ four, six, here, table }) => {
    const rows = Object.values(table());
    const of = (family: Family): readonly Port[] => rows.filter((row) => (row.family ?? 4) === family && (scope === 'all' || ports.some((port) => portKey(port, 4) === portKey(row, 4))));
    const wanted4 = withOthers(of(4), ports);
    const unasked = (port: Port): MapOutcome => {
      const row = table()[portKey(port, 4)];
      return row?.by === undefined || here.four.kind === 'router' ? { port, family: 4, kind: 'absent' } : { port, family: 4, kind: 'failed', failure: here.four.failure, mapping: row };
    };
    const removed = four === undefined ? wanted4.map(unasked) : await eachOf(wanted4, four.remove);
    return { outcomes: [...removed, ...(await eachOf(of(6), six.remove))], notes: [] };
  });

/** What is remembered and not among `ports`, then these. */
const withOthers = (remembered: readonly Port[], ports: readonly Port[]): readonly Port[] => [
  ...remembered.filter((mapping) => !ports.some((port) => portKey(port, 4) === portKey(mapping, 4))),
  ...ports,
];

async function makeAll(session: Session, wanted: readonly Port[], ports: readonly Port[], save: () => void): Promise<readonly MapOutcome[]> {
  const former = session.remembered().filter((mapping) => session.isHere(mapping) && isSuperseded(mapping, ports));
  const outcomes = (await eachOf(former, session.remove)).filter(({ kind }) => kind !== 'absent');
  const free: Port[] = [];
  for (const port of wanted) {
    const another = await session.others(port);
    if (another === undefined) free.push(port);
    else outcomes.push(another);
  }
  session.intend(free);
  save();
  return [...outcomes, ...(await eachOf(free, session.make))];
}

async function eachOf(ports: readonly Port[], act: (port: Port) => Promise<MapOutcome>): Promise<readonly MapOutcome[]> {
  const outcomes: MapOutcome[] = [];
  for (const port of ports) outcomes.push(await act(port));
  return outcomes;
}

/** It would stand in the way of one that is wanted now: the same port outside leads elsewhere here, or the same one here, of which PCP and NAT-PMP map only one, is reached by another. */
const isSuperseded = (mapping: Mapping, ports: readonly Port[]): boolean =>
  ports.some((port) => port.protocol === mapping.protocol && (port.internal === mapping.internal) !== (port.external === mapping.external));

/** The memory of it makes room for that of this router. */
const leftFor = (row: Mapping | undefined, here: Session | undefined): string[] =>
  row?.by === undefined || row.until !== undefined || here === undefined || here.isHere(row)
    ? []
    : [`${printPort(row)} stays mapped on another router (${row.router.gateway}), which knows no end, to ${row.client}: delete it there by hand`];

const nothingHere = ({ four }: Here, ports: readonly Port[]): readonly MapOutcome[] =>
  four.kind === 'router' ? [] : ports.map((port): MapOutcome => ({ port, family: 4, kind: 'failed', failure: four.failure }));

/** A router without the function is one line, whatever the number of ports; and no failure, as long as there is a mapping. So is a line without IPv4, as long as there is a pinhole. */
function judged(mapped: readonly MapOutcome[], opened: readonly MapOutcome[], notes: readonly string[], { four }: Here): Pick<MapReport, 'outcomes' | 'notes'> {
  const cannot = opened.flatMap((outcome) => (outcome.kind === 'failed' && outcome.failure.kind === 'network' ? [outcome.failure.detail] : []));
  const done = opened.filter((outcome) => outcome.kind !== 'failed' || outcome.failure.kind !== 'network');
  const isAlone = four.kind === 'none' && four.isAlone && done.some(({ kind }) => kind === 'made' || kind === 'renewed');
  return {
    outcomes: [...(isAlone ? [] : mapped), ...done],
    notes: [...notes, ...new Set(cannot), ...(isAlone && mapped.length > 0 ? [`no mapping over IPv4: ${four.failure.detail}`] : [])],
  };
}
