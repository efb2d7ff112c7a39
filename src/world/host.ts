/** What the environment's variables do not tell of the machine. */
import type { Host } from '../config/places.ts';

export const thisHost = (): Host => ({ platform: process.platform, root: process.getuid?.() === 0 });
