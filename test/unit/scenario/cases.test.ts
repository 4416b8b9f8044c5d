import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playCase } from '../../../scenario/playback/play-case.ts';
import { CASES_FOLDER, differencesOf, expectedIn, MODES, readCases } from '../../fixtures/case-expectation.ts';

const cases = readCases();

describe('the fixtures', () => {
  it('have one expectation for each event file', () => {
    const files = readdirSync(CASES_FOLDER).filter((file) => file.endsWith('.ndjson'));
    expect(files.map((file) => file.replace('.ndjson', ''))).toEqual([...cases.keys()]);
    expect(cases.size).toBe(37);
  });

  it('allow no automatic refund without attestations', () => {
    const refunding = [...cases].filter(([, { unattested }]) =>
      Object.values(unattested.charges).some((allowed) => allowed.includes('refunded')),
    );
    expect(refunding.map(([name]) => name)).toEqual([]);
  });
});

describe.each(MODES)('%s', (mode) => {
  const judged = [...cases].flatMap(([name, expected]) => {
    const right = expectedIn(mode, expected);
    return right === undefined ? [] : [{ name, right, ...expected }];
  });

  it.each(judged)('$name: $story', async ({ name, right, copies }) => {
    const settings = { isAttested: mode === 'attested', configFile: undefined };
    const result = await playCase(join(CASES_FOLDER, `${name}.ndjson`), settings);
    expect(differencesOf(result, right, copies)).toEqual([]);
  });
});
