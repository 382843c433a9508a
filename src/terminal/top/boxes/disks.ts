/** File systems, the fullest first, and disks with what they transfer. */
import { bars } from '../../draw/graph.ts';
import { FAINT, INK, QUIET } from '../../draw/theme.ts';
import type { Area } from '../../screen/canvas.ts';
import { style } from '../../screen/style.ts';
import { judgeFileSystem } from '../../source/judge.ts';
import type { Device, FileSystem, HostView } from '../../source/view.ts';
import { judgedStyle, percent, value, type Paint } from '../paint.ts';

import type { Box } from './box.ts';

const SPARK = style('s1');
const PERCENT_WIDTH = 6;
const FREE_WIDTH = 14;
const RATE_WIDTH = 13;
const BUSY_WIDTH = 7;
const MOST_FILE_SYSTEMS = 10;
const MOST_DEVICES = 6;

export const disksBox: Box = {
  digit: '3',
  rows: ({ view }) => {
    const [fileSystems, devices] = [view?.fileSystems.length ?? 0, view?.devices.length ?? 0];
    const rows = Math.min(MOST_FILE_SYSTEMS, fileSystems) + Math.min(MOST_DEVICES, devices);
    return rows === 0 ? 0 : 1 + rows;
  },
  draw(paint, area, { view, trail }) {
    if (view === undefined) return;
    const { fileSystems, devices } = view;
    const rows = area.height - 1;
    const forDevices = Math.min(
      devices.length,
      MOST_DEVICES,
      Math.max(Math.floor(rows / 2), rows - fileSystems.length),
    );
    const shown = fileSystems.slice(0, rows - forDevices);
    const hidden = fileSystems.length - shown.length + devices.length - forDevices;
    paint.title(area, 'disks', hidden === 0 ? '' : `${hidden} more`, '3');
    shown.forEach((fileSystem, index) => {
      drawFileSystem(paint, { ...area, y: area.y + 1 + index }, fileSystem);
    });
    devices.slice(0, forDevices).forEach((device, index) => {
      drawDevice(paint, { ...area, y: area.y + 1 + shown.length + index }, device, trail);
    });
  },
};

function nameWidth(width: number): number {
  return Math.max(8, Math.min(24, Math.floor(width / 4)));
}

function drawFileSystem(paint: Paint, { x, y, width }: Area, fileSystem: FileSystem): void {
  const name = nameWidth(width);
  const judged = judgeFileSystem(fileSystem);
  const hasFree = width >= name + PERCENT_WIDTH + FREE_WIDTH + 6;
  const end = x + width - PERCENT_WIDTH - (hasFree ? FREE_WIDTH : 0);
  paint.left(x, y, name - 1, fileSystem.path, INK);
  paint.meter(x + name, y, end - x - name, fileSystem.used / 100, judged);
  paint.right(end, y, PERCENT_WIDTH, percent(fileSystem.used), judgedStyle(judged));
  if (hasFree) paint.right(end + PERCENT_WIDTH, y, FREE_WIDTH, `${value(fileSystem.free, 'bytes')} free`, FAINT);
}

function drawDevice(
  paint: Paint,
  { x, y, width }: Area,
  { name, read, written, busy }: Device,
  trail: readonly HostView[],
): void {
  const label = nameWidth(width);
  const columns = [`r ${value(read, 'bytes/s')}`, `w ${value(written, 'bytes/s')}`];
  paint.left(x, y, label - 1, name, QUIET);
  const taken = label + RATE_WIDTH * 2 + BUSY_WIDTH;
  const spark = Math.max(0, width - taken - 1);
  columns.forEach((text, index) => {
    paint.right(x + label + index * RATE_WIDTH, y, RATE_WIDTH, text);
  });
  paint.right(x + label + 2 * RATE_WIDTH, y, BUSY_WIDTH, percent(busy), FAINT);
  const past = trail.slice(-spark).map((view) => view.devices.find((each) => each.name === name)?.busy ?? Number.NaN);
  const line = bars(past, { low: 0, high: 100 }, paint.theme.isUnicode);
  if (spark > 0) paint.right(x + taken + 1, y, spark, line, SPARK);
}
