import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { playCase } from '../../../scenario/playback/play-case.ts';
import {
  CASES_FOLDER,
  differencesOf,
  expectedIn,
  MODES,
  type Mode,
  readCases,
} from '../../fixtures/case-expectation.ts';

/** Cases that are not right yet, with the rule that each one lacks. The list only shrinks: a case in it that is right fails. */
const UNBUILT = {
  case22: 'adjustments',
};
const NOT_YET: { readonly [mode in Mode]: Readonly<Record<string, string>> } = {
  unattested: UNBUILT,
  attested: UNBUILT,
};

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
    const differences = differencesOf(result, right, copies);
    if (name in NOT_YET[mode]) {
      expect(differences, `${name} is right now: take it off NOT_YET.${mode}`).not.toEqual([]);
    } else expect(differences).toEqual([]);
  });

  it('judges each case that is not right yet', () => {
    expect(Object.keys(NOT_YET[mode]).filter((name) => !judged.some((each) => each.name === name))).toEqual([]);
  });
});
