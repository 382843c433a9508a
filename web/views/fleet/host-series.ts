/** What is drawn of a host of the fleet, from the sets that the hub's history has of it. */
import type { SeriesSetInfo } from '../../api/answers.ts';
import type { ChartLine, ChartSpec, SeriesColor } from '../../chart/model.ts';
import { gauge, rate } from '../../store/formula.ts';
import { seriesName } from '../../store/series-name.ts';

type Sets = readonly SeriesSetInfo[];

/** A chart has so many lines. */
const MOST_LINES = 5;
/** What a host sends to itself would be counted twice. */
const VIRTUAL_INTERFACE = /^(all$|lo\d*$|veth|docker|br-|virbr|cni|flannel|cali|vxlan|tun|tap|dummy|ifb|kube)/;

/** @param id of the host, which names of series may have in place of its name: several hosts may have that */
export function chartsOfHost(id: string, sets: Sets): readonly ChartSpec[] {
  const own = sets.map((set) => ({ ...set, tags: { ...set.tags, host: id } }));
  const percent = { unit: 'percent', scale: { kind: 'fixed', min: 0, max: 100 } } as const;
  const charts: readonly ChartSpec[] = [
    { id: 'cpu', title: 'CPU, not idle', ...percent, lines: cpuLines(own) },
    { id: 'mem', title: 'Memory used', ...percent, lines: lines(own, 'mem', 'used_percent', () => 'memory') },
    { id: 'disk', title: 'Disks used', ...percent, lines: lines(own, 'disk', 'used_percent', ({ path = '' }) => path) },
    { id: 'net', title: 'Network', unit: 'bytes/s', scale: { kind: 'nice', least: 1024 }, lines: netLines(own) },
    {
      id: 'load',
      title: 'Load, 1 min',
      unit: '',
      scale: { kind: 'nice', least: 1 },
      lines: lines(own, 'system', 'load1', () => 'load'),
    },
  ];
  return charts.filter((chart) => chart.lines.length > 0);
}

function cpuLines(own: Sets): readonly ChartLine[] {
  const [name] = namesOf(own, 'cpu', 'usage_idle', ({ cpu }) => cpu === 'cpu-total');
  return name === undefined ? [] : [{ label: 'CPU', color: 1, style: 'area', formula: { ...gauge(name), from: 100 } }];
}

function lines(
  own: Sets,
  measurement: string,
  field: string,
  labelOf: (tags: SeriesSetInfo['tags']) => string,
): readonly ChartLine[] {
  const found = own.filter((set) => set.measurement === measurement && set.fields.some(({ name }) => name === field));
  return found.slice(0, MOST_LINES).map(({ tags }, index) => ({
    label: labelOf(tags),
    color: (index + 1) as SeriesColor,
    style: found.length === 1 ? 'area' : 'line',
    formula: gauge(seriesName(measurement, field, tags)),
  }));
}

function netLines(own: Sets): readonly ChartLine[] {
  const isReal = ({ interface: name = 'all' }: SeriesSetInfo['tags']) => !VIRTUAL_INTERFACE.test(name);
  const [sent, received] = (['bytes_sent', 'bytes_recv'] as const).map((field) => namesOf(own, 'net', field, isReal));
  if (sent === undefined || received === undefined || sent.length === 0) return [];
  return [
    { label: '↑ sent', color: 1, style: 'area', formula: rate(...sent) },
    { label: '↓ received', color: 2, style: 'mirror', formula: rate(...received) },
  ];
}

function namesOf(
  own: Sets,
  measurement: string,
  field: string,
  isWanted: (tags: SeriesSetInfo['tags']) => boolean,
): readonly string[] {
  return own
    .filter((set) => set.measurement === measurement && isWanted(set.tags))
    .map(({ tags }) => seriesName(measurement, field, tags));
}

export interface LineMetricInfo {
  readonly title: string;
  readonly short: string;
  readonly unit: string;
  /** Beside the greatest of the values. */
  readonly words: string;
  /** Words that find the series. */
  readonly find: string;
  readonly measurement: string;
  readonly field: string;
  readonly isIdle: boolean;
}

export const LINE_METRICS = {
  cpu: {
    title: 'CPU',
    short: 'CPU',
    unit: 'percent',
    words: '% at most',
    find: 'cpu-total usage_idle',
    measurement: 'cpu',
    field: 'usage_idle',
    isIdle: true,
  },
  memory: {
    title: 'Memory used',
    short: 'Memory',
    unit: 'percent',
    words: '% at most',
    find: 'mem used_percent',
    measurement: 'mem',
    field: 'used_percent',
    isIdle: false,
  },
  load: {
    title: 'Load',
    short: 'Load',
    unit: '',
    words: 'at most',
    find: 'system load1',
    measurement: 'system',
    field: 'load1',
    isIdle: false,
  },
} as const satisfies Readonly<Record<string, LineMetricInfo>>;

export type LineMetric = keyof typeof LINE_METRICS;

/** @param sets by the id of a host; undefined while they are asked for */
export function linesOfHosts(
  metric: LineMetric,
  hosts: readonly { readonly id: string; readonly name: string }[],
  sets: ReadonlyMap<string, Sets> | undefined,
): ChartSpec {
  const { title, unit, measurement, field, isIdle }: LineMetricInfo = LINE_METRICS[metric];
  const lines = hosts.flatMap(({ id, name }, index): readonly ChartLine[] => {
    const set = sets?.get(id)?.find((one) => one.measurement === measurement);
    if (set === undefined) return [];
    const formula = gauge(seriesName(measurement, field, { ...set.tags, host: id }));
    const color = (index + 1) as SeriesColor;
    return [{ label: name, color, style: 'line', formula: isIdle ? { ...formula, from: 100 } : formula }];
  });
  const scale =
    unit === 'percent' ? ({ kind: 'fixed', min: 0, max: 100 } as const) : ({ kind: 'nice', least: 1 } as const);
  return {
    id: `fleet-${metric}`,
    title: `${title} of ${lines.length === 1 ? '1 host' : `${lines.length} hosts`}`,
    unit,
    lines,
    scale,
  };
}
