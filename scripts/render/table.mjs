/** A table with coloured cells and bars. */
import { color, thresholdColor, THEME } from './colors.mjs';
import { fieldConfig, mapped } from './fields.mjs';
import { escapeHtml } from './html.mjs';
import { formatValue, longDuration } from './units.mjs';

/** @param now for what is told as the time that passed */
export function table({ table: { columns, rows }, panel, now, height }) {
  const configs = columns.map((name, index) => {
    const config = fieldConfig(panel.fieldConfig, name);
    const isNumber = rows.some((row) => typeof row[index] === 'number') && name !== 'Time' && !isBar(config);
    return { ...config, name, now, align: isNumber ? 'right' : 'left' };
  });
  const body = sorted(rows, columns, panel.options.sortBy).map(
    (row) => `<tr>${row.map((value, index) => cell(value, configs[index])).join('')}</tr>`,
  );
  const head = configs.map(({ name, align }) => `<th style="text-align:${align}">${escapeHtml(name)}</th>`);
  return `<div class="table" style="height:${height}px"><table><tr>${head.join('')}</tr>${body.join('')}</table></div>`;
}

function sorted(rows, columns, [by] = []) {
  if (by === undefined) return rows;
  const index = columns.indexOf(by.displayName);
  return rows.toSorted((a, b) => String(a[index]).localeCompare(String(b[index])));
}

function isBar(config) {
  return config['custom.cellOptions']?.type === 'gauge';
}

function cell(value, config) {
  if (value === null || value === undefined || value === '')
    return `<td style="text-align:${config.align}">${escapeHtml(config.noValue ?? '')}</td>`;
  if (typeof value === 'number') return numberCell(value, config);
  const { text = value, color: shade } = mapped(config, value);
  const style =
    shade === undefined ? (config.links === undefined ? '' : `color:${THEME.link}`) : `color:${color(shade)}`;
  return `<td style="${style}">${escapeHtml(text)}</td>`;
}

function numberCell(value, config) {
  if (config.name === 'Time')
    return `<td class="time">${new Date(value).toISOString().slice(0, 19).replace('T', ' ')}</td>`;
  if (config.unit === 'dateTimeFromNow')
    return `<td class="number">${longDuration(Math.max(0, config.now - value) / 1000)} ago</td>`;
  const text = escapeHtml(formatValue(value, config.unit));
  const shade = thresholdColor(config.thresholds, value);
  const { min = 0, max = 100 } = config;
  switch (config['custom.cellOptions']?.type) {
    case 'gauge': {
      const share = Math.min(Math.max((100 * (value - min)) / (max - min), 0), 100);
      const bar = `<div class="bar"><div style="width:${share.toFixed(1)}%;background:${shade}33;border-right:2px solid ${shade}"></div></div>`;
      return `<td><div class="gauge">${bar}<span style="color:${shade}">${text}</span></div></td>`;
    }
    case 'color-background':
      return `<td class="number" style="background:${shade};color:#fff">${text}</td>`;
    case 'color-text':
      return `<td class="number" style="color:${shade}">${text}</td>`;
    default:
      return `<td class="number">${text}</td>`;
  }
}
