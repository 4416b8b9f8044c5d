import * as z from 'zod';
import { nameOf } from './granted.ts';
import { resourcesOf, type SynthesizedTemplate } from './synthesized.ts';

export const WRITES = /^dynamodb:(PutItem|UpdateItem|DeleteItem|BatchWriteItem|PartiQL\w+)$/;
const list = <Item extends z.ZodType>(item: Item) => z.union([z.array(item), item.transform((one) => [one])]);
export const rolePolicy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Action: list(z.string()),
        Resource: list(z.unknown()),
        Condition: z
          .object({ 'ForAllValues:StringLike': z.object({ 'dynamodb:LeadingKeys': list(z.string()) }).optional() })
          .optional(),
      }),
    ),
  }),
  Roles: z.array(z.object({ Ref: z.string() })),
});

/** Which role may write which keys of the Controls table; `*` where a grant names none. */
export function controlWriters(
  template: SynthesizedTemplate,
): readonly { readonly role: string; readonly keys: readonly string[] }[] {
  return resourcesOf(template, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => {
    const { PolicyDocument, Roles } = rolePolicy.parse(Properties);
    const keys = PolicyDocument.Statement.filter(
      ({ Action, Resource }) =>
        Action.some((action) => WRITES.test(action)) && Resource.some((on) => nameOf(on) === 'RefundsControls'),
    ).flatMap(({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? ['*']);
    return keys.length === 0
      ? []
      : Roles.map(({ Ref }) => ({ role: nameOf({ Ref }), keys: [...new Set(keys)].sort() }));
  });
}
