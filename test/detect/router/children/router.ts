/** A process of its own, in a network of its own: prints what the router says, by each way of asking, and what it wrote into its log meanwhile. */
import { readFileSync } from 'node:fs';
import type { Ballot } from '../../../../src/core/ballot.ts';
import { redactor } from '../../../../src/core/secret.ts';
import { askRouter } from '../../../../src/detect/router/router.ts';
import { openWorld } from '../../../../src/world/index.ts';

const world = openWorld({ servers: [], env: {}, redactor: redactor() });
const ballots: Record<string, Ballot> = {};
for (const router of ['nat-pmp', 'pcp', 'upnp', 'auto'] as const) {
  const source = { kind: 'router', router, id: `router ${router}`, operator: 'router', families: [4] } as const;
  ballots[router] = await askRouter(source, 4, { policy: { allow: [], deny: [] } }, world, { timeoutMs: 3000 });
}
console.log(JSON.stringify({ ballots, log: readFileSync('/run/log', 'utf8') }));
