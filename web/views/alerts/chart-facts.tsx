/** Below the chart of an alert: now, worst, usual, since when, and what the rule asks. */
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';

import type { UsualAnswer } from '../../api/answers.ts';
import { moment } from '../../format/time.ts';
import { calm, duration, NO_BREAK, scaleFor, valueBeside } from '../../format/value.ts';
import { isPhone } from '../../parts/media.ts';
import { useAsked } from '../../store/asked.ts';
import { agentTime } from '../../store/clock.ts';

import type { ShownAlert, Worst } from './shown.ts';

const HOUR_MS = 3_600_000;

export interface ChartFactsProps {
  readonly shown: ShownAlert;
  readonly worst: ReadonlySignal<Worst | undefined>;
  readonly series: string | undefined;
}

export function ChartFacts({ shown, worst, series }: ChartFactsProps): JSX.Element {
  const { startsAt, listed } = shown;
  const alert = listed?.alert;
  const unit = alert?.unit ?? '';
  const usual = useUsual(series, startsAt);
  return (
    <div class="afacts">
      <Now shown={shown} />
      {worst.value !== undefined && (
        <Fact title="Worst" text={valueBeside(worst.value.value, unit, alert?.threshold)} />
      )}
      {usual !== undefined && (
        <Fact title={isPhone.value ? 'Usual' : 'Usual at this hour'} text={usualText(usual, unit)} />
      )}
      {!isPhone.value && <Since shown={shown} />}
      <Limits alert={alert} />
    </div>
  );
}

function Now({ shown: { listed, level } }: { shown: ShownAlert }): JSX.Element | null {
  if (listed?.alert.value === undefined) return null;
  const { value, unit, threshold } = listed.alert;
  const isCritical = level === 'critical' && listed.state === 'firing';
  return <Fact title="Now" text={valueBeside(value, unit, threshold)} tone={isCritical ? 'crit' : ''} />;
}

function Since({ shown: { startsAt, endsAt } }: { shown: ShownAlert }): JSX.Element {
  const now = agentTime();
  return (
    <>
      <Fact title="Since" text={moment(startsAt, now)} />
      <Fact title="For" text={duration((endsAt ?? now) - startsAt)} />
    </>
  );
}

function Fact({ title, text, tone = '' }: { title: string; text: string; tone?: string }): JSX.Element {
  return (
    <div>
      <span>{title}</span>
      <b class={tone}>{text}</b>
    </div>
  );
}

function Limits({ alert }: { alert: NonNullable<ShownAlert['listed']>['alert'] | undefined }): JSX.Element | null {
  if (alert?.threshold === undefined) return null;
  const { threshold, clear, unit, direction = 'above' } = alert;
  const back = direction === 'above' ? 'below' : 'above';
  return (
    <div class="alimits">
      <span>
        Fires {direction} {valueBeside(threshold, unit, clear)}
      </span>
      {clear !== undefined && (
        <span>
          Ends {back} {valueBeside(clear, unit, threshold)}
        </span>
      )}
    </div>
  );
}

/** `1.4 – 3.1 %`. */
function usualText([low, high]: readonly [number, number], unit: string): string {
  const scale = scaleFor(unit, Math.max(Math.abs(low), Math.abs(high)));
  const text = (value: number) => calm(value / scale.divisor, unit);
  return `${text(low)} – ${text(high)}${scale.unit === '' ? '' : `${NO_BREAK}${scale.unit}`}`;
}

/** Of the hour in which it began. */
function useUsual(series: string | undefined, at: number): readonly [number, number] | undefined {
  const from = Math.floor(at / HOUR_MS) * HOUR_MS;
  const { answer } = useAsked<UsualAnswer>(series === undefined ? undefined : 'usual', {
    s: series === undefined ? [] : [series],
    from,
    to: from + HOUR_MS,
  });
  const [low, high] = [answer?.series[0]?.low[0], answer?.series[0]?.high[0]];
  return low === undefined || low === null || high === undefined || high === null ? undefined : [low, high];
}
