/** Makes, renews and removes port mappings under the lock, and remembers them: what we asked for is on disk before the router hears of it. */
import { attempt, type Failure } from '../core/failure.ts';
import { isDue, isSameRouter, type Mapping, type Port, portKey, type RouterIdentity } from '../core/mapping.ts';
import { type AddressPolicy, refusal } from '../core/special.ts';
import { findRouter } from '../detect/router/gateway.ts';
import { askRouter } from '../detect/router/router.ts';
import { withLock } from '../lock.ts';
import { readState, recall } from '../recall.ts';
import { openState } from '../record.ts';
import type { World } from '../world/world.ts';
import { type MapOutcome, type Session, sessionAt } from './session.ts';

/** `useless`: why a mapping on this router brings nobody here. */
export type MapReport = { readonly outcomes: readonly MapOutcome[]; readonly useless?: string; readonly warnings: readonly string[] };

export type MapRequest = {
  readonly stateFolder: string;
  /** Addresses that the config calls public although they are special. */
  readonly policy: AddressPolicy;
  readonly signal: AbortSignal;
};

const LOCK_WAIT_MS = 10_000;
/** Makes every one of `ports` lead here, or keeps it so; twice is once. Throws Fault `locked` and `state`; what the router says is in the outcomes. */
export const makeMappings = (ports: readonly Port[], request: MapRequest, world: World): Promise<MapReport> =>
  atRouter(
    request,
    world,
    async (session) => {
      const former = session.remembered().filter((mapping) => session.isHere(mapping) && isSuperseded(mapping, ports));
      const outcomes: MapOutcome[] = [];
      for (const mapping of former) outcomes.push(await session.remove(mapping));
      const free: Port[] = [];
      for (const port of ports) {
        const another = await session.others(port);
        if (another === undefined) free.push(port);
        else outcomes.push(another);
      }
      session.intend(free);
      for (const port of free) outcomes.push(await session.make(port));
      return outcomes;
    },
    () => ports,
  );

/**
 * Renews those of `ports` whose lifetime is half over, and makes those that this router does not have yet; undefined when nothing is due, which costs one look at
 * the state and at the routes. To be called again and again. Throws like `makeMappings`.
 */
export async function renew(ports: readonly Port[], request: MapRequest, world: World): Promise<MapReport | undefined> {
  if (ports.length === 0) return undefined;
  const network = await world.net.network();
  if (network === undefined) return undefined;
  const state = readState(request.stateFolder, world);
  const remembered = typeof state === 'string' ? {} : (state.mappings ?? {});
  const due = ports.filter((port) => {
    const mapping = remembered[portKey(port)];
    return mapping === undefined || mapping.internal !== port.internal || !isSameRouter(mapping.router, network) || isDue(mapping, world.clock.now());
  });
  return due.length === 0 ? undefined : makeMappings(due, request, world);
}

/** Removes what we made of `ports`, or, with `all`, everything we remember to have made as well. Throws like `makeMappings`. */
export const removeMappings = (ports: readonly Port[], scope: 'these' | 'all', request: MapRequest, world: World): Promise<MapReport> =>
  atRouter(
    request,
    world,
    async (session) => {
      const outcomes: MapOutcome[] = [];
      for (const port of scope === 'all' ? withOthers(session.remembered(), ports) : ports) outcomes.push(await session.remove(port));
      return outcomes;
    },
    (remembered) => (scope === 'all' ? withOthers(remembered, ports) : ports),
  );

/** What is remembered and not among `ports`, then these. */
const withOthers = (remembered: readonly Mapping[], ports: readonly Port[]): readonly Port[] => [
  ...remembered.filter((mapping) => !ports.some((port) => portKey(port) === portKey(mapping))),
  ...ports,
];

/** It would stand in the way of one that is wanted now: the same port outside leads elsewhere here, or the same one here, of which PCP and NAT-PMP map only one, is reached by another. */
const isSuperseded = (mapping: Mapping, ports: readonly Port[]): boolean =>
  ports.some((port) => port.protocol === mapping.protocol && (port.internal === mapping.internal) !== (port.external === mapping.external));

/** `about`: what is told when there is no router to ask. */
function atRouter(request: MapRequest, world: World, work: (session: Session) => Promise<readonly MapOutcome[]>, about: (remembered: readonly Mapping[]) => readonly Port[]): Promise<MapReport> {
  return withLock(request.stateFolder, world, { waitMs: LOCK_WAIT_MS, signal: request.signal }, async () => {
    const { state, warnings } = recall(request.stateFolder, world);
    const memory = await openState(request.stateFolder, state, world);
    const router = await findRouter(world);
    if (router.kind === 'failed') {
      const { kind, detail } = router.failure;
      const failure: Failure = { kind: 'network', detail: kind === 'refused' ? `the router ${detail}` : `there is no router to ask: ${detail}` };
      return { outcomes: about(Object.values(state.mappings ?? {})).map((port) => ({ port, kind: 'failed', failure })), warnings };
    }
    const { gateway, own } = router;
    if (own === undefined) {
      const failure: Failure = { kind: 'network', detail: `this machine does not tell its own address in the network of the router ${gateway}, to which a mapping would lead` };
      return { outcomes: about(Object.values(state.mappings ?? {})).map((port) => ({ port, kind: 'failed', failure })), warnings };
    }
    const network = await world.net.network();
    const identity: RouterIdentity = { gateway, ...(network?.gatewayMac === undefined ? {} : { gatewayMac: network.gatewayMac }) };
    const outcomes = await work(sessionAt({ router, own, identity }, memory, request.signal, world));
    const useless = await uselessness(outcomes, request, world);
    return { outcomes, warnings, ...(useless === undefined ? {} : { useless }) };
  });
}

/** A router whose own address is not reached from the internet can map what it wants. */
async function uselessness(outcomes: readonly MapOutcome[], { policy, signal }: MapRequest, world: World): Promise<string | undefined> {
  const [made] = outcomes.flatMap((outcome) => (outcome.kind === 'made' || outcome.kind === 'renewed' ? [outcome] : []));
  const isRefused = outcomes.some((outcome) => outcome.kind === 'failed' && outcome.failure.kind === 'refused');
  if (made === undefined && !isRefused) return undefined;
  if (made?.address !== undefined) {
    const special = refusal(made.address, policy);
    return special === undefined
      ? undefined
      : `the router has ${made.address} on its outer side: ${special.kind === 'private' ? 'a private address, so it stands behind another router (double NAT)' : special.reason}`;
  }
  const by = made?.mapping.by ?? 'auto';
  const asked = await attempt(() => askRouter({ kind: 'router', router: by, id: 'the router', operator: 'router', families: [4] }, 4, { policy }, world, { timeoutMs: 3000, signal }));
  const ballot = asked.kind === 'ok' ? asked.value : undefined;
  return ballot?.kind === 'failed' && (ballot.failure.kind === 'special' || ballot.failure.kind === 'down') ? `the router ${ballot.failure.detail}` : undefined;
}
