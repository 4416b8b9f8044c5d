import { describe, expect, it } from 'vitest';
import { fill } from '../../../console/messages/catalogue.ts';
import { chinese } from '../../../console/messages/chinese.ts';
import { english } from '../../../console/messages/english.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe('the catalogues', () => {
  it('say the same things in the same order', () => {
    expect(Object.keys(chinese)).toEqual(Object.keys(english));
  });

  it.each(Object.entries(english))('%s is said in both languages with the same values', (key, text) => {
    const translated = Object.entries(chinese).find(([name]) => name === key)?.[1] ?? '';
    expect(text.trim()).not.toBe('');
    expect(translated.trim()).not.toBe('');
    expect(placeholders(translated)).toEqual(placeholders(text));
  });

  it('have nothing left in English in the Chinese one but names', () => {
    const same = Object.entries(chinese).filter(([key, text]) =>
      Object.entries(english).some(([k, t]) => k === key && t === text),
    );
    expect(same).toEqual([]);
  });
});

describe('a text', () => {
  it('gets its values by name', () => {
    expect(fill('{unresolved} of {flags} open', { flags: 3, unresolved: 1 })).toBe('1 of 3 open');
  });

  it('takes a value as it is, whatever it looks like', () => {
    expect(fill('{a}', { a: '{b} $&', b: 'no' })).toBe('{b} $&');
  });
});
