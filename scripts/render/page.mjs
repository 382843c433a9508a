/** A dashboard as a page: its panels where `gridPos` says, drawn from answers of InfluxDB. Looks about as Grafana does. */
import { chart, clockTime } from './chart.mjs';
import { THEME } from './colors.mjs';
import { toSeries, toTable } from './frames.mjs';
import { escapeHtml } from './html.mjs';
import { table } from './table.mjs';
import { tile } from './tile.mjs';
import { timeline } from './timeline.mjs';

export const WIDTH = 1600;
const COLUMN = (WIDTH - 16) / 24;
const LINE = 38;
const GAP = 8;
const HEAD = 52;
const TITLE = 32;

const STYLE = `
  body { margin: 0; background: ${THEME.page}; color: ${THEME.text}; font: 13px/1.4 "DejaVu Sans", sans-serif; }
  .head { height: ${HEAD}px; padding: 0 16px; display: flex; align-items: center; gap: 20px; box-sizing: border-box; }
  .head h1 { font-size: 18px; font-weight: 500; margin: 0; color: ${THEME.strong}; }
  .choice { border: 1px solid ${THEME.grid}; border-radius: 2px; } .choice span { background: ${THEME.panel}; padding: 5px 8px; display: inline-block; }
  .choice b { font-weight: 400; padding: 5px 8px; display: inline-block; color: ${THEME.strong}; }
  .range { margin-left: auto; color: ${THEME.weak}; }
  .grid { position: relative; margin: 0 8px; }
  .row { position: absolute; left: 8px; font-weight: 500; font-size: 15px; padding-top: 6px; color: ${THEME.strong}; }
  .panel { position: absolute; background: ${THEME.panel}; border: 1px solid ${THEME.border}; border-radius: 2px; box-sizing: border-box; overflow: hidden; }
  .panel h2 { font-size: 13px; font-weight: 500; margin: 0; padding: 7px 10px 0; height: ${TITLE - 7}px; box-sizing: border-box; white-space: nowrap; }
  .content { position: absolute; top: ${TITLE}px; left: 8px; right: 8px; bottom: 6px; }
  .empty { height: 100%; display: grid; place-items: center; color: ${THEME.weak}; }
  .legend { overflow: hidden; font-size: 12px; line-height: 20px; }
  .entry { margin-right: 16px; white-space: nowrap; display: inline-block; } .entry i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin: 0 6px 3px 0; }
  .entry b { font-weight: 400; color: ${THEME.weak}; margin-left: 8px; }
  .tiles { display: flex; height: 100%; } .tile { position: relative; height: 100%; } .course { position: absolute; left: 0; bottom: 0; }
  .big { display: flex; flex-direction: column; align-items: center; justify-content: center; font-weight: 500; position: relative; line-height: 1.1; }
  .big .name { font-size: 12px; color: ${THEME.text}; font-weight: 400; margin-bottom: 4px; }
  .table { overflow: hidden; } table { border-collapse: collapse; width: 100%; font-size: 13px; }
  th { color: ${THEME.link}; font-weight: 500; } th, td { padding: 7px 10px; border-bottom: 1px solid ${THEME.border}; border-right: 1px solid ${THEME.border}; white-space: nowrap; }
  .number { text-align: right; } .time { color: ${THEME.weak}; } .gauge { display: flex; align-items: center; gap: 10px; } .gauge span { min-width: 52px; text-align: right; }
  .bar { flex: 1; min-width: 80px; background: ${THEME.page}; height: 16px; } .bar div { height: 100%; }
  svg { display: block; font-family: "DejaVu Sans", sans-serif; }`;

/**
 * @param dashboard as `healthd grafana export` writes it
 * @param choices variable → what its field shows
 * @param answersOf panel → for each of its queries `{ target, series }`
 * @param marks annotations: `{ time, color }`
 * @param until line of the grid where the picture ends
 */
export function dashboardPage({ dashboard, choices, range, answersOf, marks, until = Infinity }) {
  const shown = dashboard.panels.filter(({ gridPos }) => gridPos.y < until);
  const bottom = Math.max(...shown.map(({ gridPos: { y, h } }) => y + h));
  const panels = shown.map((panel) =>
    panel.type === 'row' ? rowTitle(panel) : panelBox(panel, { answers: answersOf(panel), range, marks }),
  );
  const chosen = Object.entries(choices).map(
    ([label, value]) => `<div class="choice"><span>${escapeHtml(label)}</span><b>${escapeHtml(value)}</b></div>`,
  );
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
    <div class="head"><h1>${escapeHtml(dashboard.title)}</h1>${chosen.join('')}
    <div class="range">${clockTime(range.from)} to ${clockTime(range.to)} UTC</div></div>
    <div class="grid" style="height:${bottom * LINE + GAP}px">${panels.join('')}</div>`;
}

function rowTitle({ title, gridPos: { y } }) {
  return `<div class="row" style="top:${y * LINE}px">${escapeHtml(title)}</div>`;
}

function panelBox(panel, { answers, range, marks }) {
  const { x, y, w, h } = panel.gridPos;
  const [width, height] = [w * COLUMN - GAP, h * LINE - GAP];
  const content = panelContent(panel, { answers, range, marks, width: width - 18, height: height - TITLE - 8 });
  return `<div class="panel" style="left:${x * COLUMN}px;top:${y * LINE}px;width:${width}px;height:${height}px">
    <h2>${escapeHtml(panel.title)}</h2><div class="content">${content}</div></div>`;
}

function panelContent(panel, { answers, range, marks, width, height }) {
  if (panel.type === 'table') {
    const rows = toTable(answers, panel.transformations);
    return rows.rows.length === 0 ? EMPTY : table({ table: rows, panel, now: range.to, height });
  }
  const series = toSeries(answers, range).filter(({ points }) => points.length > 0);
  switch (panel.type) {
    case 'stat':
      return tile({ series, panel, width, height });
    case 'timeseries':
      return series.length === 0 ? EMPTY : chart({ series, panel, range, marks, width, height });
    case 'state-timeline':
      return series.length === 0 ? EMPTY : timeline({ series, panel, range, width, height });
    default:
      throw new Error(`A panel of the type ${panel.type} cannot be drawn`);
  }
}

const EMPTY = '<div class="empty">No data</div>';
