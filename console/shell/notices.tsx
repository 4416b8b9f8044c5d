import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { useMessages } from '../messages/messages.tsx';

type Notice = Pick<FlashbarProps.MessageDefinition, 'type' | 'content' | 'header'>;

interface Notices {
  readonly items: readonly FlashbarProps.MessageDefinition[];
  notify(notice: Notice): void;
}

/** The newest are enough: a notice says what has just happened. */
const NOTICES_MAX = 5;
const NoticesContext = createContext<Notices | undefined>(undefined);

export function useNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (notices === undefined) throw new Error('bug: no notices around this');
  return notices;
}

/** What was done and how it ended, above whatever page is shown, until the reader closes it. */
export function NoticesProvider({ children }: { readonly children: ReactNode }) {
  const { t } = useMessages();
  const [items, setItems] = useState<readonly FlashbarProps.MessageDefinition[]>([]);
  const notify = useCallback(
    (notice: Notice) => {
      const id = crypto.randomUUID();
      const onDismiss = () => setItems((now) => now.filter((item) => item.id !== id));
      const closing = { dismissible: true, dismissLabel: t('close'), onDismiss };
      setItems((now) => [{ ...notice, ...closing, id }, ...now].slice(0, NOTICES_MAX));
    },
    [t],
  );
  const notices = useMemo(() => ({ items, notify }), [items, notify]);
  return <NoticesContext.Provider value={notices}>{children}</NoticesContext.Provider>;
}
