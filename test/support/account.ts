/** Opens any provider's account on the real network of this machine, for tests against real servers on loopback. */
import { redactor, Secret } from '../../src/core/secret.ts';
import { type Manifest, openProvider, type Provider } from '../../src/sdk/provider.ts';
import { openWorld } from '../../src/world/index.ts';

/** `secrets`: options that become secrets. `requests`: HTTP requests that were sent. */
export async function openOnLoopback(
  manifest: Manifest,
  options: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
): Promise<Provider & Required<Pick<Provider, 'read'>> & { readonly requests: () => number }> {
  const world = openWorld({ servers: [], env: {}, redactor: redactor() });
  const { clock, files, processes, random } = world;
  let requests = 0;
  const http: typeof world.net.http = (...sent) => {
    requests++;
    return world.net.http(...sent);
  };
  const hidden = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, new Secret(value)]));
  const provider = await openProvider(
    manifest,
    { ...options, ...hidden },
    { account: 'lab', net: { ...world.net, http }, clock, files, processes, random, signal: new AbortController().signal, userAgent: 'test', zones: { get: () => [], set: () => {} }, env: {} },
  );
  const { read } = provider;
  if (read === undefined) throw new TypeError(`${manifest.id} cannot be asked`);
  return { ...provider, read, requests: () => requests };
}
