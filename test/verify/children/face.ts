/** A process of its own, in a network of its own: prints what this machine shows at the ports that are given, and what a visitor of the page is told. */
import { fqdn } from '../../../src/core/name.ts';
import type { Face } from '../../../src/core/reach.ts';
import { showFace } from '../../../src/verify/identity.ts';
import { openClock } from '../../../src/world/clock.ts';
import { openNet } from '../../../src/world/net.ts';

const NAME = fqdn('box.home.example');
const ports = process.argv.slice(2).map(Number);
const net = openNet({ servers: [], env: {}, trace: () => {} });
const shown = await showFace({ ports, names: [NAME] }, { clock: openClock(), net, signal: new AbortController().signal });
const visit = async (face: Face | undefined, port: number): Promise<string> =>
  face?.kind === 'page' && (await (await fetch(`http://127.0.0.1:${port}${face.page.path}`)).text()) === face.page.nonce ? 'page as promised' : JSON.stringify(face);
console.log(JSON.stringify(await Promise.all(ports.map((port) => visit(shown.faceOf(NAME, port), port)))));
await shown.close();
