/**
 * NAVER Cloud Global DNS: changes are staged first, then all that is staged in a zone is deployed at once. https://api.ncloud-docs.com/docs/en/networking-globaldns-record
 * Longer than others, because what people left staged in the console must not be deployed with ours, what we left staged must not be taken for deployed,
 * and because the answers to changes are not documented: what came of them is read again.
 */
import * as v from 'valibot';
import {
  api,
  attempt,
  defineProvider,
  Fault,
  flag,
  type HeldRecord,
  type HttpRequest,
  hmac,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  looksLikeHtml,
  looseText,
  nameOf,
  type Operation,
  optional,
  type Page,
  type Reader,
  recordsById,
  type Secret,
  secret,
  text,
  until,
  wrongClock,
  type Zone,
} from '../../sdk/index.ts';

const PAGE = 100;
const BATCH = 500;
const page = { last: v.nullish(v.boolean()) };
const Domains = v.object({ content: v.array(v.object({ id: looseText, name: v.string() })), ...page });
const DomainRecord = v.object({
  id: looseText,
  host: v.string(),
  type: v.string(),
  content: v.nullish(v.string(), ''),
  ttl: v.nullish(v.number()),
  aliasId: v.nullish(looseText),
  lbId: v.nullish(looseText),
  applyYn: v.nullish(v.string()),
  delYn: v.nullish(v.string()),
});
const Listing = v.object({ content: v.array(DomainRecord), ...page });
const Refusal = v.object({ error: v.object({ errorCode: v.nullish(looseText), message: v.nullish(v.string()), details: v.nullish(v.string()) }) });
/** What changes are answered with is not documented. */
const taken: Reader<unknown> = { read: (reply) => (looksLikeHtml(reply) ? { kind: 'gibberish', why: 'is a web page' } : { kind: 'read', value: undefined }) };

/** https://api.ncloud-docs.com/docs/en/common-ncpapi */
export function ncpSignature(request: HttpRequest, { accessKey, secretKey }: { readonly accessKey: string; readonly secretKey: Secret }, now: number): HttpRequest {
  const { pathname, search } = new URL(request.url);
  const signature = hmac('sha256', secretKey.reveal(), `${request.method} ${pathname}${search}\n${now}\n${accessKey}`).toString('base64');
  return { ...request, headers: { ...request.headers, 'x-ncp-apigw-timestamp': String(now), 'x-ncp-iam-access-key': accessKey, 'x-ncp-apigw-signature-v2': signature } };
}

/** `staged`: there is a change of it that is not deployed; `gone`: it is to be removed. */
type Held = HeldRecord & { readonly host: string; readonly staged?: 'changed' | 'gone' };
type Step = Operation<Held>;

export default defineProvider({
  api: 1,
  id: 'naver',
  name: 'NAVER Cloud Global DNS',
  reference: 'https://api.ncloud-docs.com/docs/en/networking-globaldns-record',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'What a change is answered with is not documented, so the records are read again after it.',
    'The range of TTLs, how many records one call takes, and whether several addresses of a name are records of their own are not confirmed.',
  ],
  also: ['ncp', 'ncloud', 'NAVER Cloud Platform'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 1, max: 86_400, initial: 300 }, batch: BATCH },
  options: {
    accessKey: text('access key ID of a sub-account', { example: 'ncp_iam_example' }),
    secretKey: secret('secret key that belongs to it'),
    applyForeignChanges: optional(flag('deploy also what others have staged in the zone; without it nothing is changed while there is such a thing'), false),
  },
  environment: { accessKey: ['NCLOUD_ACCESS_KEY'], secretKey: ['NCLOUD_SECRET_KEY'] },
  credentials:
    'At https://console.ncloud.com make a sub-account under Management & Governance > Sub Account, with API access only, and give it a policy with View and Change of Global DNS; then make an access key for it. ' +
    'Allow every source address: yours changes. Public-sector accounts set endpoint: https://globaldns.apigw.gov-ntruss.com.',
  open({ accessKey, secretKey, applyForeignChanges, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://globaldns.apigw.ntruss.com/dns/v1',
      endpoint,
      sign: (request) => ncpSignature(request, { accessKey, secretKey }, tools.clock.now()),
      words: (body) => (v.is(Refusal, body) ? { code: body.error.errorCode ?? '', message: [body.error.message, body.error.details].filter(Boolean).join(': ') } : undefined),
      meanings: [
        wrongClock(/timestamp|expired/i),
        { match: /^(200|210) /, kind: 'auth', says: 'it does not take this access key', hint: 'copy access key and secret key again' },
        { match: /permission/i, kind: 'auth', says: 'the sub-account may not do this', hint: 'give it View and Change of Global DNS' },
        { match: /^(400|410|420) /, kind: 'throttled', waitSeconds: 60 },
        { match: /^(500|510) /, kind: 'unavailable' },
        { match: /^300 /, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const next = (shown: readonly unknown[], last: boolean | null | undefined, cursor: string | number | undefined) => (last || shown.length === 0 ? undefined : Number(cursor ?? 0) + 1);
    /** What is staged in a zone, as its last listing showed it. */
    const staged = new Map<string, Held[]>();

    const held = (zone: Zone, { id, host, type, content, ttl, aliasId, lbId, applyYn, delYn }: v.InferOutput<typeof DomainRecord>): Held => ({
      id,
      host,
      type,
      name: nameOf(host, zone),
      value: content,
      ...(ttl ? { ttl } : {}),
      ...(aliasId || lbId ? { locked: 'points to a load balancer or another service' } : {}),
      ...(delYn === 'Y' ? { staged: 'gone' } : applyYn === 'N' ? { staged: 'changed' } : {}),
    });
    /** Records that are deployed: what somebody only staged does not count as being there. */
    const list = async (zone: Zone, cursor: string | number | undefined): Promise<Page<Held>> => {
      const { content, last } = await ask({ path: `/ncpdns/record/${zone.id}`, query: { page: cursor ?? 0, size: PAGE }, purpose: 'list the records' }, json(Listing));
      const records = content.map((record) => held(zone, record));
      staged.set(zone.id, [...(cursor === undefined ? [] : (staged.get(zone.id) ?? [])), ...records.filter((record) => record.staged)]);
      return { items: records.filter((record) => record.staged !== 'changed'), next: next(content, last, cursor) };
    };
    const listAll = async (zone: Zone): Promise<readonly Held[]> => {
      const records: Held[] = [];
      for (let at: Page<Held>['next'] | null = null; at !== undefined; ) {
        const shown: Page<Held> = await list(zone, at ?? undefined);
        records.push(...shown.items);
        at = shown.next;
      }
      return records;
    };

    const commit = async (zone: Zone, steps: readonly Step[]): Promise<readonly (Held | undefined)[]> => {
      const foreign = [...(staged.get(zone.id) ?? [])];
      /** A record of the same name and type that is staged already, perhaps by a run that was cut off: it takes what is wanted now. */
      const adopt = (mine: (record: Held) => boolean): Held | undefined => {
        const at = foreign.findIndex(mine);
        return at < 0 ? undefined : foreign.splice(at, 1)[0];
      };
      const post: object[] = [];
      const put: object[] = [];
      const gone: number[] = [];
      for (const step of steps) {
        if (step.kind === 'create') {
          const { name, type, value, ttl } = step.record;
          const old = adopt((record) => record.staged === 'changed' && record.name === name && record.type === type);
          const record = { host: hostOf(name, zone, '@'), type, content: value, ttl: ttl ?? 300, aliasId: null, lbId: null };
          if (old) put.push({ id: Number(old.id), ...record });
          else post.push(record);
          continue;
        }
        adopt((record) => record.id === step.record.id);
        const { id, host, type, value, ttl } = step.record;
        if (step.kind === 'remove') gone.push(Number(id));
        else put.push({ id: Number(id), host, type, content: step.patch.value ?? value, ttl: step.patch.ttl ?? ttl });
      }
      if (foreign.length > 0 && !applyForeignChanges) {
        const names = [...new Set(foreign.map(({ name, type }) => `${name} ${type}`))].slice(0, 5).join(', ');
        throw new Fault({
          kind: 'refused',
          detail: `${zone.name} has staged changes of somebody else (${names}), and deploying ours would deploy them too`,
          hint: 'deploy or discard them in the console, or set applyForeignChanges: true',
          lookAgainSeconds: LOOK_AGAIN_SECONDS,
        });
      }
      const path = `/ncpdns/record/${zone.id}`;
      const done = await attempt(async () => {
        if (post.length > 0) await ask({ method: 'POST', path, json: post, purpose: 'stage new records' }, taken);
        if (put.length > 0) await ask({ method: 'PUT', path, json: put, purpose: 'stage changed records' }, taken);
        if (gone.length > 0) await ask({ method: 'DELETE', path, json: gone, purpose: 'stage removals' }, taken);
        await ask({ method: 'PUT', path: `/ncpdns/record/apply/${zone.id}`, purpose: 'deploy the zone' }, taken);
      });
      if (done.kind === 'failed') {
        const undone = foreign.length > 0 ? undefined : await attempt(() => ask({ method: 'PUT', path: `/ncpdns/record/rollback/${zone.id}`, purpose: 'discard what was staged' }, taken));
        throw new Fault(undone?.kind === 'ok' ? done.failure : { ...done.failure, partly: true });
      }
      const settled = await attempt(() =>
        until(tools, { everyMs: 2000, mostMs: 30_000, purpose: `deploy the records of ${zone.name}` }, async () => {
          const records = await listAll(zone);
          const found = steps.map((step) => records.find((record) => (step.kind === 'create' ? isMade(record, step.record) : record.id === step.record.id)));
          return steps.every((step, at) => (step.kind === 'remove') === (found[at] === undefined)) ? found : undefined;
        }),
      );
      if (settled.kind === 'failed') throw new Fault({ ...settled.failure, partly: true });
      return settled.value;
    };
    const isMade = (record: Held, { name, type, value }: { readonly name: string; readonly type: string; readonly value: string }) =>
      record.name === name && record.type === type && record.value === value;
    const one = async (zone: Zone, step: Step): Promise<Held | undefined> => (await commit(zone, [step]))[0];

    return recordsById<Held>(tools, {
      zones: {
        kind: 'list',
        async list(cursor) {
          const { content, last } = await ask({ path: '/ncpdns/domain', query: { page: cursor ?? 0, size: PAGE }, purpose: 'list the domains' }, json(Domains));
          return { items: content.map(({ id, name }) => ({ id, name: name.toLowerCase() })), next: next(content, last, cursor) };
        },
      },
      list,
      create: (zone, record) => one(zone, { kind: 'create', record }),
      update: (zone, record, patch) => one(zone, { kind: 'update', record, patch }),
      remove: async (zone, record) => void (await one(zone, { kind: 'remove', record })),
      batch: { size: BATCH, send: commit },
      concurrency: 1,
    });
  },
});
