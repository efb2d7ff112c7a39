/**
 * INWX DomRobot: JSON-RPC in a session, records by id; one call changes all records that get the same address. https://www.inwx.de/en/help/apidoc/f/ch02s15.html
 * Longer than most, because of the session, which may want a second factor.
 */
import * as v from 'valibot';
import {
  api,
  attempt,
  cookiesIn,
  defineProvider,
  Fault,
  type HeldRecord,
  headed,
  hostOf,
  type Instead,
  json,
  LOOK_AGAIN_SECONDS,
  once,
  oneTimePassword,
  optional,
  type Patch,
  parseName,
  recordsById,
  secret,
  text,
  untilTotal,
} from '../../sdk/index.ts';

const MOST_IDS = 200;
const Answer = v.object({ code: v.number(), msg: v.optional(v.string(), ''), reason: v.optional(v.string(), '') });
const Session = v.object({ code: v.number(), resData: v.optional(v.object({ tfa: v.optional(v.union([v.string(), v.number()])) })) });
const Domains = v.object({ resData: v.object({ count: v.number(), domains: v.optional(v.array(v.object({ domain: v.string() })), []) }) });
/** Ids were numbers once and are texts now. */
const Id = v.union([v.string(), v.number()]);
const DnsRecord = v.object({ id: Id, name: v.string(), type: v.string(), content: v.optional(v.string(), ''), ttl: v.number() });
const Zone = v.object({ resData: v.object({ record: v.optional(v.array(DnsRecord), []) }) });

type Held = HeldRecord & { readonly rawId: string | number };

/** Lower-case ASCII: IDN comes as it is written. */
const ascii = (name: string): string => {
  const parsed = parseName(name);
  return typeof parsed === 'string' ? parsed : name.toLowerCase();
};

export default defineProvider({
  api: 1,
  id: 'inwx',
  name: 'INWX',
  reference: 'https://www.inwx.de/en/help/apidoc/f/ch02s15.html',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'How many records one call may change is not published: 200 at most are, and one by one where that is refused.',
    'The lowest TTL of 300 s is from the vendor’s help pages, the highest of 604800 s is a guess.',
    'What the numbers of refusals mean is taken from the protocol that the vendor’s own is modelled on (RFC 5730).',
  ],
  also: ['InterNetworX', 'DomRobot'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 300, max: 604_800, initial: 3600 }, batch: MOST_IDS },
  options: {
    username: text('user name of the account or, better, of a sub-account for DNS alone', { example: 'my-user' }),
    password: secret('its password'),
    totp: optional(secret('shared secret of Mobile TAN (two-factor log-in), where it is switched on')),
  },
  environment: { username: ['INWX_USERNAME'], password: ['INWX_PASSWORD'], totp: ['INWX_SHARED_SECRET'] },
  credentials:
    'At https://www.inwx.com choose Account, Sub-accounts, and make one with the role for DNS management and nothing else, with Mobile TAN (two-factor log-in) switched off. ' +
    'Leave its IP restriction empty, because your address changes.',
  open({ username, password, totp, endpoint }, tools) {
    let cookie = '';
    const ask = api(tools, {
      base: 'https://api.domrobot.com',
      endpoint,
      headers: async () => (cookie === '' ? {} : { cookie }),
      words: (body) => (v.is(Answer, body) && body.code >= 2000 ? { code: body.code, message: `${body.msg} ${body.reason}` } : undefined),
      meanings: [
        { match: /^(2200|2501) /, kind: 'auth', says: 'it does not take this user name and password' },
        { match: /^2201 /, kind: 'auth', says: 'the account may not do this', hint: 'give the sub-account the role for DNS management' },
        { match: /^2502 /, kind: 'throttled', says: 'too many sessions are open', waitSeconds: 300 },
        { match: /^(2400|2500) /, kind: 'unavailable', says: 'the command failed' },
        { match: /^2303 /, kind: 'refused', says: 'there is no such zone or record', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const send = <S extends v.GenericSchema>(method: string, params: object, purpose: string, schema: S, instead?: Instead<v.InferOutput<S>>) =>
      session().then(() => ask({ method: 'POST', path: '/jsonrpc/', json: { method, params }, idempotent: method !== 'nameserver.createRecord', purpose }, json(schema), instead));
    const unlock = async (): Promise<void> => {
      if (totp === undefined)
        throw new Fault({
          kind: 'auth',
          detail: 'INWX asks this account for a second factor',
          hint: 'give its shared secret as totp, or use a sub-account for DNS alone with Mobile TAN switched off',
        });
      // A code is taken once, so what is refused now may be taken half a minute later.
      const params = { tan: oneTimePassword(totp, tools.clock.now()) };
      const outcome = await attempt(() => ask({ method: 'POST', path: '/jsonrpc/', json: { method: 'account.unlock', params }, purpose: 'give the second factor' }, json(Answer)));
      if (outcome.kind === 'failed') throw new Fault(outcome.failure.kind === 'auth' ? { ...outcome.failure, lookAgainSeconds: 60 } : outcome.failure);
    };
    const session = once(async () => {
      const login = { method: 'account.login', params: { user: username, pass: password.reveal() } };
      const { value, headers } = await ask({ method: 'POST', path: '/jsonrpc/', json: login, idempotent: true, confidential: true, purpose: 'log in' }, headed(json(Session)));
      cookie = cookiesIn(headers);
      for (const one of cookie.split('; ')) tools.learn?.(one.slice(one.indexOf('=') + 1));
      if (!['0', ''].includes(String(value.resData?.tfa ?? ''))) await unlock();
      return cookie;
    });
    const update = (records: readonly Held[], { value, ttl }: Patch) => {
      const ids = records.map(({ rawId }) => rawId);
      return send('nameserver.updateRecord', { id: ids.length === 1 ? ids[0] : ids, content: value, ttl }, `change ${ids.length === 1 ? 'a record' : `${ids.length} records`}`, Answer);
    };
    return {
      ...recordsById<Held>(tools, {
        zones: {
          kind: 'list',
          async list(cursor) {
            const { resData } = await send('nameserver.list', { page: Number(cursor ?? 1), pagelimit: 1000 }, 'list the zones', Domains);
            return untilTotal(
              resData.domains.map(({ domain }) => ({ name: ascii(domain), id: domain })),
              cursor,
              resData.count,
            );
          },
        },
        async list({ id }) {
          const { resData } = await send('nameserver.info', { domain: id }, 'list the records', Zone);
          return { items: resData.record.map(({ id: rawId, name, type, content, ttl }) => ({ id: String(rawId), rawId, name: ascii(name === '' ? id : name), type, value: content, ttl })) };
        },
        async create(zone, { name, type, value, ttl }) {
          const record = { domain: zone.id, type, name: hostOf(name, zone, ''), content: value, ttl: ttl ?? 3600 };
          await send('nameserver.createRecord', record, 'create a record', Answer, { match: /^2302 /, value: { code: 1000, msg: '', reason: '' } });
          return undefined;
        },
        async update(_zone, record, patch) {
          await update([record], patch);
          return undefined;
        },
        async remove(_zone, { rawId }) {
          await send('nameserver.deleteRecord', { id: rawId }, 'remove a record', Answer, { match: /^2303 /, value: { code: 1000, msg: '', reason: '' } });
        },
        concurrency: 1,
        batch: {
          size: MOST_IDS,
          alike: (operation) => (operation.kind === 'update' ? JSON.stringify(operation.patch) : undefined),
          async send(_zone, operations) {
            const updates = operations.flatMap((operation) => (operation.kind === 'update' ? [operation] : []));
            await update(
              updates.map(({ record }) => record),
              updates[0]?.patch ?? {},
            );
            return operations.map(() => undefined);
          },
        },
      }),
      async close() {
        if (await session.made()) await send('account.logout', {}, 'log out', Answer);
      },
    };
  },
});
