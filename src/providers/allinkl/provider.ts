/**
 * ALL-INKL: SOAP (KAS) in a session, records by id. https://kasapi.kasserver.com/dokumentation/phpdoc/
 * Longer than most, because every call is JSON in SOAP, and every answer says how long to wait before the next call.
 */
import * as v from 'valibot';
import {
  type ApiRequest,
  api,
  defineProvider,
  Fault,
  type HeldRecord,
  handedOut,
  hostOf,
  json,
  LOOK_AGAIN_SECONDS,
  type Meaning,
  nameOf,
  onlyZone,
  type Reader,
  recordsById,
  secret,
  text,
  zonesOr,
} from '../../sdk/index.ts';
import { readReturn } from './map.ts';

/** Longer than that is not waited within a round. */
const LONGEST_WAIT_SECONDS = 5;
const Answer = v.object({ Response: v.object({ KasFloodDelay: v.optional(v.pipe(v.string(), v.transform(Number)), '0'), ReturnInfo: v.optional(v.unknown()) }) });
const Domains = v.array(v.object({ domain_name: v.string() }));
const DnsRecord = v.object({
  record_id: v.string(),
  record_name: v.optional(v.string(), ''),
  record_type: v.string(),
  record_data: v.string(),
  record_aux: v.optional(v.string(), '0'),
  record_changeable: v.optional(v.string(), 'Y'),
});
type Held = HeldRecord & Pick<v.InferOutput<typeof DnsRecord>, 'record_name' | 'record_aux'>;

/** Of an answer: its value; or that it came too soon after another; or that there was nothing to do. */
type Outcome<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'flood'; readonly seconds: number } | { readonly kind: 'nothing' };

const faultOf = (body: string): { readonly code: string; readonly message: string } | undefined => {
  const code = /<faultstring[^>]*>([^<]*)</.exec(body)?.[1];
  return code === undefined ? undefined : { code, message: /<detail[^>]*>([^<]*)</.exec(body)?.[1] ?? '' };
};

const inEnvelope = (call: string, params: object): string => {
  const inside = JSON.stringify(params).replace(/[&<>]/g, (sign) => `&#${sign.codePointAt(0)};`);
  return `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><${call} xmlns="https://kasserver.com/"><Params>${inside}</Params></${call}></Body></Envelope>`;
};

const reading = <S extends v.GenericSchema>(schema: S): Reader<Outcome<v.InferOutput<S>>> => ({
  read(reply) {
    const value = readReturn(reply.body);
    if (value === undefined) return { kind: 'gibberish', why: 'is no SOAP of KAS or is cut short' };
    const read = json(schema).read({ ...reply, body: JSON.stringify(value) });
    return read.kind === 'read' ? { kind: 'read', value: { kind: 'done', value: read.value } } : read;
  },
  instead({ body }) {
    const { code, message } = faultOf(body) ?? {};
    if (code === 'flood_protection' || code === 'ip_blocked') return { value: { kind: 'flood', seconds: Number(message) || 1 } };
    return code === 'nothing_to_do' ? { value: { kind: 'nothing' } } : undefined;
  },
});

/** A fault may come with any status: SOAP has it that it is 500. */
const meanings = (
  [
    { match: /session/, kind: 'unavailable', says: 'it does not know the session any more' },
    {
      match: /^(kas_(login|password|access|auth)|otp_)/,
      kind: 'auth',
      says: 'it does not take this login and password',
      hint: 'they are those of the KAS, not those of the MembersArea',
    },
    { match: /^zone_(not_found|syntax_incorrect)/, kind: 'refused', says: 'this login has no such zone', lookAgainSeconds: LOOK_AGAIN_SECONDS },
    { match: /^/, kind: 'refused' },
  ] as const
).flatMap((one): readonly Meaning[] => [one, { ...one, status: 500 }]);

export default defineProvider({
  api: 1,
  id: 'allinkl',
  name: 'ALL-INKL.COM',
  reference: 'https://kasapi.kasserver.com/dokumentation/phpdoc/',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The vendor shows its calls in PHP; the SOAP around them is that of recorded answers.',
    'The words for a wrong login are what other programs look for.',
    'What it answers to a record that exists already or is gone already is not known.',
  ],
  also: ['all-inkl', 'KAS', 'kasserver'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    login: text('KAS login', { example: 'w0123456' }),
    password: secret('its password'),
    zone: onlyZone(),
  },
  environment: { login: ['ALL_INKL_LOGIN', 'KAS_LOGIN'], password: ['ALL_INKL_PASSWORD', 'KAS_PASSWORD'] },
  credentials:
    'In the KAS (https://kas.all-inkl.com) make a sub-account that holds only the domain of your names, with a password of its own and without a second factor, and use its login here. ' +
    'A login may do everything the KAS can do for its domains. Where one name is enough, a DDNS user of the KAS with the provider all-inkl-dyndns has fewer rights.',
  open({ login, password, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://kasapi.kasserver.com/soap',
      endpoint,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
      words: (body) => (typeof body === 'string' ? faultOf(body) : undefined),
      meanings,
    });
    let nextAt = 0;
    const send = async <S extends v.GenericSchema>(call: 'KasAuth' | 'KasApi', params: object, schema: S, about: Pick<ApiRequest, 'purpose' | 'idempotent' | 'confidential'>) => {
      for (let tries = 1; ; tries++) {
        const wait = nextAt - tools.clock.elapsed();
        if (wait > 0) await tools.clock.sleep(wait, tools.signal);
        const outcome = await ask({ method: 'POST', path: `/${call}.php`, body: inEnvelope(call, params), ...about }, reading(schema));
        if (outcome.kind === 'done') return outcome.value;
        if (outcome.kind === 'nothing') return undefined;
        if (tries > 3 || outcome.seconds > LONGEST_WAIT_SECONDS)
          throw new Fault({ kind: 'throttled', retryAfterSeconds: Math.ceil(outcome.seconds), detail: `KAS was asked to ${about.purpose} too soon after another call` });
        nextAt = tools.clock.elapsed() + outcome.seconds * 1000;
      }
    };
    const session = handedOut(tools, async () => {
      const params = { kas_login: login, kas_auth_type: 'plain', kas_auth_data: password.reveal(), session_lifetime: 600, session_update_lifetime: 'Y' };
      return send('KasAuth', params, v.pipe(v.string(), v.nonEmpty()), { purpose: 'log in', idempotent: true, confidential: true });
    });
    const act = async (action: string, params: object, purpose: string): Promise<unknown> => {
      const request = { kas_login: login, kas_auth_type: 'session', kas_auth_data: await session(), kas_action: action, KasRequestParams: params };
      const answer = await send('KasApi', request, Answer, { purpose, idempotent: action !== 'add_dns_settings' });
      nextAt = tools.clock.elapsed() + (answer?.Response.KasFloodDelay ?? 0) * 1000;
      return answer?.Response.ReturnInfo;
    };
    const listed = <S extends v.GenericSchema>(schema: S, info: unknown, purpose: string): v.InferOutput<S> => {
      const parsed = v.safeParse(schema, info === '' ? [] : info);
      if (parsed.success) return parsed.output;
      throw new Fault({ kind: 'gibberish', phase: 'reply', detail: `KAS was asked to ${purpose}, but the answer has not the form of its API` });
    };
    return recordsById<Held>(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const domains = listed(Domains, await act('get_domains', {}, 'list the domains'), 'list the domains');
          return { items: domains.map(({ domain_name: name }) => ({ name: name.toLowerCase(), id: name })) };
        },
      }),
      async list(zone) {
        const records = listed(v.array(DnsRecord), await act('get_dns_settings', { zone_host: `${zone.id}.` }, 'list the records'), 'list the records');
        return {
          items: records.map(({ record_id, record_name, record_type, record_data, record_aux, record_changeable }, at) => ({
            // Records of the vendor's own all have the id 0.
            id: record_id === '0' ? `own-${at}` : record_id,
            name: nameOf(record_name, zone),
            type: record_type,
            value: record_data,
            record_name,
            record_aux,
            ...(record_changeable === 'N' || record_id === '0' ? { locked: 'is managed by ALL-INKL itself' } : {}),
          })),
        };
      },
      async create(zone, { name, type, value }) {
        await act('add_dns_settings', { zone_host: `${zone.id}.`, record_type: type, record_name: hostOf(name, zone, ''), record_data: value, record_aux: '0' }, 'create a record');
        return undefined;
      },
      async update(_zone, { id, record_name, record_aux }, { value }) {
        await act('update_dns_settings', { record_id: id, record_name, record_data: value, record_aux }, 'change a record');
        return undefined;
      },
      async remove(_zone, { id }) {
        await act('delete_dns_settings', { record_id: id }, 'remove a record');
      },
      concurrency: 1,
    });
  },
});
