/** The router's word about its line stands in the way of an address, or is told beside it; it never makes one. */
import { describe, expect, test } from 'vitest';
import { type IpAddress, parseAddress } from '../../src/core/address.ts';
import { admit, type Ballot, type Witness } from '../../src/core/ballot.ts';
import { wanObjection, wanRemark } from '../../src/core/wan.ts';

const ip = (text: string): IpAddress => parseAddress(text) as IpAddress;
const SEEN = ip('5.6.7.8');
const ROUTER: Witness = { source: 'router upnp', operator: 'router', transport: 'router', authenticated: false };
const ECHO: Witness = { source: 'echo', operator: 'echo', transport: 'https', authenticated: true };
const tells = (witness: Witness, text: string): Ballot => admit(witness, ip(text), { family: 4, policy: { allow: [], deny: [] }, ms: 1 });
const down: Ballot = { ...ROUTER, ms: 1, kind: 'failed', failure: { kind: 'down', detail: 'has no address' } };
const silent: Ballot = { ...ROUTER, ms: 1, kind: 'failed', failure: { kind: 'timeout', detail: 'did not answer' } };

describe('an address that others agree on', () => {
  const check = (name: string, ballots: readonly Ballot[], objection: RegExp | undefined, remark: RegExp | undefined): void => {
    test(name, () => {
      const [against, beside] = [wanObjection(SEEN, ballots), wanRemark(ballots)];
      if (objection === undefined) expect(against).toBeUndefined();
      else expect(against).toMatch(objection);
      if (remark === undefined) expect(beside).toBeUndefined();
      else expect(beside).toMatch(remark);
    });
  };
  check('is the same as the router has', [tells(ECHO, SEEN), tells(ROUTER, SEEN)], undefined, undefined);
  check('is another than the router has', [tells(ECHO, SEEN), tells(ROUTER, '5.6.7.9')], /router's own address is 5\.6\.7\.9 \(router upnp\)/, undefined);
  check('is shared by a carrier', [tells(ROUTER, '100.64.0.9')], /not this line's own: router upnp told 100\.64\.0\.9/, /^router upnp told 100\.64/);
  check('comes out of DS-Lite', [tells(ROUTER, '192.0.0.2')], /not this line's own/, /DS-Lite/);
  check('is that of a router further out, which may pass on what it is told to', [tells(ROUTER, '192.168.0.2')], undefined, /^router upnp told 192\.168\.0\.2/);
  check('comes from a router that knows of no line', [down], undefined, /^router upnp has no address$/);
  check('meets a router that is silent', [silent], undefined, undefined);
  check('is denied by somebody who is no router', [tells(ECHO, '100.64.0.9'), tells({ ...ECHO, source: 'other' }, '5.6.7.9')], undefined, undefined);
});
