/** The exposition formats: Prometheus text 0.0.4 and OpenMetrics 1.0.0. */
import { milliseconds } from '../../plugin/index.ts';

import { layOut, type Block } from './layout.ts';
import type { Registry } from './registry.ts';

export type Exposition = 'text' | 'openMetrics';

export const EXPOSITION_TYPES: Readonly<Record<Exposition, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Returns a function that renders the current content of the registry. */
export function createWriter(registry: Registry, withTimes: boolean): (format: Exposition) => string {
  let blocks: readonly Block[] = [];
  let version = -1;
  return (format) => {
    if (version !== registry.version) blocks = layOut(registry.families);
    ({ version } = registry);
    let text = '';
    for (const block of blocks) {
      text += block[format];
      for (const { prefix, value, time } of block.series) {
        text += withTimes ? `${prefix}${value} ${timeOf(time, format)}\n` : `${prefix}${value}\n`;
      }
    }
    return format === 'text' ? text : `${text}# EOF\n`;
  };
}

/** Milliseconds in the text format, seconds in OpenMetrics. */
function timeOf(time: bigint, format: Exposition): string {
  const ms = milliseconds(time);
  return format === 'text' ? String(ms) : (ms / 1000).toFixed(3);
}
