/** A verdict as people read it. */
import { expect, it } from 'vitest';
import { sentence } from '../src/commands/verify.ts';

it('ends what is to be done next once, be it a question or not', () => {
  const verdict = { kind: 'unpublished', words: 'not published because the disk is full' } as const;
  expect(sentence(verdict)).toBe('Not published because the disk is full.');
  expect(sentence({ ...verdict, next: 'make room' })).toBe('Not published because the disk is full.\nNext: make room.');
  expect(sentence({ ...verdict, next: 'is there room?' })).toBe('Not published because the disk is full.\nNext: is there room?');
});
