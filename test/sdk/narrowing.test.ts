/** Names a listing is narrowed to, records that are not for everybody, loose fields, and a form that is signed. */
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { keyOf, looseNumber, looseText, onlyHost, onlyName, reserved, Secret, signedForm } from '../../src/sdk/index.ts';
import { setFor } from '../../src/testing/stage.ts';

const key = (name: string, type: 'A' | 'AAAA' = 'A') => keyOf(setFor(name, type, []));

describe('the one name that is asked for', () => {
  it('both families of one name are one name', () => expect(onlyName([key('home.example.com'), key('home.example.com', 'AAAA')])).toBe('home.example.com'));
  it('several names are none', () => expect(onlyName([key('home.example.com'), key('shop.example.com')])).toBeUndefined());
  it('is written as the vendor does', () => {
    expect(onlyHost([key('home.example.com')], { name: 'example.com' }, '@')).toBe('home');
    expect(onlyHost([key('example.com')], { name: 'example.com' }, '@')).toBe('@');
    expect(onlyHost([], { name: 'example.com' }, '@')).toBeUndefined();
  });
});

describe('a record that must not be touched', () => {
  const check = (standing: Parameters<typeof reserved>[0], locked: string | undefined) => expect(reserved(standing).locked).toBe(locked);

  it('is any that is switched off', () => check({ disabled: true, line: 'default', everybody: ['default'] }, 'is disabled at the provider'));
  it('is one of a line', () => check({ disabled: false, line: '联通', everybody: ['默认'] }, 'answers visitors of the line 联通 only'));
  it.each(['默认', '', null, undefined])('is none for everybody: %s', (line) => check({ disabled: false, line, everybody: ['默认'] }, undefined));
});

describe('loose fields', () => {
  it('ids are text', () => expect([v.parse(looseText, 7), v.parse(looseText, '7')]).toEqual(['7', '7']));
  it('counts are numbers', () => expect([v.parse(looseNumber, 600), v.parse(looseNumber, '600')]).toEqual([600, 600]));
  it('words are no number', () => expect(v.is(looseNumber, 'auto')).toBe(false));
});

it('a signed form is in order, its names and values encoded, absent ones left out', () => {
  const form = signedForm({ ym: 'example.com', appid: 'testappid', zj: '*', ttl: undefined, gntime: 1618999596 }, new Secret('key'), (hash) => `gntoken=${hash.toUpperCase()}`);
  expect(form).toMatch(/^appid=testappid&gntime=1618999596&ym=example\.com&zj=%2A&gntoken=[0-9A-F]{32}$/);
});
