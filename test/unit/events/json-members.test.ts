import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineOf, repeatedMember } from '../../../core/events/json-members.ts';
import { bytesOf } from '../../fixtures/wire-events.ts';

/** A JSON value as it is written: an object may have two members of one name. */
type Written =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Written[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Written])[] };

const NAMES = ['a', 'b', 'amount', '__proto__', 'constructor', '', '"', '\\', ':', '{"a":1}', 'é', '\u2028'] as const;

/** Names of few kinds meet often. The same name is now written plainly, now by escapes. */
const written = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.jsonValue({ maxDepth: 0 }).map((value) => ({ kind: 'plain', text: JSON.stringify(value) }) as const),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => ({ kind: 'list', items }) as const),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 4 })
      .map((members) => ({ kind: 'object', members }) as const),
  ),
})).value;

const style = fc.record({ space: fc.constantFrom('', ' ', '\n\t', '\r\n  '), escapes: fc.boolean() });
type Style = { readonly space: string; readonly escapes: boolean };

function textOf(value: Written, { space, escapes }: Style): string {
  if (value.kind === 'plain') return value.text;
  if (value.kind === 'list')
    return `[${value.items.map((item) => textOf(item, { space, escapes })).join(`${space},`)}]`;
  const members = value.members.map(([name, member], at) => {
    const token = escapes && at % 2 === 0 ? escaped(name) : JSON.stringify(name);
    return `${space}${token}${space}:${space}${textOf(member, { space, escapes })}`;
  });
  return `{${members.join(`${space},`)}${space}}`;
}

function escaped(name: string): string {
  const codes = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at).toString(16).padStart(4, '0'));
  return `"${codes.map((code) => `\\u${code}`).join('')}"`;
}

function repeats(value: Written): boolean {
  if (value.kind === 'plain') return false;
  if (value.kind === 'list') return value.items.some(repeats);
  const names = value.members.map(([name]) => name);
  return new Set(names).size < names.length || value.members.some(([, member]) => repeats(member));
}

function repeatedIn(text: string): string | undefined {
  return repeatedMember(text, JSON.parse(text), outlineOf(bytesOf(text)));
}

describe('a JSON text', () => {
  it('repeats a name exactly if an object of it was written with one twice', () => {
    fc.assert(
      fc.property(written, style, (value, how) => {
        const text = textOf(value, how);
        expect(repeatedIn(text) !== undefined).toBe(repeats(value));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['amount', '{"amount":1,"amount":1}'],
    ['data.amount', '{"data":{"amount":1,"\\u0061mount":2}}'],
    ['data.items.1.x', '{"data":{"items":[{"x":1,"y":[1,2]},{"x":1,"x":[]}]}}'],
    ['b', '{"a":{"b":1},"b":"{","b":","}'],
    ['""', '{"":1,"":2}'],
    ['data.****1111', '{"data":{"4111111111111111":1,"4111111111111111":2}}'],
  ])('repeats %s in %s', (path, text) => {
    expect(repeatedIn(text)).toBe(path);
  });

  it('repeats no name that V8 takes for another one', () => {
    JSON.parse('{"h":[],"\\\\":0}');
    const text = '{"h":1,"\\"":2,"\\\\":3}';
    expect(repeatedIn(text)).toBeUndefined();
    expect(repeatedIn('{"h":1,"\\u0061":2,"a":3}')).toBe('a');
  });

  it('nests too deeply beyond 64 levels', () => {
    const nested = (levels: number) => bytesOf(`${'['.repeat(levels)}"[[["${']'.repeat(levels)}`);
    expect(outlineOf(nested(64)).isTooDeep).toBe(false);
    expect(outlineOf(nested(65)).isTooDeep).toBe(true);
  });
});
