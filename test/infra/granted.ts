import * as z from 'zod';
import { resourcesOf, type SynthesizedTemplate } from './synthesized.ts';

const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.union([item, z.array(item)]).transform((given) => [given].flat() as z.output<Item>[]);
const policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({ Effect: z.string(), Action: oneOrMore(z.string()), Resource: oneOrMore(z.unknown()) }),
    ),
  }),
  Roles: z.array(z.object({ Ref: z.string() })),
});
const reference = z.object({ Ref: z.string() });
const attribute = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) });
const joined = z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) });

/** Every `<action> <resource>` that a role is granted, by the policies attached to it. */
export function grantedTo(template: SynthesizedTemplate, roleId: string): ReadonlySet<string> {
  const granted = new Set<string>();
  for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    const { PolicyDocument, Roles } = policy.parse(Properties);
    if (!Roles.some(({ Ref }) => Ref === roleId)) continue;
    for (const { Action, Resource } of PolicyDocument.Statement) {
      for (const action of Action) for (const on of Resource) granted.add(`${action} ${nameOf(on)}`);
    }
  }
  return granted;
}

/** A resource as a reader knows it: its place in the stack without the hash, and what was appended to its name. */
export function nameOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const byReference = reference.safeParse(resource);
  if (byReference.success) return withoutHash(byReference.data.Ref);
  const byAttribute = attribute.safeParse(resource);
  if (byAttribute.success) {
    const [id, name] = byAttribute.data['Fn::GetAtt'];
    return name === 'Arn' ? withoutHash(id) : `${withoutHash(id)}.${name}`;
  }
  return joined.parse(resource)['Fn::Join'][1].map(nameOf).join('');
}

function withoutHash(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}
