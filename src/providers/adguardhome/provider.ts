/** AdGuard Home: DNS rewrites, one per value, named by what they say; nothing is answered to a change, so they are listed again. https://github.com/AdguardTeam/AdGuardHome/tree/master/openapi */
import * as v from 'valibot';
import { api, basic, defineProvider, familyOf, type HeldRecord, json, matching, parseAddress, recordsById, rereading, reserved, secret, text } from '../../sdk/index.ts';

const Rewrites = v.array(v.object({ domain: v.string(), answer: v.string(), enabled: v.optional(v.boolean()) }));
type Rewrite = v.InferOutput<typeof Rewrites>[number];
/** As its handlers answer: nothing, or `OK`. */
const done = matching(/^(OK)?$/);

export default defineProvider({
  api: 1,
  id: 'adguardhome',
  name: 'AdGuard Home',
  reference: 'https://github.com/AdguardTeam/AdGuardHome/blob/master/openapi/openapi.yaml',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['What it says where a rewrite is not there is not known.'],
  also: ['AdGuard'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    username: text('name of the user of its web interface', { pattern: /^[^:]+$/, must: 'must not hold a colon', example: 'admin' }),
    password: secret('password of that user'),
  },
  environment: { username: ['ADGUARD_USERNAME'], password: ['ADGUARD_PASSWORD'] },
  example: { endpoint: 'https://adguard.home.arpa', username: 'admin', password: { env: 'ADGUARD_PASSWORD' } },
  credentials:
    'These are names in your own network: AdGuard Home answers those who ask it, and nobody else. Give it as endpoint, such as http://192.168.1.2:3000 (with insecure: true) or better its https address. ' +
    'It has no rights to choose from: a user of its web interface may do everything. Version 0.107.30 or later is needed.',
  open({ username, password, endpoint }, tools) {
    const ask = api(tools, {
      base: 'http://127.0.0.1:3000/control',
      endpoint,
      headers: { authorization: basic(username, password.reveal()) },
      words: (body, { status }) => (status >= 400 ? { code: status, message: typeof body === 'string' ? body : '' } : undefined),
      meanings: [
        { match: /^401/, kind: 'auth', says: 'user name or password is wrong' },
        {
          match: /^403/,
          kind: 'auth',
          says: 'user name or password is wrong, or it blocks this machine for a while because they were',
          hint: 'wait a quarter of an hour after they are right; auth_attempts and block_auth_min in AdGuardHome.yaml say how long',
        },
      ],
    });
    const held = ({ domain, answer, enabled }: Rewrite): HeldRecord & { readonly rewrite: Rewrite } => {
      const address = parseAddress(answer);
      return {
        id: `${domain} ${answer}`,
        name: domain,
        type: address === undefined ? 'CNAME' : familyOf(address) === 4 ? 'A' : 'AAAA',
        value: answer,
        ...reserved({ disabled: enabled === false, everybody: [] }),
        rewrite: { domain, answer, ...(enabled === undefined ? {} : { enabled }) },
      };
    };
    return rereading(
      recordsById<ReturnType<typeof held>>(tools, {
        zones: { kind: 'none', outside: async () => undefined },
        list: async () => ({ items: (await ask({ path: '/rewrite/list', purpose: 'list the rewrites' }, json(Rewrites))).map(held) }),
        async create(_zone, { name, value }) {
          await ask({ method: 'POST', path: '/rewrite/add', json: { domain: name, answer: value }, purpose: 'add a rewrite' }, done);
          return undefined;
        },
        async update(_zone, { rewrite }, { value = rewrite.answer }) {
          await ask({ method: 'PUT', path: '/rewrite/update', json: { target: rewrite, update: { ...rewrite, answer: value } }, idempotent: false, purpose: 'change a rewrite' }, done);
          return undefined;
        },
        async remove(_zone, { rewrite }) {
          await ask({ method: 'POST', path: '/rewrite/delete', json: rewrite, purpose: 'remove a rewrite' }, done);
        },
        concurrency: 1,
      }),
    );
  },
});
