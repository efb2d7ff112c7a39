/** 1cloud.ru: one record per value, listed with the domains they belong to. https://1cloud.ru/api/dns */
import * as v from 'valibot';
import { anyJson, api, defineProvider, type HeldRecord, hostOf, json, LOOK_AGAIN_SECONDS, looseText, nameOf, recordsById, secret, type Zone } from '../../sdk/index.ts';

const Line = v.object({ ID: looseText, TypeRecord: v.string(), HostName: v.nullish(v.string(), ''), IP: v.nullish(v.string(), '') });
const Domain = v.object({ ID: looseText, Name: v.string() });
const Records = v.object({ LinkedRecords: v.nullish(v.array(Line), []) });
const Refusal = v.object({ Message: v.string(), ModelState: v.optional(v.unknown()) });

export default defineProvider({
  api: 1,
  id: 'onecloud',
  name: '1cloud.ru',
  reference: 'https://1cloud.ru/api/dns',
  checked: '2026-11-22',
  evidence: 'unverified',
  unverified: [
    'Paths and fields are those that other programs use; no answer of the vendor for an address was seen.',
    'A record’s host is taken to be written as @, or without the domain, or in full: all three were seen.',
    'Whether TTLs are told and taken in the same unit is not known, so that they are left to the vendor.',
  ],
  also: ['1cloud'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: { token: secret('API key of the account') },
  environment: { token: ['ONECLOUD_API_TOKEN', 'ONECLOUD_TOKEN'] },
  credentials: 'At https://panel.1cloud.ru open the settings, API, switch it on and copy the key. It may do all that the account may, and cannot be limited to DNS.',
  open({ token, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.1cloud.ru/dns',
      endpoint,
      headers: { authorization: `Bearer ${token.reveal()}` },
      words: (body, { status }) => (status >= 400 && v.is(Refusal, body) ? { message: `${body.Message} ${body.ModelState === undefined ? '' : JSON.stringify(body.ModelState)}` } : undefined),
      meanings: [{ match: /domain.*not (found|active)/i, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS }],
    });
    /** Outside of the zone it is of, a host is relative to it. */
    const full = (host: string, zone: Zone): string => (host.toLowerCase().endsWith(`.${zone.name}`) ? host.toLowerCase() : nameOf(host, zone));
    const held = (zone: Zone, { ID, TypeRecord, HostName, IP }: v.InferOutput<typeof Line>): HeldRecord => ({ id: ID, type: TypeRecord, name: full(HostName ?? '', zone), value: IP ?? '' });
    const body = (zone: Zone, { name, value }: Pick<HeldRecord, 'name' | 'value'>) => ({ DomainId: zone.id, Name: hostOf(name.toLowerCase(), zone, '@'), IP: value });
    const at = (type: string, id = ''): string => `/record${type.toLowerCase()}${id}`;
    return recordsById(tools, {
      zones: {
        kind: 'list',
        async list() {
          const domains = await ask({ path: '', purpose: 'list the domains' }, json(v.array(Domain)));
          return { items: domains.map(({ ID, Name }) => ({ name: Name.toLowerCase().replace(/\.$/, ''), id: ID })) };
        },
      },
      async list(zone) {
        const { LinkedRecords } = await ask({ path: `/${encodeURIComponent(zone.id)}`, purpose: 'list the records' }, json(Records));
        return { items: (LinkedRecords ?? []).map((line) => held(zone, line)) };
      },
      create: async (zone, record) => held(zone, await ask({ method: 'POST', path: at(record.type), json: body(zone, record), purpose: 'create a record' }, json(Line))),
      async update(zone, record, { value = record.value }) {
        const request = { method: 'PUT', path: at(record.type, `/${encodeURIComponent(record.id)}`), json: body(zone, { ...record, value }), purpose: 'change a record' } as const;
        return held(zone, await ask(request, json(Line)));
      },
      remove: (zone, { id }) => ask({ method: 'DELETE', path: `/${encodeURIComponent(zone.id)}/${encodeURIComponent(id)}`, purpose: 'remove a record' }, { ...anyJson, absent: () => undefined }),
    });
  },
});
