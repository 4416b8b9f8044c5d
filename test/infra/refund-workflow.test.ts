import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawn, WORKFLOW_DOCUMENT, withDiagram, workflowDefinition } from './draw-workflow.ts';

const document = readFileSync(WORKFLOW_DOCUMENT, 'utf8');
const definition = workflowDefinition();
/** Choices only go where the task before them says: they are told with it. */
const listed = Object.entries(definition.States)
  .filter(([, { Type }]) => Type !== 'Choice')
  .map(([name]) => name);
const articles = new Map(
  [...document.matchAll(/^## `(\w+)`\n([\s\S]*?)(?=^## |$(?![\s\S]))/gm)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);

describe('docs/refund-workflow.md', () => {
  it('draws the workflow as it is deployed (else run: npx node test/infra/draw-workflow.ts)', () => {
    expect(document).toBe(withDiagram(document, definition));
  });

  it('would show another way through', () => {
    const { Grace, ...States } = definition.States;
    const shortcut = { ...definition, StartAt: 'Claim', States };
    expect(Grace?.Type).toBe('Wait');
    expect(withDiagram(document, shortcut)).not.toBe(document);
    expect(drawn(shortcut)).toContain('[*] --> Claim');
  });

  it('tells each state, and none that is not there', () => {
    expect([...articles.keys()].sort()).toEqual([...listed].sort());
  });

  it.each(listed)('says of %s what it does and why a crash is harmless', (name) => {
    for (const part of ['**Does.**', '**Crash.**']) expect(articles.get(name)).toContain(part);
  });
});
