import {
  bytes,
  defineOutput,
  duration,
  encodeBatch,
  FORMATS,
  formatHeader,
  TIMESTAMP_UNITS,
  z,
} from '../../plugin/index.ts';

import { RotatingFile } from './rotating-file.ts';

const rotate = z
  .strictObject({
    size: bytes().optional().describe('Rotates before the file exceeds this size, e.g. 50MiB'),
    age: duration().optional().describe('Rotates when the file reaches this age, e.g. 1d'),
    keep: z.number().int().positive().default(5).describe('Maximum number of rotated files; older ones are removed'),
    gzip: z.boolean().default(true).describe('Compresses rotated files'),
  })
  .refine(({ size, age }) => size !== undefined || age !== undefined, {
    error: 'Set size, age or both',
  });

/** Appends metrics to a file. */
export const file = defineOutput({
  name: 'file',
  summary: 'Appends to a file as line protocol, JSON or CSV, with rotation',
  config: z.strictObject({
    path: z.string().min(1).describe('Path of the file; missing folders are created'),
    format: z
      .enum(FORMATS)
      .default('influx')
      .describe('influx: line protocol; json: one object per line; csv: one row per field'),
    timestamp_units: z
      .enum(TIMESTAMP_UNITS)
      .default('1s')
      .describe('Precision of timestamps in json and csv; influx is always in nanoseconds'),
    rotate: rotate.optional().describe('Rotation of the file; default: none'),
    sync: z.boolean().default(false).describe('Syncs each batch to disk (fdatasync) before it counts as delivered'),
  }),
  create({ path, format, timestamp_units, rotate, sync }, { clock, log }) {
    const target = new RotatingFile({ path, sync, rotate, header: formatHeader(format), clock, log });
    return {
      connect: () => target.open(),
      write: (batch, signal) => target.append(encodeBatch(batch, format, timestamp_units), signal),
      reopen: () => target.reopen(),
      stop: () => target.close(),
    };
  },
});
