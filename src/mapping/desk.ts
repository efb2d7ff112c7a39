/** What a run over many ports works with: the lock, the memory, and a session with the router in each family. */

import type { Mapping } from '../core/mapping.ts';
import type { AddressPolicy } from '../core/special.ts';
import { findConnections } from '../detect/router/igd.ts';
import { withLock } from '../lock.ts';
import { recall } from '../recall.ts';
import { openState, type Remembering } from '../record.ts';
import type { World } from '../world/world.ts';
import type { Described } from './client.ts';
import { findHere, type Here, silenceOf } from './here.ts';
import { natPmpClient } from './nat-pmp.ts';
import type { MapReport } from './outcome.ts';
import { pcpClient } from './pcp.ts';
import { pinholeClient } from './pinhole.ts';
import { type Session, sessionAt } from './session.ts';
import { upnpClient } from './upnp.ts';
import { uselessness } from './useless.ts';

export type MapRequest = {
  readonly stateFolder: string;
  /** Addresses that the config calls public although they are special. */
  readonly policy: AddressPolicy;
  readonly signal: AbortSignal;
};

const LOCK_WAIT_MS = 10_000;
const FIND_MS = 4000;

export type Desk = {
  /** Undefined: there is no router for IPv4. */
  readonly four: Session | undefined;
  readonly six: Session;
  readonly here: Here;
  readonly table: () => Readonly<Record<string, Mapping>>;
  /** Puts on disk what is remembered so far; at the end that happens by itself. */
  readonly save: () => void;
};

/** Does `work` where this machine is now. Throws Fault `locked` and `state`. */
export function atRouter(request: MapRequest, world: World, work: (desk: Desk) => Promise<Pick<MapReport, 'outcomes' | 'notes'>>): Promise<MapReport> {
  const { stateFolder, policy, signal } = request;
  return withLock(stateFolder, world, { waitMs: LOCK_WAIT_MS, signal }, async () => {
    const { state, warnings } = recall(stateFolder, world);
    const memory = drafted(await openState(stateFolder, state, world));
    const here = await findHere({ policy, published: state.families[6]?.address }, world);
    try {
      const done = await work({ ...sessionsAt(here, memory, signal, world), here, table: () => memory.state.mappings ?? {}, save: memory.flush });
      const useless = await uselessness(done.outcomes, request, world);
      return { ...done, warnings, ...(useless === undefined ? {} : { useless }) };
    } finally {
      memory.flush();
    }
  });
}

function sessionsAt({ network, four, six }: Here, memory: Remembering, signal: AbortSignal, world: World): Pick<Desk, 'four' | 'six'> {
  const asking = { world, signal };
  const reach = { memory, signal, world };
  let found: ReturnType<Described> | undefined;
  const described: Described = () => {
    found ??=
      four.kind === 'router'
        ? findConnections(four.router.gateway, world, { timeoutMs: FIND_MS, signal })
        : Promise.resolve({ kind: 'failed', failure: { kind: 'absent', detail: 'needs a gateway with an IPv4 address' } });
    return found;
  };
  const identity = network ?? { gateway: '' };
  const upnp = upnpClient(described, asking);
  return {
    four:
      four.kind === 'none'
        ? undefined
        : sessionAt(
            {
              family: 4,
              identity,
              own: four.own,
              ways: { pcp: pcpClient({ address: four.router.gateway }, asking), 'nat-pmp': natPmpClient(four.router.gateway, asking), upnp },
              others: upnp.others,
              silence: silenceOf[4](four.router, world),
            },
            reach,
          ),
    six: sessionAt(
      six.kind === 'none'
        ? { family: 6, identity, own: undefined, ways: {}, silence: () => 'there is no router for IPv6 to ask' }
        : { family: 6, identity, own: six.own, ways: { pcp: pcpClient(six.server, asking), upnp: pinholeClient(six.server, described, asking) }, silence: silenceOf[6](six.own) },
      reach,
    ),
  };
}

/** Collects what is remembered, so that a run over many ports writes the file once. */
function drafted(memory: Remembering): Remembering & { readonly flush: () => void } {
  let draft = memory.state;
  return {
    get state() {
      return draft;
    },
    save: (next) => {
      draft = next;
    },
    flush: () => memory.save(draft),
  };
}
