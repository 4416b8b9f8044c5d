import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { type FormEvent, useState } from 'react';
import type { MessageKey } from '../messages/catalogue.ts';
import { useMessages } from '../messages/messages.tsx';
import type { Challenge, Cognito } from './cognito.ts';

type Asked = Exclude<Challenge, { kind: 'signed-in' }> | { readonly kind: 'password' };

interface SigningIn {
  readonly cognito: Cognito;
  readonly onSignedIn: () => Promise<void>;
}

/** The steps of a sign-in: the password, then what the user pool asks for, until the user is signed in. */
export function useSignIn({ cognito, onSignedIn }: SigningIn) {
  const [asked, setAsked] = useState<Asked>({ kind: 'password' });
  const [secret, setSecret] = useState('');
  const [fault, setFault] = useState<MessageKey>();
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent, name: string) {
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
  return { asked, secret, setSecret, fault, isBusy, submit };
}

export function Explanation({ asked }: { readonly asked: Asked }) {
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
  /** Where no name is asked for before it. */
  readonly isFirst?: boolean;
}

export function SecretField({ asked, secret, onChange, isFirst = false }: SecretFieldProps) {
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
        autoFocus={isFirst || asked.kind !== 'password'}
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
