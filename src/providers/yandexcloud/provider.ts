/**
 * Yandex Cloud DNS: RRsets, changed in all-or-nothing batches that name exactly what they replace. Longer than most, because a service account's key signs for a
 * token at another host, and every change is an operation that is awaited at a third. https://yandex.cloud/en/docs/dns/api-ref/
 */
import * as v from 'valibot';
import {
  api,
  attempt,
  defineProvider,
  type ExactSet,
  exactly,
  type FailureKind,
  Fault,
  type HeldSet,
  handedOut,
  json,
  jsonWebToken,
  keyFile,
  LOOK_AGAIN_SECONDS,
  looseNumber,
  manySets,
  orAbsent,
  type Put,
  partsOf,
  privateKey,
  recordSets,
  Secret,
  secret,
  text,
  until,
  type Zone,
} from '../../sdk/index.ts';

/** https://yandex.cloud/en/docs/dns/api-ref/DnsZone/updateRecordSets: 1000 deletions and 1000 additions. */
const SETS_IN_ONE_CALL = 1000;
const PAGE = 1000;
const INITIAL_TTL = 300;
const TOKENS = 'https://iam.api.cloud.yandex.net/iam/v1/tokens';

const Key = v.object({ id: v.string(), service_account_id: v.string(), private_key: v.string() });
const Token = v.object({ iamToken: v.string() });
const Zones = v.object({
  dnsZones: v.optional(v.array(v.object({ id: v.string(), zone: v.string(), publicVisibility: v.optional(v.unknown()), privateVisibility: v.optional(v.unknown()) })), []),
  nextPageToken: v.optional(v.string()),
});
const RrSet = v.object({ name: v.string(), type: v.string(), ttl: v.optional(looseNumber), data: v.optional(v.array(v.string()), []) });
const RrSets = v.object({ recordSets: v.optional(v.array(RrSet), []), nextPageToken: v.optional(v.string()) });
const Status = v.object({ code: v.number(), message: v.optional(v.string(), '') });
const Operation = v.object({ id: v.string(), done: v.optional(v.boolean(), false), error: v.optional(Status) });

/** What a change that was begun and did not come to be means, by its code of gRPC. https://grpc.io/docs/guides/status-codes/ */
const kindOf = (code: number): FailureKind => {
  if ([6, 9, 10].includes(code)) return 'conflict';
  if ([7, 16].includes(code)) return 'auth';
  if (code === 8) return 'throttled';
  return [1, 2, 4, 13, 14, 15].includes(code) ? 'unavailable' : 'refused';
};

export default defineProvider({
  api: 1,
  id: 'yandexcloud',
  name: 'Yandex Cloud DNS',
  reference: 'https://yandex.cloud/en/docs/dns/api-ref/DnsZone/updateRecordSets',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: ['With which of its codes it refuses a change whose old values are no longer there is not known.'],
  also: ['yandex', 'Yandex.Cloud'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 0, max: 2_147_483_647, initial: INITIAL_TTL }, batch: SETS_IN_ONE_CALL },
  options: {
    key: secret('authorized key of a service account: the whole JSON file'),
    folder: text('id of the folder that holds the zones', { example: 'b1gxxxxxxxxxxxxxxxxx' }),
  },
  environment: { key: ['YANDEX_CLOUD_IAM_TOKEN'], folder: ['YANDEX_CLOUD_FOLDER_ID'] },
  credentials:
    'At https://console.yandex.cloud open the folder, under Identity and Access Management make a service account with the role dns.editor on that folder and nothing else, and there an authorized key; give the JSON file as ' +
    '{ file: PATH }. It does not expire.',
  open({ key, folder, endpoint }, tools) {
    const { id, service_account_id, private_key } = keyFile(key, Key, 'authorized key of Yandex Cloud');
    const words = (body: unknown) => (v.is(Status, body) ? body : undefined);
    const meanings = [
      { match: /^16 /, kind: 'auth', says: 'it does not know this key, or the clock of this machine is wrong' },
      { match: /^7 /, kind: 'auth', says: 'the service account lacks a right', hint: 'give it the role dns.editor on the folder' },
      { match: /^8 /, kind: 'throttled', waitSeconds: 60 },
      { match: /^5 /, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      { match: /^(6|9|10) /, kind: 'conflict' },
    ] as const;
    const tokens = api(tools, { base: new URL(TOKENS).origin, endpoint, words, meanings });
    const token = handedOut(tools, async () => {
      const now = Math.floor(tools.clock.now() / 1000);
      const jwt = jsonWebToken('PS256', privateKey(new Secret(private_key), 'private_key'), { header: { kid: id }, claims: { iss: service_account_id, aud: TOKENS, iat: now, exp: now + 3600 } });
      // Whoever reads it within the hour can log in with it.
      tools.learn?.(jwt);
      return (await tokens({ method: 'POST', path: new URL(TOKENS).pathname, json: { jwt }, idempotent: true, confidential: true, purpose: 'log in' }, json(Token))).iamToken;
    });
    const headers = async () => ({ authorization: `Bearer ${await token()}` });
    const ask = api(tools, { base: 'https://dns.api.cloud.yandex.net/dns/v1', endpoint, headers, words, meanings });
    const follow = api(tools, { base: 'https://operation.api.cloud.yandex.net', endpoint, headers });
    const held = ({ name, type, ttl, data }: v.InferOutput<typeof RrSet>): HeldSet => ({ name, type, values: data, ...(ttl === undefined ? {} : { ttl }) });
    const of = ({ id: zone }: Zone, verb: string): string => `/zones/${encodeURIComponent(zone)}:${verb}`;
    /** 64-bit numbers are texts in its JSON. */
    const written = ({ ttl, values, ...set }: ExactSet) => ({ ...set, ttl: String(ttl), data: values });
    const change = async (within: Zone, puts: readonly Put<HeldSet>[]): Promise<void> => {
      const { deletions, additions } = exactly(puts, INITIAL_TTL);
      const begun = await ask(
        { method: 'POST', path: of(within, 'updateRecordSets'), json: { deletions: deletions.map(written), additions: additions.map(written) }, purpose: 'change records' },
        json(Operation),
      );
      const ended = begun.done ? begun : await awaited(begun.id);
      if (ended.error)
        throw new Fault({
          kind: kindOf(ended.error.code),
          detail: `the change of ${within.name} was refused: ${tools.redact?.(ended.error.message) ?? ended.error.code}`,
        });
    };
    const awaited = async (operation: string): Promise<v.InferOutput<typeof Operation>> => {
      const ended = await attempt(() =>
        until(tools, { everyMs: 1000, mostMs: 30_000, purpose: 'end the change that it began' }, async () => {
          const state = await follow({ path: `/operations/${encodeURIComponent(operation)}`, purpose: 'say what became of a change' }, json(Operation));
          return state.done ? state : undefined;
        }),
      );
      if (ended.kind === 'ok') return ended.value;
      const { failure } = ended;
      // It was begun: that it cannot be asked for is no refusal of it, and it must not be sent again in parts.
      const kind = failure.kind === 'refused' || failure.kind === 'conflict' ? 'gibberish' : failure.kind;
      throw new Fault({ ...failure, kind, partly: true, detail: `the change was begun, but it is not known to be done: ${failure.detail}` });
    };
    return recordSets(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { dnsZones, nextPageToken } = await ask({ path: '/zones', query: { folderId: folder, pageSize: PAGE, pageToken: cursor }, purpose: 'list the zones' }, json(Zones));
          const served = dnsZones.filter(({ publicVisibility, privateVisibility }) => publicVisibility !== undefined || privateVisibility === undefined);
          return { items: served.map(({ id: zone, zone: name }) => ({ name: name.toLowerCase().replace(/\.$/, ''), id: zone })), next: nextPageToken || undefined };
        },
      },
      async list(within, cursor) {
        const query = { pageSize: PAGE, pageToken: cursor };
        const { recordSets: sets, nextPageToken } = await ask({ path: of(within, 'listRecordSets'), query, purpose: 'list the records' }, json(RrSets));
        return { items: sets.map(held), next: nextPageToken || undefined };
      },
      async get(within, key) {
        const { name, type } = partsOf(key);
        // Code 5 may also mean that the zone is gone: then the change is refused.
        const set = await ask({ path: of(within, 'getRecordSet'), query: { name: `${name}.`, type }, purpose: 'show a record' }, orAbsent(json(RrSet)), { match: /^5 /, value: undefined });
        return set && held(set);
      },
      ...manySets([{ most: SETS_IN_ONE_CALL, of: () => 1 }], change),
    });
  },
});
