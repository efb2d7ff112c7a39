/** NAVER Cloud: its signature, and what is staged in a zone by others or by a run that was cut off. */
import { describe, expect, it } from 'vitest';
import { contract } from '../../src/providers/naver/contract.ts';
import manifest, { ncpSignature } from '../../src/providers/naver/provider.ts';
import { type HttpRequest, keyOf, type Provider, Secret, type WriteResult } from '../../src/sdk/index.ts';
import { type FakeRecord, type FakeZone, fakeWorld, type HttpReply, toolsIn } from '../../src/testing/index.ts';
import { setFor } from '../../src/testing/stage.ts';

const KEYS = { accessKey: String(contract.options['accessKey']), secretKey: new Secret(String(contract.options['secretKey'])) };
const ZONE = 0xff;
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

type Stage = {
  readonly zone: FakeZone;
  /** A person in the console. */
  readonly console: (method: HttpRequest['method'], path: string, json?: unknown) => HttpReply;
  readonly open: (applyForeignChanges?: boolean) => Promise<Provider>;
};

function stage(records: readonly Omit<FakeRecord, 'id'>[], change: (request: HttpRequest, own: () => HttpReply) => HttpReply = (_request, own) => own()): Stage {
  let ids = 0;
  const nextId = () => (++ids).toString(16).padStart(32, '0');
  const zone: FakeZone = { id: ZONE.toString(16).padStart(32, '0'), name: 'example.com', records: records.map((record) => ({ ...record, id: nextId() })), nextId };
  const api = contract.api?.(zone, { pageSize: 100 });
  if (api === undefined) throw new TypeError('the contract has no API');
  const world = fakeWorld({ http: (request) => change(request, () => api(request)) });
  return {
    zone,
    console(method, path, json) {
      const request: HttpRequest = {
        method,
        url: `https://globaldns.apigw.ntruss.com/dns/v1/ncpdns/record/${path}`,
        headers: {},
        maxBytes: 1e6,
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      };
      return api(ncpSignature(request, KEYS, world.clock.now()));
    },
    open: async (applyForeignChanges = false) => manifest.open({ ...KEYS, applyForeignChanges } as Parameters<typeof manifest.open>[0], toolsIn(world)),
  };
}

const home = { name: 'home.example.com', type: 'A', value: '198.51.100.1', ttl: 300 };
const other = { name: 'shop.example.com', type: 'A', value: '192.0.2.10', ttl: 300 };
const key = keyOf(setFor('home.example.com', 'A', []));

/** Reads, then makes the name say `value`, as a round does. */
async function move(provider: Provider, value: string): Promise<WriteResult> {
  const before = (await provider.read?.([key]))?.get(key);
  if (before !== undefined && 'kind' in before) throw new Error(before.detail);
  const [result] = await provider.write([{ key, before: before ?? setFor('home.example.com', 'A', []), after: setFor('home.example.com', 'A', [value], 300) }]);
  if (result === undefined) throw new TypeError('no result');
  return result;
}
const valuesOf = ({ records }: FakeZone): readonly string[] => records.map(({ name, value }) => `${name} ${value}`);

describe('the signature', () => {
  const check = (method: HttpRequest['method'], path: string, signature: string) => {
    const request: HttpRequest = { method, url: `https://globaldns.apigw.ntruss.com${path}`, headers: {}, maxBytes: 1 };
    const { headers } = ncpSignature(request, { accessKey: 'AKexample', secretKey: new Secret('secret') }, NOW);
    expect(headers).toMatchObject({ 'x-ncp-apigw-timestamp': '1767323045000', 'x-ncp-iam-access-key': 'AKexample', 'x-ncp-apigw-signature-v2': signature });
  };

  it('is over path and query as they are sent', () => check('GET', '/dns/v1/ncpdns/domain?page=0&size=100&domainName=example.com', 'toLZzqRADtB0tuN6NlPqTObN3PphPLmrNX3lPWyKktc='));
  it('is over the path alone where there is no query', () => check('PUT', '/dns/v1/ncpdns/record/apply/1234', 'siOsLfLCUX3dpi29Swz3ZAzkaRNbegNnc42Y58BRhrI='));
});

describe('what somebody else has staged', () => {
  it.each([
    ['a change', 'PUT', [{ id: 2, host: 'shop', type: 'A', content: '192.0.2.99', ttl: 300 }]],
    ['a new record', 'POST', [{ host: 'new', type: 'A', content: '192.0.2.99', ttl: 300 }]],
    ['a removal', 'DELETE', [2]],
  ] as const)('%s is not deployed, and neither is ours', async (_what, method, json) => {
    const on = stage([home, other]);
    on.console(method, String(ZONE), json);
    const result = await move(await on.open(), '203.0.113.7');
    expect(result.kind === 'failed' && result.failure).toMatchObject({ kind: 'refused', hint: expect.stringContaining('applyForeignChanges') });
    expect(valuesOf(on.zone)).toEqual(['home.example.com 198.51.100.1', 'shop.example.com 192.0.2.10']);
  });

  it('is deployed with ours where the config says so', async () => {
    const on = stage([home, other]);
    on.console('PUT', String(ZONE), [{ id: 2, host: 'shop', type: 'A', content: '192.0.2.99', ttl: 300 }]);
    expect(await move(await on.open(true), '203.0.113.7')).toMatchObject({ kind: 'written' });
    expect(valuesOf(on.zone)).toEqual(['home.example.com 203.0.113.7', 'shop.example.com 192.0.2.99']);
  });
});

describe('what a run that was cut off has staged', () => {
  const dead: HttpReply = { status: 503, headers: {}, body: '' };

  it('is not taken for deployed, and is replaced by what is wanted now', async () => {
    let cut = true;
    const on = stage([home, other], (request, own) => (cut && /apply|rollback/.test(request.url) ? dead : own()));
    expect(await move(await on.open(), '203.0.113.7')).toMatchObject({ kind: 'failed', failure: { kind: 'unavailable', partly: true } });
    expect(valuesOf(on.zone)).toContain('home.example.com 198.51.100.1');
    cut = false;
    expect(await move(await on.open(), '203.0.113.8')).toMatchObject({ kind: 'written' });
    expect(valuesOf(on.zone)).toEqual(['home.example.com 203.0.113.8', 'shop.example.com 192.0.2.10']);
  });

  it('is discarded at once where that is possible', async () => {
    const on = stage([home, other], (request, own) => (request.url.includes('apply') ? dead : own()));
    expect(await move(await on.open(), '203.0.113.7')).toMatchObject({ kind: 'failed', failure: { kind: 'unavailable' } });
    expect(on.console('GET', `${ZONE}?page=0&size=100`).body).not.toContain('"applyYn":"N"');
  });
});
