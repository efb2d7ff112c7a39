/** Exoscale's signature. */
import { expect, it } from 'vitest';
import { authorization } from '../../src/providers/exoscale/provider.ts';

// Computed with a function that gives the vectors of https://github.com/exoscale/egoscale.
it('signs method, path, body and the time until which it is good', () => {
  const request = { method: 'PUT', url: 'https://api-ch-gva-2.exoscale.com/v2/dns-domain/abc/record/def', body: '{"content":"203.0.113.7"}' };
  expect(authorization({ key: 'EXOkey', secret: 'secret' }, request, 1_767_323_645)).toBe(
    'EXO2-HMAC-SHA256 credential=EXOkey,expires=1767323645,signature=AeIzeYiDiipHMbkkEwZFm2Oym5goMJ1WhDQgnbc+6Os=',
  );
});

it('names what it signs of a query, in order', () => {
  const url = 'https://api-ch-gva-2.exoscale.com/v2/event?to=b&from=a';
  expect(authorization({ key: 'EXOkey', secret: 'secret' }, { method: 'GET', url }, 1)).toMatch(/^EXO2-HMAC-SHA256 credential=EXOkey,signed-query-args=from;to,expires=1,signature=/);
});
