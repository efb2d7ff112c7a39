/** `probe-server`: stays on another machine, and tells those who ask whether their own ports can be reached from there. Needs no config. */
import { parseAddress } from '../core/address.ts';
import { openAnswer } from '../probe-server/answer.ts';
import { place } from '../world/trouble.ts';
import { type Invocation, sayFailure } from './invocation.ts';

/** `bind`: the one address to listen on; absent: all. `self`: the machine it runs on may be looked at too. `proxy`: a proxy on it says whose a request is. */
export type ProbeServerOptions = { readonly port: number; readonly bind: string | undefined; readonly self: boolean; readonly proxy: boolean };

/** Ends with 0 when the invocation's signal aborts. Throws Fault `network` when it cannot listen. */
export async function probeServer({ output, signal, openWorld }: Invocation, { port, bind, self, proxy }: ProbeServerOptions): Promise<number> {
  const address = bind === undefined ? undefined : parseAddress(bind);
  if (bind !== undefined && address === undefined) return sayFailure({ kind: 'usage', detail: `--bind ${bind}: this is no address of this machine, such as 127.0.0.1 or ::1` }, output);
  const { net, clock } = openWorld([]);
  if (net.serve === undefined) throw new TypeError('this world cannot serve');
  const say = output.loud === 'verbose' ? output.err : () => {};
  const serving = await net.serve(port, openAnswer({ clock, net, self, proxy, signal, say }), address);
  try {
    if (output.json) output.out(JSON.stringify({ version: 1, listening: { ...(address === undefined ? {} : { address }), port: serving.port } }));
    else if (output.loud !== 'quiet')
      output.out(`listening on ${address === undefined ? `port ${serving.port} of every address` : place(address, serving.port)}: it answers those who ask about themselves`);
    await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
    return 0;
  } finally {
    await serving.close();
    await net.close();
  }
}
