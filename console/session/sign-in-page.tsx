import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type FormEvent, useState } from 'react';
import type { MessageKey } from '../messages/catalogue.ts';
import { useMessages } from '../messages/messages.tsx';
import { PreferencesMenu } from '../shell/preferences-menu.tsx';
import type { Challenge, Cognito } from './cognito.ts';

/** Why a session ended that the user did not end: the API no longer knew the token, or the user did not act. */
export type SessionEnd = 'expired' | 'idle';

interface SignInPageProps {
  readonly cognito: Cognito;
  readonly ended: SessionEnd | undefined;
  readonly onSignedIn: () => Promise<void>;
}

type Asked = Exclude<Challenge, { kind: 'signed-in' }> | { readonly kind: 'password' };

export function SignInPage({ cognito, ended, onSignedIn }: SignInPageProps) {
  const { t } = useMessages();
  const [asked, setAsked] = useState<Asked>({ kind: 'password' });
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [fault, setFault] = useState<MessageKey>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      const next = await (asked.kind === 'password' ? cognito.signIn(name, secret) : cognito.answer(secret));
      setSecret('');
      if (next.kind === 'signed-in') await onSignedIn();
      else setAsked(next);
    } catch (error) {
      setFault(faultOf(error));
    }
    setBusy(false);
  }

  return (
    <main className="sign-in">
      <form onSubmit={submit}>
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

function Explanation({ asked }: { readonly asked: Asked }) {
  const { t } = useMessages();
  switch (asked.kind) {
    case 'new-password':
      return <Alert type="info">{t('signIn.newPassword.hint')}</Alert>;
    case 'totp-setup':
      return (
        <Alert type="info">
          {t('signIn.totpSetup.how')}
          <Box variant="code">{asked.secret}</Box>
        </Alert>
      );
    case 'unknown':
      return <Alert type="error">{t('signIn.unknownStep', { step: asked.step })}</Alert>;
    default:
      return null;
  }
}

interface SecretFieldProps {
  readonly asked: Asked;
  readonly secret: string;
  readonly onChange: (secret: string) => void;
}

function SecretField({ asked, secret, onChange }: SecretFieldProps) {
  const { t } = useMessages();
  if (asked.kind === 'unknown') return null;
  const isCode = asked.kind === 'totp' || asked.kind === 'totp-setup';
  const isNew = asked.kind === 'new-password';
  return (
    <FormField
      // A field of its own for each step: browsers must not fill the old password into the new one.
      key={asked.kind}
      label={t(isCode ? 'signIn.code' : isNew ? 'signIn.newPassword' : 'signIn.password')}
      {...(isNew && { constraintText: t('signIn.newPassword.rule') })}
    >
      <Input
        value={secret}
        type={isCode ? 'text' : 'password'}
        inputMode={isCode ? 'numeric' : 'text'}
        autoComplete={isCode ? 'one-time-code' : isNew ? 'new-password' : 'current-password'}
        autoFocus={asked.kind !== 'password'}
        onChange={({ detail }) => onChange(detail.value)}
      />
    </FormField>
  );
}

/** What Cognito calls its refusals. It does not say whether the name or the password is wrong, and neither do we. */
function faultOf(error: unknown): MessageKey {
  switch (error instanceof Error ? error.name : '') {
    case 'NotAuthorizedException':
    case 'UserNotFoundException':
    case 'EmptySignInUsername':
    case 'EmptySignInPassword':
      return 'signIn.fault.wrong';
    case 'CodeMismatchException':
    case 'EnableSoftwareTokenMFAException':
      return 'signIn.fault.code';
    case 'InvalidPasswordException':
      return 'signIn.fault.weak';
    case 'LimitExceededException':
    case 'TooManyRequestsException':
      return 'signIn.fault.tooMany';
    default:
      return 'signIn.fault.unreachable';
  }
}
