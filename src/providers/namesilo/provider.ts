/** NameSilo: one record per value, every call a GET with the key in its query; longer than most because its answers are XML as well as JSON. https://www.namesilo.com/api-reference#dns/dns-list-records */
import * as v from 'valibot';
import { api, defineProvider, hostOf, json, LOOK_AGAIN_SECONDS, looseNumber, onlyZone, type Reader, recordsById, secret, zonesOr } from '../../sdk/index.ts';
import { fromXml } from './xml.ts';

/** One entry may stand alone, without a list around it. */
const many = <const S extends v.GenericSchema>(one: S) =>
  v.pipe(
    v.union([v.array(one), one, v.null(), v.undefined()]),
    v.transform((found): readonly v.InferOutput<S>[] => (Array.isArray(found) ? found : found == null ? [] : [found])),
  );
const reply = <const Entries extends v.ObjectEntries>(entries: Entries) => v.object({ reply: v.object({ code: looseNumber, ...entries }) });
const Domain = v.union([v.string(), v.object({ domain: v.union([v.string(), v.array(v.string())]) })]);
const Domains = reply({ domains: v.optional(many(Domain)), pager: v.optional(v.object({ total: looseNumber, pageSize: looseNumber, page: looseNumber })) });
const Records = reply({ resource_record: v.optional(many(v.object({ record_id: v.string(), type: v.string(), host: v.string(), value: v.string(), ttl: v.nullish(looseNumber) }))) });
const Written = reply({ record_id: v.string() });
const Refusal = v.object({ reply: v.object({ code: looseNumber, detail: v.nullish(v.unknown()) }) });

/** The same in either form. */
const inEither = <T>(reader: Reader<T>): Reader<T> => ({
  ...reader,
  read(reply) {
    const value = fromXml(reply.body);
    return reader.read(value === undefined ? reply : { ...reply, body: JSON.stringify(value) });
  },
});

export default defineProvider({
  api: 1,
  id: 'namesilo',
  name: 'NameSilo',
  reference: 'https://www.namesilo.com/api-reference#dns/dns-list-records',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'The vendor shows its answers as XML; their JSON form, which is asked for, is what other programs read. Either is understood.',
    'The words for a record that exists already are known from one other program.',
    'Changes are said to be published about every 15 minutes.',
    'How many calls are allowed is not published; other programs advise about one in a second, so calls go one after the other.',
  ],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 3600, max: 2_592_000, initial: 7207 } },
  options: {
    key: secret('API key that is not for reading only'),
    zone: onlyZone(),
  },
  environment: { key: ['NAMESILO_API_KEY'] },
  credentials:
    'At https://www.namesilo.com/account/api-manager generate a key; leave "read only" unticked. A key is good for the whole account and is not said to expire. ' +
    'If you limit keys to addresses there, your next address will be refused: leave that list empty. Sub-accounts have no API.',
  open({ key, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://www.namesilo.com/api',
      endpoint,
      words(body) {
        const said = typeof body === 'string' ? fromXml(body) : body;
        return v.is(Refusal, said) && String(said.reply.code) !== '300' ? { code: said.reply.code, message: String(said.reply.detail ?? '') } : undefined;
      },
      meanings: [
        { match: /^113\b/, kind: 'auth', says: 'this address may not use the key (113)', hint: 'your address changes: empty the list of allowed addresses in the API manager' },
        { match: /^112\b/, kind: 'auth', says: 'sub-accounts have no API (112)', hint: 'use a key of the main account' },
        { match: /^(109|110|111|116)\b/, kind: 'auth', says: 'it does not know this key' },
        { match: /^(115|201)\b/, kind: 'unavailable' },
        { match: /^200\b/, kind: 'refused', says: 'the domain is not active, or not in this account (200)', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    /** Calls that change something are GET too, so which may be repeated is said for each. */
    const operation = <T>(name: string, query: Readonly<Record<string, string | number | undefined>>, how: { readonly purpose: string; readonly idempotent: boolean }, reader: Reader<T>, same?: T) =>
      ask(
        { path: `/${name}`, query: { version: 1, type: 'json', key: key.reveal(), ...query }, ...how },
        inEither(reader),
        same === undefined ? undefined : { match: /^280\b.*(already exists|duplicate)/i, value: same },
      );
    return recordsById(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list(cursor) {
          const { domains = [], pager } = (await operation('listDomains', { page: cursor }, { purpose: 'list the domains', idempotent: true }, json(Domains))).reply;
          const names = domains.flatMap((one) => (typeof one === 'string' ? one : one.domain));
          const next = pager && pager.page * pager.pageSize < pager.total ? pager.page + 1 : undefined;
          return { items: names.flatMap((name) => (name === '' ? [] : [{ name: name.toLowerCase(), id: name }])), next, total: pager?.total };
        },
      }),
      async list({ id }) {
        const { resource_record = [] } = (await operation('dnsListRecords', { domain: id }, { purpose: 'list the records', idempotent: true }, json(Records))).reply;
        return { items: resource_record.map(({ record_id, type, host, value, ttl }) => ({ id: record_id, type, name: host, value, ...(ttl ? { ttl } : {}) })) };
      },
      async create({ id, name }, record) {
        const query = { domain: id, rrtype: record.type, rrhost: hostOf(record.name, { name }, ''), rrvalue: record.value, rrttl: record.ttl };
        const exists = { reply: { code: 300, record_id: '' } };
        const { record_id } = (await operation('dnsAddRecord', query, { purpose: 'add a record', idempotent: false }, json(Written), exists)).reply;
        return record_id === '' ? undefined : { id: record_id, ...record, ttl: record.ttl ?? 7207 };
      },
      async update({ id, name }, record, { value = record.value, ttl = record.ttl }) {
        const query = { domain: id, rrid: record.id, rrhost: hostOf(record.name.toLowerCase(), { name }, ''), rrvalue: value, rrttl: ttl };
        const { record_id } = (await operation('dnsUpdateRecord', query, { purpose: 'change a record', idempotent: false }, json(Written))).reply;
        return { ...record, id: record_id, value, ...(ttl === undefined ? {} : { ttl }) };
      },
      async remove({ id }, { id: rrid }) {
        await operation('dnsDeleteRecord', { domain: id, rrid }, { purpose: 'remove a record', idempotent: false }, json(reply({})));
      },
      concurrency: 1,
    });
  },
});
