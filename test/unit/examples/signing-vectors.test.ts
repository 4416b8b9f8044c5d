import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSigningKey } from '../../../adapters/crypto/signing-key.ts';
import { parseEvent } from '../../../core/events/parse-event.ts';
import { createSignatures } from '../../../core/events/signatures.ts';
import { SIGNED_FIELDS } from '../../../core/events/signing.ts';
import { signedRules } from '../../fixtures/signing.ts';

const FOLDER = new URL('../../../examples/signing/', import.meta.url);
const text = z.string();
const vectorsSchema = z.object({
  stage: text,
  arrivedAt: text,
  keys: z.array(z.object({ id: text, source: text, key: text, notAfter: text.optional() })),
  valid: z.array(z.object({ name: text, event: text })),
  refused: z.array(z.object({ name: text, event: text, reason: text, detail: text.optional() })),
});
const fileOf = (name: string) => new URL(name, FOLDER).pathname;
const { stage, arrivedAt, keys, valid, refused } = vectorsSchema.parse(
  JSON.parse(readFileSync(fileOf('vectors.json'), 'utf8')),
);
const ring = new Map(
  keys.map(({ id, source, key, notAfter }) => {
    const notAfterMs = notAfter === undefined ? undefined : Date.parse(notAfter);
    return [id, createSigningKey({ id, stage, source, notAfterMs, key: Buffer.from(key, 'base64') })];
  }),
);
const rules = { ...signedRules(), signatures: createSignatures(ring) };
const read = (event: string) => parseEvent(Buffer.from(event), Date.parse(arrivedAt), rules);

/** A compiler that starts on a busy machine takes its time. */
const SLOW_MS = 300_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onecharge-signing-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the vectors', () => {
  it.each(valid)('are authentic: $name', ({ event }) => {
    expect(read(event)).toMatchObject({ kind: 'event' });
  });

  it.each(refused)('are refused: $name', ({ event, reason, detail = expect.any(String) }) => {
    expect(read(event)).toMatchObject({ kind: 'rejected', reason, detail });
  });

  it('have an event of each type and every field', () => {
    const events = valid.map(({ event }) => JSON.parse(event));
    expect(new Set(events.map(({ type }) => type)).size).toBe(7);
    const fields = new Set(events.flatMap((event) => fieldsOf(event).map((line) => line.split('\t')[0])));
    expect([...fields].sort()).toEqual([...SIGNED_FIELDS, 'sigkid', 'stage'].sort());
  });
});

describe('the example signers', () => {
  it.each([
    ['TypeScript', process.execPath, 'sign.ts'],
    ['Python', 'python3', 'sign.py'],
  ])(
    'in %s make the signatures of the vectors',
    (_, command, program) => {
      const { stdout, stderr } = spawnSync(command, [fileOf(program), '--check', fileOf('vectors.json')], ENCODED);
      expect({ lines: stdout.trim().split('\n'), stderr }).toEqual({
        lines: valid.map(({ name }) => `ok ${name}`),
        stderr: '',
      });
    },
    SLOW_MS,
  );

  it.each([
    ['TypeScript', process.execPath, 'sign.ts'],
    ['Python', 'python3', 'sign.py'],
  ])(
    'in %s sign the lines of a file',
    (_, command, program) => {
      const keyFile = join(folder, `${program}.key.json`);
      const [{ id = '', key = '' } = {}] = keys;
      writeFileSync(keyFile, JSON.stringify({ keys: { [id]: { key } } }));
      const signed = valid.filter(({ event }) => JSON.parse(event).sigkid === id);
      const input = signed.map(({ event }) => {
        const { sigkid: _id, sig: _sig, ...unsigned } = JSON.parse(event);
        return `${JSON.stringify(unsigned)}\n`;
      });
      const call = [fileOf(program), '--key-id', id, '--stage', stage, keyFile];
      const { stdout, stderr } = spawnSync(command, call, { ...ENCODED, input: input.join('') });
      const made = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).sig);
      expect({ made, stderr }).toEqual({ made: signed.map(({ event }) => JSON.parse(event).sig), stderr: '' });
    },
    SLOW_MS,
  );

  it.each(keys)(
    'in Java make the signatures of the key $id',
    ({ id, key }) => {
      const keyFile = join(folder, `${id}.base64`);
      writeFileSync(keyFile, key);
      const events = valid.map(({ event }) => JSON.parse(event)).filter(({ sigkid }) => sigkid === id);
      const input = events.map((event) => `${fieldsOf(event).join('\n')}\n\n`).join('');
      const { stdout, stderr } = spawnSync('java', [fileOf('Sign.java'), keyFile], { ...ENCODED, input });
      expect({ made: stdout.split('\n').filter((line) => line !== ''), stderr }).toEqual({
        made: events.map(({ sig }) => sig),
        stderr: '',
      });
    },
    SLOW_MS,
  );
});

const ENCODED = { encoding: 'utf8' } as const;

/** The documented fields of an event as the Java signer takes them from a connector's objects. */
function fieldsOf(event: Readonly<Record<string, unknown>>): readonly string[] {
  const documented = SIGNED_FIELDS.flatMap((path): readonly (readonly [string, unknown])[] => {
    const value = path
      .split('.')
      .reduce<unknown>((inner, name) => (inner as Readonly<Record<string, unknown>> | null | undefined)?.[name], event);
    return value === undefined || value === null ? [] : [[path, value]];
  });
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n' };
  return [...documented, ['stage', stage] as const, ['sigkid', event.sigkid] as const].map(
    ([name, value]) => `${name}\t${String(value).replace(/[\\\t\n]/g, (each) => escapes[each] ?? each)}`,
  );
}
