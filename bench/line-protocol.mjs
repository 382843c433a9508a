/**
 * Line protocol: writing, reading, and looking at lines without reading them, each against what one would use otherwise.
 * The sources are bundled here, so it needs no build: `node --expose-gc bench/line-protocol.mjs`.
 */
import assert from 'node:assert/strict';

import { Point } from '@influxdata/influxdb-client';

import { loadSource } from '../scripts/load-source.mjs';
import { claim, compare } from './support/compare.mjs';
import { splitParse } from './support/split-parser.mjs';
import { telegrafMetrics } from './support/telegraf-metrics.mjs';

// Both from one bundle: what is known of a series hangs on its tags object, which must come from the same table.
const { fieldKey, internTags, LineEncoder, parseLines, scanLines, SeriesIndex } =
  await loadSource('bench/support/core.ts');

const COUNT = 100_000;
/** A journal record or a listener's body holds a few thousand lines; all figures are for batches of this size. */
const BATCH = 5_000;

const metrics = telegrafMetrics(COUNT).map((metric) => ({ ...metric, tags: internTags(metric.tags) }));
const points = metrics.map(toPoint);
const batches = Array.from({ length: COUNT / BATCH }, (_, i) => encode(metrics.slice(i * BATCH, (i + 1) * BATCH)));
const bytes = batches.reduce((sum, batch) => sum + batch.length, 0);
const fields = metrics.reduce((sum, metric) => sum + Object.keys(metric.fields).length, 0);
console.log(
  `${COUNT} lines, ${new Set(metrics.map(({ name, tags }) => name + JSON.stringify(tags))).size} series, ` +
    `${(bytes / COUNT).toFixed(0)} bytes and ${(fields / COUNT).toFixed(1)} fields a line, Node ${process.version}`,
);

verify();

console.log('write');
const write = compare(
  {
    LineEncoder: encodeAll,
    'Point.toLineProtocol, points at hand': pointsToBytes,
    'Point, made from the metric': () =>
      inBatches(metrics, (batch) => Buffer.from(batch.map((m) => toPoint(m).toLineProtocol()).join('\n'))),
  },
  { units: COUNT, unit: 'lines' },
);
console.log('read');
const read = compare(
  {
    parseLines: parseAll,
    split: splitAll,
    'scanLines, name filter, one threshold': scanHot,
    'split, same question': splitHot,
  },
  { units: COUNT, unit: 'lines' },
);

// What an agent has at hand is the metric, and a Point turns its numbers into text when they are set. So the same work is
// the whole way of a user of the client: build the Point with its setters, call toLineProtocol.
console.log('writing counts from the metric to bytes: for a Point, building it and toLineProtocol');
claim('LineEncoder over Point', write['Point, made from the metric'] / write.LineEncoder, 5);
claim('parseLines over a parser that splits', read['split'] / read['parseLines'], 3);
claim(
  'scanLines with a rule over a parser that splits',
  read['split, same question'] / read['scanLines, name filter, one threshold'],
  10,
);

function encode(batch) {
  const encoder = new LineEncoder();
  for (const metric of batch) encoder.add(metric);
  return encoder.take();
}

function encodeAll() {
  const encoder = new LineEncoder();
  let sum = 0;
  for (const metric of metrics) {
    encoder.add(metric);
    if (encoder.lines === BATCH) sum += encoder.take().length;
  }
  return sum;
}

function pointsToBytes() {
  return inBatches(points, (batch) => Buffer.from(batch.map((point) => point.toLineProtocol()).join('\n')));
}

function inBatches(items, work) {
  let sum = 0;
  for (let start = 0; start < items.length; start += BATCH) sum += work(items.slice(start, start + BATCH)).length;
  return sum;
}

function parseAll() {
  return batches.reduce((sum, batch) => sum + parseLines(batch).metrics.length, 0);
}

function splitAll() {
  return batches.reduce((sum, batch) => sum + splitParse(Buffer.from(batch).toString()).length, 0);
}

/** How many disks are more than 90 % full? A name filter, and a threshold on one field of what passes. */
function scanHot() {
  const index = new SeriesIndex((name) => name === 'disk' || name === 'cpu');
  const keys = [fieldKey('used_percent'), fieldKey('usage_system')];
  let hot = 0;
  for (const batch of batches) {
    scanLines(batch, index, (line) => {
      if (line.series !== true) return;
      const value = line.number(keys[0]) ?? line.number(keys[1]);
      if (value !== undefined && value > 90) hot += 1;
    });
  }
  return hot;
}

function splitHot() {
  let hot = 0;
  for (const batch of batches) {
    for (const { name, fields } of splitParse(Buffer.from(batch).toString())) {
      if (name !== 'disk' && name !== 'cpu') continue;
      const value = fields.used_percent ?? fields.usage_system;
      if (value > 90) hot += 1;
    }
  }
  return hot;
}

function toPoint({ name, tags, fields, time }) {
  const point = new Point(name).timestamp(String(time));
  for (const key in tags) point.tag(key, tags[key]);
  for (const key in fields) {
    const value = fields[key];
    if (typeof value === 'string') point.stringField(key, value);
    else if (typeof value === 'bigint') point.intField(key, Number(value));
    else point.floatField(key, value);
  }
  return point;
}

/** A figure counts only if everyone did the same work. */
function verify() {
  const lines = batches
    .map((batch) => Buffer.from(batch).toString())
    .join('')
    .trimEnd()
    .split('\n');
  for (const [i, point] of points.entries()) assert.equal(lines[i], point.toLineProtocol());
  for (const [i, batch] of batches.entries()) {
    const parsed = parseLines(batch);
    assert.deepEqual(parsed.errors, []);
    assert.deepEqual(parsed.metrics, metrics.slice(i * BATCH, (i + 1) * BATCH));
    assert.deepEqual(splitParse(Buffer.from(batch).toString()), parsed.metrics);
  }
  assert.ok(scanHot() > 0);
  assert.equal(scanHot(), splitHot());
}
