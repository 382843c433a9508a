/** How many alerts began on each day, as far back as the history goes. */
import type { JSX } from 'preact';

import { day } from '../../format/time.ts';
import { count } from '../../format/value.ts';
import { agentTime } from '../../store/clock.ts';

import { beganByDay, type AuditEntry } from './model.ts';

const DAYS = 90;
const DAY_MS = 86_400_000;
const HEIGHT = 40;

export function Days({ entries }: { entries: readonly AuditEntry[] }): JSX.Element {
  const now = agentTime();
  const counts = beganByDay(entries, now, DAYS);
  const most = Math.max(0, ...counts);
  const oldest = Math.min(now, ...entries.map(({ at }) => at));
  const reach = Math.min(DAYS, Math.ceil((now - oldest) / DAY_MS));
  return (
    <div class="days">
      <div class="row s mut">
        <span class="grow">Alerts a day, {DAYS} days</span>
        <span>{most === 0 ? 'none' : `at most ${most}`}</span>
      </div>
      <svg
        viewBox={`0 0 ${DAYS * 4 - 1} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Alerts a day over ${count(reach, 'day')}, at most ${most}`}
      >
        {counts.map((value, index) => {
          const height = value === 0 ? 2 : 4 + ((HEIGHT - 4) * value) / most;
          return (
            <rect
              key={index}
              class={value === 0 ? 'none' : index === DAYS - 1 ? 'today' : ''}
              x={index * 4}
              y={HEIGHT - height}
              width="3"
              height={height}
            >
              <title>{`${day(now - (DAYS - 1 - index) * DAY_MS)}: ${value}`}</title>
            </rect>
          );
        })}
      </svg>
    </div>
  );
}
