import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { useNotices } from '../../shell/notices.tsx';
import { useFaultText } from '../../shown/fault.tsx';

/** Saves what proves the case, as one file that others can check without us. */
export function EvidenceButton({ caseId }: { readonly caseId: string }) {
  const { t } = useMessages();
  const { api } = useSession();
  const { notify } = useNotices();
  const faultText = useFaultText();
  const [isBusy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const evidence = await api.get<object>(`/cases/${caseId}/evidence`);
      saveFile(`evidence-${caseId}.json`, JSON.stringify(evidence, undefined, 2));
    } catch (error) {
      notify({ type: 'error', content: t('evidence.fault', { reason: faultText(error) }) });
    }
    setBusy(false);
  };
  return (
    <Button iconName="download" loading={isBusy} onClick={() => void save()}>
      {t('evidence')}
    </Button>
  );
}

function saveFile(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
