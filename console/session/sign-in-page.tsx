import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useMessages } from '../messages/messages.tsx';
import { PreferencesMenu } from '../shell/preferences-menu.tsx';
import type { Cognito } from './cognito.ts';
import { Explanation, SecretField, useSignIn } from './sign-in-form.tsx';

/** Why a session ended that the user did not end: the API no longer knew the token, or the user did not act. */
export type SessionEnd = 'expired' | 'idle';

interface SignInPageProps {
  readonly cognito: Cognito;
  readonly ended: SessionEnd | undefined;
  readonly onSignedIn: () => Promise<void>;
}

export function SignInPage({ cognito, ended, onSignedIn }: SignInPageProps) {
  const { t } = useMessages();
  const [name, setName] = useState('');
  const { asked, secret, setSecret, fault, isBusy, submit } = useSignIn({ cognito, onSignedIn });
  return (
    <main className="sign-in">
      <form onSubmit={(event) => void submit(event, name)}>
        <Container
          header={
            <Header variant="h1" description={t('signIn.description')} actions={<PreferencesMenu />}>
              Onecharge
            </Header>
          }
        >
          <Form
            actions={
              <Button variant="primary" loading={isBusy}>
                {t('signIn.submit')}
              </Button>
            }
          >
            <SpaceBetween size="l">
              {ended !== undefined && fault === undefined && <Alert type="info">{t(`signIn.${ended}`)}</Alert>}
              {fault !== undefined && <Alert type="error">{t(fault)}</Alert>}
              {asked.kind === 'password' && (
                <FormField label={t('signIn.name')}>
                  <Input
                    value={name}
                    onChange={({ detail }) => setName(detail.value)}
                    autoComplete="username"
                    autoFocus
                  />
                </FormField>
              )}
              <Explanation asked={asked} />
              <SecretField asked={asked} secret={secret} onChange={setSecret} />
            </SpaceBetween>
          </Form>
        </Container>
      </form>
    </main>
  );
}
