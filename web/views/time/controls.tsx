/** Which time is shown, and what it is compared with. */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';

import { comparison } from '../../chart/compare.ts';
import { copyLink } from '../../chart/selection-bar.tsx';
import { clock, day, rangeText, zoneName } from '../../format/time.ts';
import { Icon } from '../../parts/icon.tsx';
import { isPhone } from '../../parts/media.ts';
import { RangeButton } from '../../parts/range-button.tsx';
import { Segments } from '../../parts/segments.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { agentTime } from '../../store/clock.ts';
import { goTo } from '../../url/location.ts';
import { liveSpan, range, rangeLength, showLast, showRange } from '../../url/range.ts';
import { RangeChoice } from '../overview/host-line.tsx';

const isChoosing = signal(false);

const COMPARISONS = [
  { value: 'usual', text: 'usual' },
  { value: 'day', text: 'day before' },
  { value: 'week', text: 'week before' },
] as const;

export function Controls(): JSX.Element {
  return (
    <div class="head tm-head">
      {!isPhone.value && <RangeChoice />}
      <Steps />
      {isPhone.value ? (
        <RangeButton />
      ) : (
        <>
          <span class="mut nowrap cmp-label">Compare with</span>
          <Segments
            label="Compare with"
            items={COMPARISONS}
            chosen={comparison()}
            onChoose={(value) => {
              goTo({ cmp: value === comparison() ? 'none' : value === 'usual' ? undefined : value });
            }}
          />
          <span class="grow" />
          <button type="button" class="btn" onClick={() => void copyLink()}>
            <Icon name="link" />
            Copy link
          </button>
          <button
            type="button"
            class="btn"
            disabled={liveSpan.value !== undefined}
            onClick={() => {
              showLast('1h');
            }}
          >
            {liveSpan.value === undefined ? 'Go live' : 'Live'}
          </button>
        </>
      )}
      {isChoosing.value && <Choice />}
    </div>
  );
}

/** Half a range back or forth; beyond now there is nothing. */
function step(by: number): void {
  const { from, to } = range.peek();
  const move = Math.min((by * (to - from)) / 2, agentTime() - to);
  if (by > 0 && move <= 0) return;
  showRange({ from: from + move, to: to + move });
}

function Steps(): JSX.Element {
  const { from, to } = range.value;
  return (
    <div class="row steps">
      <button
        type="button"
        class="ib"
        aria-label="Earlier"
        onClick={() => {
          step(-1);
        }}
      >
        <Icon name="left" />
      </button>
      <button
        type="button"
        class="btn cut"
        title="Choose a range"
        onClick={() => {
          isChoosing.value = true;
        }}
      >
        {isPhone.value ? `${clock(from)} – ${clock(to)} ` : `${rangeText(from, to)} `}
        <span class="u">{isPhone.value ? day(from) : zoneName(to)}</span>
      </button>
      <button
        type="button"
        class="ib"
        aria-label="Later"
        disabled={liveSpan.value !== undefined}
        onClick={() => {
          step(1);
        }}
      >
        <Icon name="right" />
      </button>
    </div>
  );
}

function Choice(): JSX.Element {
  const close = () => {
    isChoosing.value = false;
  };
  const { from, to } = range.peek();
  return (
    <Sheet title="Range" onClose={close}>
      <form
        class="range-form"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const [start, end] = [localTime(data.get('from')), localTime(data.get('to'))];
          if (start !== undefined && end !== undefined && start < end) showRange({ from: start, to: end });
          close();
        }}
      >
        <label class="fld">
          <span>From</span>
          <input name="from" type="datetime-local" step="1" required value={localText(from)} />
        </label>
        <label class="fld">
          <span>To</span>
          <input name="to" type="datetime-local" step="1" required value={localText(to)} />
        </label>
        <button type="submit" class="btn p">
          Show
        </button>
      </form>
      <p class="mut">{rangeLength.value < 60_000 ? 'At least 10 s.' : `In your zone, ${zoneName(to)}.`}</p>
    </Sheet>
  );
}

function localTime(text: FormDataEntryValue | null): number | undefined {
  const at = typeof text === 'string' ? new Date(text).getTime() : NaN;
  return Number.isNaN(at) ? undefined : at;
}

function localText(at: number): string {
  const offset = new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - offset).toISOString().slice(0, 19);
}
