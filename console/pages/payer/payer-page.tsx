import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type FormEvent, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useMessages } from '../../messages/messages.tsx';
import { Page } from '../../shell/page.tsx';
import { PayerAnswer } from './payer-answer.tsx';
import { BY, type By, type Lookup, lookupOf, searchOf } from './payer-lookup.ts';

/** What a support desk may tell a payer who calls: by order, or by charge. */
export function PayerPage() {
  const { t } = useMessages();
  const asked = lookupOf(useSearch());
  return (
    <Page
      title={t('payer')}
      header={
        <Header variant="h1" description={t('payer.description')}>
          {t('payer')}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <LookupForm key={searchOf(asked)} asked={asked} />
        {asked.first !== '' && asked.second !== '' ? (
          <PayerAnswer asked={asked} />
        ) : (
          <Alert type="info">{t('payer.how')}</Alert>
        )}
      </SpaceBetween>
    </Page>
  );
}

function LookupForm({ asked }: { readonly asked: Lookup }) {
  const { t } = useMessages();
  const [, navigate] = useLocation();
  const [form, setForm] = useState(asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate(`/payers?${searchOf({ ...form, first: form.first.trim(), second: form.second.trim() })}`);
  };
  return (
    <form onSubmit={submit}>
      <Container>
        <SpaceBetween size="m">
          <SegmentedControl
            label={t('payer.by')}
            selectedId={form.by}
            options={BY.map((id) => ({ id, text: t(`payer.by.${id}`) }))}
            onChange={({ detail }) => setForm({ ...form, by: BY.find((by) => by === detail.selectedId) ?? form.by })}
          />
          <Grid gridDefinition={[{ colspan: 5 }, { colspan: 5 }, { colspan: 2 }]}>
            <Field by={form.by} part="first" value={form.first} onChange={(first) => setForm({ ...form, first })} />
            <Field by={form.by} part="second" value={form.second} onChange={(second) => setForm({ ...form, second })} />
            <div className="beside-field">
              <Button variant="primary" disabled={form.first.trim() === '' || form.second.trim() === ''}>
                {t('payer.look')}
              </Button>
            </div>
          </Grid>
        </SpaceBetween>
      </Container>
    </form>
  );
}

interface FieldProps {
  readonly by: By;
  readonly part: 'first' | 'second';
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ by, part, value, onChange }: FieldProps) {
  const { t } = useMessages();
  return (
    <FormField label={t(`payer.${by}.${part}`)}>
      <Input value={value} onChange={({ detail }) => onChange(detail.value)} />
    </FormField>
  );
}
