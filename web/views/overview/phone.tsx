/** The Overview on a phone: the sentences, six tiles, who is busy. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';

import type { Finding } from '../../api/answers.ts';
import type { Headline } from '../../chart/card.tsx';
import { valuesAt } from '../../chart/card.tsx';
import { drawnColumns } from '../../chart/drawn.ts';
import { hasSeries, overviewCharts } from '../../chart/host-charts.ts';
import type { ChartSpec } from '../../chart/model.ts';
import { useChartPoints } from '../../chart/points.ts';
import { since } from '../../format/time.ts';
import { after, calm, roughDuration, scaleFor } from '../../format/value.ts';
import { Icon } from '../../parts/icon.tsx';
import { Link } from '../../parts/link.tsx';
import { keptUnits, SentenceText } from '../../parts/names.tsx';
import { Spark } from '../../parts/spark.tsx';
import { StateIcon } from '../../parts/state.tsx';
import { pathOf } from '../../url/route.ts';
import { agentTime } from '../../store/clock.ts';
import { sets } from '../../store/catalog.ts';
import { findings } from '../../store/live.ts';
import { headline, isHandled, restLine, summarize } from '../../store/problems.ts';
import { rangeTitle } from '../../url/range-title.ts';

import { subjectOf } from './acts.ts';
import { Busy } from './busy.tsx';
import { headlineOf } from './charts.tsx';
import { useEnded } from './ended.tsx';
import { Side } from './side.tsx';
import { RangeButton } from '../../parts/range-button.tsx';

export function PhoneOverview(): JSX.Element {
  return (
    <main class="phone" id="main">
      <PhoneProblems />
      <div class="rg">
        <h2>{rangeTitle.value}</h2>
        <RangeButton />
      </div>
      <div class="mt">
        {tiles().map((tile) => (
          <Tile key={tile.id} {...tile} />
        ))}
      </div>
      <div class="phone-cards">
        <Busy />
        <Side />
      </div>
    </main>
  );
}

function PhoneProblems(): JSX.Element {
  const answer = findings.value;
  const ended = useEnded(answer);
  const summary = summarize(answer);
  const shown = (answer?.findings ?? []).filter(({ level }) => level !== 'note').slice(0, 5);
  const rest = [
    ...(answer !== undefined && answer.findings.length - shown.length - summary.notes > 0
      ? [`${answer.findings.length - shown.length - summary.notes} more`]
      : []),
    restLine({ ...summary, acknowledged: 0, silenced: 0 }),
  ].filter((text) => text !== '');
  return (
    <section class="ps">
      <h1 aria-live="polite">{answer === undefined ? 'Looking for problems' : headline(summary)}</h1>
      <ul class="pl">
        {shown.map((finding) => (
          <PhoneProblem key={finding.id} finding={finding} />
        ))}
        {ended.map(({ id, level, sentence }) => (
          <li key={id} class="pp ended">
            <StateIcon level={level} isQuiet />
            <div class="mut">
              <div class="st">
                <SentenceText of={sentence} />
              </div>
              <div class="ev">ended</div>
            </div>
          </li>
        ))}
        <li>
          <Link class="pp rest" to="/alerts">
            <span />
            <span class="two">{rest.join(', ')}</span>
            <Icon name="right" tone="mut" />
          </Link>
        </li>
      </ul>
    </section>
  );
}

function PhoneProblem({ finding }: { finding: Finding }): JSX.Element {
  const { level, sentence, evidence, alert } = finding;
  const isQuiet = isHandled(finding);
  const { path, keys } = subjectOf(finding);
  const now = agentTime();
  const parts = [
    finding.since === null
      ? ''
      : now - finding.since < 3_600_000
        ? roughDuration(now - finding.since)
        : `since ${since(finding.since, now)}`,
    keptUnits(evidence),
    alert?.acknowledgedBy === undefined ? '' : `acknowledged by ${alert.acknowledgedBy}`,
  ];
  return (
    <li>
      <Link class={level === 'critical' && !isQuiet ? 'pp c' : 'pp'} to={path} keys={keys}>
        <StateIcon level={level} isQuiet={isQuiet} />
        <div>
          <div class="st">
            <SentenceText of={sentence} />
          </div>
          <div class="ev">{parts.filter((part) => part !== '').join(' · ')}</div>
        </div>
        <Icon name="right" tone="mut" />
      </Link>
    </li>
  );
}

interface TileProps {
  readonly id: string;
  readonly title: string;
  readonly spec: ChartSpec;
  readonly lines: readonly number[];
  readonly headline: (values: readonly number[]) => Headline;
}

function tiles(): readonly TileProps[] {
  const [cpu, memory, network, throughput, , temperature] = overviewCharts.value;
  const single = (values: readonly number[], line: number, unit: string): Headline => ({
    value: values[line] ?? NaN,
    unit,
  });
  const of = (id: string, title: string, spec: ChartSpec | undefined, line: number): readonly TileProps[] =>
    spec === undefined
      ? []
      : [{ id, title, spec, lines: [line], headline: (values) => single(values, line, spec.unit) }];
  const whole = (title: string, spec: ChartSpec | undefined): readonly TileProps[] =>
    spec === undefined
      ? []
      : [{ id: spec.id, title, spec, lines: [spec.lines.length - 1], headline: (values) => headlineOf(spec, values) }];
  const all = [
    ...whole('CPU', cpu),
    ...of('wait', 'Wait for disks', cpu, 2),
    ...(memory === undefined
      ? []
      : [
          {
            id: 'mem',
            title: 'Memory',
            spec: memory,
            lines: [0],
            headline: (values: readonly number[]) => headlineOf(memory, values),
          },
        ]),
    ...of('read', 'Disk read', throughput, 0),
    ...of('written', 'Disk written', throughput, 1),
    ...of('sent', 'Network sent', network, 0),
    ...of('received', 'Network received', network, 1),
    ...of('temp', 'Temperature', temperature, 0),
  ];
  const shown = sets.value === undefined ? all : all.filter(({ spec }) => hasSeries(spec));
  // Two in a row.
  return shown.slice(0, shown.length - (shown.length % 2));
}

function Tile({ id, title, spec, lines, headline: headlineOfTile }: TileProps): JSX.Element {
  const { points } = useChartPoints(spec, 150);
  const shown = useComputed(() => headlineOfTile(valuesAt(spec, points.value, undefined)));
  const scale = useComputed(() =>
    scaleFor(shown.value.unit, spec.scale.kind === 'fixed' ? spec.scale.max : Math.abs(shown.value.value)),
  );
  const text = useComputed(() =>
    points.value.times.length === 0 ? '' : calm(shown.value.value / scale.value.divisor, shown.value.unit),
  );
  const unit = useComputed(() => (text.value === '' ? '' : after(shown.value.words ?? scale.value.unit)));
  const line = lines[0] ?? 0;
  const isStacked = id === 'cpu';
  const values = isStacked ? drawnColumns(spec, points.value.values)[line] : points.value.values[line];
  const fixed = spec.scale.kind === 'fixed' ? { min: spec.scale.min, max: spec.scale.max } : { min: 0 };
  return (
    <Link to={pathOf({ isOfHost: true, path: 'time' })}>
      <span class="two">{title}</span>
      <span class="v">
        <span>{text}</span>
        <span class="u">{unit}</span>
      </span>
      <Spark
        values={values ?? []}
        width={150}
        height={26}
        color={isStacked ? 1 : (spec.lines[line]?.color ?? 1)}
        hasFill
        {...fixed}
      />
    </Link>
  );
}
