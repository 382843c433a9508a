/** One alert: what it says, its chart, who was busy then, who was notified and why. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import { agentTime } from '../../store/clock.ts';
import { isPhone } from '../../parts/media.ts';
import { address } from '../../url/location.ts';
import { impliedRange } from '../../url/range.ts';

import { alertSeries } from './alert-series.ts';
import { AckSheet } from './ack-sheet.tsx';
import { AlertChart } from './chart.tsx';
import { Captured } from './captured.tsx';
import { AlertHead, PhoneActs } from './head.tsx';
import { Remedy } from './remedy.tsx';
import { LimitSheet } from './rule-sheet.tsx';
import type { ShownAlert, Worst } from './shown.ts';
import { SilenceSheet } from './silence-sheet.tsx';
import { Then } from './then.tsx';
import { Told } from './told.tsx';

const AROUND_MS = 3_600_000;

export function AlertDetail({ shown }: { shown: ShownAlert }): JSX.Element {
  const worst = useSignal<Worst | undefined>(undefined);
  useRangeAround(shown);
  return (
    <div class="det">
      <AlertHead shown={shown} />
      <AlertChart shown={shown} worst={worst} />
      <div class="pair">
        <div class="stack">
          <Then shown={shown} worst={worst} />
          <Captured shown={shown} />
        </div>
        <div class="stack">
          <Told shown={shown} />
          <Remedy shown={shown} />
        </div>
      </div>
      {isPhone.value && <PhoneActs shown={shown} />}
      <Form shown={shown} />
    </div>
  );
}

/** An hour before and after it began. If the API knows no series of it, the hour that came with the alert. */
function useRangeAround(shown: ShownAlert): void {
  const { startsAt, listed } = shown;
  const trend = alertSeries(shown).length === 0 ? listed?.alert.trend : undefined;
  const from = Math.floor((trend?.since ?? startsAt - AROUND_MS) / 1000) * 1000;
  const length = trend === undefined ? 2 * AROUND_MS : AROUND_MS;
  useEffect(() => {
    impliedRange.value = { from, to: from + length };
    return () => {
      impliedRange.value = undefined;
    };
  }, [from, length]);
}

/** `?do=` opens a form filled in; a press in it acts. */
function Form({ shown: { listed, rule } }: { shown: ShownAlert }): JSX.Element | null {
  const form = address.value.search.get('do');
  if (form === 'limit') return <LimitSheet rule={rule} alert={listed?.alert} />;
  if (listed === undefined) return null;
  if (form === 'ack') return <AckSheet alert={listed.alert} />;
  return form === 'silence' ? <SilenceSheet alert={listed.alert} now={agentTime()} /> : null;
}
