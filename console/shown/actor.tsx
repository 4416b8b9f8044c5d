import { useMessages } from '../messages/messages.tsx';
import { useSession } from '../session/session.tsx';

const SYSTEM = 'system:';
const OPERATOR = 'aws:';

/** Who did something: the reader, another user by the beginning of the token's subject, an operator, or a part of Onecharge. */
export function Actor({ actor }: { readonly actor: string }) {
  const { t } = useMessages();
  const { person } = useSession();
  if (actor === person.subject) return <>{t('actor.you', { name: person.name })}</>;
  if (actor.startsWith(SYSTEM)) return <>{t('actor.system', { part: actor.slice(SYSTEM.length) })}</>;
  if (actor.startsWith(OPERATOR)) return <span title={actor}>{t('actor.operator', { name: shortOf(actor) })}</span>;
  return <span title={actor}>{t('actor.person', { subject: actor.slice(0, 8) })}</span>;
}

/** The user or role of an AWS identity. */
function shortOf(operator: string): string {
  return operator.slice(operator.indexOf('/') + 1);
}
