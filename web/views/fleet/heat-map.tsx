/** One cell per host, coloured by a figure or by its state. What is wrong shows its shape. */
import { useSignal, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';

import { decimals } from '../../format/value.ts';
import type { IconName } from '../../parts/icon.tsx';
import { isPhone } from '../../parts/media.ts';
import { adjust, goTo } from '../../url/location.ts';

import { groupsOf } from './groups.ts';
import {
  cellAt,
  cellSize,
  COLORS,
  heatLayout,
  heatPaths,
  heatValue,
  levelOf,
  scaleTop,
  walk,
  type Cell,
  type HeatColor,
  type HeatLayout,
} from './heat.ts';
import { quoted } from './filter.ts';
import { hostPath } from './path.ts';
import type { HostRow } from './trouble.ts';

const TITLES: Readonly<Record<HeatColor, string>> = {
  cpu: 'CPU',
  memory: 'Memory',
  disk: 'Fullest disk',
  load: 'Load',
  state: 'State',
};
const LABEL_WIDTH = 96;
/** Shapes that can be told apart in ten pixels, instead of those with a sign inside. */
const SMALL: Partial<Readonly<Record<IconName, IconName>>> = { warn: 'warn-s', unk: 'unk-s' };

export interface HeatMapProps {
  readonly rows: readonly HostRow[];
  readonly all: readonly HostRow[];
  readonly by: string | undefined;
  readonly color: HeatColor;
}

export function heatColor(text: string | null): HeatColor {
  return COLORS.find((color) => color === text) ?? 'cpu';
}

export function HeatMap({ rows, all, by, color }: HeatMapProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const at = useSignal(-1);
  const layout = useMemo(() => {
    const labelWidth = by === undefined ? 0 : LABEL_WIDTH;
    return heatLayout(groupsOf(rows, by), cellSize(all.length, isPhone.value), { width: width.value, labelWidth });
  }, [rows, by, width.value, isPhone.value]);
  const top = scaleTop(all, color);
  const open = (index: number) => {
    const cell = layout.cells[index];
    if (cell !== undefined) goTo({}, hostPath(cell.row, all));
  };
  return (
    <section class="card heat-card">
      <div class="ch tall">
        <h2>{rows.length === all.length ? `All ${all.length}` : `${rows.length} of ${all.length}`}</h2>
        <ColorChoice color={color} />
        <Scale color={color} top={top} />
      </div>
      <div
        ref={box}
        class="heat"
        role="group"
        tabIndex={0}
        aria-label={`Heat map of ${rows.length} hosts by ${TITLES[color]}: arrow keys walk, Enter opens; the table below has the same data`}
        onPointerMove={(event) => {
          at.value = cellUnder(event, layout);
        }}
        onPointerLeave={() => {
          at.value = -1;
        }}
        onFocus={() => {
          if (at.value < 0) at.value = 0;
        }}
        onBlur={() => {
          at.value = -1;
        }}
        onClick={(event) => {
          const group = labelUnder(event, layout);
          if (group === undefined) open(cellUnder(event, layout));
          else adjust({ q: `${by ?? ''}=${quoted(group)}` });
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') open(at.value);
          else if (/^(Arrow|Home|End)/.test(event.key)) at.value = walk(layout, Math.max(0, at.value), event.key);
          else return;
          event.preventDefault();
        }}
      >
        {width.value > 0 && <Drawing layout={layout} by={by} color={color} top={top} at={at} />}
      </div>
      <Tip layout={layout} at={at} color={color} />
    </section>
  );
}

function useWidth(box: { readonly current: HTMLElement | null }): Signal<number> {
  const width = useSignal(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      width.value = Math.floor(entry?.contentRect.width ?? 0);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return width;
}

function cellUnder({ clientX, clientY, currentTarget }: MouseEvent, layout: HeatLayout): number {
  const svg = (currentTarget as HTMLElement).querySelector('svg')?.getBoundingClientRect();
  return svg === undefined ? -1 : cellAt(layout, clientX - svg.left, clientY - svg.top);
}

/** The group whose name is under the pointer. */
function labelUnder({ clientX, clientY, currentTarget }: MouseEvent, layout: HeatLayout): string | undefined {
  const svg = (currentTarget as HTMLElement).querySelector('svg')?.getBoundingClientRect();
  const first = layout.cells[0]?.x ?? 0;
  if (svg === undefined || clientX - svg.left >= first) return undefined;
  return layout.labels.findLast(({ y }) => clientY - svg.top >= y)?.value;
}

interface DrawingProps {
  readonly layout: HeatLayout;
  readonly by: string | undefined;
  readonly color: HeatColor;
  readonly top: number;
  readonly at: Signal<number>;
}

function Drawing({ layout, by, color, top, at }: DrawingProps): JSX.Element {
  const { size, cells, labels, height } = layout;
  const { levels, unknown, marked } = useMemo(() => heatPaths(layout, color, top), [layout, color, top]);
  return (
    <svg class="heat-svg" height={height + 4} aria-hidden="true">
      {by !== undefined &&
        labels.map(({ value, count, y }) => (
          <text key={value} class="heat-label" x="0" y={y + Math.min(size.height, 20) / 2 + 4}>
            {short(value === '' ? `no ${by}` : value)} <tspan class="heat-count">{count}</tspan>
          </text>
        ))}
      {levels.map((data, level) => (
        <path key={level} class={`heat-cell h${level}`} d={data} />
      ))}
      <path class="heat-unknown" d={unknown} />
      {size.hasNumber && cells.map((cell) => <CellNumber key={cell.row.id} {...{ cell, color, top, size }} />)}
      {marked.map(({ row, x, y }) => (
        <Mark key={row.id} row={row} x={x} y={y} size={size} />
      ))}
      <Outline layout={layout} at={at} />
    </svg>
  );
}

function CellNumber({
  cell: { row, x, y },
  color,
  top,
  size,
}: {
  cell: Cell;
  color: HeatColor;
  top: number;
  size: HeatLayout['size'];
}): JSX.Element | null {
  const value = heatValue(row, color);
  if (value === null || row.troubles.length > 0) return null;
  const ink = levelOf(value, top) >= 4 ? 'heat-n hi' : 'heat-n';
  return (
    <text class={ink} x={x + size.width / 2} y={y + size.height / 2 + 4}>
      {color === 'load' ? decimals(value, value < 9.95 ? 1 : 0) : Math.round(value)}
    </text>
  );
}

function Mark({ row, x, y, size }: { row: HostRow; x: number; y: number; size: HeatLayout['size'] }): JSX.Element {
  const edge = Math.min(16, size.width + 2);
  const { icon, tone } = row.look;
  return (
    <use
      class={`i ${tone}`}
      href={`#${size.width < 16 ? (SMALL[icon] ?? icon) : icon}`}
      x={x + (size.width - edge) / 2}
      y={y + (size.height - edge) / 2}
      width={edge}
      height={edge}
    />
  );
}

function Outline({ layout: { cells, size }, at }: { layout: HeatLayout; at: Signal<number> }): JSX.Element | null {
  const cell = cells[at.value];
  if (cell === undefined) return null;
  return <rect class="heat-at" x={cell.x} y={cell.y} width={size.width} height={size.height} rx="2" />;
}

/** The host under the pointer or the focus. Its room is always there. */
function Tip({ layout, at, color }: { layout: HeatLayout; at: Signal<number>; color: HeatColor }): JSX.Element {
  const row = layout.cells[at.value]?.row;
  return (
    <p class="foot cut" aria-live="polite">
      {row === undefined ? (
        <span class="mut">Point at a cell, or walk with the arrow keys.</span>
      ) : (
        <span class="cut">
          <b>{row.name}</b> {tipText(row, color)}
        </span>
      )}
    </p>
  );
}

function tipText(row: HostRow, color: HeatColor): string {
  const value = heatValue(row, color);
  const [trouble] = row.troubles;
  const figure =
    value === null
      ? []
      : [`${TITLES[color]} ${color === 'load' ? decimals(value, 2) : `${decimals(value, 0)}\u00a0%`}`];
  return [trouble === undefined ? row.look.word.toLowerCase() : trouble.says, ...figure].join(' · ');
}

function ColorChoice({ color }: { color: HeatColor }): JSX.Element {
  return (
    <select
      class="text-in"
      aria-label="Coloured by"
      value={color}
      onChange={({ currentTarget: { value } }) => {
        adjust({ color: value === 'cpu' ? undefined : value });
      }}
    >
      {COLORS.map((one) => (
        <option key={one} value={one}>
          {TITLES[one]}
        </option>
      ))}
    </select>
  );
}

function Scale({ color, top }: { color: HeatColor; top: number }): JSX.Element | null {
  if (color === 'state') return null;
  return (
    <span class="row s mut push heat-scale">
      0
      <svg width="112" height="8" aria-hidden="true">
        {[0, 1, 2, 3, 4, 5].map((level) => (
          <rect key={level} class={`h${level}`} x={level * 19 + 0.5} y="0.5" width="15" height="7" rx="2" />
        ))}
      </svg>
      {color === 'load' ? decimals(top, 1) : '100\u00a0%'}
    </span>
  );
}

function short(text: string): string {
  return text.length > 11 ? `${text.slice(0, 10)}…` : text;
}
