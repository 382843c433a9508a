import { LOG_LEVELS } from '../core/logger.ts';
import { bytes, z } from '../plugin/index.ts';

const file = z.strictObject({
  path: z.string().min(1).describe('Path of the file'),
  max_size: bytes()
    .refine((count) => count >= 1, 'must be 1 byte or more')
    .prefault('10MiB')
    .describe('Size at which the file is rotated'),
  keep: z.number().int().min(1).default(5).describe('Number of rotated files to keep'),
  gzip: z.boolean().default(true).describe('Compresses rotated files'),
});

/** The section `log`. */
export const logSchema = z.strictObject({
  level: z.enum(LOG_LEVELS).default('info').describe('Lowest level that is logged'),
  format: z.enum(['text', 'json']).default('text').describe('Format of a line'),
  file: file.optional().describe('Also logs to this file, rotated by size'),
});

export type LogSettings = Readonly<z.output<typeof logSchema>>;
