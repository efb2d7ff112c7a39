/** What one that looks from outside is: somebody's machines elsewhere, asked only when the user chose them, because they learn name, address and port. */
import type { Look, Sighting } from '../../core/reach.ts';
import type { World } from '../../world/world.ts';

/** What asking takes. `signal`: ends all waiting. `userAgent`: how we name ourselves to them. */
export type ProbeTools = Pick<World, 'clock' | 'net' | 'random'> & { readonly signal: AbortSignal; readonly userAgent: string };

export type Probe = {
  /** As people know it: "Globalping (jsDelivr)". */
  readonly title: string;
  /** What it is told, for the sentence that names it before it is used: "the name, the address and the port". */
  readonly learns: string;
  /** Why this look is not one it can take ("it looks at port 80 only", "it knows IPv4 only"); undefined: it can, if not always as closely as asked. */
  readonly cannot: (look: Look) => string | undefined;
  /** What to do when it cannot be asked, where that is ours to mend. */
  readonly otherwise?: string;
  /** Throws Fault when it cannot be asked or talks nonsense. A closer look than it can take is answered by `open` without `seen`. */
  readonly look: (look: Look, tools: ProbeTools) => Promise<Sighting>;
};
