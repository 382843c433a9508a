/** The six charts. */
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

import { ChartCard, type Headline } from '../../chart/card.tsx';
import { hasSeries, overviewCharts } from '../../chart/host-charts.ts';
import type { ChartSpec } from '../../chart/model.ts';
import { valueText } from '../../format/value.ts';
import { namesIn, sets } from '../../store/catalog.ts';
import { rangeMarkers } from '../../store/events.ts';
import { host, ring, tick } from '../../store/live.ts';

const CORES_SHOWN = 16;
const FRESH_MS = 30_000;

export function Charts(): JSX.Element {
  return (
    <div class="grid6">
      {overviewCharts.value.map((spec) => (
        <ChartCard
          key={spec.id}
          spec={spec}
          headline={(values) => headlineOf(spec, values)}
          note={noteOf(spec)}
          markers={rangeMarkers}
          empty={emptyOf(spec)}
        />
      ))}
    </div>
  );
}

function sum(values: readonly number[]): number {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? NaN : known.reduce((total, value) => total + value, 0);
}

export function headlineOf({ id, unit }: ChartSpec, values: readonly number[]): Headline {
  if (id === 'cpu') return { value: sum(values), unit, words: '% not idle' };
  if (id === 'mem') return memoryHeadline(values[0] ?? NaN);
  if (id === 'pressure' || id === 'temp') return { value: greatest(values), unit };
  return { value: sum(values), unit };
}

function greatest(values: readonly number[]): number {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? NaN : Math.max(...known);
}

function memoryHeadline(value: number): Headline {
  const total = host.value?.memoryBytes ?? 0;
  if (total === 0) return { value, unit: 'bytes' };
  const { number, unit } = valueText(total, 'bytes');
  return { value, unit: 'bytes', words: `of ${number}\u00a0${unit}` };
}

function noteOf({ id }: ChartSpec): ComponentChildren {
  if (id === 'cpu') return <Cores />;
  return id === 'pressure' ? <Load /> : undefined;
}

/** One bar for each processor; beyond 16 the busiest. */
function Cores(): JSX.Element | null {
  const names = namesIn('cpu', 'usage_idle', ({ cpu = '' }) => cpu !== 'cpu-total');
  const busy = useComputed(() => {
    const all = names.map((name) => (tick.value === 0 ? NaN : 100 - ring.last(name, FRESH_MS)));
    return names.length > CORES_SHOWN ? all.toSorted((a, b) => b - a).slice(0, CORES_SHOWN) : all;
  });
  if (names.length < 2) return null;
  const shown = Math.min(CORES_SHOWN, names.length);
  const width = shown * 6 - 2;
  return (
    <svg class="cores" width={width} height="16" role="img" aria-label={`${names.length} processors`}>
      {Array.from({ length: shown }, (_, index) => (
        <Core key={index} busy={busy} index={index} />
      ))}
    </svg>
  );
}

function Core({ busy, index }: { busy: ReadonlySignal<readonly number[]>; index: number }): JSX.Element {
  const height = useComputed(() => {
    const value = busy.value[index] ?? NaN;
    return Number.isFinite(value) ? Math.round(Math.max(0, Math.min(100, value)) * 0.16) : 0;
  });
  const top = useComputed(() => 16 - height.value);
  return (
    <>
      <rect class="track" x={index * 6} width="4" height="16" rx="1" />
      <rect class="level" x={index * 6} y={top} width="4" height={height} rx="1" />
    </>
  );
}

function Load(): JSX.Element {
  const text = useComputed(() => {
    const load = tick.value === 0 ? NaN : ring.last('system.load1', FRESH_MS);
    return Number.isFinite(load) ? `load ${load.toFixed(1)} on ${host.value?.cores ?? '?'} cores` : '';
  });
  return <span class="mut s nowrap">{text}</span>;
}

function emptyOf(spec: ChartSpec): ComponentChildren {
  if (sets.value === undefined || hasSeries(spec)) return undefined;
  if (spec.id === 'temp') {
    return (
      <>
        <p>This machine has no sensors that the kernel shows.</p>
        <p class="mut">Usual on virtual machines.</p>
      </>
    );
  }
  if (spec.id === 'pressure') {
    return (
      <>
        <p>Pressure is not measured.</p>
        <p class="mut">
          Add <code>collect: [psi]</code> to the input <code>kernel</code>.
        </p>
      </>
    );
  }
  return <Waiting />;
}

/** An agent that just began has no series yet. */
function Waiting(): JSX.Element {
  const isLong = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (isLong.value = true), FRESH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return isLong.value ? (
    <>
      <p>Nothing of this was measured.</p>
      <p class="mut">The configuration may not have the input.</p>
    </>
  ) : (
    <p>Collecting.</p>
  );
}
