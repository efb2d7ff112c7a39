/** Websupport's password for one request, as https://rest.websupport.sk/v2/docs/intro describes it. */
import { expect, it } from 'vitest';
import { websupportPassword } from '../../src/providers/websupport/provider.ts';

it('is made of method, path and time', () => {
  expect(websupportPassword({ secret: 'secret', method: 'GET', path: '/v1/user/self/service', unix: 1767323045 })).toBe('ae2e2bc91c335a82f61b0c48f59939ce36e11502');
});

it('is the one that lego makes', () => {
  expect(websupportPassword({ secret: 'secret', method: 'GET', path: '/v1/user/self/service', unix: Date.UTC(2025, 5, 28, 1, 2, 3) / 1000 })).toBe('743e2257421b260ed561f3e7af4b035414636393');
});
