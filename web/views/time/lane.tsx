/** What happened, in words, above the charts: a row for events and one for alerts. */
import type { JSX } from 'preact';

import type { EventInfo } from '../../api/answers.ts';
import type { IconName } from '../../parts/icon.tsx';
import { isPhone } from '../../parts/media.ts';
import { pathOf } from '../../url/route.ts';
import { rangeEvents } from '../../store/events.ts';
import { goTo } from '../../url/location.ts';
import { range } from '../../url/range.ts';

import { axisWidth, rightPadding } from './layout.ts';
import { placeOf, useWidth } from './axis.tsx';

const CHARACTER = 6;
const ICON = 20;
/** More are too many for words. */
const MOST_WORDS = 12;
const BIN = 24;

export function Lane(): JSX.Element {
  const { ref, width } = useWidth();
  const events = rangeEvents.value;
  const alerts = events.filter(({ kind }) => kind === 'alert');
  const others = events.filter(({ kind }) => kind !== 'alert');
  const summary = `${others.length} events, ${alerts.length} alerts`;
  return (
    <div class="lane" ref={ref} role="group" aria-label={`Events: ${summary}`}>
      <svg width="100%" height="48">
        <Hatch />
        <rect
          class="lane-ground"
          x={axisWidth()}
          y="4"
          width={Math.max(0, width.value - axisWidth() - rightPadding())}
          height="20"
          rx="4"
        />
        {!isPhone.value && (
          <>
            <text x={axisWidth() - 6} y="17.5" text-anchor="end">
              Events
            </text>
            <text x={axisWidth() - 6} y="39.5" text-anchor="end">
              Alerts
            </text>
          </>
        )}
        {width.value > 0 && <Row events={others} y={4} width={width.value} />}
        {width.value > 0 && <Row events={alerts} y={26} width={width.value} />}
      </svg>
    </div>
  );
}

function Hatch(): JSX.Element {
  return (
    <defs>
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V6" class="hatch-line" />
      </pattern>
    </defs>
  );
}

interface RowProps {
  readonly events: readonly EventInfo[];
  readonly y: number;
  readonly width: number;
}

function Row({ events, y, width }: RowProps): JSX.Element {
  if (events.length > MOST_WORDS) return <Counted events={events} y={y} width={width} />;
  const right = width - rightPadding();
  return (
    <>
      {events.map((event, index) => {
        const x = Math.max(axisWidth(), placeOf(event.at, width));
        const next = events[index + 1];
        const room = (next === undefined ? right : placeOf(next.at, width)) - x;
        const end = Math.min(
          right,
          placeOf(event.until ?? (event.kind === 'alert' ? range.value.to : event.at), width),
        );
        return <Event key={`${event.at} ${event.title}`} event={event} x={x} y={y} end={end} room={room} />;
      })}
    </>
  );
}

interface EventProps {
  readonly event: EventInfo;
  readonly x: number;
  readonly y: number;
  readonly end: number;
  /** px until the next. */
  readonly room: number;
}

function Event({ event, x, y, end, room }: EventProps): JSX.Element {
  const { kind, title, alert } = event;
  const icon = iconOf(event);
  const start = kind === 'gap' ? end + 6 : x + (icon === undefined ? 6 : ICON);
  const text = fitting(title, x + room - start - 4);
  return (
    <g
      class={`event ${toneOf(event)} ${alert === undefined ? '' : 'link'}`}
      onClick={() => {
        if (alert !== undefined) goTo({}, pathOf({ isOfHost: false, path: `alerts/${encodeURIComponent(alert)}` }));
      }}
    >
      <title>{title}</title>
      {end - x > 3 ? <rect x={x} y={y + 2} width={end - x} height="16" rx="3" /> : <path d={`M${x} ${y + 2}v16`} />}
      {icon !== undefined && <use href={`#${icon}`} x={x + 5} y={y + 5} width="10" height="10" />}
      {text !== '' && (
        <text x={start} y={y + 13.5}>
          {text}
        </text>
      )}
    </g>
  );
}

function iconOf({ kind, level }: EventInfo): IconName | undefined {
  if (level === 'critical') return kind === 'alert' ? 'crit' : 'down';
  return level === 'warning' ? 'warn' : undefined;
}

function toneOf({ kind, level }: EventInfo): string {
  if (kind === 'gap') return 'gap';
  return level === 'critical' ? 'crit' : level === 'warning' ? 'warn' : 'info';
}

function fitting(text: string, width: number): string {
  const most = Math.floor(width / CHARACTER);
  if (text.length <= most) return text;
  return most > 6 ? `${text.slice(0, most - 1)}…` : '';
}

function Counted({ events, y, width }: RowProps): JSX.Element {
  const bins = new Map<number, EventInfo[]>();
  for (const event of events) {
    const bin = Math.floor(Math.max(axisWidth(), placeOf(event.at, width)) / BIN);
    bins.set(bin, [...(bins.get(bin) ?? []), event]);
  }
  return (
    <>
      {[...bins].map(([bin, inside]) => (
        <g key={bin} class={`event ${inside.some(({ level }) => level === 'critical') ? 'crit' : 'info'}`}>
          <title>{inside.map(({ title }) => title).join('\n')}</title>
          <rect x={bin * BIN + 1} y={y + 2} width={BIN - 2} height="16" rx="3" />
          <text x={bin * BIN + BIN / 2} y={y + 13.5} text-anchor="middle">
            {inside.length}
          </text>
        </g>
      ))}
    </>
  );
}
