/** Charts of one container, of the series that there are. */
import type { ChartLine, ChartSpec } from '../../chart/model.ts';
import { namesIn } from '../../store/catalog.ts';
import { gauge, rate } from '../../store/formula.ts';

interface LineWanted extends Pick<ChartLine, 'label' | 'color' | 'style'> {
  readonly field: string;
  readonly isRate?: boolean;
}

interface ChartWanted extends Pick<ChartSpec, 'id' | 'title' | 'unit' | 'scale'> {
  readonly measurement: string;
  /** Of several series of a container, the one for all. */
  readonly total?: readonly [key: string, value: string];
  readonly lines: readonly LineWanted[];
}

const CHARTS: readonly ChartWanted[] = [
  {
    id: 'c-cpu',
    title: 'CPU',
    unit: 'percent',
    scale: { kind: 'nice', least: 1 },
    measurement: 'docker_container_cpu',
    total: ['cpu', 'cpu-total'],
    lines: [{ label: 'CPU, 100 is one core', color: 1, style: 'area', field: 'usage_percent' }],
  },
  {
    id: 'c-mem',
    title: 'Memory',
    unit: 'bytes',
    scale: { kind: 'nice', least: 1024 ** 2 },
    measurement: 'docker_container_mem',
    lines: [{ label: 'used', color: 1, style: 'area', field: 'usage' }],
  },
  {
    id: 'c-net',
    title: 'Network',
    unit: 'bytes/s',
    scale: { kind: 'nice', least: 1024 },
    measurement: 'docker_container_net',
    total: ['network', 'total'],
    lines: [
      { label: '↑ sent', color: 1, style: 'area', field: 'tx_bytes', isRate: true },
      { label: '↓ received', color: 2, style: 'mirror', field: 'rx_bytes', isRate: true },
    ],
  },
  {
    id: 'c-io',
    title: 'Disks',
    unit: 'bytes/s',
    scale: { kind: 'nice', least: 1024 },
    measurement: 'docker_container_blkio',
    total: ['device', 'total'],
    lines: [
      { label: 'read', color: 1, style: 'area', field: 'io_service_bytes_recursive_read', isRate: true },
      { label: 'written', color: 2, style: 'area', field: 'io_service_bytes_recursive_write', isRate: true },
    ],
  },
];

/** A container has a series for each state it was in; at a time only one of them has values, so they are added. */
export function containerCharts(container: string): readonly ChartSpec[] {
  return CHARTS.flatMap(({ measurement, total, lines, ...chart }) => {
    const names = (field: string) =>
      namesIn(
        measurement,
        field,
        (tags) => tags['container_name'] === container && (total === undefined || tags[total[0]] === total[1]),
      );
    if (names(lines[0]?.field ?? '').length === 0) return [];
    return [
      {
        ...chart,
        lines: lines.map(({ field, isRate = false, ...line }) => ({
          ...line,
          formula: isRate ? rate(...names(field)) : gauge(...names(field)),
        })),
      },
    ];
  });
}
