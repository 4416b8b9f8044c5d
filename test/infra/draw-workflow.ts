import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { nameOf } from './granted.ts';
import { ROOT, resourcesOf, synthesize } from './synthesized.ts';

const TOKEN = '.waitForTaskToken';
/** What the document calls its diagram: from the fence to the fence. */
const DIAGRAM = /^```mermaid\n[\s\S]*?^```$/m;

const state = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('Wait'), SecondsPath: z.string(), Next: z.string() }),
  z.object({ Type: z.literal('Task'), Resource: z.string(), Next: z.string() }),
  z.object({
    Type: z.literal('Choice'),
    Choices: z.array(z.object({ StringEquals: z.string(), Next: z.string() })),
    Default: z.string(),
  }),
  z.object({ Type: z.literal('Succeed') }),
  z.object({ Type: z.literal('Fail') }),
]);
const machine = z.object({ StartAt: z.string(), States: z.record(z.string(), state) });
type State = z.infer<typeof state>;
export type WorkflowDefinition = z.infer<typeof machine>;

export const WORKFLOW_DOCUMENT = join(ROOT, 'docs', 'refund-workflow.md');

/** The workflow as it would be deployed. */
export function workflowDefinition(): WorkflowDefinition {
  const [, resource] = resourcesOf(synthesize('prod'), 'AWS::StepFunctions::StateMachine')[0] ?? [];
  return machine.parse(JSON.parse(nameOf(resource?.Properties.DefinitionString)));
}

/** The document with its diagram drawn anew; the prose is people's. */
export function withDiagram(document: string, definition: WorkflowDefinition): string {
  if (!DIAGRAM.test(document)) throw new Error('the document has no diagram to replace');
  return document.replace(DIAGRAM, () => `\`\`\`mermaid\n${drawn(definition)}\n\`\`\``);
}

/** A Mermaid state diagram, in the definition's order, so that the same workflow is always the same text. */
export function drawn({ StartAt, States }: WorkflowDefinition): string {
  const states = Object.entries(States);
  const lines = [
    ...states.map(([name, is]) => declared(name, is)),
    `[*] --> ${StartAt}`,
    ...states.flatMap(([name, is]) => arrows(name, is)),
  ];
  return ['stateDiagram-v2', ...lines.map((line) => `  ${line}`)].join('\n');
}

function declared(name: string, is: State): string {
  switch (is.Type) {
    case 'Wait':
      return `${name} : ${name} (waits ${is.SecondsPath.replace('$.', '')})`;
    case 'Task':
      return is.Resource.endsWith(TOKEN) ? `${name} : ${name} (until somebody answers)` : `${name} : ${name}`;
    case 'Choice':
      return `state ${name} <<choice>>`;
    case 'Succeed':
    case 'Fail':
      return `${name} : ${name}`;
  }
}

function arrows(name: string, is: State): readonly string[] {
  switch (is.Type) {
    case 'Wait':
    case 'Task':
      return [`${name} --> ${is.Next}`];
    case 'Choice':
      return [
        ...is.Choices.map(({ StringEquals, Next }) => `${name} --> ${Next} : ${StringEquals}`),
        `${name} --> ${is.Default} : otherwise`,
      ];
    case 'Succeed':
    case 'Fail':
      return [`${name} --> [*]`];
  }
}

if (import.meta.main) {
  const document = readFileSync(WORKFLOW_DOCUMENT, 'utf8');
  writeFileSync(WORKFLOW_DOCUMENT, withDiagram(document, workflowDefinition()));
}
