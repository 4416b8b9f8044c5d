import DatePicker from '@cloudscape-design/components/date-picker';
import PropertyFilter, { type PropertyFilterProps } from '@cloudscape-design/components/property-filter';
import type { MessageKey } from '../../messages/catalogue.ts';
import { useMessages } from '../../messages/messages.tsx';
import { type CaseFilter, filterOf, tokensOf } from './case-filter.ts';

interface CaseFilterFieldProps {
  readonly filter: CaseFilter;
  readonly onChange: (filter: CaseFilter) => void;
}

const EQUALITIES = ['status', 'merchant', 'payer', 'order', 'charge', 'source', 'detector', 'currency'] as const;

/** The table's filter: each condition is one that the API answers from an index, so all of them must hold. */
export function CaseFilterField({ filter, onChange }: CaseFilterFieldProps) {
  const { t } = useMessages();
  const named = (key: string, name: MessageKey, operators: PropertyFilterProps.FilteringProperty['operators']) => ({
    key,
    propertyLabel: t(name),
    groupValuesLabel: t('cases.filter.values', { property: t(name) }),
    ...(operators !== undefined && { operators }),
  });
  return (
    <PropertyFilter
      query={{ operation: 'and', tokens: [...tokensOf(filter)] }}
      onChange={({ detail }) =>
        onChange(
          filterOf(
            detail.tokens.map(({ propertyKey = '', operator, value }) => ({
              propertyKey,
              operator,
              value: String(value),
            })),
          ),
        )
      }
      filteringProperties={[
        ...EQUALITIES.map((name) => named(name, `cases.filter.${name}`, ['='])),
        named('opened', 'cases.filter.opened', [
          { operator: '>=', form: Day, format: (value) => String(value) },
          { operator: '<=', form: Day, format: (value) => String(value) },
        ]),
        named('amount', 'cases.filter.amount', ['>=', '<=']),
      ]}
      filteringOptions={[
        { propertyKey: 'status', value: 'open', label: t('case.open') },
        { propertyKey: 'status', value: 'resolved', label: t('case.resolved') },
      ]}
      filteringPlaceholder={t('cases.filter.placeholder')}
      filteringAriaLabel={t('cases.filter.placeholder')}
      hideOperations
      disableFreeTextFiltering
      expandToViewport
    />
  );
}

function Day({ value, onChange }: PropertyFilterProps.ExtendedOperatorFormProps<string>) {
  const { t } = useMessages();
  return (
    <DatePicker
      value={value ?? ''}
      onChange={({ detail }) => onChange(detail.value)}
      placeholder="YYYY/MM/DD"
      ariaLabel={t('cases.filter.opened')}
    />
  );
}
