/** Pictures with at most 256 colours, a byte for each pixel: much smaller than what a browser writes. */
import { crc32, deflateSync } from 'node:zlib';

import { PNG } from 'pngjs';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLORS = 256;

/** @param colors at most 256 */
export function smallPng(png, colors = COLORS) {
  const { width, height, data } = PNG.sync.read(png);
  const palette = paletteOf(data, colors);
  const indexOf = nearestIn(palette);
  // Each line begins with the number of its filter: none.
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) lines[y * (width + 1) + x + 1] = indexOf(colorAt(data, y * width + x));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, with a palette.
  header.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function colorAt(data, pixel) {
  return (data[pixel * 4] << 16) | (data[pixel * 4 + 1] << 8) | data[pixel * 4 + 2];
}

const channels = (color) => [color >> 16, (color >> 8) & 255, color & 255];

/** The most frequent colours; of those that look alike (the same upper five bits of each channel) one. */
function paletteOf(data, colors) {
  const counts = new Map();
  for (let pixel = 0; pixel < data.length / 4; pixel += 1) {
    const color = colorAt(data, pixel);
    counts.set(color, (counts.get(color) ?? 0) + 1);
  }
  const alike = new Map();
  for (const [color, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    const group = alike.get(color & 0xf8f8f8) ?? { color, count: 0 };
    alike.set(color & 0xf8f8f8, { color: group.color, count: group.count + count });
  }
  const groups = [...alike.values()].sort((a, b) => b.count - a.count);
  return groups.slice(0, colors).map(({ color }) => color);
}

function nearestIn(palette) {
  const known = new Map(palette.map((color, index) => [color, index]));
  return (color) => {
    const found = known.get(color) ?? nearest(palette, channels(color));
    known.set(color, found);
    return found;
  };
}

function nearest(palette, [red, green, blue]) {
  const distances = palette.map((color) => {
    const [r, g, b] = channels(color);
    return (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  });
  return distances.indexOf(Math.min(...distances));
}

function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
