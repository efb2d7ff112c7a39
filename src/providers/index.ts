/** Every provider by its id, loaded when a config names it. Generated from the folders here by `npm run generate`. */
import type { Manifest } from '../sdk/provider.ts';

export const providers: Readonly<Record<string, () => Promise<{ readonly default: Manifest }>>> = {
  cloudflare: () => import('./cloudflare/provider.ts'),
  dyndns2: () => import('./dyndns2/provider.ts'),
  http: () => import('./http/provider.ts'),
  rfc2136: () => import('./rfc2136/provider.ts'),
  route53: () => import('./route53/provider.ts'),
  zonefile: () => import('./zonefile/provider.ts'),
};
