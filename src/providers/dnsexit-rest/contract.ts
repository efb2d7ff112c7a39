/** DNSExit's JSON API over records in memory, and exchanges as its pages and recorded traffic show them. */
import { type Contract, fakeApi, holds, records, refuse, reply } from '../../testing/index.ts';

const KEY = '26Yr51YD8iF1K18VUkH9j37h8Fd37x';
const PAGE = 'https://dnsexit.com/dns/dns-api/';

type Line = { readonly type: string; readonly name: string; readonly content?: string; readonly ttl?: number };

const api = fakeApi({
  guard({ request }) {
    if (request.headers['apikey'] !== KEY) refuse(200, { code: 2, message: 'API Key Authentication Error' });
  },
  routes: {
    'POST /dns/'({ zone, json }) {
      const { domain, update = [], delete: gone = [] } = json();
      if (domain !== zone.name) refuse(200, { code: 3, message: 'Missing required definitions' });
      const details = update.map(({ type, name, content = '', ttl }: Line): string => {
        if (!holds(type, content)) refuse(200, { code: 3, message: `Missing required definitions: ${content}` });
        const [old, ...others] = records.of(zone, name, type);
        for (const { id } of others) records.remove(zone, id);
        const now = { value: content, ttl: ttl === undefined ? (old?.ttl ?? 28_800) : ttl * 60 };
        if (old) records.change(zone, old.id, now);
        else records.add(zone, { name, type, ...now });
        return `UPDATE Record ${type} ${name}. TTL(hh:mm) 08:00  IP   ${content}`;
      });
      for (const { type, name } of gone as readonly Line[]) records.put(zone, { name, type, values: [], ttl: 0 });
      return reply(200, { code: 0, details, message: 'Success' });
    },
  },
});

const write = { kind: 'write', name: 'example.com', type: 'A', values: ['1.1.1.10'] } as const;
const request = { method: 'POST', path: /^\/dns\/$/ } as const;

export const contract: Contract = {
  options: { key: KEY, zone: 'example.com' },
  secretOptions: ['key'],
  zone: 'example.com',
  api,
  budget: { one: 1, thousand: 10 },
  documented: [
    {
      title: 'an address is updated',
      page: PAGE,
      act: { ...write, ttl: 28_800 },
      request: { ...request, body: { domain: 'example.com', update: [{ type: 'A', name: 'example.com', content: '1.1.1.10', ttl: 480 }] } },
      reply: { status: 200, body: '{"code":0,"details":["UPDATE Record A example.com. TTL(hh:mm) 08:00  IP   1.1.1.10"],"message":"Success"}' },
      ends: 'ok',
    },
    {
      title: 'a type of record that is not supported',
      page: PAGE,
      act: write,
      request,
      reply: { status: 200, body: '{"code":6,"message":"JSON Defined Record Type not Supported"}' },
      ends: 'refused',
      fake: 'unasked',
    },
    { title: 'a part of it failed', page: PAGE, act: write, request, reply: { status: 200, body: '{"code":1,"message":"Some execution problems."}' }, ends: 'unavailable', fake: 'unasked' },
    { title: 'a wrong key', page: PAGE, act: write, request, reply: { status: 200, body: '{"code":2,"message":"API Key Authentication Error"}' }, ends: 'auth', fake: 'unasked' },
  ],
};
