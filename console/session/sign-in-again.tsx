import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMessages } from '../messages/messages.tsx';
import type { Cognito } from './cognito.ts';
import type { Person } from './person.ts';
import { Explanation, SecretField, useSignIn } from './sign-in-form.tsx';

interface SignInAgainProps {
  readonly cognito: Cognito;
  /** The user who is signed in: no other can go on in their place. */
  readonly person: Person;
  readonly onSettled: (isSignedIn: boolean) => void;
  /** The session cannot go on. */
  readonly onEnd: () => void;
}

const FORM = 'sign-in-again';

/** Asks for password and code once more, because an act can move much money. */
export function SignInAgain({ cognito, person, onSettled, onEnd }: SignInAgainProps) {
  const { t } = useMessages();
  const settle = async (isSignedIn: boolean) => {
    const current = await cognito.current().catch(() => undefined);
    // A sign-in that was begun and cancelled has ended the one before it.
    if (current?.person.subject === person.subject) onSettled(isSignedIn);
    else onEnd();
  };
  const onSignedIn = () => settle(true);
  const onCancel = () => void settle(false);
  const { asked, secret, setSecret, fault, isBusy, submit } = useSignIn({ cognito, onSignedIn });
  return (
    <Modal
      visible
      onDismiss={onCancel}
      header={t('signIn.again')}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onCancel}>
              {t('cancel')}
            </Button>
            <Button variant="primary" form={FORM} formAction="submit" loading={isBusy}>
              {t('signIn.submit')}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event, person.name)}>
        <SpaceBetween size="m">
          <Box>{t('signIn.again.what', { name: person.name })}</Box>
          {fault !== undefined && <Alert type="error">{t(fault)}</Alert>}
          <Explanation asked={asked} />
          <SecretField asked={asked} secret={secret} onChange={setSecret} isFirst />
        </SpaceBetween>
      </form>
    </Modal>
  );
}
