/** Which series differ most in the selected span from an earlier one. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';

import type { ChangesAnswer } from '../../api/answers.ts';
import { get } from '../../api/client.ts';
import { copyLink, whatChanged } from '../../chart/selection-bar.tsx';
import { zoomTo } from '../../chart/zoom.ts';
import { clock, clockSeconds } from '../../format/time.ts';
import { after, calm, duration, scaleFor } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { Spark } from '../../parts/spark.tsx';
import { seriesTitle } from '../../store/series-title.ts';
import { address, goTo } from '../../url/location.ts';
import { selection } from '../../url/range.ts';
import type { Span } from '../../url/time.ts';

/** Many are alike, such as one for each processor; they become one row. */
const ASKED = 100;
const MOST = 9;
/** `operations/s` is in the name already. */
const LONGEST_UNIT = 6;
const SHORT_MS = 600_000;
const AGAINST = ['before', 'day', 'week'] as const;
type ChangeRow = ChangesAnswer['rows'][number];
type Against = (typeof AGAINST)[number];

function against(): Against | undefined {
  return AGAINST.find((value) => value === address.value.search.get('changed'));
}

export function Changed(): JSX.Element {
  const span = selection.value;
  const by = against();
  return (
    <section class="card grow changed">
      <div class="ch">
        <h2>What changed?</h2>
        {by !== undefined && (
          <button
            type="button"
            class="ib push"
            aria-label="Close"
            onClick={() => {
              goTo({ changed: undefined });
            }}
          >
            <Icon name="x" />
          </button>
        )}
      </div>
      {span === undefined ? <Hint /> : by === undefined ? <Offer span={span} /> : <Answer span={span} by={by} />}
    </section>
  );
}

function Hint(): JSX.Element {
  return (
    <div class="empty">
      <p class="two">Drag over a chart to select a span.</p>
      <p class="mut">Every series of this host is then ranked by how much it differs from before.</p>
    </div>
  );
}

/** What can be done with the selection; below 1200 px the bar at the bottom has the same. */
function Offer({ span }: { span: Span }): JSX.Element {
  return (
    <div class="empty">
      <p>
        <b>{spanTitle(span)}</b>
      </p>
      <p class="row offer">
        <button type="button" class="btn p" onClick={whatChanged}>
          What changed?
        </button>
        <ZoomButton span={span} />
        <button type="button" class="btn" onClick={() => void copyLink()}>
          <Icon name="link" />
          Copy link
        </button>
      </p>
      <p class="mut">Esc removes the selection.</p>
    </div>
  );
}

function ZoomButton({ span }: { span: Span }): JSX.Element {
  return (
    <button
      type="button"
      class="btn q"
      onClick={() => {
        zoomTo(span);
      }}
    >
      Zoom
    </button>
  );
}

function spanTitle({ from, to }: Span): string {
  const text = to - from < SHORT_MS ? clockSeconds : clock;
  return `${text(from)} – ${text(to)}`;
}

function Answer({ span, by }: { span: Span; by: Against }): JSX.Element {
  const answer = useSignal<ChangesAnswer | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  useSignalEffect(() => {
    const [wanted, how] = [selection.value, against()];
    if (wanted === undefined || how === undefined) return undefined;
    const stop = new AbortController();
    const query = { from: Math.floor(wanted.from), to: Math.ceil(wanted.to), against: how, limit: ASKED };
    get<ChangesAnswer>('changes', query, stop.signal).then(
      (result) => {
        answer.value = result;
        error.value = undefined;
      },
      (problem: unknown) => {
        if (!stop.signal.aborted) error.value = problem instanceof Error ? problem.message : String(problem);
      },
    );
    return () => {
      stop.abort();
    };
  });
  return (
    <>
      <div class="wh">
        <b class="nowrap">{spanTitle(span)}</b>
        <span class="mut">against</span>
        <select
          class="btn q"
          aria-label="Against"
          value={by}
          onChange={({ currentTarget }) => {
            goTo({ changed: currentTarget.value });
          }}
        >
          <option value="before">the {duration(span.to - span.from)} before</option>
          <option value="day">the day before</option>
          <option value="week">the week before</option>
        </select>
        <span class="grow" />
        <ZoomButton span={span} />
      </div>
      {error.value !== undefined && <p class="empty crit">{error}</p>}
      {answer.value !== undefined && <Rows answer={answer.value} />}
    </>
  );
}

interface Group {
  readonly row: ChangeRow;
  /** Series of the same field that changed as well. */
  readonly others: number;
}

function grouped(rows: readonly ChangeRow[]): readonly Group[] {
  const groups = new Map<string, { row: ChangeRow; others: number }>();
  for (const row of rows) {
    const key = row.name.split('{')[0] ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { row, others: 0 });
    else group.others += 1;
  }
  return [...groups.values()];
}

function Rows({ answer: { rows, compared, ms } }: { answer: ChangesAnswer }): JSX.Element {
  const shown = grouped(rows).slice(0, MOST);
  const rest = compared - shown.reduce((total, { others }) => total + 1 + others, 0);
  return (
    <>
      {rows.length === 0 && <p class="empty two">Nothing differs from then.</p>}
      <ol class="wc">
        {shown.map(({ row, others }, index) => (
          <Row key={row.name} row={row} others={others} rank={index + 1} />
        ))}
      </ol>
      <p class="foot2">
        {rest > 0 ? `${rest} more · ` : ''}
        {compared} compared in {Math.round(ms)} ms
      </p>
    </>
  );
}

function Row({ row, others, rank }: Group & { rank: number }): JSX.Element {
  const { title, detail } = seriesTitle(row.name);
  const unit = row.isRate ? `${row.unit}/s` : row.unit;
  const scale = scaleFor(unit, Math.max(Math.abs(row.before), Math.abs(row.after)));
  const shown = address.value.search.getAll('s');
  return (
    <li>
      <Link keys={{ s: [...new Set([...shown, row.name])] }}>
        <span class="mut n">{rank}</span>
        <span class="grow">
          <span class="cut block" title={row.name}>
            {title}
          </span>
          <span class="cut block mut s">
            {others > 0 ? `and ${others} like it · ` : ''}
            {detail}
          </span>
        </span>
        <Spark values={row.spark} width={44} height={20} color={1} tintFrom={0.5} />
        <span class="n">
          {calm(row.before / scale.divisor, unit)} → <b>{calm(row.after / scale.divisor, unit)}</b>
          <span class="u">{after(scale.unit.length > LONGEST_UNIT ? (row.isRate ? '/s' : '') : scale.unit)}</span>
        </span>
        <span class="n two">{factorText(row.factor)}</span>
      </Link>
    </li>
  );
}

function factorText(factor: number): string {
  const text = (times: number) => (times >= 10 ? String(Math.round(times)) : times.toPrecision(2));
  return factor >= 1 ? `×${text(factor)}` : `÷${text(1 / factor)}`;
}
