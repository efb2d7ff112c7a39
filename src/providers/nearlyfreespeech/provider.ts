/**
 * NearlyFreeSpeech.NET: a lone address is replaced in one call. Longer than most, because several are added and removed one by one, and every
 * request is signed with a salt. https://members.nearlyfreespeech.net/wiki/API/Introduction
 */
import * as v from 'valibot';
import {
  api,
  defineProvider,
  digest,
  familyOfType,
  hostOf,
  inSets,
  inTurn,
  json,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  markedNothing,
  nameOf,
  parseAddress,
  type RecordSet,
  randomHex,
  recordSets,
  rereading,
  secret,
  text,
  wrongClock,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const Records = v.array(v.object({ name: v.string(), type: v.string(), data: v.string(), ttl: v.nullish(looseNumber), scope: v.nullish(v.string()) }));
const Refusal = v.object({ error: v.string(), debug: v.nullish(v.string()) });

export type NfsnRequest = { readonly login: string; readonly key: string; readonly unix: number; readonly salt: string; readonly path: string; readonly body: string };

/** `X-NFSN-Authentication` of a request. `unix`: seconds since 1970; `salt`: 16 letters and digits; a request without a body has an empty one. */
export function nfsnAuthentication({ login, key, unix, salt, path, body }: NfsnRequest): string {
  const proof = digest('sha1', [login, unix, salt, key, path, digest('sha1', body).toString('hex')].join(';')).toString('hex');
  return [login, unix, salt, proof].join(';');
}

export default defineProvider({
  api: 1,
  id: 'nearlyfreespeech',
  name: 'NearlyFreeSpeech.NET',
  reference: 'https://members.nearlyfreespeech.net/wiki/API/DNS',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['How far the clock may be off is known from other programs: some seconds.', 'The lowest TTL of 180 s is what other programs know.', 'Which error words there are is not documented.'],
  also: ['nfsn'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 180, max: 2_147_483_647, initial: 3600 }, minIntervalSeconds: 300 },
  options: {
    login: text('member log-in', { example: 'me' }),
    key: secret('API key'),
    zone: text('name of the domain', { example: 'example.com' }),
  },
  environment: { login: ['NEARLYFREESPEECH_LOGIN'], key: ['NEARLYFREESPEECH_API_KEY'] },
  credentials:
    'Log in at https://members.nearlyfreespeech.net, open Profile and there Manage API Key; where it is not shown, ask for it with a support request. ' +
    'The key is good for everything of the member and is not said to expire.',
  open({ login, key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.nearlyfreespeech.net',
      endpoint,
      sign(request) {
        const salt = randomHex(tools, 16);
        const facts = { login, key: key.reveal(), unix: Math.floor(tools.clock.now() / 1000), salt, path: new URL(request.url).pathname, body: request.body ?? '' };
        return { ...request, headers: { ...request.headers, 'x-nfsn-authentication': nfsnAuthentication(facts) } };
      },
      words: (body) => (v.is(Refusal, body) ? { code: body.error, message: body.debug ?? '' } : undefined),
      meanings: [
        wrongClock(/timestamp/i),
        { match: /could not be authenticated|authentication/i, kind: 'auth', says: 'it does not know this log-in, or the key is wrong' },
        { match: /not found|does not exist/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    /** Answers of this API have a type of their own, those that say nothing too. */
    const taken = markedNothing((headers) => /^application\/x-nfsn-api\b/.test(headers['content-type'] ?? ''));
    const post = (id: string, command: string, form: Readonly<Record<string, string>>, purpose: string) => ({
      method: 'POST' as const,
      path: `/dns/${encodeURIComponent(id)}/${command}`,
      form,
      purpose,
      idempotent: command === 'listRRs',
    });
    const form = (zone: Zone, { name, type }: RecordSet, data: string, ttl?: number) => ({ name: hostOf(name, zone, ''), type, data, ...(ttl === undefined ? {} : { ttl: String(ttl) }) });
    const add = (zone: Zone, after: RecordSet, value: string, ttl: number | undefined) => () =>
      ask(post(zone.id, 'addRR', form(zone, after, value, ttl), 'add a record'), taken, { match: /already|duplicate/i, value: undefined });
    const remove = (zone: Zone, after: RecordSet, value: string) => () => ask(post(zone.id, 'removeRR', form(zone, after, value), 'remove a record'), taken);
    // A change is answered with 200 and nothing else.
    return rereading(
      recordSets(tools, {
        zones: zonesOr(zone, { kind: 'given', zones: [] }),
        async list(zone) {
          const shown = await ask(post(zone.id, 'listRRs', {}, 'list the records'), json(Records));
          const records = shown.map(({ name, type, data, ttl, scope }, at) => ({
            id: String(at),
            name: nameOf(name, zone),
            type,
            value: data,
            ...(ttl ? { ttl } : {}),
            ...(scope === 'system' ? { locked: 'is made by a site there' } : {}),
          }));
          return { items: inSets(records) };
        },
        async put(zone, { after, held }) {
          const { name, type, values, ttl = held?.ttl } = after;
          const [value] = values;
          if (value !== undefined && values.length === 1) {
            await ask({ ...post(zone.id, 'replaceRR', form(zone, after, value, ttl), 'replace a record'), idempotent: true }, taken);
            return undefined;
          }
          const there = (held?.values ?? []).map((text) => ({ text, address: parseAddress(text, familyOfType(type)) }));
          const isSameTtl = ttl === undefined || ttl === held?.ttl;
          const stays = there.filter(({ address }) => isSameTtl && values.some((wanted) => wanted === address));
          const [fresh, again] = [
            values.filter((wanted) => !there.some(({ address }) => address === wanted)),
            // Records that stay get another TTL by being made anew.
            values.filter((wanted) => there.some((one) => one.address === wanted && !stays.includes(one))),
          ];
          await inTurn(`${name} ${type}`, [
            ...fresh.map((wanted) => add(zone, after, wanted, ttl)),
            ...there.filter((one) => !stays.includes(one)).map(({ text }) => remove(zone, after, text)),
            ...again.map((wanted) => add(zone, after, wanted, ttl)),
          ]);
          return undefined;
        },
        concurrency: 1,
      }),
      taken.isDoubtful,
    );
  },
});
