import { createInterface } from 'node:readline/promises';
import { UserError } from '../core/user-error.ts';
import { type CallerIdentity, callerIdentity } from './caller-identity.ts';
import { LOCAL_STAGE, stackName } from './paths.ts';
import { type Deployment, findDeployment } from './stack.ts';

/** Options of every command that changes something. */
export interface ChangeOptions {
  readonly stage: string;
  readonly yes?: boolean | undefined;
}

export const YES = ['--yes', 'do not ask for the name of the stage, for scripts'] as const;

/** A deployment that the caller means to change, and who that is. */
export interface Changeable extends Deployment {
  readonly operator: string;
}

/** What asks the operator. */
export interface Terminal {
  readonly isThere: boolean;
  readonly ask: (question: string) => Promise<string>;
}

/**
 * Finds a deployment for a command that changes it. On AWS it shows account, region, stack and identity first, and asks for the
 * name of the stage: a forgotten AWS_PROFILE changes nothing.
 */
export async function openToChange({ stage, yes = false }: ChangeOptions): Promise<Changeable> {
  const deployment = await findDeployment(stage);
  const caller = await callerIdentity(deployment.aws);
  if (stage !== LOCAL_STAGE) {
    const region = await deployment.aws.dynamo.config.region();
    process.stderr.write(`${describeTarget({ stage, region, caller })}\n`);
    await confirmStage(stage, { yes, terminal: ofProcess() });
  }
  return { ...deployment, operator: caller.operator };
}

export function describeTarget({
  stage,
  region,
  caller: { accountId, userArn, operator },
}: {
  readonly stage: string;
  readonly region: string;
  readonly caller: CallerIdentity;
}): string {
  return [
    `account   ${accountId}`,
    `region    ${region}`,
    `stack     ${stackName(stage)}`,
    `identity  ${userArn}, on record as ${operator}`,
  ].join('\n');
}

/** @throws UserError where the operator does not confirm, or cannot be asked */
export async function confirmStage(
  stage: string,
  { yes, terminal }: { readonly yes: boolean; readonly terminal: Terminal },
): Promise<void> {
  if (yes) return;
  if (!terminal.isThere) {
    throw new UserError(
      `Nothing was changed: there is no terminal to confirm the stage ${stage}. Confirm it with --yes.`,
    );
  }
  const typed = await terminal.ask(`This changes the stage ${stage}. Type its name to go on: `);
  if (typed.trim() !== stage) throw new UserError(`Nothing was changed: that is not the name of the stage ${stage}.`);
}

function ofProcess(): Terminal {
  return {
    isThere: process.stdin.isTTY === true,
    ask: async (question) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await lines.question(question);
      } finally {
        lines.close();
      }
    },
  };
}
