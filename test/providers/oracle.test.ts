/** What is signed for Oracle Cloud. */
import { expect, test } from 'vitest';
import { signingString } from '../../src/providers/oracle/provider.ts';

// In the form of https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm, put together and computed from it.
const body = '{"items":[{"operation":"ADD","domain":"www.example.com","rtype":"A","rdata":"192.0.2.1","ttl":60}]}';
const date = 'Tue, 14 Nov 2023 22:13:20 GMT';
const url = 'https://dns.us-ashburn-1.oraclecloud.com/20180115/zones/example.com/records';

test('a request with a body', () => {
  const { text, names, headers } = signingString({ method: 'PATCH', url, headers: { 'content-type': 'application/json' }, body }, date);
  expect(text.split('\n')).toEqual([
    'x-date: Tue, 14 Nov 2023 22:13:20 GMT',
    '(request-target): patch /20180115/zones/example.com/records',
    'host: dns.us-ashburn-1.oraclecloud.com',
    'content-length: 99',
    'content-type: application/json',
    'x-content-sha256: Vs5wNZcJl2iG0OL1AzUMlDHWAz5RlSZdmL3t6XbM3Wk=',
  ]);
  expect(names).toBe('x-date (request-target) host content-length content-type x-content-sha256');
  expect(headers).toEqual({ 'x-date': date, 'content-type': 'application/json', 'x-content-sha256': 'Vs5wNZcJl2iG0OL1AzUMlDHWAz5RlSZdmL3t6XbM3Wk=' });
});

test('a request without one', () => {
  const { text, names } = signingString({ method: 'GET', url: `${url}?page=2`, headers: {} }, date);
  expect(text).toBe(`x-date: ${date}\n(request-target): get /20180115/zones/example.com/records?page=2\nhost: dns.us-ashburn-1.oraclecloud.com`);
  expect(names).toBe('x-date (request-target) host');
});
