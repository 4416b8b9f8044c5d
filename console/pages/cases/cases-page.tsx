import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useLocation, useSearch } from 'wouter';
import type { CaseView } from '../../../core/queries/views.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useTitle } from '../../shell/page.tsx';
import { usePreferences } from '../../shell/preferences.tsx';
import { Fault } from '../../shown/fault.tsx';
import { useCaseColumns } from './case-columns.tsx';
import { apiFilter, type CaseFilter, type CaseSort, filterOfSearch, searchOf, sortOfSearch } from './case-filter.ts';
import { CaseFilterField } from './case-filter-field.tsx';
import { CASE_COLUMNS, columnName } from './column-names.ts';
import { ExportButton } from './export-button.tsx';
import { useListPosition } from './list-position.ts';
import { SortSelect } from './sort-select.tsx';
import { type Confirmed, PAGE_SIZES, type TablePreferences, useTablePreferences } from './table-preferences.ts';
import { useCases } from './use-cases.ts';

/** Every case that the filter in the page's address lets through, newest first. */
export function CasesPage() {
  const { t } = useMessages();
  const { zone } = usePreferences();
  const [, navigate] = useLocation();
  useTitle(t('cases'));
  const search = useSearch();
  const [filter, sort] = [filterOfSearch(search), sortOfSearch(search)];
  const asked = apiFilter(filter, zone);
  const [table, setTable] = useTablePreferences();
  const position = useListPosition(addressOf(filter, sort), table.pageSize);
  const query = asked.kind === 'query' ? asked.query : undefined;
  const listed = query && { ...query, ...(sort === 'deadline' && { sort }) };
  const cases = useCases({ query: listed, cursor: position.cursor, pageSize: table.pageSize });
  const change = (next: CaseFilter, by: CaseSort = sort) => navigate(addressOf(next, by));

  return (
    <SpaceBetween size="m">
      {cases.error !== null && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      <Table<CaseView>
        variant="full-page"
        stickyHeader
        trackBy="id"
        items={cases.rows ?? []}
        columnDefinitions={useCaseColumns()}
        columnDisplay={table.columns.map((id) => ({ id, visible: true }))}
        wrapLines={table.wraps}
        loading={cases.isLoading && cases.rows === undefined}
        loadingText={t('loading')}
        empty={<NoCases isFiltered={Object.keys(filter).length > 0} onClear={() => change({})} />}
        header={
          <Header
            variant="h1"
            description={t('cases.description')}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {cases.waiting > 0 && (
                  <Button iconName="refresh" onClick={cases.showWaiting}>
                    {t('cases.waiting', { count: cases.waiting })}
                  </Button>
                )}
                <SortSelect sort={sort} onChange={(by) => change(filter, by)} />
                <ExportButton query={query} />
              </SpaceBetween>
            }
          >
            {t('cases')}
          </Header>
        }
        filter={
          <SpaceBetween size="xxs">
            <CaseFilterField filter={filter} onChange={change} />
            {asked.kind === 'problem' && (
              <Box color="text-status-error">{t(`cases.filter.problem.${asked.problem}`)}</Box>
            )}
          </SpaceBetween>
        }
        pagination={
          <Pagination
            currentPageIndex={position.page + 1}
            pagesCount={position.pagesKnown}
            openEnd={cases.nextCursor !== undefined || position.page + 1 < position.pagesKnown}
            onChange={({ detail }) => position.turnTo(detail.currentPageIndex - 1, cases.nextCursor)}
          />
        }
        preferences={<CasesPreferences table={table} onChange={setTable} />}
      />
    </SpaceBetween>
  );
}

function addressOf(filter: CaseFilter, sort: CaseSort): string {
  const search = searchOf(filter, sort);
  return search === '' ? '/cases' : `/cases?${search}`;
}

function CasesPreferences({
  table,
  onChange,
}: {
  readonly table: TablePreferences;
  readonly onChange: (confirmed: Confirmed) => void;
}) {
  const { t } = useMessages();
  const hidden = CASE_COLUMNS.filter((id) => !table.columns.includes(id));
  const contentDisplay = [
    ...table.columns.map((id) => ({ id, visible: true })),
    ...hidden.map((id) => ({ id, visible: false })),
  ];
  return (
    <CollectionPreferences
      title={t('cases.preferences')}
      preferences={{ pageSize: table.pageSize, wrapLines: table.wraps, contentDisplay }}
      pageSizePreference={{
        options: PAGE_SIZES.map((value) => ({ value, label: t('cases.pageSize', { count: value }) })),
      }}
      wrapLinesPreference={{}}
      contentDisplayPreference={{ options: CASE_COLUMNS.map((id) => ({ id, label: t(columnName(id)) })) }}
      onConfirm={({ detail }) => onChange(detail)}
    />
  );
}

function NoCases({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  const { t } = useMessages();
  return (
    <Box textAlign="center" color="inherit" margin={{ vertical: 'm' }}>
      <SpaceBetween size="s">
        <b>{t('cases.none')}</b>
        {isFiltered ? <Button onClick={onClear}>{t('cases.filter.clear')}</Button> : t('cases.none.yet')}
      </SpaceBetween>
    </Box>
  );
}
