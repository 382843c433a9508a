/** One number for each series, with its course behind it. */
import { color, thresholdColor, THEME } from './colors.mjs';
import { fieldConfig } from './fields.mjs';
import { escapeHtml, textWidth } from './html.mjs';
import { formatValue } from './units.mjs';

export function tile({ series, panel, width, height }) {
  const { noValue = 'No data' } = panel.fieldConfig.defaults;
  const shown = series.filter(({ points }) => points.length > 0);
  if (shown.length === 0)
    return big(noValue, color(thresholdColor(panel.fieldConfig.defaults.thresholds, 0)), width, height);
  const part = width / shown.length;
  const parts = shown.map((one) => number(one, panel, part, height, shown.length > 1));
  return `<div class="tiles">${parts.join('')}</div>`;
}

function number({ name, refId, points }, { fieldConfig: config, options }, width, height, isNamed) {
  const own = fieldConfig(config, name, refId);
  const value = points.at(-1)[1];
  const shade = options.colorMode === 'none' ? THEME.text : thresholdColor(own.thresholds, value);
  const text = formatValue(value, own.unit);
  const course = options.graphMode === 'area' ? area(points, shade, own, width, height) : '';
  return `<div class="tile" style="width:${width}px">${course}${big(text, shade, width, height, isNamed ? name : undefined)}</div>`;
}

function big(text, shade, width, height, name) {
  const size = Math.min(height * 0.42, (width - 16) / textWidth(text, 1), 44);
  const label = name === undefined ? '' : `<div class="name">${escapeHtml(name)}</div>`;
  return `<div class="big" style="color:${shade};font-size:${size.toFixed(0)}px;height:${height}px">${label}${escapeHtml(text)}</div>`;
}

function area(points, stroke, { min, max }, width, height) {
  if (points.length < 2) return '';
  const [from, to] = [points[0][0], points.at(-1)[0]];
  const values = points.map(([, value]) => value);
  const [low, high] = [min ?? Math.min(...values), max ?? Math.max(...values)];
  const rise = height * 0.35;
  const at = points.map(([time, value]) => {
    const share = high === low ? 0 : (value - low) / (high - low);
    return `${(((time - from) / (to - from)) * width).toFixed(1)} ${(height - 2 - share * rise).toFixed(1)}`;
  });
  return `<svg class="course" width="${width}" height="${height}">
    <path d="M${at.join(' L')} L${width} ${height} L0 ${height} Z" fill="${stroke}" opacity="0.15"/>
    <path d="M${at.join(' L')}" fill="none" stroke="${stroke}" opacity="0.7"/></svg>`;
}
