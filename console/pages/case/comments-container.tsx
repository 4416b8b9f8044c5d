import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CommentView } from '../../../core/queries/comment-view.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { Actor } from '../../shown/actor.tsx';
import { useFaultText } from '../../shown/fault.tsx';

/** As the API bounds it. */
const COMMENT_LENGTH_MAX = 2_000;

interface CommentsContainerProps {
  readonly caseId: string;
  readonly comments: readonly CommentView[];
}

/** What people have said about the case; whoever may see it may say something. */
export function CommentsContainer({ caseId, comments }: CommentsContainerProps) {
  const { t, time } = useMessages();
  return (
    <Container header={<Header counter={`(${comments.length})`}>{t('comments')}</Header>}>
      <SpaceBetween size="m">
        {comments.length === 0 && <Box color="text-body-secondary">{t('comments.none')}</Box>}
        {comments.map(({ id, by, at, text }) => (
          <div key={id}>
            <Box color="text-body-secondary" fontSize="body-s">
              <Actor actor={by} /> · {time(at)}
            </Box>
            <div className="comment-text">{text}</div>
          </div>
        ))}
        <CommentForm caseId={caseId} />
      </SpaceBetween>
    </Container>
  );
}

function CommentForm({ caseId }: { readonly caseId: string }) {
  const { t } = useMessages();
  const { api } = useSession();
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const faultText = useFaultText();
  const send = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await api.post(`/cases/${caseId}/comments`, { text: text.trim() });
      setText('');
      await queries.invalidateQueries({ queryKey: ['case', caseId] });
    } catch (error) {
      setFault(error);
    }
    setBusy(false);
  };
  return (
    <SpaceBetween size="xs">
      <FormField label={t('comments.new')} stretch {...(fault !== undefined && { errorText: faultText(fault) })}>
        <Textarea value={text} rows={2} onChange={({ detail }) => setText(detail.value.slice(0, COMMENT_LENGTH_MAX))} />
      </FormField>
      <Button disabled={text.trim() === ''} loading={isBusy} onClick={() => void send()}>
        {t('comments.send')}
      </Button>
    </SpaceBetween>
  );
}
