import BarChart from '@cloudscape-design/components/bar-chart';
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import LineChart from '@cloudscape-design/components/line-chart';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Statistics } from '../../api/answers.ts';
import { useMessages } from '../../messages/messages.tsx';
import { useSession } from '../../session/session.tsx';
import { usePreferences } from '../../shell/preferences.tsx';
import { Fault } from '../../shown/fault.tsx';
import { boundsOf, RANGES, type Range } from './history-range.ts';

const REFRESH_MS = 10_000;
const HEIGHT_PX = 200;
const COUNTED = ['duplicates', 'refunds', 'held'] as const;
const RANGE_NAMES = Object.keys(RANGES).filter((name): name is Range => Object.hasOwn(RANGES, name));

/** The last hour, day or month: what came in, and what became of it. */
export function HistoryChart() {
  const { t } = useMessages();
  const [range, setRange] = useState<Range>('hour');
  const { data, error, refetch } = useHistory(range);
  return (
    <Container
      header={
        <Header
          actions={
            <SegmentedControl
              label={t('history.range')}
              selectedId={range}
              options={RANGE_NAMES.map((id) => ({ id, text: t(`history.${id}`) }))}
              onChange={({ detail }) => setRange(RANGE_NAMES.find((name) => name === detail.selectedId) ?? range)}
            />
          }
        >
          {t('history')}
        </Header>
      }
    >
      {error !== null && <Fault error={error} onRetry={() => void refetch()} />}
      <ColumnLayout columns={2}>
        <FoundChart buckets={data?.buckets} range={range} />
        <ProcessedChart buckets={data?.buckets} range={range} />
      </ColumnLayout>
    </Container>
  );
}

function useHistory(range: Range) {
  const { api } = useSession();
  return useQuery({
    queryKey: ['statistics', range],
    queryFn: () => api.get<Statistics>('/statistics', { ...boundsOf(range, Date.now()), bucket: RANGES[range].bucket }),
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
}

interface ChartProps {
  readonly buckets: Statistics['buckets'] | undefined;
  readonly range: Range;
}

function useChart({ buckets = [], range }: ChartProps) {
  const { t, locale, number } = useMessages();
  const { zone } = usePreferences();
  const format = new Intl.DateTimeFormat(locale, {
    ...(range === 'month'
      ? { month: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    ...(zone === 'utc' && { timeZone: 'UTC' }),
  });
  return {
    xDomain: buckets.map(({ at }) => new Date(at)),
    yTickFormatter: number,
    xTickFormatter: (at: Date) => format.format(at),
    empty: <Box color="text-body-secondary">{t('history.none')}</Box>,
  };
}

function FoundChart(props: ChartProps) {
  const { t } = useMessages();
  const { xDomain, xTickFormatter, yTickFormatter, empty } = useChart(props);
  const { buckets = [] } = props;
  return (
    <BarChart
      series={COUNTED.map((counted) => ({
        type: 'bar',
        title: t(`history.${counted}`),
        data: buckets.map((bucket) => ({ x: new Date(bucket.at), y: bucket[counted] })),
        valueFormatter: yTickFormatter,
      }))}
      xDomain={xDomain}
      xScaleType="categorical"
      i18nStrings={{ xTickFormatter }}
      yTickFormatter={yTickFormatter}
      ariaLabel={t('history.found')}
      xTitle={t('history.time')}
      yTitle={t('history.found')}
      height={HEIGHT_PX}
      hideFilter
      empty={empty}
      statusType={props.buckets === undefined ? 'loading' : 'finished'}
    />
  );
}

function ProcessedChart(props: ChartProps) {
  const { t } = useMessages();
  const { xDomain, xTickFormatter, yTickFormatter, empty } = useChart(props);
  const { buckets = [] } = props;
  const [first, last] = [xDomain[0], xDomain.at(-1)];
  return (
    <LineChart
      series={[
        {
          type: 'line',
          title: t('history.chargesProcessed'),
          data: buckets.map(({ at, chargesProcessed }) => ({ x: new Date(at), y: chargesProcessed })),
          valueFormatter: yTickFormatter,
        },
      ]}
      {...(first && last && { xDomain: [first, last] as const })}
      xScaleType="time"
      i18nStrings={{ xTickFormatter }}
      yTickFormatter={yTickFormatter}
      ariaLabel={t('history.chargesProcessed')}
      xTitle={t('history.time')}
      yTitle={t('history.chargesProcessed')}
      height={HEIGHT_PX}
      hideFilter
      empty={empty}
      statusType={props.buckets === undefined ? 'loading' : 'finished'}
    />
  );
}
