/** KAS: values as its SOAP writes them, and waits that it asks for. */
import { expect, it } from 'vitest';
import { contract } from '../../src/providers/allinkl/contract.ts';
import { readReturn } from '../../src/providers/allinkl/map.ts';
import provider from '../../src/providers/allinkl/provider.ts';
import { round, setFor, stage } from '../../src/testing/stage.ts';

it.each([
  ['a text', '<x><return xsi:type="xsd:string">a &amp; b &#39;c&#x27; &lt;d&gt;</return></x>', "a & b 'c' <d>"],
  ['an empty list', '<x><return xsi:type="SOAP-ENC:Array"/></x>', []],
  ['an empty map', '<x><return xsi:type="ns2:Map"></return></x>', {}],
  ['a map', '<return>\n<item><key>a</key><value>1</value></item> <item><key>b</key><value xsi:nil="true"/></item></return>', { a: '1', b: '' }],
  ['a list of maps', '<return><item><item><key>a</key><value>1</value></item></item><item><item><key>a</key><value>2</value></item></item></return>', [{ a: '1' }, { a: '2' }]],
  ['no return', '<x><value>1</value></x>', undefined],
  ['what is cut short', '<x><return><item><key>a</key><value>1</val', undefined],
  ['what is closed twice', '<return>1</return></x>', undefined],
] as const)('%s', (_which, xml, value) => {
  expect(readReturn(xml)).toEqual(value);
});

const fault = (code: string, detail: string) => ({ status: 500, headers: {}, body: `<E><faultstring>${code}</faultstring><detail>${detail}</detail></E>` });
const home = { name: 'home.example.com', type: 'A', value: '203.0.113.1', ttl: 60 };
const wanted = [setFor('home.example.com', 'A', ['198.51.100.4'])];

it('waits as long as every answer says before it asks again', async () => {
  const times: number[] = [];
  const on = stage(provider, contract, {
    records: [home],
    intercept: ({ deliver }) => {
      times.push(on.world.clock.elapsed());
      return deliver();
    },
  });
  expect((await round(await on.open({ cold: true }), wanted)).failures).toEqual([]);
  const [login = 0, domains = 0, records = 0, change = 0] = times;
  expect([domains - login, records - domains, change - records]).toEqual([0, 500, 500]);
});

it('asks again after a short wait when it was too fast, and not for ever', async () => {
  let floods = 2;
  const patient = stage(provider, contract, { records: [home], intercept: ({ index, deliver }) => (index >= 3 && floods-- > 0 ? Promise.resolve(fault('flood_protection', '0.07')) : deliver()) });
  expect((await round(await patient.open({ cold: true }), wanted)).failures).toEqual([]);
  const endless = stage(provider, contract, { records: [home], intercept: ({ index, deliver }) => (index >= 3 ? Promise.resolve(fault('flood_protection', '0.07')) : deliver()) });
  const { failures } = await round(await endless.open({ cold: true }), wanted);
  expect(failures[0]).toMatchObject({ kind: 'throttled', retryAfterSeconds: 1 });
  expect(endless.exchanges()).toBe(7);
});

it('a long block is a wait for a later round', async () => {
  const on = stage(provider, contract, { records: [home], intercept: ({ index, deliver }) => (index >= 2 ? Promise.resolve(fault('ip_blocked', '1800')) : deliver()) });
  const { failures } = await round(await on.open({ cold: true }), wanted);
  expect(failures[0]).toMatchObject({ kind: 'throttled', retryAfterSeconds: 1800 });
  expect(on.exchanges()).toBe(3);
});
