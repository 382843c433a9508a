/** One process: what it uses, and what it used over the range. */
import type { JSX } from 'preact';

import type { ProcessInfo } from '../../api/answers.ts';
import { clock } from '../../format/time.ts';
import { withUnit } from '../../format/value.ts';
import { Link } from '../../parts/link.tsx';
import { Sheet } from '../../parts/sheet.tsx';
import { Spark } from '../../parts/spark.tsx';
import { pathOf } from '../../url/route.ts';
import { goTo } from '../../url/location.ts';

import { useProcessHistory, type ProcessHistory } from './history.ts';

const FIGURES = [
  { key: 'cpu', title: 'CPU', unit: 'percent', color: 1 },
  { key: 'memory', title: 'Memory', unit: 'bytes', color: 1 },
  { key: 'read', title: 'Read', unit: 'bytes/s', color: 1 },
  { key: 'written', title: 'Written', unit: 'bytes/s', color: 2 },
] as const;

export interface ProcessSheetProps {
  readonly pid: number;
  /** Undefined: it is not among the processes that are shown. */
  readonly process: ProcessInfo | undefined;
}

export function ProcessSheet({ pid, process }: ProcessSheetProps): JSX.Element {
  const { value: history } = useProcessHistory(pid);
  const known = process ?? history?.frames.findLast((frame) => frame != null) ?? undefined;
  return (
    <Sheet title={known === undefined ? `Process ${pid}` : known.name} class="wide" onClose={close}>
      <p class="two">
        {[`pid ${pid}`, known?.unit ?? '', known?.user ?? ''].filter((text) => text !== '').join(' · ')}
      </p>
      {process === undefined && <p class="mut">It is not among the busiest processes of this moment.</p>}
      <dl class="figures">
        {FIGURES.map((figure) => (
          <Figure key={figure.key} figure={figure} process={process} history={history} />
        ))}
      </dl>
      <Reach history={history} />
      <p>
        <Link class="acc" to={pathOf({ isOfHost: true, path: 'time' })} keys={{ pid: undefined }}>
          All charts over this range
        </Link>
      </p>
    </Sheet>
  );
}

function close(): void {
  goTo({ pid: undefined });
}

function Figure({
  figure: { key, title, unit, color },
  process,
  history,
}: {
  figure: (typeof FIGURES)[number];
  process: ProcessInfo | undefined;
  history: ProcessHistory | undefined;
}): JSX.Element {
  const now = process?.[key];
  const values = history?.frames.map((frame) => frame?.[key] ?? null) ?? [];
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return (
    <div>
      <dt class="mut s">{title}</dt>
      <dd>
        <b>{now === undefined || now === null ? '—' : withUnit(now, unit)}</b>
        <span class="mut s">{most > 0 ? `at most ${withUnit(most, unit)}` : ''}</span>
        <Spark values={values} width={200} height={32} color={color} hasFill min={0} max={Math.max(most, 1e-9)} />
      </dd>
    </div>
  );
}

function Reach({ history }: { history: ProcessHistory | undefined }): JSX.Element | null {
  if (history === undefined) return null;
  const { span, frames, error } = history;
  const missing = frames.filter((frame) => frame === null).length;
  return (
    <p class="mut s">
      {clock(span.from)} – {clock(span.to)}, at {frames.length} moments.{' '}
      {error === undefined
        ? missing > 0 && `At ${missing} of them it was not among the busiest, so nothing was kept of it.`
        : error}
    </p>
  );
}
