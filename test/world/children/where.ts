/** A process of its own, in a network of its own: prints what it finds out about where it is plugged in. */
import { departure } from '../../../src/world/departure.ts';
import { network } from '../../../src/world/network.ts';

console.log(JSON.stringify({ four: await departure(4), six: await departure(6), network: await network(async () => ({ exit: 1, stdout: '', stderr: '' })) }));
