/** What tests of update URLs need: an account opened over the real network, and changes to send through it. */

import { parseAddress } from '../../src/core/address.ts';
import { fqdn } from '../../src/core/name.ts';
import type { Change, WriteResult } from '../../src/core/plan.ts';
import { keyOf, recordSet } from '../../src/core/record.ts';
import { redactor } from '../../src/core/secret.ts';
import type { Tools } from '../../src/sdk/provider.ts';
import { openWorld } from '../../src/world/index.ts';
import type { HttpReply, HttpRequest } from '../../src/world/world.ts';

export const USER_AGENT = 'ddns-update/1.2.3 (+https://example.com/ddns-update)';

/** Tools over the real network. */
export function realTools(): Tools {
  const world = openWorld({ servers: [], env: {}, redactor: redactor() });
  return toolsOver(world.net);
}

/** Tools whose requests are answered by `answer`; the other parts of Net are not there. */
export const fakeTools = (answer: (request: HttpRequest) => HttpReply): Tools => toolsOver({ http: async (request: HttpRequest) => answer(request) } as unknown as Tools['net']);

function toolsOver(net: Tools['net']): Tools {
  const world = openWorld({ servers: [], env: {}, redactor: redactor() });
  return {
    account: 'test',
    net,
    clock: world.clock,
    files: world.files,
    processes: world.processes,
    random: () => 0.5,
    signal: new AbortController().signal,
    userAgent: USER_AGENT,
    zones: { get: () => [], set: () => {} },
    env: {},
  };
}

/** A reply of plain text. */
export const plain = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): HttpReply => ({ status, headers: { 'content-type': 'text/plain', ...headers }, body });

/** `home.example.com` gets `address`; the family follows from it. */
export function change(name: string, address: string): Change {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new TypeError(`no address: ${address}`);
  const key = { name: fqdn(name), type: address.includes(':') ? ('AAAA' as const) : ('A' as const) };
  return { key: keyOf(key), after: recordSet(key, [parsed]) };
}

/** `written` or the kind of the failure. */
export const kindsOf = (results: readonly WriteResult[]): readonly string[] => results.map((result) => (result.kind === 'written' ? 'written' : result.failure.kind));
