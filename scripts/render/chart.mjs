/** Lines over time, with axes, limits, marks of annotations and a legend. */
import { color, seriesColor, THEME } from './colors.mjs';
import { fieldConfig } from './fields.mjs';
import { escapeHtml, textWidth } from './html.mjs';
import { formatValue, ticks } from './units.mjs';

const FONT = 11;
const LEGEND_LINE = 20;
const BOTTOM = 22;
/** Of the height; Grafana lets people scroll in the rest. */
const LEGEND_SHARE = 0.4;

/** @param range `{ from, to }` in milliseconds */
export function chart({ series, panel, range, marks, width, height }) {
  const lines = prepared(series, panel.fieldConfig);
  const entries = lines.map((line) => ({ ...line, text: legendText(line) }));
  const legendHeight = Math.min(legendLines(entries, width) * LEGEND_LINE, Math.floor(height * LEGEND_SHARE));
  const plot = plotArea(lines, panel, width, height - legendHeight - 4);
  const parts = [
    ...grid(plot, range),
    ...marks.map((mark) => annotation(plot, range, mark)),
    ...lines.map((line) => drawn(plot, range, line)),
    ...limits(plot, panel.fieldConfig.defaults),
  ];
  return `<svg width="${width}" height="${plot.height}" font-size="${FONT}">${parts.join('')}</svg>
    <div class="legend" style="height:${legendHeight}px">${entries.map(legendEntry).join('')}</div>`;
}

/** Colours, signs and stacks. */
function prepared(series, config) {
  const lines = series
    .toSorted((a, b) => (a.refId === b.refId ? a.name.localeCompare(b.name) : a.refId.localeCompare(b.refId)))
    .map((one, index) => {
      const own = fieldConfig(config, one.name, one.refId);
      const sign = own['custom.transform'] === 'negative-Y' ? -1 : 1;
      const points = one.points.map(([time, value]) => [time, sign * value]);
      return {
        ...one,
        own,
        points,
        bases: points.map(() => 0),
        last: one.points.at(-1)?.[1],
        color: seriesColor(index),
      };
    });
  return config.defaults.custom?.stacking?.mode === 'normal' ? stacked(lines) : lines;
}

function stacked(lines) {
  const heights = new Map();
  return lines.map((line) => {
    const bases = line.points.map(([time]) => heights.get(time) ?? 0);
    const points = line.points.map(([time, value], index) => [time, bases[index] + value]);
    for (const [time, top] of points) heights.set(time, top);
    return { ...line, bases, points };
  });
}

function plotArea(lines, { fieldConfig: { defaults } }, width, height) {
  const unit = defaults.unit ?? 'short';
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const lowest = defaults.min ?? Math.min(0, ...values);
  const highest = defaults.max ?? Math.max(...values, lowest);
  // A line of zeros is drawn at the bottom of an axis up to one.
  const top = highest === lowest ? lowest + 1 : (defaults.max ?? highest + (highest - lowest) * 0.05);
  const bottom = defaults.min ?? (lowest < 0 ? lowest - (top - lowest) * 0.05 : lowest);
  const { step, values: at } = ticks(bottom, top, Math.max(2, Math.floor(height / 36)), unit);
  const labels = at.map((value) => ({ value, text: formatValue(value, unit, step) }));
  const left = Math.max(...labels.map(({ text }) => textWidth(text, FONT)), 20) + 12;
  const y = (value) => 6 + (1 - (value - bottom) / (top - bottom)) * (height - 6 - BOTTOM);
  return {
    left,
    width,
    height,
    y,
    labels,
    zero: y(Math.min(Math.max(0, bottom), top)),
    bottom: y(bottom),
    top: y(top),
  };
}

function toX({ left, width }, { from, to }, time) {
  return left + ((time - from) / (to - from)) * (width - left - 8);
}

function grid(plot, range) {
  const horizontal = plot.labels.map(({ value, text }) => {
    const y = plot.y(value).toFixed(1);
    return `<line x1="${plot.left}" x2="${plot.width - 8}" y1="${y}" y2="${y}" stroke="${THEME.grid}"/>
      <text x="${plot.left - 8}" y="${y}" dy="4" text-anchor="end" fill="${THEME.weak}">${escapeHtml(text)}</text>`;
  });
  const vertical = timeTicks(range, (plot.width - plot.left) / 90).map((time) => {
    const x = toX(plot, range, time).toFixed(1);
    return `<line x1="${x}" x2="${x}" y1="${plot.top}" y2="${plot.bottom}" stroke="${THEME.grid}"/>
      <text x="${x}" y="${plot.height - 5}" text-anchor="middle" fill="${THEME.weak}">${clockTime(time)}</text>`;
  });
  return [...horizontal, ...vertical];
}

const TIME_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map((seconds) => seconds * 1000);

function timeTicks({ from, to }, count) {
  const step = TIME_STEPS.find((each) => (to - from) / each <= count) ?? TIME_STEPS.at(-1);
  const first = Math.ceil((from + step * 0.2) / step) * step;
  return Array.from({ length: Math.floor((to - step * 0.2 - first) / step) + 1 }, (_, index) => first + index * step);
}

export function clockTime(time) {
  return new Date(time).toISOString().slice(11, 19);
}

function annotation(plot, range, { time, color: name }) {
  const x = toX(plot, range, time);
  const [stroke, foot] = [color(name), plot.bottom];
  return `<line x1="${x}" x2="${x}" y1="${plot.top}" y2="${foot}" stroke="${stroke}" stroke-dasharray="3 3" opacity="0.7"/>
    <path d="M${x - 4} ${foot + 5} L${x + 4} ${foot + 5} L${x} ${foot} Z" fill="${stroke}"/>`;
}

function drawn(plot, range, { points, bases, own, color: stroke }) {
  const at = points.map(([time, value]) => `${toX(plot, range, time).toFixed(1)} ${plot.y(value).toFixed(1)}`);
  if (at.length === 0) return '';
  if (at.length === 1) {
    const [x, y] = at[0].split(' ');
    return `<circle cx="${x}" cy="${y}" r="2.5" fill="${stroke}"/>`;
  }
  const floor = points.map(
    ([time], index) => `${toX(plot, range, time).toFixed(1)} ${plot.y(bases[index]).toFixed(1)}`,
  );
  const area = `M${at.join(' L')} L${floor.reverse().join(' L')} Z`;
  return `<path d="${area}" fill="${stroke}" opacity="${(own['custom.fillOpacity'] ?? 0) / 100}"/>
    <path d="M${at.join(' L')}" fill="none" stroke="${stroke}" stroke-width="${own['custom.lineWidth'] ?? 1}" stroke-linejoin="round"/>`;
}

function limits(plot, { thresholds, custom }) {
  if (!custom?.thresholdsStyle?.mode.includes('dashed')) return [];
  return thresholds.steps
    .filter(({ value }) => value !== null)
    .map(({ value, color: name }) => {
      const y = plot.y(value);
      if (y < plot.top || y > plot.bottom) return '';
      return `<line x1="${plot.left}" x2="${plot.width - 8}" y1="${y}" y2="${y}" stroke="${color(name)}" stroke-dasharray="6 4" opacity="0.8"/>`;
    });
}

function legendText({ name, last, own }) {
  return { name, last: last === undefined ? '' : formatValue(last, own.unit ?? 'short') };
}

function legendEntry({ color: stroke, text: { name, last } }) {
  return `<span class="entry"><i style="background:${stroke}"></i>${escapeHtml(name)}<b>${escapeHtml(last)}</b></span>`;
}

function legendLines(entries, width) {
  const widths = entries.map(({ text: { name, last } }) => textWidth(name + last, FONT + 1) + 48);
  let [lines, used] = [1, 0];
  for (const each of widths) {
    if (used + each > width && used > 0) [lines, used] = [lines + 1, 0];
    used += each;
  }
  return lines;
}
