/** Dynadot's signature, as https://www.dynadot.com/domain/api-document describes it; the value is the one that lego's tests hold. */
import { expect, it } from 'vitest';
import { dynadotSignature } from '../../src/providers/dynadot/provider.ts';

it('signs key, path, request id and body', () => {
  const signature = dynadotSignature({
    key: 'key',
    secret: 'secret',
    path: '/restful/v2/domains/example.com/records',
    requestId: '8e5bc897-75c8-4a9c-9362-5671405c7761',
    body: '{"sub_list":[]}',
  });
  expect(signature).toBe('1v6pCnviEO/dqOIRV2wSc+YRJHt92L+P2xqkyuTVQyk=');
});
