/** NearlyFreeSpeech.NET's proof of who asks, as https://members.nearlyfreespeech.net/wiki/API/Introduction describes it. */
import { expect, it } from 'vitest';
import { nfsnAuthentication } from '../../src/providers/nearlyfreespeech/provider.ts';

it('is the one that lego’s tests hold', () => {
  expect(nfsnAuthentication({ login: 'user', key: 'secret', unix: 1692475113, salt: '0123456789ABCDEF', path: '/path', body: 'data' })).toBe(
    'user;1692475113;0123456789ABCDEF;417a9988c7ad7919b297884dd120b5808d8a1e6f',
  );
});

it('covers path and body', () => {
  expect(nfsnAuthentication({ login: 'user', key: 'secret', unix: 1767323045, salt: '0123456789ABCDEF', path: '/dns/example.com/listRRs', body: 'name=home&type=A' })).toBe(
    'user;1767323045;0123456789ABCDEF;c1387c553af5429cfaffa13ec6837a6977a53c7b',
  );
});
