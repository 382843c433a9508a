/** A line without axes. */
import type { JSX } from 'preact';

export interface SparkProps {
  readonly values: readonly (number | null)[];
  readonly width: number;
  readonly height: number;
  readonly color: 1 | 2 | 3 | 4 | 5;
  readonly hasFill?: boolean;
  /** Undefined: from the least to the greatest value. */
  readonly min?: number;
  readonly max?: number;
  /** Share of the width from which on the ground is tinted. */
  readonly tintFrom?: number;
}

export function Spark(props: SparkProps): JSX.Element {
  const { width, height, color, hasFill = false, tintFrom } = props;
  const line = linePath(props);
  return (
    <svg class={`spark c${color}`} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {tintFrom !== undefined && (
        <rect class="spark-tint" x={width * tintFrom} width={width * (1 - tintFrom)} height={height} />
      )}
      {hasFill && line !== '' && <path class="spark-fill" d={filled(line, height)} />}
      <path class="spark-line" d={line} />
    </svg>
  );
}

function linePath({ values, width, height, min, max }: SparkProps): string {
  const known = values.filter((value) => value !== null);
  const [low, high] = [min ?? Math.min(...known), max ?? Math.max(...known)];
  const span = high - low || 1;
  let isDown = false;
  let path = '';
  values.forEach((value, index) => {
    if (value !== null) {
      const x = 1 + (index * (width - 2)) / Math.max(1, values.length - 1);
      const y = 2 + (1 - Math.max(0, Math.min(1, (value - low) / span))) * (height - 4);
      path += `${isDown ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    isDown = value !== null;
  });
  return path;
}

/** Each run of the line down to the ground. */
function filled(line: string, height: number): string {
  return line
    .split('M')
    .filter((run) => run !== '')
    .map((run) => {
      const first = run.split(' ')[0] ?? '0';
      const last = run.split('L').at(-1)?.split(' ')[0] ?? first;
      return `M${run}L${last} ${height}L${first} ${height}Z`;
    })
    .join('');
}
