import * as z from 'zod';
import { bodyOf, type Deployed } from './deployed.ts';

/** What every reader of an alert relies on; new fields and new kinds may come. */
const alertSchema = z.looseObject({
  version: z.literal(1),
  alertId: z.string(),
  kind: z.string(),
  at: z.iso.datetime(),
  caseId: z.string().optional(),
});

/** What subscribers have got about one case, with the attributes that filter policies see. */
export async function alertsOf({ alerts }: Deployed, caseId: string) {
  const messages = (await alerts.all()).map((message) => ({
    alert: bodyOf(alertSchema, message),
    attributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
    ),
  }));
  // A topic keeps no order; these kinds are said in the order of the alphabet.
  return messages
    .filter(({ alert }) => alert.caseId === caseId)
    .toSorted((a, b) => a.alert.kind.localeCompare(b.alert.kind));
}
