import { formatSpan } from '../../format/time.ts';
import { useMessages } from '../../messages/messages.tsx';
import { positionsOf, type ShownCharge } from './charges.ts';

const ROW_PX = 26;
const AXIS_PX = 26;
/** Room for the charges' names on the left, and for a mark at the very end. */
const LEFT_PERCENT = 22;
const WIDTH_PERCENT = 74;
const TICKS = [0, 0.25, 0.5, 0.75, 1] as const;
/** Ticks of less than this would all read the same. */
const TICKED_MS = 10;

/** When each charge was made, one to a line, on one axis from the first to the last. The table below lists the same times. */
export function TimeLine({ charges }: { readonly charges: readonly ShownCharge[] }) {
  const { t } = useMessages();
  const positions = positionsOf(charges);
  const times = charges.flatMap(({ chargedAt }) => (chargedAt === undefined ? [] : [Date.parse(chargedAt)]));
  const spanMs = Math.max(...times) - Math.min(...times);
  if (times.length < 2) return null;
  const bottom = charges.length * ROW_PX;
  const x = (position: number) => `${LEFT_PERCENT + position * WIDTH_PERCENT}%`;
  return (
    <svg className="time-line" width="100%" height={bottom + AXIS_PX} role="img" aria-label={t('charges.timeLine')}>
      {(spanMs < TICKED_MS ? [0] : TICKS).map((position) => (
        <g key={position}>
          <line className="time-line-grid" x1={x(position)} x2={x(position)} y1={0} y2={bottom} />
          <text className="time-line-tick" x={x(position)} y={bottom + 18} textAnchor="middle">
            {position === 0 ? '0' : `+${formatSpan(Math.round(spanMs * position))}`}
          </text>
        </g>
      ))}
      {charges.map(({ ref, flag }, at) => {
        const y = at * ROW_PX + ROW_PX / 2;
        const position = positions[at];
        return (
          <g key={`${ref.source} ${ref.chargeId}`}>
            <text className="time-line-name" x={0} y={y + 5}>
              {at === 0 ? t('charges.original') : t('charges.duplicate', { number: at })}
            </text>
            <line className="time-line-row" x1={x(0)} x2={x(1)} y1={y} y2={y} />
            {position !== undefined && <circle className={markOf(at, flag?.status)} cx={x(position)} cy={y} r={7} />}
          </g>
        );
      })}
    </svg>
  );
}

/** An original that stands is full; what went back is hollow; what is still to be decided has a colour of its own. */
function markOf(at: number, status: string | undefined): string {
  if (at === 0 && status === undefined) return 'time-line-mark original';
  if (status === 'refunded' || status === 'reversed-externally') return 'time-line-mark returned';
  if (status === 'kept' || status === 'dismissed') return 'time-line-mark original';
  return 'time-line-mark pending';
}
