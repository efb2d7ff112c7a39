/**
 * Reg.ru: records are added and removed by what they say. Longer than most, because success outside may hide a refusal inside, and refusals have
 * many words. https://www.reg.ru/reseller/api2doc
 */
import * as v from 'valibot';
import { api, defineProvider, hostOf, json, LOOK_AGAIN_SECONDS, nameOf, onlyZone, type Reader, recordsByValue, secret, text, zonesOr } from '../../sdk/index.ts';

const answer = <const Entries extends v.ObjectEntries>(entries: Entries) => v.object({ result: v.literal('success'), answer: v.object(entries) });
const Services = answer({ services: v.nullish(v.array(v.object({ dname: v.nullish(v.string()) }))) });
const Records = answer({ domains: v.array(v.object({ rrs: v.nullish(v.array(v.object({ subname: v.string(), rectype: v.string(), content: v.string() }))) })) });
const Done = answer({ domains: v.array(v.object({ result: v.literal('success') })) });
const No = v.object({ result: v.literal('error'), error_code: v.nullish(v.string()), error_text: v.nullish(v.string()) });
const Refusal = v.union([No, v.object({ answer: v.object({ domains: v.array(v.unknown()) }) })]);

export default defineProvider({
  api: 1,
  id: 'regru',
  name: 'Reg.ru',
  reference: 'https://www.reg.ru/reseller/api2doc',
  checked: '2026-11-22',
  evidence: 'documented',
  unverified: [
    'Error words other than NO_AUTH, NO_DOMAIN and ACCESS_DENIED_FROM_IP are what other programs know.',
    'How many requests an hour are allowed is not published where we looked.',
    'What is answered to a record that exists already is not known.',
  ],
  also: ['reg.com'],
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: 'fixed' },
  options: {
    username: text('log-in name', { example: 'me@example.com' }),
    password: secret('password of the log-in, or better the one for the API'),
    zone: onlyZone(),
  },
  environment: { username: ['REGRU_USERNAME'], password: ['REGRU_PASSWORD'] },
  credentials:
    'At https://www.reg.ru/user/account/#/settings/api/ switch the API on, set an alternative password for it, and enter the networks that may use it: your address changes, so they must hold every ' +
    'address you may get. The domain must use ns1.reg.ru and ns2.reg.ru. The API may do everything in the account.',
  open({ username, password, zone, endpoint }, tools) {
    const ask = api(tools, {
      base: 'https://api.reg.ru/api/regru2',
      endpoint,
      words(body) {
        if (!v.is(Refusal, body)) return undefined;
        const no = 'answer' in body ? body.answer.domains.find((domain): domain is v.InferOutput<typeof No> => v.is(No, domain)) : body;
        return no && { code: no.error_code ?? 'error', message: no.error_text ?? '' };
      },
      meanings: [
        {
          match: /^ACCESS_DENIED_FROM_IP/,
          kind: 'auth',
          says: 'this address may not use the API (ACCESS_DENIED_FROM_IP)',
          hint: 'your address changes: enter networks in the API settings that hold every address you may get',
        },
        {
          match: /^(NO_AUTH|INVALID_AUTH|PASSWORD_AUTH_FAILED|NO_USERNAME|NO_SUCH_USER|INVALID_CREDENTIALS|ACCESS_DENIED)/,
          kind: 'auth',
          says: 'it does not know this log-in, or the API is switched off for it',
        },
        { match: /^(EXCEEDED_ALLOWED_CONNECTION_RATE|IP_EXCEEDED|ACCOUNT_EXCEEDED|.*LIMIT)/, kind: 'throttled', waitSeconds: 3600 },
        { match: /^(INTERNAL_API_ERROR|SYSTEM_ERROR|SERVICE_UNAVAILABLE)/, kind: 'unavailable' },
        { match: /^(NO_DOMAIN|DOMAIN_NOT_FOUND|DOMAIN_BAD_NAME|DOMAIN_IS_NOT_USE_REGRU_NSS|RR_.*)/, kind: 'refused', lookAgainSeconds: LOOK_AGAIN_SECONDS },
      ],
    });
    const operation = <T>(name: string, input: object, purpose: string, reader: Reader<T>, idempotent = false) =>
      ask(
        {
          method: 'POST',
          path: `/${name}`,
          form: { username, password: password.reveal(), input_format: 'json', output_format: 'json', io_encoding: 'utf8', input_data: JSON.stringify(input) },
          purpose,
          idempotent,
        },
        reader,
      );
    return recordsByValue(tools, {
      zones: zonesOr(zone, {
        kind: 'list',
        async list() {
          const { services } = (await operation('service/get_list', { servtype: 'domain' }, 'list the domains', json(Services), true)).answer;
          return { items: (services ?? []).flatMap(({ dname }) => (dname ? [{ name: dname.toLowerCase(), id: dname }] : [])) };
        },
      }),
      async list(zone) {
        const { domains } = (await operation('zone/get_resource_records', { domains: [{ dname: zone.id }] }, 'list the records', json(Records), true)).answer;
        const shown = domains.flatMap(({ rrs }) => rrs ?? []);
        return { items: shown.map(({ subname, rectype, content }, at) => ({ id: String(at), name: nameOf(subname, zone), type: rectype, value: content })) };
      },
      async add(zone, records) {
        for (const { name, type, value } of records) {
          const input = { domains: [{ dname: zone.id }], subdomain: hostOf(name, zone, '@'), ipaddr: value };
          await operation(type === 'A' ? 'zone/add_alias' : 'zone/add_aaaa', input, 'add a record', json(Done));
        }
      },
      async remove(zone, records) {
        for (const { name, type, value } of records) {
          const input = { domains: [{ dname: zone.id }], subdomain: hostOf(name, zone, '@'), record_type: type, content: value };
          await operation('zone/remove_record', input, 'remove a record', json(Done));
        }
      },
      size: 1,
    });
  },
});
