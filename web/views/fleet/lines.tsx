/** One chart with a line for each of a few hosts, which the address names, or of all. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';

import type { SeriesAnswer, SeriesSetInfo } from '../../api/answers.ts';
import { get } from '../../api/client.ts';
import { ChartCard } from '../../chart/card.tsx';
import { SelectionBar } from '../../chart/selection-bar.tsx';
import { Icon } from '../../parts/icon.tsx';
import { RangeChoice } from '../../parts/range-choice.tsx';
import { Segments } from '../../parts/segments.tsx';
import { address, adjust } from '../../url/location.ts';

import { AllLinesChart } from './all-lines-chart.tsx';
import { LINE_METRICS, linesOfHosts, type LineMetric } from './host-series.ts';
import { hostOf } from './path.ts';
import type { HostRow } from './trouble.ts';

/** A chart has so many colours. */
export const MOST_HOSTS = 5;

const ITEMS = Object.entries(LINE_METRICS).map(([value, { short }]) => ({ value, text: short }));

/** What the address asks for; undefined: no chart. */
export function chartAsked(): LineMetric | undefined {
  const asked = address.value.search.get('chart');
  return (Object.keys(LINE_METRICS) as LineMetric[]).find((metric) => metric === asked);
}

/** In the address, for all hosts that the filter leaves. */
export const ALL_HOSTS = '*';

export interface LinesProps {
  readonly all: readonly HostRow[];
  /** Those that the filter leaves. */
  readonly rows: readonly HostRow[];
  readonly metric: LineMetric;
}

export function Lines({ all, rows, metric }: LinesProps): JSX.Element {
  const isAll = address.value.search.get('host') === ALL_HOSTS;
  return isAll ? <AllHosts rows={rows} metric={metric} /> : <HostLines all={all} metric={metric} />;
}

function AllHosts({ rows, metric }: Pick<LinesProps, 'rows' | 'metric'>): JSX.Element {
  return (
    <section class="host-lines" aria-label={`${LINE_METRICS[metric].title} of all hosts`}>
      <Controls metric={metric} />
      <AllLinesChart rows={rows} metric={metric} />
    </section>
  );
}

function Controls({ metric }: Pick<LinesProps, 'metric'>): JSX.Element {
  return (
    <div class="vh">
      <Segments
        label="Chart"
        items={ITEMS}
        chosen={metric}
        onChoose={(value) => {
          adjust({ chart: value });
        }}
      />
      <RangeChoice />
      <span class="grow" />
      <button
        type="button"
        class="ib"
        aria-label="Close the chart"
        onClick={() => {
          adjust({ chart: undefined, host: undefined });
        }}
      >
        <Icon name="x" />
      </button>
    </div>
  );
}

function HostLines({ all, metric }: Pick<LinesProps, 'all' | 'metric'>): JSX.Element {
  const names = address.value.search.getAll('host').slice(0, MOST_HOSTS);
  const hosts = names.map((name) => hostOf(name, all)).filter((host) => host !== undefined);
  const ids = hosts.map(({ id }) => id);
  const { sets, error } = useSets(ids, metric);
  const spec = useMemo(() => {
    return linesOfHosts(metric, hosts, sets);
  }, [ids.join(' '), metric, sets]);
  const { title, unit, words } = LINE_METRICS[metric];
  return (
    <section class="host-lines" aria-label={`${title} of ${hosts.length} hosts`}>
      <Controls metric={metric} />
      {error !== undefined && <p class="row warn">{error}</p>}
      <ChartCard
        spec={spec}
        headline={(values) => ({ value: Math.max(...values.filter((value) => Number.isFinite(value))), unit, words })}
        {...(sets !== undefined && spec.lines.length === 0 && { empty: 'The history of the hub has none of it.' })}
      />
      <SelectionBar />
    </section>
  );
}

type SetsById = ReadonlyMap<string, readonly SeriesSetInfo[]>;

function useSets(ids: readonly string[], metric: LineMetric) {
  const sets = useSignal<SetsById | undefined>(undefined);
  const error = useSignal<string | undefined>(undefined);
  const key = ids.join(' ');
  useEffect(() => {
    const stop = new AbortController();
    const ask = async (id: string): Promise<readonly [string, readonly SeriesSetInfo[]]> => {
      const query = { host: id, q: LINE_METRICS[metric].find, limit: 100 };
      return [id, (await get<SeriesAnswer>('series', query, stop.signal)).sets];
    };
    Promise.all(ids.map(ask)).then(
      (found) => {
        [sets.value, error.value] = [new Map(found), undefined];
      },
      (problem: unknown) => {
        if (!stop.signal.aborted) error.value = problem instanceof Error ? problem.message : String(problem);
      },
    );
    return () => {
      stop.abort();
    };
  }, [key, metric]);
  return { sets: sets.value, error: error.value };
}
