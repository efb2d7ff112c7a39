/**
 * Netcup CCP: one address for all calls, a session, records by id, many in one call. https://ccp.netcup.net/run/webservice/servers/endpoint.php
 * Longer than most, because of the session, and because no call lists the domains: they are found by asking for one after the other.
 */
import * as v from 'valibot';
import {
  type Api,
  type ApiRequest,
  api,
  defineProvider,
  flatWalk,
  type HeldRecord,
  handedOut,
  hostOf,
  type Instead,
  json,
  nameOf,
  type Operation,
  onlyZone,
  recordsById,
  secret,
  text,
  type Zone,
  zonesOr,
} from '../../sdk/index.ts';

const Answer = v.object({ status: v.string(), statuscode: v.number(), shortmessage: v.optional(v.string(), ''), longmessage: v.optional(v.string(), '') });
const Session = v.object({ responsedata: v.object({ apisessionid: v.string() }) });
const ZoneAnswer = v.object({ responsedata: v.object({ name: v.string() }) });
const DnsRecord = v.object({ id: v.string(), hostname: v.string(), type: v.string(), priority: v.optional(v.unknown()), destination: v.string() });
const Records = v.object({ responsedata: v.object({ dnsrecords: v.array(DnsRecord) }) });

type Row = v.InferOutput<typeof DnsRecord>;
type Held = HeldRecord & { readonly row: Row };

/** What one operation asks for: with an id a record is changed, without one it is made. */
function rowOf(zone: Zone, operation: Operation<Held>): object {
  if (operation.kind === 'create') {
    const { name, type, value } = operation.record;
    return { hostname: hostOf(name, zone, '@'), type, priority: '0', destination: value, deleterecord: false };
  }
  const { row } = operation.record;
  return operation.kind === 'remove' ? { ...row, deleterecord: true } : { ...row, destination: operation.patch.value ?? row.destination, deleterecord: false };
}

export default defineProvider({
  api: 1,
  id: 'netcup',
  name: 'Netcup',
  reference: 'https://helpcenter.netcup.com/en/wiki/general/our-api',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'How many records one call may hold is not published: 500 are sent at most.',
    'That a call with a bad record changes none of the others is not confirmed.',
    'A domain below another of the same account is not looked for: name it as zone.',
  ],
  also: ['netcup CCP', 'netcup legacy API'],
  rate: { requests: 180, windowSeconds: 60, concurrent: 1 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed', batch: 500 },
  options: {
    customer: text('customer number', { example: '12345' }),
    key: secret('API key'),
    password: secret('API password'),
    zone: onlyZone(),
  },
  environment: { customer: ['NETCUP_CUSTOMER_NUMBER'], key: ['NETCUP_API_KEY'], password: ['NETCUP_API_PASSWORD'] },
  credentials:
    'In the customer control panel (https://www.customercontrolpanel.de) choose Master data, API: make a (legacy) API key there, and set the API password, of which an account has one. ' +
    'They may do everything the API can do, for all your domains. The TTL belongs to the whole zone and is 86400 s at first: lower it under Domains, DNS before you move. Netcup’s own name servers follow a change after some minutes.',
  open({ customer, key, password, zone, endpoint }, tools) {
    const vendor: Api = {
      base: 'https://ccp.netcup.net/run/webservice/servers',
      endpoint,
      words: (body) => (v.is(Answer, body) && body.status === 'error' ? { code: body.statuscode, message: `${body.shortmessage} ${body.longmessage}` } : undefined),
    };
    const tooMany = { match: /requests per minute/, kind: 'throttled', says: 'it was asked too often', waitSeconds: 60 } as const;
    const logIn = api(tools, {
      ...vendor,
      meanings: [
        { ...tooMany, hint: 'it says so to a wrong API key too: if this goes on, copy the key again, without a blank or line end' },
        {
          match: /^4/,
          kind: 'auth',
          says: 'it does not take this customer number, API key and API password together',
          hint: 'look them up under Master data, API; the API password is not that of the panel',
        },
        { match: /^/, kind: 'unavailable', says: 'it could not open a session' },
      ],
    });
    const ask = api(tools, {
      ...vendor,
      meanings: [
        tooMany,
        { match: /^4001 /, kind: 'unavailable', says: 'it does not know the session any more' },
        {
          match: /^(5028|5031) /,
          kind: 'refused',
          says: 'it has no zone of this name',
          hint: 'is the domain in this account, and does it use Netcup’s classic DNS? Zones of its newer CloudDNS cannot be reached this way',
        },
      ],
    });
    const post = (action: string, param: object): Pick<ApiRequest, 'method' | 'path' | 'json' | 'idempotent'> => ({
      method: 'POST',
      path: '/endpoint.php?JSON',
      json: { action, param: { customernumber: customer, apikey: key.reveal(), ...param } },
      idempotent: action !== 'updateDnsRecords',
    });
    const session = handedOut(tools, async () => {
      const request = { ...post('login', { apipassword: password.reveal() }), confidential: true, purpose: 'log in' };
      return (await logIn(request, json(Session))).responsedata.apisessionid;
    });
    const inSession = async <S extends v.GenericSchema>(action: string, param: object, purpose: string, schema: S, instead?: Instead<v.InferOutput<S>>) =>
      ask({ ...post(action, { apisessionid: await session(), ...param }), purpose }, json(schema), instead);
    const held = (zone: Zone, row: Row): Held => ({ id: row.id, name: nameOf(row.hostname, zone), type: row.type, value: row.destination, row });
    const change = async (zone: Zone, operations: readonly Operation<Held>[]): Promise<readonly (Held | undefined)[]> => {
      const dnsrecords = operations.map((operation) => rowOf(zone, operation));
      const answer = await inSession('updateDnsRecords', { domainname: zone.id, dnsrecordset: { dnsrecords } }, `change ${operations.length} records`, Records);
      const shown = answer.responsedata.dnsrecords.map((row) => held(zone, row));
      return operations.map((operation) => {
        if (operation.kind === 'remove') return undefined;
        const { id, name, type, value } = operation.kind === 'update' ? operation.record : { ...operation.record, id: undefined };
        return shown.find((one) => (id === undefined ? one.name === name && one.type === type && one.value === value : one.id === id));
      });
    };
    return {
      ...recordsById<Held>(tools, {
        zones: zonesOr(
          zone,
          flatWalk(async (name) => {
            const answer = await inSession('infoDnsZone', { domainname: name }, 'show a zone', v.nullable(ZoneAnswer), { match: /^5031 |^4013 .*domainname/, value: null });
            return answer === null ? undefined : { name: answer.responsedata.name.toLowerCase(), id: answer.responsedata.name };
          }),
        ),
        async list(zone) {
          const none = { responsedata: { dnsrecords: [] } };
          const { responsedata } = await inSession('infoDnsRecords', { domainname: zone.id }, 'list the records', Records, { match: /^5029 /, value: none });
          return { items: responsedata.dnsrecords.map((row) => held(zone, row)) };
        },
        create: async (zone, record) => (await change(zone, [{ kind: 'create', record }]))[0],
        update: async (zone, record, patch) => (await change(zone, [{ kind: 'update', record, patch }]))[0],
        async remove(zone, record) {
          await change(zone, [{ kind: 'remove', record }]);
        },
        concurrency: 1,
        batch: { size: 500, send: change },
      }),
      async close() {
        if (await session.made()) await inSession('logout', {}, 'log out', Answer);
      },
    };
  },
});
