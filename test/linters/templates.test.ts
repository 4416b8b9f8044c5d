import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ensureVenv } from '../../local/venv.ts';
import { everyTemplate } from '../infra/synthesized.ts';
import { SUPPRESSED, type Suppressed } from './suppressed.ts';

const LINTERS = { name: 'cfn-lint and checkov', file: join(import.meta.dirname, 'requirements.txt') };
/** A reviewer reads each of them. */
const SUPPRESSED_MAX = 20;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Finding {
  readonly linter: Suppressed['linter'];
  readonly template: string;
  readonly rule: string;
  readonly resource: string;
  readonly message: string;
}

const folder = mkdtempSync(join(tmpdir(), 'onecharge-templates-'));
const templates = everyTemplate();
const findings: Finding[] = [];
let checked = 0;

beforeAll(async () => {
  const python = await ensureVenv(LINTERS, () => {});
  for (const { name, whole } of templates) writeFileSync(join(folder, `${name}.json`), JSON.stringify(whole));
  const [cfnLint, checkov] = await Promise.all([runCfnLint(python), runCheckov(python)]);
  findings.push(...cfnLint, ...checkov);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both end with an exit code of their own where they find something: what they print is the answer. */
function run(python: string, args: readonly string[]): Promise<unknown> {
  // Neither may take a setting from the folder it is called in, nor an identity of AWS.
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const env = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
  return new Promise((resolve, reject) => {
    execFile(python, args, { cwd: home, env, maxBuffer: OUTPUT_BYTES_MAX }, (_error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout));
      } catch {
        reject(new Error(`${args.join(' ')} printed no JSON: ${stdout.slice(0, 500)} ${stderr.slice(-1_000)}`));
      }
    });
  });
}

const cfnLintOutput = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullable() }),
  }),
);

async function runCfnLint(python: string): Promise<readonly Finding[]> {
  const files = templates.map(({ name }) => join(folder, `${name}.json`));
  const main = 'import sys; from cfnlint.runner import main; sys.exit(main())';
  const output = cfnLintOutput.parse(await run(python, ['-c', main, '--format', 'json', '--template', ...files]));
  return output.map(({ Filename, Message, Rule, Location }) => ({
    linter: 'cfn-lint',
    template: nameOf(Filename),
    rule: Rule.Id,
    resource: String(Location.Path?.[1] ?? ''),
    message: Message,
  }));
}

const checkovOutput = z.object({
  results: z.object({
    failed_checks: z.array(
      z.object({ check_id: z.string(), check_name: z.string(), file_path: z.string(), resource: z.string() }),
    ),
  }),
  summary: z.object({ passed: z.number(), parsing_errors: z.literal(0) }),
});

async function runCheckov(python: string): Promise<readonly Finding[]> {
  const how = ['--framework', 'cloudformation', '--skip-download', '--quiet', '--compact', '--output', 'json'];
  const { results, summary } = checkovOutput.parse(await run(python, ['-m', 'checkov.main', '-d', folder, ...how]));
  checked = summary.passed;
  return results.failed_checks.map(({ check_id, check_name, file_path, resource }) => ({
    linter: 'checkov',
    template: nameOf(file_path),
    rule: check_id,
    resource: resource.split('.').at(-1) ?? '',
    message: check_name,
  }));
}

function nameOf(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.json$/, '');
}

function covers({ linter, rule, on }: Suppressed, finding: Finding): boolean {
  if (finding.linter !== linter || finding.rule !== rule) return false;
  return on === undefined || on.some((prefix) => finding.resource.startsWith(prefix));
}

describe('the linters of templates', () => {
  it('check every template', () => {
    expect(checked).toBeGreaterThan(100 * templates.length);
  });

  it.each(templates)('find nothing in $name that is not suppressed with a reason', ({ name }) => {
    const open = findings.filter((one) => one.template === name && !SUPPRESSED.some((known) => covers(known, one)));
    expect(open).toEqual([]);
  });

  it('still find what each suppression names, on each resource', () => {
    const each = SUPPRESSED.flatMap(({ on, ...one }) =>
      on === undefined ? [one] : on.map((prefix) => ({ ...one, on: [prefix] })),
    );
    expect(each.filter((one) => !findings.some((finding) => covers(one, finding)))).toEqual([]);
  });

  it('leave a list that can be read', () => {
    expect(SUPPRESSED.length).toBeLessThanOrEqual(SUPPRESSED_MAX);
    for (const { reason } of SUPPRESSED) expect(reason).toMatch(/.{20,}\.$/);
  });
});
