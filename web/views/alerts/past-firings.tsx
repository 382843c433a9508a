/** When a threshold would have fired: a sentence, the week as a strip, and the newest times. */
import type { JSX } from 'preact';

import type { RulePreviewAnswer } from '../../api/answers.ts';
import { clock, day, moment } from '../../format/time.ts';
import { count, duration, roughDuration, valueBeside } from '../../format/value.ts';
import { StateIcon } from '../../parts/state.tsx';

type Past = NonNullable<RulePreviewAnswer['past']>;
type Span = Past['spans'][number];

const DAY_MS = 86_400_000;
const LISTED = 3;
const WIDTH = 700;
const HEIGHT = 32;
/** So that an alert of a minute is seen in a week. */
const LEAST_WIDTH = 3;

export function PastFirings({ past }: { past: Past }): JSX.Element {
  const sentence = pastSentence(past);
  return (
    <section class="past" aria-label="In the past">
      <p>
        <b>{sentence}</b>
      </p>
      <Strip past={past} label={sentence} />
      <ul>
        {past.spans
          .slice(-LISTED)
          .toReversed()
          .map((span) => (
            <Firing key={`${span.at} ${span.series}`} span={span} past={past} />
          ))}
      </ul>
      <p class="mut s">{basis(past)}</p>
    </section>
  );
}

export function pastSentence({ fired, from, to, spans }: Past): string {
  const length = to - from > 6.9 * DAY_MS ? 'the last 7 days' : `the ${roughDuration(to - from)} of the history`;
  if (fired === 0) return `Would not have fired in ${length}.`;
  const total = spans.reduce((sum, { at, until }) => sum + ((until ?? to) - at), 0);
  const often = fired === 1 ? 'once' : fired === 2 ? 'twice' : `${fired} times`;
  return `Would have fired ${often} in ${length}${fired === spans.length ? `, ${duration(total)} in all` : ''}.`;
}

function basis({ step, series, leftOut }: Past): string {
  const more = leftOut === 0 ? '' : `; ${leftOut} more were left out`;
  return `Tried on ${count(series, 'series', 'series')}, a sample each ${duration(step)}${more}.`;
}

function Firing({ span, past: { to, unit } }: { span: Span; past: Past }): JSX.Element {
  const { at, until, level, series, value } = span;
  return (
    <li class="row">
      <StateIcon level={level === 'info' ? 'note' : level} />
      <span class="nowrap">{moment(at, to)}</span>
      <span class="grow cut mut">{series}</span>
      {value !== undefined && <span class="nowrap">{valueBeside(value, unit, undefined)}</span>}
      <span class="two nowrap">{until === undefined ? 'until now' : roughDuration(until - at)}</span>
    </li>
  );
}

function Strip({ past: { from, to, spans }, label }: { past: Past; label: string }): JSX.Element {
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * WIDTH;
  return (
    <div class="strip-past">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {midnights(from, to).map((at) => (
          <rect key={at} class="line" x={x(at)} y="0" width="1" height={HEIGHT} />
        ))}
        {spans.map(({ at, until = to, level, series }) => (
          <rect
            key={`${at} ${series}`}
            class={level}
            x={Math.min(WIDTH - LEAST_WIDTH, x(at))}
            y="0"
            width={Math.max(LEAST_WIDTH, x(until) - x(at))}
            height={HEIGHT}
          />
        ))}
      </svg>
      <p class="row mut s">
        <span class="grow">{to - from > DAY_MS ? day(from) : clock(from)}</span>
        <span>now</span>
      </p>
    </div>
  );
}

/** Of the reader's calendar. */
function midnights(from: number, to: number): readonly number[] {
  const found: number[] = [];
  const next = new Date(from);
  for (next.setHours(24, 0, 0, 0); next.getTime() < to; next.setHours(24, 0, 0, 0)) found.push(next.getTime());
  return found;
}
