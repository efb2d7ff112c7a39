/** OVHcloud's signature. */
import { expect, it } from 'vitest';
import { signature } from '../../src/providers/ovh/provider.ts';

const keys = { secret: 'EgWIz07P0HYwtQDs', consumer: 'MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1' };
const time = 1_700_000_000;

// Computed by the formula of https://github.com/ovh/go-ovh.
it.each([
  { method: 'PUT', url: 'https://eu.api.ovh.com/1.0/domain/zone/example.com/record/42', body: '{"target":"192.0.2.2"}', is: '$1$ac64e31fd960ad496d464812059d49d9ee8ec3d0' },
  { method: 'GET', url: 'https://eu.api.ovh.com/1.0/domain/zone/example.com/record?fieldType=A&subDomain=www', is: '$1$c52d27c2786cf27976178bfbaadda7b9e8f3bc52' },
])('signs $method $url', ({ is, ...request }) => {
  expect(signature(keys, { ...request, time })).toBe(is);
});
