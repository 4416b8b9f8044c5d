import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { grantedTo, nameOf } from './granted.ts';
import { resourcesOf, synthesize } from './synthesized.ts';

const PAGE = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const prod = synthesize('prod', { gateway: 'stripe' });
const functionProperties = z.object({ Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }) });

/** What of a role's grants concerns money, by the columns of the page. */
const COLUMNS: readonly (readonly [column: string, grants: RegExp, says: string])[] = [
  ['charges', /^dynamodb:(PutItem|UpdateItem|DeleteItem|PartiQLInsert) DetectionCharges$/, 'writes'],
  ['cases', /^dynamodb:(PutItem|UpdateItem|DeleteItem) CasesTable$/, 'writes'],
  ['reservations', /^dynamodb:PutItem RefundsReservations$/, 'writes'],
  ['controls', /^dynamodb:(PutItem|UpdateItem|DeleteItem) RefundsControls$/, 'writes'],
  ['jobs', /^dynamodb:PutItem JobsTable$/, 'writes'],
  ['approvals', /^kms:GenerateMac RefundsApprovalKey$/, 'makes'],
  ['approvals', /^kms:VerifyMac RefundsApprovalKey$/, 'checks'],
  ['processors', /^secretsmanager:GetSecretValue .*processors\/wallet/, 'asks'],
  ['workflows', /^states:(StartExecution|SendTaskSuccess) /, 'drives'],
];
const NAMES = [...new Set(COLUMNS.map(([column]) => column))];

function rowOf(roleId: string): string {
  const granted = [...grantedTo(prod, roleId)];
  const cells = NAMES.map((name) => {
    const can = COLUMNS.filter(([column, grants]) => column === name && granted.some((grant) => grants.test(grant)));
    return can.map(([, , says]) => says).join(', ') || '-';
  });
  return cells.join(' | ');
}

it('the page says of each function’s role what it can do to money', () => {
  const computed = resourcesOf(prod, 'AWS::Lambda::Function').map(([id, { Properties }]) => {
    const [roleId] = functionProperties.parse(Properties).Role['Fn::GetAtt'];
    return `| \`${nameOf({ Ref: id })}\` | ${rowOf(roleId)} |`;
  });
  const head = `| function | ${NAMES.join(' | ')} |`;
  const [, table = ''] = PAGE.split(head);
  const listed = [...table.split('\n\n')[0]!.matchAll(/^\| `.+$/gm)].map(([row]) => row); // a page without the table has no rows
  expect(listed.sort()).toEqual(computed.sort());
});
