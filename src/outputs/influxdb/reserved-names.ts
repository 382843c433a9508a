/** InfluxDB has a column `time` of its own: it refuses a field or tag of that name, and no dead letter of it could ever be replayed. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { formatLine, type Batch, type Metric } from '../../plugin/index.ts';

const compress = promisify(gzip);

const RESERVED = 'time';
const RENAMED = 'time_';

/** How the name begins in line protocol: after a comma, or a blank before the first field. */
const SIGNS = [`,${RESERVED}=`, ` ${RESERVED}=`].map((text) => Buffer.from(text));

/** @returns the batch itself, or a copy in which such fields and tags are `time_` */
export function withoutReservedNames(batch: Batch): Batch {
  const bytes = Buffer.from(batch.lines.buffer, batch.lines.byteOffset, batch.lines.length);
  if (!SIGNS.some((sign) => bytes.includes(sign))) return batch;
  const metrics = [...batch.metrics()];
  // A string may look like the name; a line that cannot be parsed has no metric.
  if (metrics.length < batch.size || !metrics.some(isNamed)) return batch;
  const renamed = metrics.map((metric) => (isNamed(metric) ? rename(metric) : metric));
  const lines = Buffer.from(renamed.map((metric) => `${formatLine(metric)}\n`).join(''));
  return { size: batch.size, lines, gzip: () => compress(lines), metrics: () => renamed };
}

function isNamed({ tags, fields }: Metric): boolean {
  return RESERVED in tags || RESERVED in fields;
}

function rename({ tags, fields, ...rest }: Metric): Metric {
  return { ...rest, tags: renamedKeys(tags), fields: renamedKeys(fields) };
}

function renamedKeys<Value>(all: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key === RESERVED ? RENAMED : key, value]));
}
