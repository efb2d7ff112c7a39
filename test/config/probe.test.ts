/** `verify.probe` and the ports it is to look at: what cannot be meant is a problem, what is in vain a warning. */
import { expect, test } from 'vitest';
import { load, told } from './world.ts';

const toldOf = async (verify: object): Promise<readonly string[]> => {
  const loaded = await load('c.json', JSON.stringify({ records: [{ name: 'home.example.com' }], accounts: { main: { provider: 'many', token: 'a' } }, verify }));
  return told(loaded);
};

test('a service, or a probe-server of the user’s own, at ports', async () => {
  for (const probe of ['none', 'globalping', 'check-host', { url: 'https://vps.example/probe' }, { url: 'http://127.0.0.1:8053/' }, { url: 'http://vps.example:8053/', insecure: true }])
    expect(await toldOf({ ports: [443], probe })).toEqual([]);
  expect(await toldOf({ ports: [80], probe: 'letsdebug' })).toEqual([]);
});

test('somebody who has nothing to look at, or cannot look there, is a warning', async () => {
  expect(await toldOf({ probe: 'globalping' })).toEqual([expect.stringMatching(/warning: verify\.probe: looks at nothing: name the ports/)]);
  expect(await toldOf({ ports: [443, 80], probe: 'letsdebug' })).toEqual([expect.stringMatching(/warning: verify\.probe: letsdebug looks at port 80 only/)]);
});

test('plain http across a network, a bare URL and an unknown service are problems', async () => {
  expect(await toldOf({ ports: [443], probe: { url: 'http://vps.example/' } })).toEqual([expect.stringMatching(/verify\.probe\.url: is plain http/)]);
  expect(await toldOf({ ports: [443], probe: 'https://vps.example/' })).toEqual([expect.stringMatching(/verify\.probe: a probe of your own is written \{ url:/)]);
  expect(await toldOf({ ports: [443], probe: 'globalpin' })).toEqual([expect.stringMatching(/did you mean "globalping"/)]);
});
