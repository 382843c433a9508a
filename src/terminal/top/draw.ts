/** The screen of `healthd top`: head, what is wrong, boxes, processes, keys. */
import { formatValue, humanDuration } from '../../plugin/message-text.ts';
import { ACCENT, FAINT, INK, levelStyle, QUIET, shapeOf, STRONG, type Theme } from '../draw/theme.ts';
import type { Canvas } from '../screen/canvas.ts';
import { selected, style } from '../screen/style.ts';
import { textWidth } from '../screen/width.ts';
import { isHandled, type Problem } from '../source/problem.ts';

import { containersBox } from './boxes/containers.ts';
import { cpuBox } from './boxes/cpu.ts';
import { disksBox } from './boxes/disks.ts';
import { memoryBox } from './boxes/memory.ts';
import { networkBox } from './boxes/network.ts';
import { sensorsBox } from './boxes/sensors.ts';
import { drawHelp } from './help.ts';
import type { Hit } from './hit.ts';
import { placeBoxes } from './layout.ts';
import { Paint } from './paint.ts';
import { drawProcesses } from './processes.ts';
import type { TopState } from './state.ts';

const BOXES = [cpuBox, memoryBox, disksBox, networkBox, containersBox, sensorsBox];

/** Title, head and some rows. */
const LEAST_PROCESS_ROWS = 6;
/** Of the rows between what is wrong and the keys. */
const MOST_BOX_SHARE = 0.6;

const PAUSED = style('ink', { reverse: true });

/** Draws the whole screen. @returns what the mouse can click */
export function drawTop(canvas: Canvas, state: TopState, theme: Theme): readonly Hit[] {
  const paint = new Paint(canvas, theme);
  const { width, height } = canvas;
  drawHead(paint, state);
  const problems = drawProblems(paint, state);
  const y = 1 + problems.rows;
  const end = state.facts.isInteractive ? height - 1 : height;
  if (state.facts.isInteractive) drawKeys(paint, state, end);
  const rows = end - y;
  if (state.showsHelp) {
    drawHelp(paint, { x: 0, y, width, height: rows }, state.source);
    return problems.hits;
  }
  const most = Math.min(rows - LEAST_PROCESS_ROWS, Math.floor(rows * MOST_BOX_SHARE));
  const placed = placeBoxes(BOXES, state, { x: 0, y, width, height: Math.max(0, most) });
  for (const { box, area } of placed) box.draw(paint, area, state);
  const below = placed.reduce((last, { area }) => Math.max(last, area.y + area.height), y);
  const processes = drawProcesses(paint, { x: 0, y: below, width, height: end - below }, state);
  return [...problems.hits, ...processes];
}

function drawHead({ canvas }: Paint, state: TopState): void {
  const { facts, source, view } = state;
  let x = canvas.text(0, 0, facts.hostname, STRONG, Math.floor(canvas.width / 3)) + 2;
  const right = rightOfHead(state);
  const room = canvas.width - textWidth(right) - 2;
  const parts = [
    ...(view?.uptime === undefined ? [] : [`up ${humanDuration(view.uptime * 1000)}`]),
    ...(view?.load === undefined ? [] : [`load ${view.load.map((each) => each.toFixed(2)).join(' ')}`]),
    source.origin,
  ];
  for (const part of parts) {
    if (x + textWidth(part) > room) break;
    x += canvas.text(x, 0, part, QUIET, room - x) + 2;
  }
  canvas.text(canvas.width - textWidth(right), 0, right, source.isPast ? ACCENT : QUIET);
  if (state.isPaused) canvas.text(Math.max(0, room - 9), 0, ' paused ', PAUSED);
}

/** The time of the data, with the day if it is not today's. */
function rightOfHead({ view, facts, source }: TopState): string {
  if (view === undefined) return '';
  const time = new Date(view.at);
  const two = (part: number) => String(part).padStart(2, '0');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  if (!source.isPast) return `every ${formatValue(facts.intervalMs, 'ms')}  ${clock}`;
  return `the past  ${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** A row for each problem up to a quarter of the screen, or one that says that nothing is wrong. */
function drawProblems(paint: Paint, state: TopState): { readonly rows: number; readonly hits: readonly Hit[] } {
  const { canvas, theme } = paint;
  const { list, fine } = state.problems;
  if (list.length === 0) {
    const checks = fine === undefined || fine === 0 ? '' : ` ${fine} checks passed.`;
    const text =
      state.view === undefined ? 'Collecting. Rates begin with the second sample.' : `Nothing is wrong.${checks}`;
    canvas.text(0, 1, `${shapeOf('fine', theme)} ${text}`, QUIET);
    return { rows: 1, hits: [] };
  }
  const most = Math.max(1, Math.floor((canvas.height - 2) / 4));
  const isCut = list.length > most;
  const shown = list.slice(firstShown(state, most, isCut)).slice(0, isCut ? Math.max(1, most - 1) : most);
  const hits = shown.map((problem, row): Hit => {
    const index = list.indexOf(problem);
    const area = { x: 0, y: 1 + row, width: canvas.width, height: 1 };
    drawProblem(paint, area.y, problem, state.view?.at);
    if (state.cursor?.list === 'problems' && state.cursor.index === index) canvas.restyle(area, selected);
    return { area, cursor: { list: 'problems', index } };
  });
  if (isCut && most > 1) canvas.text(2, 1 + shown.length, `${list.length - shown.length} more`, FAINT);
  return { rows: isCut ? most : shown.length, hits };
}

function firstShown({ cursor, problems }: TopState, most: number, isCut: boolean): number {
  if (cursor?.list !== 'problems' || !isCut) return 0;
  const rows = Math.max(1, most - 1);
  return Math.max(0, Math.min(problems.list.length - rows, cursor.index - rows + 1));
}

function drawProblem({ canvas, theme }: Paint, y: number, problem: Problem, now: number | undefined): void {
  const since = problem.since === undefined || now === undefined ? '' : humanDuration(Math.max(0, now - problem.since));
  const room = canvas.width - (since === '' ? 0 : since.length + 2);
  let x = canvas.text(0, y, `${shapeOf(problem.level, theme)} `, levelStyle(problem.level));
  x += canvas.text(x, y, problem.text, isHandled(problem) ? FAINT : INK, room - x);
  if (problem.evidence !== '') canvas.text(x + 2, y, problem.evidence, FAINT, room - x - 2);
  canvas.text(canvas.width - since.length, y, since, FAINT);
}

function drawKeys({ canvas }: Paint, state: TopState, y: number): void {
  const { prompt, message, source } = state;
  if (prompt !== undefined) {
    const label = prompt.kind === 'filter' ? 'filter: ' : `silence ${state.selectedProblem()?.alert?.rule ?? ''} for: `;
    const x = canvas.text(0, y, label, FAINT);
    const end = x + canvas.text(x, y, prompt.text, INK);
    canvas.text(end, y, ' ', PAUSED);
    canvas.text(
      end + 2,
      y,
      prompt.kind === 'filter' ? 'Enter keeps, Esc clears' : 'Enter silences, Esc cancels',
      FAINT,
    );
    return;
  }
  if (message !== '') canvas.text(0, y, message, ACCENT);
  else drawHints(canvas, y, source.isPast, source.acts !== undefined);
}

function drawHints(canvas: Canvas, y: number, isPast: boolean, hasActs: boolean): void {
  const hints = [
    ['q', 'quit'],
    ['?', 'help'],
    ...(isPast ? [['T t', 'step']] : [['p', 'pause']]),
    ...(hasActs ? [['a s', 'acknowledge, silence']] : []),
    ['/', 'filter'],
    ['c m r w', 'sort'],
    ['1-5', 'boxes'],
  ] as const;
  let x = 0;
  for (const [key = '', what = ''] of hints) {
    if (x + key.length + what.length + 1 > canvas.width) break;
    x += canvas.text(x, y, key, ACCENT);
    x += canvas.text(x + 1, y, what, FAINT) + 3;
  }
}
