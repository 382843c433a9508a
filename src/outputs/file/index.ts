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
    size: bytes().optional().describe('Begins a new file before this one would grow beyond the size, e.g. 50MiB'),
    age: duration().optional().describe('Begins a new file when this one is older, e.g. 1d'),
    keep: z.number().int().positive().default(5).describe('Most rotated files kept; older ones are removed'),
    gzip: z.boolean().default(true).describe('Compresses rotated files'),
  })
  .refine(({ size, age }) => size !== undefined || age !== undefined, {
    error: 'Say when to rotate: give size, age or both',
  });

/** Appends metrics to a file. */
export const file = defineOutput({
  name: 'file',
  summary: 'Appends metrics to a file as line protocol, JSON or CSV, and rotates it',
  config: z.strictObject({
    path: z.string().min(1).describe('The file; missing folders are made'),
    format: z.enum(FORMATS).default('influx').describe('influx, json (one object a line) or csv (one row a field)'),
    timestamp_units: z
      .enum(TIMESTAMP_UNITS)
      .default('1s')
      .describe('Precision of times in json and csv; influx always has nanoseconds'),
    rotate: rotate.optional().describe('When to begin a new file and how many old ones to keep; default: never rotate'),
    sync: z.boolean().default(false).describe('Forces each batch to the disk before it counts as delivered'),
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
