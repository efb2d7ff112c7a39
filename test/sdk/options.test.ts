/** Options carry what docs and config check need to know of them. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { choice, describeOptions, flag, group, kindOf, list, map, number, optional, secret, secrets, text, url } from '../../src/sdk/options.ts';

const entries = {
  token: secret('API token'),
  zone: optional(text('zone id', { pattern: /^[0-9a-f]+$/, must: 'must be hex', example: 'abc123' })),
  endpoint: optional(url('where the API is', { example: 'https://api.example' })),
  port: optional(number('port', { min: 1, max: 65535 }), 53),
  tcp: optional(flag('always TCP'), false),
  method: optional(choice('method', ['GET', 'POST']), 'GET'),
  reload: optional(list('command')),
  headers: optional(map('headers')),
  hidden: optional(secrets('headers that are secret')),
  key: group('TSIG key', { name: text('its name'), secret: secret('base64') }),
};

test('an option tells its name, kind, description, default, words and parts', () => {
  const described = Object.fromEntries(describeOptions(entries).map((option) => [option.name, option]));
  expect(described).toMatchObject({
    token: { kind: 'secret', description: 'API token', required: true },
    zone: { kind: 'text', description: 'zone id', required: false, example: 'abc123' },
    endpoint: { kind: 'url', required: false, example: 'https://api.example' },
    port: { kind: 'number', required: false, default: 53 },
    tcp: { kind: 'flag', default: false },
    method: { kind: 'choice', words: ['GET', 'POST'], default: 'GET' },
    reload: { kind: 'list' },
    headers: { kind: 'map' },
    hidden: { kind: 'secrets' },
    key: {
      kind: 'group',
      required: true,
      options: [
        { name: 'name', kind: 'text' },
        { name: 'secret', kind: 'secret', description: 'base64' },
      ],
    },
  });
  expect(kindOf(entries.zone)).toBe('text');
});

test.each([
  ['token', 'as text', false],
  ['token', new Secret('s'), true],
  ['token', { reveal: (): string => 's' }, true],
  ['zone', 'xyz', false],
  ['zone', 'abc', true],
  ['zone', undefined, true],
  ['endpoint', 'ftp://x', false],
  ['endpoint', 'https://user:pass@x', false],
  ['endpoint', 'http://127.0.0.1:8080/x', true],
  ['port', 0, false],
  ['port', 1.5, false],
  ['port', '53', false],
  ['method', 'PUT', false],
  ['key', { name: 'k', secret: new Secret('s') }, true],
  ['key', { name: 'k', secret: new Secret('s'), more: 1 }, false],
] as const)('%s accepts %s: %s', (name, value, good) => {
  expect(v.safeParse(entries[name], value).success).toBe(good);
});
