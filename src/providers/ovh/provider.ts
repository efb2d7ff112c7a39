/**
 * OVHcloud: one record per value. Longer than most, because records are listed by ids alone, requests are signed by the vendor's clock, and nothing is served
 * before the zone is refreshed. https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api
 */
import * as v from 'valibot';
import {
  api,
  choice,
  defineProvider,
  digest,
  eachOf,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  matching,
  nameOf,
  once,
  onlyZone,
  optional,
  orAbsent,
  partsOf,
  publishing,
  recordsById,
  type Sign,
  secret,
  wrongClock,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const BASES = { eu: 'https://eu.api.ovh.com/1.0', ca: 'https://ca.api.ovh.com/1.0', us: 'https://api.us.ovhcloud.com/1.0' } as const;
/** Sets up to which each is asked for by its name; beyond, all ids of a type may be fewer calls. */
const ASKED_SINGLY = 3;

const Ids = v.array(v.number());
const ZoneRecord = v.object({ id: v.number(), fieldType: v.string(), subDomain: v.nullish(v.string()), target: v.string(), ttl: v.nullish(v.number()) });
const Refusal = v.object({ class: v.optional(v.string()), errorCode: v.optional(v.string()), message: v.string() });
/** The whole answer of what has none. */
const done = matching(/^null$/);

/** What the request's `X-Ovh-Signature` says. `time`: Unix seconds by the vendor's clock. https://github.com/ovh/go-ovh */
export const signature = (
  { secret, consumer }: { readonly secret: string; readonly consumer: string },
  { method, url, body = '', time }: { readonly method: string; readonly url: string; readonly body?: string | undefined; readonly time: number },
): string => `$1$${digest('sha1', [secret, consumer, method, url, body, time].join('+')).toString('hex')}`;

export default defineProvider({
  api: 1,
  id: 'ovh',
  name: 'OVHcloud',
  reference: 'https://eu.api.ovh.com/console/?section=%2Fdomain&branch=v1',
  checked: '2026-11-22',
  evidence: 'official',
  unverified: ['The lowest TTL of 60 s is what other programs use.', 'How many requests are allowed is not published.'],
  also: ['OVH', 'Kimsufi', 'SoYouStart'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 2_147_483_647, initial: 3600 } },
  options: {
    applicationKey: secret('application key'),
    applicationSecret: secret('application secret'),
    consumerKey: secret('consumer key, validated by you'),
    region: optional(choice('whose customer you are: OVHcloud Europe, Canada or United States', ['eu', 'ca', 'us']), 'eu'),
    zone: onlyZone(),
  },
  environment: { applicationKey: ['OVH_APPLICATION_KEY'], applicationSecret: ['OVH_APPLICATION_SECRET'], consumerKey: ['OVH_CONSUMER_KEY'] },
  credentials:
    'At https://eu.api.ovh.com/createToken/ (ca.api.ovh.com, api.us.ovhcloud.com for the other regions) choose Validity: Unlimited, and these rights with your zone in place of ZONE: ' +
    'GET /domain/zone/ZONE/record*, PUT /domain/zone/ZONE/record/*, POST /domain/zone/ZONE/record, DELETE /domain/zone/ZONE/record/*, POST /domain/zone/ZONE/refresh; ' +
    'and GET /domain/zone, unless the account names its zone. Leave "Restricted IPs" empty: your address changes.',
  open({ applicationKey, applicationSecret, consumerKey, region, zone, endpoint }, tools) {
    const clock = api(tools, { base: BASES[region], endpoint });
    /** What to add to our clock to have theirs, seconds. */
    const ahead = once(async () => Number((await clock({ path: '/auth/time', purpose: 'tell the time' }, matching(/^\d+$/)))[0]) - Math.floor(tools.clock.now() / 1000));
    const sign: Sign = async (request) => {
      const time = Math.floor(tools.clock.now() / 1000) + (await ahead());
      const signed = signature({ secret: applicationSecret.reveal(), consumer: consumerKey.reveal() }, { ...request, time });
      const proof = { 'x-ovh-application': applicationKey.reveal(), 'x-ovh-consumer': consumerKey.reveal(), 'x-ovh-timestamp': String(time), 'x-ovh-signature': signed };
      return { ...request, headers: { ...request.headers, ...proof } };
    };
    const ask = api(tools, {
      base: BASES[region],
      endpoint,
      sign,
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { code: body.errorCode ?? body.class, message: body.message } : undefined),
      meanings: [
        wrongClock(/Query out of time/i),
        { match: /NOT_CREDENTIAL/, kind: 'auth', says: 'the consumer key was not validated yet', hint: 'open the page that was shown when it was made, and log in there' },
        {
          match: /INVALID_CREDENTIAL|INVALID_KEY/,
          kind: 'auth',
          says: 'it does not know these keys, or they have expired',
          hint: 'make new ones, with unlimited validity; keys of one region are not known in another',
        },
        { match: /INVALID_SIGNATURE|Invalid signature/i, kind: 'auth', says: 'the signature is wrong: application secret and consumer key do not belong to this application key' },
        {
          match: /NOT_GRANTED_CALL|not been granted|not granted/i,
          status: 403,
          kind: 'auth',
          says: 'the consumer key lacks a right',
          hint: 'it needs GET, PUT, POST and DELETE on the records of the zone, and POST on its refresh',
        },
        { match: /service does not exist/i, kind: 'refused', says: 'it has no such zone in this account', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const at = ({ id }: Zone, path: string): string => `/domain/zone/${encodeURIComponent(id)}${path}`;
    const held = (within: Zone, { id, fieldType, subDomain, target, ttl }: v.InferOutput<typeof ZoneRecord>) => ({
      id: String(id),
      name: nameOf(subDomain ?? '', within),
      type: fieldType,
      value: target,
      // 0: that of the zone.
      ...(ttl ? { ttl } : {}),
    });
    const ids = (within: Zone, query: Record<string, string>) => ask({ path: at(within, '/record'), query, purpose: 'list the records' }, json(Ids));
    const { begun, over } = publishing(tools, (within) => ask({ method: 'POST', path: at(within, '/refresh'), idempotent: true, purpose: 'refresh the zone' }, done));
    const records = recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const names = await ask({ path: '/domain/zone', purpose: 'list the zones' }, json(v.array(v.string())));
          return { items: names.map((name) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(within, _cursor, keys) {
        const found: number[] = [];
        for (const type of ['A', 'AAAA']) {
          const wanted = keys.map(partsOf).filter((parts) => parts.type === type);
          const all = wanted.length > ASKED_SINGLY ? await ids(within, { fieldType: type }) : undefined;
          if (all && all.length <= 2 * wanted.length) found.push(...all);
          else await eachOf(wanted, 4, async ({ name }) => void found.push(...(await ids(within, { fieldType: type, subDomain: hostOf(name, within, '') }))));
        }
        const items: ReturnType<typeof held>[] = [];
        await eachOf(found, 4, async (id) => {
          const one = await ask({ path: at(within, `/record/${id}`), purpose: 'show a record' }, orAbsent(json(ZoneRecord)));
          if (one) items.push(held(within, one));
        });
        return { items };
      },
      async create(within, { name, type, value, ttl }) {
        begun(within);
        const body = { fieldType: type, subDomain: hostOf(name, within, ''), target: value, ttl };
        return held(within, await ask({ method: 'POST', path: at(within, '/record'), json: body, purpose: 'create a record' }, json(ZoneRecord)));
      },
      async update(within, { id }, { value, ttl }) {
        begun(within);
        await ask({ method: 'PUT', path: at(within, `/record/${id}`), json: { target: value, ttl }, purpose: 'change a record' }, done);
        return undefined;
      },
      async remove(within, { id }) {
        begun(within);
        await ask({ method: 'DELETE', path: at(within, `/record/${id}`), purpose: 'remove a record' }, orAbsent(done));
      },
    });
    return over(records);
  },
});
