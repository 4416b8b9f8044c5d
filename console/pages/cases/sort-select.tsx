import Select from '@cloudscape-design/components/select';
import { useMessages } from '../../messages/messages.tsx';
import { type CaseSort, SORTS } from './case-filter.ts';

interface SortSelectProps {
  readonly sort: CaseSort;
  readonly onChange: (sort: CaseSort) => void;
}

export function SortSelect({ sort, onChange }: SortSelectProps) {
  const { t } = useMessages();
  const options = SORTS.map((value) => ({ value, label: t(`cases.sort.${value}`) }));
  return (
    <Select
      ariaLabel={t('cases.sort')}
      options={options}
      selectedOption={options.find(({ value }) => value === sort) ?? null}
      onChange={({ detail }) => onChange(SORTS.find((one) => one === detail.selectedOption.value) ?? sort)}
    />
  );
}
