import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { isAllowed, licenceProblems } from './licences.ts';
import { locked, type Shipped, shippedByConsole, shippedByFunctions } from './shipped.ts';
import { ROOT } from './synthesized.ts';

/** Those who pass copies on keep the notices, and nothing else is asked of them. */
const SHIPPED_LICENCES = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'MIT', 'MIT-0', 'Unlicense'];
/** Tools run here and are not passed on; the Mozilla licence asks for the source of changed files alone. */
const TOOL_LICENCES = [...SHIPPED_LICENCES, 'BlueOak-1.0.0', 'ISC', 'MPL-2.0'];

let functions: readonly Shipped[] = [];
let console: readonly Shipped[] = [];
let notices = '';

beforeAll(async () => {
  functions = await shippedByFunctions();
  ({ shipped: console, notices } = await shippedByConsole());
}, 600_000);

describe('the licences', () => {
  it('of what is deployed ask for notices alone', () => {
    expect(functions.length).toBeGreaterThan(20);
    expect(console.length).toBeGreaterThan(20);
    expect(licenceProblems([...functions, ...console], SHIPPED_LICENCES)).toEqual([]);
  });

  it('of what the lock file installs are known', () => {
    expect(licenceProblems(locked(), TOOL_LICENCES)).toEqual([]);
  });

  it('are each the licence of some package', () => {
    const has = (licence: string, all: readonly { readonly license: string }[]) =>
      all.some(({ license }) => isAllowed(license, [licence]));
    expect(SHIPPED_LICENCES.filter((licence) => !has(licence, [...functions, ...console]))).toEqual([]);
    expect(TOOL_LICENCES.filter((licence) => !has(licence, locked()))).toEqual([]);
  });

  it('refuse what no list has, with the name of the package and what to do', () => {
    const refused = [
      { name: 'a', version: '1.0.0', license: 'GPL-3.0-only' },
      { name: 'b', version: '2.0.0', license: '' },
      { name: 'c', version: '3.0.0', license: 'MIT AND SSPL-1.0' },
      { name: 'd', version: '4.0.0', license: 'SEE LICENSE IN LICENSE.md' },
    ];
    const taken = [
      { name: 'e', version: '1.0.0', license: '(MIT OR GPL-3.0-or-later)' },
      { name: 'f', version: '1.0.0', license: 'MIT AND MIT-0' },
    ];
    const problems = licenceProblems([...refused, ...taken], SHIPPED_LICENCES);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['a@1.0.0', 'b@2.0.0', 'c@3.0.0', 'd@4.0.0']);
    expect(problems[0]).toBe(
      'a@1.0.0 is under GPL-3.0-only, which no list allows: take another package, or add the licence after a review (docs/decisions/1110-supply-chain.md)',
    );
  });
});

const sbom = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(
    z.object({ name: z.string(), version: z.string(), purl: z.string(), licenses: z.array(z.unknown()).min(1) }),
  ),
});

describe('the bill of materials', () => {
  it('has every package of which code is deployed', () => {
    const command = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
    const { components } = sbom.parse(
      JSON.parse(execFileSync('npm', command, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })),
    );
    const named = new Set(components.map(({ name, version }) => `${name}@${version}`));
    const missing = [...functions, ...console].filter(({ name, version }) => !named.has(`${name}@${version}`));
    expect(missing).toEqual([]);
  });
});

describe('the notices of the console', () => {
  it('name each package that is in it, with its version and licence', () => {
    const lines = new Set(notices.split('\n'));
    const missing = console.filter(({ name, version, license }) => !lines.has(`${name} ${version} (${license})`));
    expect(missing).toEqual([]);
  });

  it('have the texts of the licences, and what they require to be passed on', () => {
    expect(notices).toContain('Copyright (c) Meta Platforms, Inc. and affiliates.');
    expect(notices).toContain('Apache License');
    expect(notices).toContain('Amazon.com, Inc. or its affiliates');
  });
});
