import { useMessages } from '../messages/messages.tsx';
import { useSession } from '../session/session.tsx';

const SYSTEM = 'system:';

/** Who did something: the reader, another person by the beginning of the token's subject, or a part of Onecharge. */
export function Actor({ actor }: { readonly actor: string }) {
  const { t } = useMessages();
  const { person } = useSession();
  if (actor === person.subject) return <>{t('actor.you', { name: person.name })}</>;
  if (actor.startsWith(SYSTEM)) return <>{t('actor.system', { part: actor.slice(SYSTEM.length) })}</>;
  return <span title={actor}>{t('actor.person', { subject: actor.slice(0, 8) })}</span>;
}
