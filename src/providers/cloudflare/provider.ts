/**
 * Cloudflare, through its official SDK. Three things the SDK cannot do are done around it: it would go on paging until an empty page (the
 * shape follows `result_info`), it hides what a broken reply was (every reply is checked before the SDK sees it), and it reads
 * `CLOUDFLARE_CUSTOM_HEADERS` from the environment (only the headers we mean are passed on).
 */
import { atEndpoint, defineProvider, Fault, flag, optional, recordsById, secret, text } from '../../sdk/index.ts';

export default defineProvider({
  api: 1,
  id: 'cloudflare',
  name: 'Cloudflare',
  reference: 'https://developers.cloudflare.com/api/resources/dns/subresources/records/',
  checked: '2026-11-22',
  evidence: 'official',
  // https://developers.cloudflare.com/fundamentals/api/reference/limits/
  rate: { requests: 1200, windowSeconds: 300, concurrent: 4 },
  can: { families: [4, 6], readable: true, wildcard: true, apex: true, values: 'many', ttl: { min: 60, max: 86_400, initial: 300 }, batch: 200 },
  options: {
    token: secret('API token with Zone > DNS > Edit and Zone > Zone > Read for the zone'),
    zone: optional(text('name of the zone, where the token can see others too', { example: 'example.com' })),
    zoneId: optional(text('id of the zone; together with zone no permission to read zones is needed', { pattern: /^[0-9a-f]{32}$/, must: 'must be 32 hex digits' })),
    proxied: optional(flag('create new records behind the Cloudflare proxy (existing ones stay as they are)'), false),
  },
  environment: { token: ['CLOUDFLARE_API_TOKEN', 'CF_DNS_API_TOKEN'] },
  credentials:
    'At https://dash.cloudflare.com/profile/api-tokens choose Create Token, then the template "Edit zone DNS", and under Zone Resources only the zone that holds your names. ' +
    'Do not set a client IP filter: your address changes.',
  async open({ token, zone, zoneId, proxied, endpoint }, tools) {
    if (!/^[\x21-\x7e]+$/.test(token.reveal())) {
      throw new Fault({ kind: 'auth', detail: 'the Cloudflare token is malformed: it is empty or holds blanks or other characters that no token has', hint: 'copy the token again' });
    }
    const { openCalls, zoneName } = await import('./calls.ts');
    const name = zone === undefined ? undefined : zoneName(zone);
    const calls = openCalls({ token, endpoint: atEndpoint('https://api.cloudflare.com/client/v4', endpoint), proxied, zone: name, zoneId }, tools);
    return recordsById(tools, {
      zones: name !== undefined && zoneId !== undefined ? { kind: 'given', zones: [{ name, id: zoneId }] } : { kind: 'list', list: calls.zones },
      list: calls.list,
      create: calls.create,
      update: calls.update,
      remove: calls.remove,
      batch: { size: 200, send: calls.batch },
    });
  },
});
