/** Does anybody come through a mapping at all? */
import { attempt } from '../core/failure.ts';
import { refusal } from '../core/special.ts';
import { askRouter } from '../detect/router/router.ts';
import type { World } from '../world/world.ts';
import type { MapRequest } from './desk.ts';
import type { MapOutcome } from './outcome.ts';

/** Why nobody does: a router whose own address is not reached from the internet can map what it wants. Undefined: nothing speaks against it. */
export async function uselessness(outcomes: readonly MapOutcome[], { policy, signal }: MapRequest, world: World): Promise<string | undefined> {
  const mapped = outcomes.filter(({ family }) => family === 4);
  const [made] = mapped.flatMap((outcome) => (outcome.kind === 'made' || outcome.kind === 'renewed' ? [outcome] : []));
  const isRefused = mapped.some((outcome) => outcome.kind === 'failed' && outcome.failure.kind === 'refused' && outcome.mapping === undefined);
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
