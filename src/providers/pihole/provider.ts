/**
 * Pi-hole from version 6: lines of a hosts list, each a value of its configuration that is added or taken away. Longer than most, because of the log-in, which is
 * ended, and of lines that hold several names. https://docs.pi-hole.net/api/
 */
import * as v from 'valibot';
import { anyJson, api, defineProvider, familyOf, type HeldRecord, handedOut, inTurn, json, noContent, optional, parseAddress, type Reader, recordsById, secret } from '../../sdk/index.ts';

const LIST = '/config/dns/hosts';

/** `sid` is null where no password is set. */
const Session = v.object({ session: v.object({ valid: v.literal(true), sid: v.nullish(v.string()) }) });
const Hosts = v.object({ config: v.object({ dns: v.object({ hosts: v.array(v.string()) }) }) });
const Refusal = v.object({ error: v.object({ key: v.string(), message: v.string(), hint: v.nullish(v.string()) }) });

/** 201, whatever it holds. */
const added: Reader<void> = { read: (reply) => (reply.status === 201 ? anyJson.read(reply) : { kind: 'gibberish', why: 'should be 201 Created' }) };

export default defineProvider({
  api: 1,
  id: 'pihole',
  name: 'Pi-hole',
  reference: 'https://docs.pi-hole.net/api/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['What Pi-hole answers when a line was added, besides its status, is not relied on.'],
  also: ['Pi-hole v6', 'FTL'],
  can: { families: [4, 6], readable: true, wildcard: false, apex: true, values: 'many', ttl: 'fixed' },
  options: { password: optional(secret('application password; without one where Pi-hole asks for none')) },
  environment: { password: ['PIHOLE_PASSWORD'] },
  example: { endpoint: 'https://pi.hole', password: { env: 'PIHOLE_PASSWORD' } },
  credentials:
    'These are names in your own network: Pi-hole answers those who ask it, and nobody else. Give it as endpoint, such as http://192.168.1.2 (with insecure: true) or better its https address. ' +
    'Under Settings, Web interface / API, Expert, choose Configure app password; and so that it may change settings set webserver.api.app_sudo to true under All settings.',
  open({ password, endpoint }, tools) {
    const parts = { base: 'http://127.0.0.1/api', endpoint, words: (body: unknown) => (v.is(Refusal, body) ? { code: body.error.key, message: body.error.message } : undefined) };
    const seats = {
      match: /^api_seats_exceeded/,
      status: 429,
      kind: 'throttled',
      says: 'all its sessions are in use',
      hint: 'it is tried again; webserver.api.max_sessions says how many there may be',
    } as const;
    const enter = api(tools, { ...parts, meanings: [{ match: /^unauthorized/, kind: 'auth', says: 'the password is not the one that it has' }, seats] });
    const session = handedOut(tools, async () => {
      const { sid } = (await enter({ method: 'POST', path: '/auth', json: { password: password?.reveal() }, idempotent: true, confidential: true, purpose: 'log in' }, json(Session))).session;
      return sid ?? undefined;
    });
    const ask = api(tools, {
      ...parts,
      async headers() {
        const sid = password === undefined ? undefined : await session();
        return sid === undefined ? {} : { 'x-ftl-sid': sid };
      },
      meanings: [
        { match: /^unauthorized/, kind: 'auth', says: 'it asks for a log-in', hint: 'give the account an application password' },
        { match: /^forbidden/, kind: 'auth', says: 'the application password may not change settings', hint: 'set webserver.api.app_sudo to true in its settings' },
        seats,
      ],
    });
    const line = (value: string, name: string): string => `${LIST}/${encodeURIComponent(`${value} ${name}`)}`;
    const add = (value: string, name: string) => async (): Promise<void> =>
      ask({ method: 'PUT', path: line(value, name), purpose: 'add a line to its hosts' }, added, { match: /Item already present/, value: undefined });
    const take = (value: string, name: string) => async (): Promise<void> =>
      ask({ method: 'DELETE', path: line(value, name), purpose: 'take a line out of its hosts' }, { ...noContent, absent: () => undefined });
    const provider = recordsById<HeldRecord>(tools, {
      zones: { kind: 'none', outside: async () => undefined },
      async list() {
        const { hosts } = (await ask({ path: LIST, purpose: 'list its hosts' }, json(Hosts))).config.dns;
        return { items: hosts.flatMap(recordsIn) };
      },
      create: (_zone, { name, value }) => add(value, name)().then(() => undefined),
      async update(_zone, { name, type, value: old }, { value = old }) {
        // The new one first, so that the name is never without an address.
        await inTurn(`${name} ${type}`, [add(value, name), take(old, name)]);
        return undefined;
      },
      remove: (_zone, { name, value }) => take(value, name)(),
      concurrency: 1,
    });
    return {
      ...provider,
      async close() {
        if (await session.made()) await ask({ method: 'DELETE', path: '/auth', purpose: 'log out' }, noContent);
      },
    };
  },
});

/** One record per name of a line; a line of several names cannot be changed for one of them. */
function recordsIn(line: string): readonly HeldRecord[] {
  const [value = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
  const address = parseAddress(value);
  if (address === undefined) return [];
  const type = familyOf(address) === 4 ? 'A' : 'AAAA';
  return names.map((name) => ({
    id: `${line} ${name}`,
    name,
    type,
    value,
    ...(names.length > 1 || line !== `${value} ${name}` ? { locked: 'shares its line in the hosts of Pi-hole with something else' } : {}),
  }));
}
