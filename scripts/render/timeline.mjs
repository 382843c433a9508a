/** Bars of what was the case when, a line for each series. */
import { clockTime } from './chart.mjs';
import { color, THEME } from './colors.mjs';
import { fieldConfig, mapped } from './fields.mjs';
import { escapeHtml, textWidth } from './html.mjs';

const FONT = 11;
const BOTTOM = 22;

export function timeline({ series, panel, range, width, height }) {
  const left = Math.max(...series.map(({ name }) => textWidth(name, FONT)), 0) + 14;
  const line = Math.min((height - BOTTOM) / series.length, 34);
  const x = (time) => left + ((time - range.from) / (range.to - range.from)) * (width - left - 8);
  const rows = series.map(({ name, refId, points }, index) => {
    const config = fieldConfig(panel.fieldConfig, name, refId);
    const y = index * line;
    const bars = spans(points, config['custom.insertNulls']).map(({ from, to, value }) => {
      const shade = color(mapped(config, value).color ?? 'green');
      return `<rect x="${x(from)}" y="${y + line * 0.12}" width="${Math.max(x(to) - x(from), 1)}" height="${line * 0.76}" fill="${shade}" opacity="${config['custom.fillOpacity'] / 100}"/>`;
    });
    return `<text x="${left - 8}" y="${y + line / 2}" dy="4" text-anchor="end" fill="${THEME.weak}">${escapeHtml(name)}</text>${bars.join('')}`;
  });
  const times = [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => {
    const time = range.from + share * (range.to - range.from);
    return `<text x="${x(time)}" y="${line * series.length + 16}" text-anchor="middle" fill="${THEME.weak}">${clockTime(time)}</text>`;
  });
  return `<svg width="${width}" height="${height}" font-size="${FONT}">${rows.join('')}${times.join('')}</svg>`;
}

/** Neighbours with one value are one bar; each lasts until the next point, or as long as the one before if none comes. */
function spans(points, silence) {
  const found = [];
  points.forEach(([time, value], index) => {
    const step = index === 0 ? (points[1]?.[0] ?? time + 1000) - time : time - points[index - 1][0];
    const next = points[index + 1]?.[0];
    const to = next === undefined || next - time > silence ? time + step : next;
    const last = found.at(-1);
    if (last?.value === value && last.to === time) last.to = to;
    else found.push({ from: time, to, value });
  });
  return found;
}
