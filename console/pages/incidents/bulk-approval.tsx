import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import type { IncidentView } from '../../../core/queries/incident-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { mayAct } from '../../session/person.ts';
import { useSession } from '../../session/session.tsx';
import { BulkModal } from './bulk-modal.tsx';

/** Approves at once what waits in an incident's cases: a night of a thousand holds must not take a thousand clicks. */
export function BulkApproval({ incident }: { readonly incident: IncidentView }) {
  const { t } = useMessages();
  const { person } = useSession();
  const [isAsked, setAsked] = useState(false);
  if (!mayAct(person, 'approver') || incident.totals.held === 0) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setAsked(true)}>
        {t('bulk.button')}
      </Button>
      {isAsked && <BulkModal incident={incident} onClose={() => setAsked(false)} />}
    </>
  );
}
