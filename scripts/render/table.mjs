/** A table with coloured cells and bars. */
import { color, thresholdColor, THEME } from './colors.mjs';
import { fieldConfig, mapped } from './fields.mjs';
import { escapeHtml } from './html.mjs';
import { formatValue } from './units.mjs';

export function table({ table: { columns, rows }, panel, height }) {
  const configs = columns.map((name) => fieldConfig(panel.fieldConfig, name));
  const body = sorted(rows, columns, panel.options.sortBy).map(
    (row) => `<tr>${row.map((value, index) => cell(value, configs[index], columns[index])).join('')}</tr>`,
  );
  const head = columns.map((name, index) => {
    const isNumber = rows.some((row) => typeof row[index] === 'number') && name !== 'Time';
    return `<th style="text-align:${isNumber && !isBar(configs[index]) ? 'right' : 'left'}">${escapeHtml(name)}</th>`;
  });
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

function cell(value, config, name) {
  if (value === null || value === undefined || value === '') return `<td>${escapeHtml(config.noValue ?? '')}</td>`;
  if (typeof value === 'number') return numberCell(value, config, name);
  const { text = value, color: shade } = mapped(config, value);
  const style =
    shade === undefined ? (config.links === undefined ? '' : `color:${THEME.link}`) : `color:${color(shade)}`;
  return `<td style="${style}">${escapeHtml(text)}</td>`;
}

function numberCell(value, config, name) {
  if (name === 'Time') return `<td class="time">${new Date(value).toISOString().slice(0, 19).replace('T', ' ')}</td>`;
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
