import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { MUTANTS } from './mutants/mutants.ts';

const EVENTS = 40;
/** Rare meetings take rare seeds; most mutants fall within a dozen. */
const SEEDS_MAX = 2_000;
const table: string[] = [];

it('every rule that is taken away is in the docs', () => {
  const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8');
  const listed = [...page.matchAll(/^\| (.+) \| .+ \| \d+ \|$/gm)].map(([, rule]) => rule);
  expect(listed.sort()).toEqual(MUTANTS.map(({ rule }) => rule).sort());
});

describe('the simulator notices when a rule of the design is taken away', () => {
  afterEach(() => {
    vi.resetModules();
  });
  afterAll(() => console.log(['seeds  caught as, without the rule', ...table].join('\n')));

  it.each(MUTANTS.map((mutant) => [mutant.rule, mutant] as const))('%s', async (rule, mutant) => {
    vi.resetModules();
    const path = mutant.kind === 'module' ? fileURLToPath(new URL(`../../${mutant.path}`, import.meta.url)) : undefined;
    if (mutant.kind === 'module' && path !== undefined) {
      vi.doMock(path, async (importOriginal) => mutant.replace(await importOriginal()));
    }
    const { simulate } = await import('./simulation.ts');
    const wraps = mutant.kind === 'store' ? { charges: mutant.wrap } : {};
    let caught: string | undefined;
    let seed = 0;
    while (caught === undefined && seed < SEEDS_MAX) {
      const { broken } = await simulate({ seed: ++seed, events: EVENTS, wraps, attacker: mutant.attacker });
      caught = broken?.promise;
    }
    if (path !== undefined) vi.doUnmock(path);
    table.push(`${String(seed).padStart(5)}  ${caught}: ${rule}`);
    expect(caught).toBeDefined();
  });
});
