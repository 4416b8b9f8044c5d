import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { ACKNOWLEDGED, type Acknowledged } from './acknowledged-findings.ts';
import { edgeStacks, serviceStack, VARIANTS, type Variant } from './synthesized.ts';

const PACKS = [AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks];
/** A reviewer reads each of them: a longer list hides what is in it. */
const ACKNOWLEDGED_MAX = 60;

interface Finding {
  readonly stage: string;
  readonly rule: string;
  /** The construct's path, with the stack named `service`, `console`, `firewall` or `console-logs`. */
  readonly at: string;
}

function findingsOf(variant: Variant): readonly Finding[] {
  const { stage } = variant;
  const service = serviceStack(variant);
  if (stage === 'prod') edgeStacks(service);
  const app = service.node.root;
  // The roles' policies are made while the app is synthesized.
  if (app instanceof App) app.synth();
  return PACKS.flatMap((Pack) => {
    const { violations } = new Pack().validateScope(app);
    return violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({ stage, rule: ruleName, at: placeOf(constructPath) })),
    );
  });
}

function placeOf(path: string): string {
  return path.replace(/^Onecharge-[a-z]+-([a-z-]+)\//, '$1/').replace(/^Onecharge-\w+\//, 'service/');
}

function covers({ rules, on, stage }: Acknowledged, { rule, at, stage: foundIn }: Finding): boolean {
  return at.startsWith(on) && (stage ?? foundIn) === foundIn && rules.some((one) => rule.startsWith(one));
}

const found = VARIANTS.map((variant) => ({ ...variant, findings: findingsOf(variant) }));

describe('the security packs', () => {
  it.each(found)('find nothing in $stage with $gateway that is not acknowledged', ({ findings }) => {
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.filter((finding) => !ACKNOWLEDGED.some((one) => covers(one, finding)))).toEqual([]);
  });

  it('still find what each acknowledgement names', () => {
    const all = found.flatMap(({ findings }) => findings);
    const stale = ACKNOWLEDGED.flatMap(({ rules, ...one }) =>
      rules.filter((rule) => !all.some((finding) => covers({ ...one, rules: [rule] }, finding))),
    );
    expect(stale).toEqual([]);
  });

  it('leave a list that can be read', () => {
    expect(ACKNOWLEDGED.length).toBeLessThanOrEqual(ACKNOWLEDGED_MAX);
    for (const { reason } of ACKNOWLEDGED) expect(reason).toMatch(/.{20,}\.$/);
  });
});
