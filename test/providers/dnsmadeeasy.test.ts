/** DNS Made Easy's proof of who asks. The time is that of https://api-docs.dnsmadeeasy.com/ in form; the digest was made by the way other clients make it. */
import { expect, it } from 'vitest';
import { dnsMadeEasyHeaders } from '../../src/providers/dnsmadeeasy/provider.ts';

it('signs the time of the request with HMAC-SHA1', () => {
  expect(dnsMadeEasyHeaders({ key: 'key', secret: 'secret', date: 'Fri, 02 Jan 2026 03:04:05 GMT' })).toEqual({
    'x-dnsme-apikey': 'key',
    'x-dnsme-requestdate': 'Fri, 02 Jan 2026 03:04:05 GMT',
    'x-dnsme-hmac': '9aa058b66ddd730068155c08f739697c9093dae9',
  });
});

it('takes the time in the form that HTTP has for it', () => {
  expect(new Date(Date.UTC(2026, 0, 2, 3, 4, 5)).toUTCString()).toBe('Fri, 02 Jan 2026 03:04:05 GMT');
});
