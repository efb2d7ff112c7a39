/** The judge of exchanges is no yes-man: what a vendor's description does not allow is named. */
import { describe, expect, test } from 'vitest';
import type { HttpReply, HttpRequest } from '../../src/testing/index.ts';
import { openapi } from './description.ts';
import { awsModel } from './model.ts';

const asked = (method: HttpRequest['method'], url: string, body?: unknown): HttpRequest => ({
  method,
  url,
  headers: {},
  maxBytes: 0,
  ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
});
const answered = (status: number, body: unknown): HttpReply => ({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('a description', () => {
  const records = 'https://api.digitalocean.com/v2/domains/example.com/records';
  const record = { id: 1, type: 'A', name: 'www', data: '203.0.113.1', ttl: 60 };
  const { judge } = openapi('digitalocean');

  test('has nothing against what it describes', () => {
    expect(judge(asked('POST', records, { type: 'A', name: 'www', data: '203.0.113.1', ttl: 60 }), answered(201, { domain_record: record }))).toEqual([]);
    expect(judge(asked('GET', `${records}?page=2&per_page=200`), answered(200, { domain_records: [record], links: {}, meta: { total: 1 } }))).toEqual([]);
  });

  test.each([
    ['a path it has not', asked('GET', 'https://api.digitalocean.com/v2/zones'), answered(200, {}), 'is not described'],
    ['another host', asked('GET', 'https://api.example.com/v2/domains'), answered(200, {}), 'is not described'],
    ['a parameter it has not', asked('GET', `${records}?limit=2`), answered(200, { domain_records: [] }), '"limit"'],
    ['a parameter of another type', asked('GET', `${records}?page=next`), answered(200, { domain_records: [] }), 'query/page'],
    ['a property it has not', asked('POST', records, { type: 'A', name: 'www', data: '203.0.113.1', proxied: true }), answered(201, { domain_record: record }), '"proxied"'],
    ['a body where there is none', asked('DELETE', `${records}/1`, {}), answered(204, ''), 'a body that is not described'],
    ['an answer of another type', asked('GET', records), answered(200, { domain_records: [{ ...record, id: 'one' }] }), 'answer/domain_records/*/id'],
    ['an answer with something made up', asked('GET', records), answered(200, { domain_records: [{ ...record, etag: 'x' }] }), '"etag"'],
    ['an answer that is no JSON', asked('GET', records), answered(200, '<html>'), 'no JSON'],
    ['a success that it has not', asked('GET', records), answered(202, ''), 'status is not described'],
  ] as const)('names %s', (_, request, reply, what) => {
    expect(judge(request, reply).join('\n')).toContain(what);
  });
});

describe("Amazon's model", () => {
  const url = 'https://route53.amazonaws.com/2013-04-01/hostedzone/Z1/rrset';
  const change = (action: string, extra = ''): string =>
    `<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>${action}</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type>${extra}</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
  const done = answered(
    200,
    '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-05T12:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>',
  );
  const { judge } = awsModel('route53');

  test('has nothing against what it describes', () => {
    expect(judge(asked('POST', url, change('CREATE', '<TTL>60</TTL>')), done)).toEqual([]);
  });

  test.each([
    ['an action it has not', asked('POST', url, change('REPLACE')), 'Action is REPLACE'],
    ['an element it has not', asked('POST', url, change('CREATE', '<Comment>x</Comment>')), 'has Comment'],
    ['a value of another type', asked('POST', url, change('CREATE', '<TTL>soon</TTL>')), 'TTL is soon'],
    ['what is required and missing', asked('POST', url, '<ChangeResourceRecordSetsRequest></ChangeResourceRecordSetsRequest>'), 'lacks ChangeBatch'],
    ['a path it has not', asked('DELETE', url), 'is not described'],
    ['a parameter it has not', asked('POST', `${url}?dry=1`, change('CREATE')), 'query dry'],
  ] as const)('names %s', (_, request, what) => {
    expect(judge(request, done).join('\n')).toContain(what);
  });
});
